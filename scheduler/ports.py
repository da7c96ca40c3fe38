"""What the engine needs from the world, and what it tells the world.

Fakes of these live in ``tests/fakes/scheduling.py``; the controller joins the real ones.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from scheduler.horizon import OccurrenceState, Revision, StoredOccurrence
from scheduler.occurrence import PlannedSchedule


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state, made only if the row is still in ``before``."""

    occurrence_id: UUID
    before: OccurrenceState
    after: OccurrenceState


class ScheduleRepository(Protocol):
    """The database, as far as the engine is concerned. It decides; the engine only asks.

    Several controllers may run an engine on the same database: the unique key of an
    occurrence and the compare-and-set of states make a double wake harmless.
    """

    async def plans(
        self, schedule_ids: Collection[UUID] | None = None
    ) -> Sequence[PlannedSchedule]:
        """Return the approved schedules in force, all or those named."""
        ...

    async def starting_between(
        self, start: datetime, end: datetime, schedule_ids: Collection[UUID] | None = None
    ) -> Sequence[StoredOccurrence]:
        """Return every stored occurrence that starts in [start, end), in any state."""
        ...

    async def stored(self, occurrence_ids: Collection[UUID]) -> Sequence[StoredOccurrence]:
        """Return those of the named occurrences that are stored."""
        ...

    async def revise(self, revision: Revision) -> frozenset[UUID]:
        """Apply all of it in one transaction; return the ids that really changed."""
        ...

    async def unsettled(self, now: datetime) -> Sequence[StoredOccurrence]:
        """Return every row whose state the passing of time or a report may change.

        These are: PLANNED that start by ``now`` or have begun; every AIRING; MISSED that
        have begun or whose latest start is not before ``now`` (the clock was put back).
        """
        ...

    async def move_states(self, transitions: Sequence[Transition]) -> frozenset[UUID]:
        """Make those transitions that still apply; return the ids of the rows moved."""
        ...

    async def next_instant(self, after: datetime) -> datetime | None:
        """Return the first start, latest start or end after ``after`` of PLANNED or AIRING."""
        ...

    async def planned_until(self) -> datetime | None:
        """Return the instant up to which occurrences were last planned; None: never."""
        ...

    async def set_planned_until(self, until: datetime) -> None:
        """Remember it; a clock that was put back makes it earlier than it was."""
        ...

    async def rundowns_issued_outside(self, start: datetime, end: datetime) -> frozenset[str]:
        """Return the targets whose rundown was last issued outside [start, end], or never."""
        ...


@dataclass(frozen=True, slots=True)
class RundownsChanged:
    """What these targets hold may no longer be what they are to sound.

    :func:`scheduler.horizon.due` tells what of it is to be issued.
    """

    targets: frozenset[str]


@dataclass(frozen=True, slots=True)
class RundownsDue:
    """The rundowns of these targets are to be issued anew, changed or not.

    Told again each minute until the repository says that they were issued.
    """

    targets: frozenset[str]


@dataclass(frozen=True, slots=True)
class StatesMoved:
    """These occurrences have just moved from one state to another."""

    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class NeverPlanned:
    """Nothing was planned for [start, end): the engine was away for too long to catch up."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The wall clock jumped by this much between two ticks (negative: it was put back)."""

    by: timedelta


SchedulingEvent = RundownsChanged | RundownsDue | StatesMoved | NeverPlanned | ClockStepped


class Listener(Protocol):
    """Who is told. Each event is told after the database holds what it says.

    Events are hints and may be lost with the process; whoever acts on them can read the
    same from the repository, and the engine tells what is due again after a start.
    """

    async def on_event(self, event: SchedulingEvent) -> None:
        """Take note of ``event``.

        The engine waits, so slow work belongs elsewhere; calling the engine would wait
        for itself.
        """
        ...


class Clock(Protocol):
    """The wall clock, and one that nobody sets."""

    def now(self) -> datetime:
        """Return this instant, aware, UTC."""
        ...

    def monotonic(self) -> timedelta:
        """Return the time since some fixed instant, untouched by steps of the wall clock."""
        ...


class Alarm(Protocol):
    """Calls at an instant of the wall clock, however the wall clock is stepped."""

    async def start(
        self, on_alarm: Callable[[str], Awaitable[None]], on_tick: Callable[[], Awaitable[None]]
    ) -> None:
        """Begin: ``on_alarm(key)`` when a key's instant has come, ``on_tick()`` each second.

        An exception from either is logged and ends neither the alarm nor the ticking.
        """
        ...

    async def stop(self) -> None:
        """Forget all keys and call no more."""
        ...

    async def set(self, at: datetime, key: str) -> None:
        """Call once at ``at``, in place of what was set for ``key``; a past instant: now."""
        ...

    async def cancel(self, key: str) -> None:
        """Forget ``key``; nothing happens when it is not set."""
        ...
