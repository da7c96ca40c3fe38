"""Dated occurrences: a schedule expanded over a window of time.

Clock changes (Viet Nam has none, other zones do) follow RFC 5545: an airing that a rule
places in the hour that clocks jump over is as late after the jump as it would have been
(02:30 sounds at 03:30); one placed in the hour that clocks repeat sounds the first time.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha1
from operator import attrgetter
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from scheduler.errors import ErrorCode, PlanningError, ScheduleError
from scheduler.programme import MAX_DURATION_MS, MessageClass, Programme
from scheduler.schedule import (
    EARLIEST,
    LATEST,
    Move,
    Once,
    Schedule,
    Skip,
    load_zone,
    parse_recurrence_id,
    recurrences,
    recurs,
)

DEFAULT_LATENESS_MS = 5 * 60 * 1000
"""How long after its start an occurrence may still begin, unless its schedule says else."""

_ONE_DAY = timedelta(days=1)
_NO_OFFSET = timedelta()
_ZERO_UTC = datetime(1, 1, 1, tzinfo=UTC)
_ZERO_LOCAL = _ZERO_UTC.replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One dated airing.

    ``id`` is the UUIDv5 of schedule and recurrence id (see :func:`occurrence_id`): it stays
    when the airing is moved. ``start`` is UTC; ``duration_ms`` is in milliseconds.
    """

    id: UUID
    schedule_id: UUID
    recurrence_id: str
    start: datetime
    duration_ms: int

    @property
    def end(self) -> datetime:
        """The first instant after the airing: the interval is [start, end)."""
        return self.start + timedelta(milliseconds=self.duration_ms)


@dataclass(frozen=True, slots=True)
class PlannedSchedule:
    """An approved schedule with what it plays, for whom and from when it counts.

    ``targets`` are the caller's ids (of areas, zones or terminals), opaque here.
    ``active_since`` is the instant of approval: nothing that starts earlier is planned.
    ``lateness_ms`` is how long after its start an airing may still begin.
    """

    schedule: Schedule
    programme: Programme
    message_class: MessageClass
    targets: frozenset[str]
    active_since: datetime
    lateness_ms: int = DEFAULT_LATENESS_MS

    def __post_init__(self) -> None:
        check_instant(self.active_since)
        if not self.targets:
            raise PlanningError(ErrorCode.TARGETS_EMPTY, "nobody would hear it", "targets")
        if not 0 <= self.lateness_ms <= MAX_DURATION_MS:
            raise PlanningError(ErrorCode.LATENESS, f"{self.lateness_ms} ms", "lateness_ms")


@dataclass(frozen=True, slots=True)
class PlannedOccurrence:
    """An occurrence with what it plays and for whom.

    ``latest_start`` (UTC) is the last instant at which it may begin; never after its end.
    """

    occurrence: Occurrence
    programme: Programme
    message_class: MessageClass
    targets: frozenset[str]
    latest_start: datetime

    @property
    def id(self) -> UUID:
        """The occurrence's id."""
        return self.occurrence.id

    @property
    def start(self) -> datetime:
        """The occurrence's start, UTC."""
        return self.occurrence.start

    @property
    def end(self) -> datetime:
        """The first instant after it, UTC."""
        return self.occurrence.end


def check_instant(instant: datetime) -> None:
    """Refuse a time without a zone: it names no instant."""
    if instant.utcoffset() is None:
        raise PlanningError(ErrorCode.INSTANT_NAIVE, f"{instant} has no zone")


def occurrence_id(schedule_id: UUID, zone: str, recurrence_id: str) -> UUID:
    """Return the identity of an occurrence: UUIDv5, in the name space of its schedule.

    The name is RFC 5545's RECURRENCE-ID value with its zone parameter, for example
    ``TZID=Asia/Ho_Chi_Minh:20261124T053000``.
    """
    return uuid5(schedule_id, f"TZID={zone}:{recurrence_id}")


def expand(
    schedule: Schedule, window_start: datetime, window_end: datetime, duration_ms: int
) -> tuple[Occurrence, ...]:
    """Return the occurrences that start in [window_start, window_end), by start.

    So the expansion of a window is that of its parts, joined. Skipped ones are left out;
    a moved one counts where it was moved to, with its identity unchanged.
    """
    check_instant(window_start)
    check_instant(window_end)
    if window_end < window_start:
        raise PlanningError(ErrorCode.WINDOW_REVERSED, f"{window_end} before {window_start}")
    _check_duration(duration_ms)
    zone = load_zone(schedule.zone)
    first, last = _local_days(zone, window_start, window_end)
    excepted = {exception.recurrence_id for exception in schedule.exceptions}
    identify = _identifier(schedule)
    found = [
        Occurrence(identify(text), schedule.id, text, start, duration_ms)
        for text, local in recurrences(schedule.rule, first, last)
        if window_start <= (start := _instant(local, zone)) < window_end and text not in excepted
    ]
    found += [
        Occurrence(
            identify(move.recurrence_id), schedule.id, move.recurrence_id, start, duration_ms
        )
        for move in schedule.exceptions
        if isinstance(move, Move)
        and window_start <= (start := _instant(move.start, zone)) < window_end
    ]
    return tuple(sorted(found, key=attrgetter("start")))


def occurrence_of(schedule: Schedule, recurrence_id: str, duration_ms: int) -> Occurrence | None:
    """Return that occurrence as ``schedule`` has it now; None if it gives none or skips it."""
    _check_duration(duration_ms)
    local = parse_recurrence_id(recurrence_id)
    if not recurs(schedule.rule, local):
        return None
    for exception in schedule.exceptions:
        if exception.recurrence_id == recurrence_id:
            if isinstance(exception, Skip):
                return None
            local = exception.start
    start = _instant(local, load_zone(schedule.zone))
    identity = _identifier(schedule)(recurrence_id)
    return Occurrence(identity, schedule.id, recurrence_id, start, duration_ms)


def plan(
    planned: PlannedSchedule, window_start: datetime, window_end: datetime
) -> tuple[PlannedOccurrence, ...]:
    """Return what ``planned`` airs in [window_start, window_end), by start."""
    begin = max(window_start, planned.active_since)
    if begin >= window_end:
        return ()
    duration_ms = planned.programme.duration_ms
    return tuple(
        _planned(planned, occurrence)
        for occurrence in expand(planned.schedule, begin, window_end, duration_ms)
    )


def plan_one(planned: PlannedSchedule, recurrence_id: str) -> PlannedOccurrence | None:
    """Return that occurrence of ``planned``; None if it gives none, or none so early."""
    found = occurrence_of(planned.schedule, recurrence_id, planned.programme.duration_ms)
    if found is None or found.start < planned.active_since:
        return None
    return _planned(planned, found)


def split(schedule: Schedule, at: date, tail_id: UUID, now: datetime) -> tuple[Schedule, Schedule]:
    """Cut a series in two, so that its airings from the local day ``at`` on may change.

    The head keeps the id and ends the day before; the tail, with ``tail_id``, keeps rhythm
    and exceptions. ``at`` lies after today, and an airing that had been moved forward and
    has begun by ``now`` is skipped in the tail: nothing that started comes again under
    another identity.
    """
    check_instant(now)
    zone = load_zone(schedule.zone)
    rule = schedule.rule
    if at <= now.astimezone(zone).date():
        raise ScheduleError(ErrorCode.SPLIT_NOT_AHEAD, f"{at} has begun", "at")
    if isinstance(rule, Once) or at <= rule.from_date:
        raise ScheduleError(ErrorCode.SPLIT_OUTSIDE, "no series before it", "at")
    # The first airing of the tail lies in step, so it can anchor the rhythm.
    reach = min(at + timedelta(weeks=rule.interval + 1), rule.until_date or LATEST)
    resumes = next((local.date() for _, local in recurrences(rule, at, reach)), None)
    if resumes is None:
        raise ScheduleError(ErrorCode.SPLIT_OUTSIDE, "no airing after it", "at")
    head: list[Skip | Move] = []
    tail: list[Skip | Move] = []
    for exception in schedule.exceptions:
        if parse_recurrence_id(exception.recurrence_id).date() < at:
            head.append(exception)
        elif isinstance(exception, Move) and _instant(exception.start, zone) <= now:
            tail.append(Skip(exception.recurrence_id))
        else:
            tail.append(exception)
    return (
        replace(schedule, rule=replace(rule, until_date=at - _ONE_DAY), exceptions=tuple(head)),
        Schedule(tail_id, replace(rule, from_date=resumes), schedule.zone, tuple(tail)),
    )


def _planned(planned: PlannedSchedule, occurrence: Occurrence) -> PlannedOccurrence:
    late = timedelta(milliseconds=min(planned.lateness_ms, occurrence.duration_ms))
    return PlannedOccurrence(
        occurrence,
        planned.programme,
        planned.message_class,
        planned.targets,
        occurrence.start + late,
    )


def _identifier(schedule: Schedule) -> Callable[[str], UUID]:
    """Return :func:`occurrence_id` for one schedule, its constant part computed once.

    A year of a thousand schedules is some hundred thousand identities; this halves them.
    """
    prefix = sha1(schedule.id.bytes + f"TZID={schedule.zone}:".encode(), usedforsecurity=False)

    def identify(recurrence_id: str) -> UUID:
        name = prefix.copy()
        name.update(recurrence_id.encode())
        return UUID(bytes=name.digest()[:16], version=5)

    return identify


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    # Python's fold=0 is RFC 5545's rule: the offset before a jump, the first of a repeat.
    # Plain subtraction, since replace() and astimezone() take four times as long.
    return _ZERO_UTC + (local - _ZERO_LOCAL - (zone.utcoffset(local) or _NO_OFFSET))


def _local_days(zone: ZoneInfo, start: datetime, end: datetime) -> tuple[date, date]:
    """Return the first and last local day whose airings can start in [start, end).

    One day wider at the front, since a jump of the clock (a whole day once, in Samoa)
    carries an airing that far; and never outside the calendar that rules may use.
    """
    first = start.astimezone(zone).date() - _ONE_DAY
    return max(first, EARLIEST), min(end.astimezone(zone).date(), LATEST)


def _check_duration(duration_ms: int) -> None:
    if not 0 < duration_ms <= MAX_DURATION_MS:
        raise PlanningError(ErrorCode.DURATION, f"{duration_ms} ms", "duration_ms")
