"""The service that keeps the horizon filled.

It wakes at the starts and ends of occurrences, each minute, each night, when a schedule
changes and when the wall clock is stepped. Each time it asks the database what holds and
the clock what time it is; it remembers nothing that a restart could lose.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from scheduler.horizon import (
    COVERS,
    REISSUE_AFTER,
    Revision,
    StoredOccurrence,
    judge,
    revision,
)
from scheduler.occurrence import PlannedOccurrence, PlannedSchedule, plan, plan_one
from scheduler.ports import (
    Alarm,
    Clock,
    ClockStepped,
    Listener,
    NeverPlanned,
    RundownsChanged,
    RundownsDue,
    ScheduleRepository,
    StatesMoved,
    Transition,
)
from scheduler.schedule import DEFAULT_ZONE, load_zone

_log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YIELD_EVERY = 50
"""Schedules expanded before other work gets its turn: about five milliseconds."""


class Key(StrEnum):
    """The alarms that the engine sets."""

    NEXT = "next"
    """The next start, latest start or end of an occurrence."""
    SWEEP = "sweep"
    """Each minute: what an alarm or an event might have lost."""
    NIGHT = "night"
    """Once a day: plan one day further, issue all rundowns anew."""


@dataclass(frozen=True, slots=True)
class EngineRules:
    """The engine's figures. The defaults are the product's."""

    plans_ahead: timedelta = timedelta(days=8)
    """Occurrences are planned this far, a day further than a rundown covers."""
    catches_up: timedelta = timedelta(days=35)
    """After an absence, what should have aired in this time is still planned, to be missed."""
    looks_back: timedelta = timedelta(days=1)
    """How far behind the nightly planning begins, which follows another by a day."""
    report_grace: timedelta = timedelta(seconds=30)
    """How long after its latest start a terminal's report that it began may arrive."""
    sweep_every: timedelta = timedelta(minutes=1)
    night_at: time = time(2, 0)
    """Local time at which nothing sounds and links are idle."""
    zone: str = DEFAULT_ZONE
    """The zone of ``night_at``."""
    night_age: timedelta = timedelta(hours=6)
    """The nightly issue leaves out rundowns younger than this."""
    step: timedelta = timedelta(seconds=2)
    """Wall and monotonic clock apart by this between two ticks: the wall clock was stepped."""


class Engine:
    """Plans occurrences ahead, judges which were missed, says which rundowns to issue.

    All its work is done in turn, and each part of it may be repeated without harm.
    """

    def __init__(
        self,
        repository: ScheduleRepository,
        listener: Listener,
        clock: Clock,
        alarm: Alarm,
        rules: EngineRules | None = None,
    ) -> None:
        self._repository = repository
        self._listener = listener
        self._clock = clock
        self._alarm = alarm
        self._rules = rules or EngineRules()
        self._zone = load_zone(self._rules.zone)
        self._turn = asyncio.Lock()
        self._ticked = (clock.now(), clock.monotonic())
        self._woke = clock.now()
        self._behind = True
        """Some planning failed, or was not told; the next sweep does both again."""

    async def start(self) -> None:
        """Catch up with the time that has passed, set the alarms, and begin to listen.

        Every target's rundown is told as changed, since what was to be told when the last
        process ended may not have been.
        """
        self._ticked = (self._clock.now(), self._clock.monotonic())
        async with AsyncExitStack() as on_failure:
            await self._alarm.start(self._on_alarm, self.tick)
            on_failure.push_async_callback(self._alarm.stop)
            await self.resume()
            on_failure.pop_all()

    async def stop(self) -> None:
        """End after what is being done now."""
        async with self._turn:
            await self._alarm.stop()

    async def resume(self) -> None:
        """Plan, judge and arm anew, whatever happened to the clock or to the alarms."""
        async with self._turn:
            now = self._clock.now()
            try:
                await self._plan(now, self._rules.catches_up)
                await self._judge(now)
                await self._reissue(now, REISSUE_AFTER)
            finally:
                await self._arm(now)

    async def schedules_changed(self, schedule_ids: Collection[UUID]) -> None:
        """Plan these schedules anew, now: they were approved, edited or withdrawn."""
        async with self._turn:
            now = self._clock.now()
            try:
                await self._plan(now, self._rules.catches_up, schedule_ids)
                await self._judge(now)
            finally:
                await self._arm(now)

    async def wake(self, key: Key) -> None:
        """Do what is to be done when the alarm ``key`` goes off."""
        async with self._turn:
            now = self._clock.now()
            try:
                if self._behind or await self._falls_short(now):
                    await self._plan(now, self._rules.catches_up)
                elif key is Key.NIGHT:
                    await self._plan(now, self._rules.looks_back)
                await self._judge(now)
                if key is not Key.NEXT:
                    age = self._rules.night_age if key is Key.NIGHT else REISSUE_AFTER
                    await self._reissue(now, age)
            finally:
                await self._arm(now)

    async def tick(self) -> None:
        """Look at the clock: called each second, it notices steps and lost alarms."""
        now, elapsed = self._clock.now(), self._clock.monotonic()
        (then, before), self._ticked = self._ticked, (now, elapsed)
        step = (now - then) - (elapsed - before)
        if abs(step) >= self._rules.step:
            _log.warning("wall clock stepped", extra={"action": "clock_step", "by": str(step)})
            try:
                await self.resume()
            finally:
                await self._listener.on_event(ClockStepped(step))
        elif now - self._woke > 3 * self._rules.sweep_every and not self._turn.locked():
            _log.warning("no alarm went off", extra={"action": "alarm_lost"})
            await self.wake(Key.SWEEP)

    async def _on_alarm(self, key: str) -> None:
        await self.wake(Key(key))

    async def _falls_short(self, now: datetime) -> bool:
        until = await self._repository.planned_until()
        return until is None or until < now + COVERS

    async def _plan(
        self, now: datetime, back: timedelta, only: Collection[UUID] | None = None
    ) -> None:
        """Make the stored occurrences from ``back`` ago those that the schedules give."""
        behind, self._behind = self._behind, True
        start, end = now - back, now + self._rules.plans_ahead
        plans = await self._repository.plans(only)
        desired = await _expanded(plans, start, end)
        rows = {
            row.planned.id: row for row in await self._repository.starting_between(start, end, only)
        }
        elsewhere = _given_elsewhere(plans, rows.values(), {one.id for one in desired})
        unseen = [one.id for one in desired if one.id not in rows]
        for row in await self._repository.stored(unseen):
            rows[row.planned.id] = row
        wanted = revision(desired, elsewhere, rows.values(), now)
        if wanted:
            done = await self._repository.revise(wanted)
            await self._tell_changed(_hearers(wanted, rows, done, now))
        if only is None:
            await self._extend(now - self._rules.catches_up, end)
            if behind:
                known = await self._repository.rundowns_issued_outside(now, now)
                await self._tell_changed(known)
        self._behind = behind and only is not None

    async def _extend(self, oldest: datetime, end: datetime) -> None:
        """Remember how far occurrences are planned, and tell of a hole before ``oldest``."""
        until = await self._repository.planned_until()
        await self._repository.set_planned_until(end)
        if until is not None and until < oldest:
            await self._listener.on_event(NeverPlanned(until, oldest))

    async def _tell_changed(self, targets: frozenset[str]) -> None:
        if targets:
            await self._listener.on_event(RundownsChanged(targets))

    async def _judge(self, now: datetime) -> None:
        rows = await self._repository.unsettled(now)
        due = [
            Transition(row.planned.id, row.state, after)
            for row in rows
            if (after := judge(row, now, self._rules.report_grace)) is not row.state
        ]
        if not due:
            return
        moved = await self._repository.move_states(due)
        done = tuple(one for one in due if one.occurrence_id in moved)
        if done:
            await self._listener.on_event(StatesMoved(done))

    async def _reissue(self, now: datetime, age: timedelta) -> None:
        targets = await self._repository.rundowns_issued_outside(now - age, now)
        if targets:
            await self._listener.on_event(RundownsDue(targets))

    async def _arm(self, now: datetime) -> None:
        """Set the alarms; those that need no database first, so that they always stand."""
        self._woke = now
        every = self._rules.sweep_every
        await self._alarm.set(now + every - (now - _EPOCH) % every, Key.SWEEP)
        await self._alarm.set(self._next_night(now), Key.NIGHT)
        at = await self._repository.next_instant(now)
        if at is None:
            await self._alarm.cancel(Key.NEXT)
        else:
            await self._alarm.set(at, Key.NEXT)

    def _next_night(self, now: datetime) -> datetime:
        today = now.astimezone(self._zone).date()
        nights = (
            datetime.combine(today + timedelta(days=days), self._rules.night_at, self._zone)
            for days in (0, 1)
        )
        return next(night for night in nights if night > now).astimezone(UTC)


def _hearers(
    wanted: Revision,
    rows: Mapping[UUID, StoredOccurrence],
    done: Collection[UUID],
    now: datetime,
) -> frozenset[str]:
    """Return the targets in whose rundown something appears, differs or disappears."""
    new = [one for one in (*wanted.add, *wanted.change) if one.id in done]
    old = [rows[one].planned for one in done if one in rows]
    near = (one.targets for one in (*new, *old) if now < one.end and one.start < now + COVERS)
    return frozenset[str]().union(*near)


async def _expanded(
    plans: Sequence[PlannedSchedule], start: datetime, end: datetime
) -> list[PlannedOccurrence]:
    found: list[PlannedOccurrence] = []
    for number, one in enumerate(plans):
        if number % _YIELD_EVERY == 0:
            await asyncio.sleep(0)
        found += plan(one, start, end)
    return found


def _given_elsewhere(
    plans: Sequence[PlannedSchedule], rows: Iterable[StoredOccurrence], desired: Collection[UUID]
) -> list[PlannedOccurrence]:
    """Return what the window no longer holds because it was moved out of it."""
    by_id = {one.schedule.id: one for one in plans}
    found = []
    for row in rows:
        occurrence = row.planned.occurrence
        planned = by_id.get(occurrence.schedule_id)
        if planned is not None and occurrence.id not in desired:
            one = plan_one(planned, occurrence.recurrence_id)
            if one is not None:
                found.append(one)
    return found
