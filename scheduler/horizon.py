"""What is planned ahead, what a terminal must hold of it, and when to issue that anew."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from scheduler.errors import ErrorCode, PlanningError
from scheduler.occurrence import PlannedOccurrence, check_instant
from scheduler.programme import MessageClass

COVERS = timedelta(days=7)
"""A rundown lists what starts within this time of its issue."""

VALID = timedelta(days=8)
"""A terminal acts on a rundown for this time; then it falls silent rather than stale."""

REISSUE_AFTER = timedelta(hours=24)
"""A rundown of this age is issued anew although nothing in it changed."""


class OccurrenceState(StrEnum):
    """Where a planned occurrence stands, judged by its times and by terminals' reports.

    Which terminals sounded how much of it is the play log's to say, not this.
    """

    PLANNED = "planned"
    """Its start lies ahead."""
    AIRING = "airing"
    """Its time has come, or a terminal has said that it began."""
    OVER = "over"
    """It began somewhere, and its end has passed."""
    MISSED = "missed"
    """Its latest start has passed and no terminal has said that it began."""
    CANCELLED = "cancelled"
    """Its schedule no longer gives it."""


@dataclass(frozen=True, slots=True)
class StoredOccurrence:
    """An occurrence as the database holds it.

    ``began`` tells whether any terminal has reported that it started it.
    """

    planned: PlannedOccurrence
    state: OccurrenceState
    began: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """What makes the stored occurrences equal to what the schedules give now.

    ``add``: store as PLANNED unless (schedule, recurrence id) is stored already.
    ``change``: replace what is stored under this id, and make it PLANNED.
    ``cancel``: make it CANCELLED.
    ``change`` and ``cancel`` touch only rows whose ``began`` is false.
    """

    add: tuple[PlannedOccurrence, ...] = ()
    change: tuple[PlannedOccurrence, ...] = ()
    cancel: tuple[UUID, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is anything to do."""
        return bool(self.add or self.change or self.cancel)


@dataclass(frozen=True, slots=True)
class HeldItem:
    """One entry of a rundown, by what a terminal is told of it."""

    occurrence_id: UUID
    start: datetime
    duration_ms: int
    latest_start: datetime
    message_class: MessageClass
    renditions: tuple[str, ...]

    @property
    def end(self) -> datetime:
        """The first instant after it, UTC."""
        return self.start + timedelta(milliseconds=self.duration_ms)


@dataclass(frozen=True, slots=True)
class Held:
    """The rundown that was last issued to a terminal, by its content."""

    issued: datetime
    items: frozenset[HeldItem]
    keep: frozenset[str]


@dataclass(frozen=True, slots=True)
class Horizon:
    """The content of one terminal's rundown, as of ``issued``. All instants are UTC.

    ``items`` are ordered by start and never overlap: all that ends after ``issued`` and
    starts before ``covers_until``. ``keep`` holds the SHA-256 of renditions that are never
    evicted, whatever is scheduled (the stored emergency messages).
    """

    issued: datetime
    items: tuple[PlannedOccurrence, ...]
    keep: frozenset[str]

    @property
    def covers_until(self) -> datetime:
        """The instant before which everything that starts is listed."""
        return self.issued + COVERS

    @property
    def valid_until(self) -> datetime:
        """The instant from which a terminal no longer acts on it."""
        return self.issued + VALID

    @property
    def renditions(self) -> frozenset[str]:
        """The SHA-256 of all that the terminal must have on disk."""
        return self.keep.union(*(item.programme.renditions for item in self.items))

    @property
    def held(self) -> Held:
        """What the terminal holds once this is issued."""
        return Held(self.issued, frozenset(map(_told, self.items)), self.keep)


class Due(StrEnum):
    """Why a rundown is to be issued."""

    FIRST = "first"
    CHANGED = "changed"
    DAILY = "daily"
    CLOCK = "clock"
    """The one held was issued in the future: the clock has been put back since."""


def horizon(
    occurrences: Iterable[PlannedOccurrence], now: datetime, keep: Iterable[str] = ()
) -> Horizon:
    """Return what a terminal must hold now, of ``occurrences`` that are all its own.

    :raises PlanningError: when two of them overlap; :func:`scheduler.conflict.settle` is
        the way to decide between them.
    """
    check_instant(now)
    until = now + COVERS
    items = sorted(
        (one for one in occurrences if now < one.end and one.start < until),
        key=lambda one: (one.start, one.id),
    )
    for earlier, later in pairwise(items):
        if later.start < earlier.end:
            text = f"{earlier.id} and {later.id}"
            raise PlanningError(ErrorCode.RUNDOWN_OVERLAP, text, "items")
    return Horizon(now, tuple(items), frozenset(keep))


def due(held: Held | None, wanted: Horizon) -> Due | None:
    """Tell whether and why ``wanted`` is to be issued in place of ``held``.

    Items that have ended since, and those that came into view only because time has
    passed, are no change; the daily issue brings them.
    """
    now = wanted.issued
    if held is None:
        return Due.FIRST
    if held.issued > now:
        return Due.CLOCK
    still = {item for item in held.items if item.end > now}
    told = {_told(item) for item in wanted.items if item.start < held.issued + COVERS}
    if still != told or held.keep != wanted.keep:
        return Due.CHANGED
    return Due.DAILY if now - held.issued >= REISSUE_AFTER else None


def _told(one: PlannedOccurrence) -> HeldItem:
    return HeldItem(
        one.id,
        one.start,
        one.occurrence.duration_ms,
        one.latest_start,
        one.message_class,
        tuple(item.rendition for item in one.programme.items),
    )


def judge(stored: StoredOccurrence, now: datetime, grace: timedelta) -> OccurrenceState:
    """Return the state in which a stored occurrence should be at ``now``.

    It depends on nothing but its times and whether a terminal reported that it began; so
    when the clock is put back, what was held for missed is planned again.
    """
    planned = stored.planned
    if stored.state is OccurrenceState.CANCELLED or stored.state is OccurrenceState.OVER:
        return stored.state
    if stored.began:
        return OccurrenceState.AIRING if now < planned.end else OccurrenceState.OVER
    if now < planned.start:
        return OccurrenceState.PLANNED
    return OccurrenceState.AIRING if now <= planned.latest_start + grace else OccurrenceState.MISSED


def revision(
    desired: Iterable[PlannedOccurrence],
    given_elsewhere: Iterable[PlannedOccurrence],
    stored: Iterable[StoredOccurrence],
    now: datetime,
) -> Revision:
    """Return what turns ``stored`` into what the schedules give now.

    ``desired`` is all they give in the window; ``given_elsewhere`` are those of the stored
    occurrences that they now give outside of it. What began or may have begun stays as it
    is: only what lies ahead, was missed or was cancelled can be given another time.
    """
    rows = {row.planned.id: row for row in stored}
    add, change = [], []
    given = set()
    for one in (*desired, *given_elsewhere):
        given.add(one.id)
        row = rows.get(one.id)
        if row is None:
            add.append(one)
        elif _may_change(row, now) and (
            row.planned != one if row.state is OccurrenceState.PLANNED else one.latest_start > now
        ):
            change.append(one)
    cancel = [
        row.planned.id
        for row in rows.values()
        if row.planned.id not in given
        and row.state is OccurrenceState.PLANNED
        and _may_change(row, now)
    ]
    return Revision(tuple(add), tuple(change), tuple(cancel))


def _may_change(row: StoredOccurrence, now: datetime) -> bool:
    if row.began or row.state in (OccurrenceState.AIRING, OccurrenceState.OVER):
        return False
    return (
        row.state in (OccurrenceState.CANCELLED, OccurrenceState.MISSED) or row.planned.start > now
    )
