"""The scheduler's ports in memory: a clock that is told the time, and what goes with it."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from scheduler.horizon import OccurrenceState, Revision, StoredOccurrence
from scheduler.occurrence import PlannedOccurrence, PlannedSchedule
from scheduler.ports import SchedulingEvent, Transition

State = OccurrenceState


class FakeClock:
    """A wall clock that a test lets run and steps, and a monotonic one that only runs."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._elapsed = timedelta()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> timedelta:
        return self._elapsed

    def run(self, time: timedelta) -> None:
        """Let time pass."""
        self._now += time
        self._elapsed += time

    def step(self, by: timedelta) -> None:
        """Set the wall clock: no time passes."""
        self._now += by


class FakeAlarm:
    """Rings and ticks when :meth:`run` lets time pass."""

    def __init__(self, clock: FakeClock, tick_every: timedelta = timedelta(seconds=1)) -> None:
        self._clock = clock
        self.tick_every = tick_every
        self._next_tick = clock.monotonic() + tick_every
        self._on_alarm: Callable[[str], Awaitable[None]] | None = None
        self._on_tick: Callable[[], Awaitable[None]] | None = None
        self.keys: dict[str, datetime] = {}

    async def start(
        self, on_alarm: Callable[[str], Awaitable[None]], on_tick: Callable[[], Awaitable[None]]
    ) -> None:
        self._on_alarm, self._on_tick = on_alarm, on_tick

    async def stop(self) -> None:
        self._on_alarm = self._on_tick = None
        self.keys.clear()

    async def set(self, at: datetime, key: str) -> None:
        self.keys[key] = at

    async def cancel(self, key: str) -> None:
        self.keys.pop(key, None)

    async def run(self, time: timedelta) -> None:
        """Let time pass, ring and tick in order; what rings may fail, as the port allows."""
        until = self._clock.monotonic() + time
        while (ahead := until - self._clock.monotonic()) >= timedelta():
            to_tick = self._next_tick - self._clock.monotonic()
            key = min(self.keys, key=self.keys.__getitem__, default=None)
            to_ring = to_tick if key is None else self.keys[key] - self._clock.now()
            if min(to_tick, to_ring) > ahead:
                self._clock.run(ahead)
                return
            self._clock.run(max(min(to_tick, to_ring), timedelta()))
            if key is not None and to_ring <= to_tick:
                del self.keys[key]
                await self._call(key)
            else:
                self._next_tick += self.tick_every
                await self._call(None)

    async def _call(self, key: str | None) -> None:
        try:
            if key is not None and self._on_alarm is not None:
                await self._on_alarm(key)
            elif key is None and self._on_tick is not None:
                await self._on_tick()
        except ConnectionError:
            """What a database that is away raises here; the real alarm logs it."""


class FakeScheduleRepository:
    """A database in memory. It outlives the engines that use it."""

    def __init__(self) -> None:
        self.planned_schedules: dict[UUID, PlannedSchedule] = {}
        self.rows: dict[UUID, StoredOccurrence] = {}
        self.issued: dict[str, datetime | None] = {}
        self.until: datetime | None = None
        self.away = False
        self.trouble: Callable[[], bool] = lambda: False
        """Asked before each call, and after each that wrote: does the connection break?"""
        self._open: set[UUID] = set()

    def _reach(self) -> None:
        if self.away or self.trouble():
            raise ConnectionError("the database is away")

    def _put(self, row: StoredOccurrence) -> None:
        self.rows[row.planned.id] = row
        if row.state in (State.OVER, State.CANCELLED):
            self._open.discard(row.planned.id)
        else:
            self._open.add(row.planned.id)

    def report_begun(self, occurrence_id: UUID) -> None:
        """Store what a terminal reports: it began this occurrence."""
        row = self.rows[occurrence_id]
        self._put(replace(row, began=True))

    async def plans(
        self, schedule_ids: Collection[UUID] | None = None
    ) -> Sequence[PlannedSchedule]:
        self._reach()
        return [
            one
            for key, one in self.planned_schedules.items()
            if schedule_ids is None or key in schedule_ids
        ]

    async def starting_between(
        self, start: datetime, end: datetime, schedule_ids: Collection[UUID] | None = None
    ) -> Sequence[StoredOccurrence]:
        self._reach()
        return [
            row
            for row in self.rows.values()
            if start <= row.planned.start < end
            and (schedule_ids is None or row.planned.occurrence.schedule_id in schedule_ids)
        ]

    async def stored(self, occurrence_ids: Collection[UUID]) -> Sequence[StoredOccurrence]:
        self._reach()
        return [self.rows[one] for one in occurrence_ids if one in self.rows]

    async def revise(self, revision: Revision) -> frozenset[UUID]:
        self._reach()
        done = set()
        unique = {_unique(row.planned) for row in self.rows.values()} if revision.add else set()
        for one in revision.add:
            if _unique(one) not in unique:
                unique.add(_unique(one))
                self._put(StoredOccurrence(one, State.PLANNED))
                done.add(one.id)
        for one in revision.change:
            if not self.rows[one.id].began:
                self._put(StoredOccurrence(one, State.PLANNED))
                done.add(one.id)
        for key in revision.cancel:
            if not self.rows[key].began:
                self._put(replace(self.rows[key], state=State.CANCELLED))
                done.add(key)
        self._reach()
        return frozenset(done)

    async def unsettled(self, now: datetime) -> Sequence[StoredOccurrence]:
        self._reach()
        return [row for row in self._opened() if _is_unsettled(row, now)]

    async def move_states(self, transitions: Sequence[Transition]) -> frozenset[UUID]:
        self._reach()
        moved = set()
        for one in transitions:
            row = self.rows[one.occurrence_id]
            if row.state is one.before:
                self._put(replace(row, state=one.after))
                moved.add(one.occurrence_id)
        self._reach()
        return frozenset(moved)

    async def next_instant(self, after: datetime) -> datetime | None:
        self._reach()
        waiting = [
            row.planned for row in self._opened() if row.state in (State.PLANNED, State.AIRING)
        ]
        instants = (at for one in waiting for at in (one.start, one.latest_start, one.end))
        return min((at for at in instants if at > after), default=None)

    async def planned_until(self) -> datetime | None:
        self._reach()
        return self.until

    async def set_planned_until(self, until: datetime) -> None:
        self._reach()
        self.until = until

    async def rundowns_issued_outside(self, start: datetime, end: datetime) -> frozenset[str]:
        self._reach()
        return frozenset(
            target
            for target, issued in self.issued.items()
            if issued is None or not start <= issued <= end
        )

    def _opened(self) -> Iterable[StoredOccurrence]:
        return (self.rows[one] for one in self._open)


def _unique(planned: PlannedOccurrence) -> tuple[UUID, str]:
    return planned.occurrence.schedule_id, planned.occurrence.recurrence_id


def _is_unsettled(row: StoredOccurrence, now: datetime) -> bool:
    if row.state is State.PLANNED:
        return row.began or row.planned.start <= now
    if row.state is State.MISSED:
        return row.began or row.planned.latest_start >= now
    return row.state is State.AIRING


class RecordingListener:
    """Remembers what it is told, and hands it to ``then``."""

    def __init__(self, then: Callable[[SchedulingEvent], Awaitable[None]] | None = None) -> None:
        self.events: list[SchedulingEvent] = []
        self._then = then

    async def on_event(self, event: SchedulingEvent) -> None:
        self.events.append(event)
        if self._then is not None:
            await self._then(event)

    def take(self) -> list[SchedulingEvent]:
        """Return what was told since the last time, and forget it."""
        events, self.events = self.events, []
        return events
