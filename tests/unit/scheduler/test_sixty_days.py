"""Sixty days of a commune in a few seconds: nothing lost, nothing doubled.

Terminals keep true time and play what their rundown says. The controller's wall clock is
stepped, its engine is stopped, killed and away for days, its database breaks off in one call
of fifty, links fail, and people skip, move, approve and withdraw.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from scheduler.conflict import settle
from scheduler.engine import Engine
from scheduler.horizon import Held, Horizon, OccurrenceState, due, horizon
from scheduler.occurrence import PlannedOccurrence, PlannedSchedule
from scheduler.ports import RundownsChanged, RundownsDue, SchedulingEvent
from scheduler.programme import MessageClass, of_announcement
from scheduler.schedule import (
    DEFAULT_ZONE,
    Daily,
    Move,
    Once,
    Rule,
    Schedule,
    Skip,
    Weekday,
    Weekly,
    recurrence_id,
)
from tests.fakes.scheduling import FakeAlarm, FakeClock, FakeScheduleRepository, RecordingListener
from tests.unit.scheduler.strategies import airs_on

ZONE = ZoneInfo(DEFAULT_ZONE)
BEGIN = datetime(2026, 11, 23, 17, tzinfo=UTC)  # midnight in Viet Nam
DAYS = 60
SLICE = timedelta(minutes=10)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINUTE_MS = 60_000
HAMLETS = ("east", "west", "north")
State = OccurrenceState


class Terminal:
    """Plays its rundown by true time, once each, and reports when its link is up."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.held: Horizon | None = None
        self.sounded: Counter[UUID] = Counter()
        self.reports: list[UUID] = []
        self.link_back: datetime | None = None

    def play(self, before: datetime, now: datetime) -> None:
        """Sound what starts in [before, now), if the rundown is still valid then."""
        if self.held is None or before >= self.held.valid_until:
            return
        for item in self.held.items:
            if before <= item.start < now and item.id not in self.sounded:
                self.sounded[item.id] += 1
                self.reports.append(item.id)

    def take(self, rundown: Horizon, now: datetime) -> bool:
        """Accept a rundown unless it comes from the future: then its issuer's clock is wrong."""
        if rundown.issued > now + timedelta(minutes=1):
            return False
        self.held = rundown
        return True


class Commune:
    """The world of the simulation, with the oracle of what should sound."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.clock = FakeClock(BEGIN)
        self.true_now = BEGIN
        self.repository = FakeScheduleRepository()
        self.repository.trouble = lambda: self.random.random() < 0.02
        self.repository.issued = dict.fromkeys(HAMLETS)
        self.terminals = {name: Terminal(name) for name in HAMLETS}
        self.held: dict[str, Held] = {}
        self.waiting: dict[str, bool] = {}
        self.withdrawn: dict[UUID, tuple[PlannedSchedule, datetime]] = {}
        self.alarm: FakeAlarm | None = None
        self.engine: Engine | None = None

    async def hear(self, event: SchedulingEvent) -> None:
        """Note whose rundown is to be compared, and whose to be issued in any case."""
        if isinstance(event, RundownsChanged | RundownsDue):
            for target in event.targets:
                forced = isinstance(event, RundownsDue) or self.waiting.get(target, False)
                self.waiting[target] = forced

    async def start_engine(self) -> None:
        while self.engine is None:
            self.alarm = FakeAlarm(self.clock, tick_every=timedelta(minutes=5))
            engine = Engine(self.repository, RecordingListener(self.hear), self.clock, self.alarm)
            try:
                await engine.start()
            except ConnectionError:
                continue
            self.engine = engine

    def issue(self) -> None:
        """Do what the controller does about rundowns: compare, issue, deliver."""
        now = self.clock.now()
        for name, forced in list(self.waiting.items()):
            rows = self.repository.rows.values()
            active = (State.PLANNED, State.AIRING, State.MISSED)
            mine = [
                row.planned
                for row in rows
                if name in row.planned.targets and row.state in active and row.planned.end > now
            ]
            wanted = horizon(settle(mine).kept, now)
            del self.waiting[name]
            if forced or due(self.held.get(name), wanted) is not None:
                self.held[name] = wanted.held
                self.repository.issued[name] = now
                self.deliver(self.terminals[name], wanted)

    def deliver(self, terminal: Terminal, rundown: Horizon) -> None:
        # A hello would fetch it later; here the controller simply tries at each slice.
        if terminal.link_back is not None or not terminal.take(rundown, self.true_now):
            self.waiting[terminal.name] = True

    async def run(self, length: timedelta) -> None:
        """Let true time pass in slices: the engine works, terminals play and report."""
        for _ in range(length // SLICE):
            before, self.true_now = self.true_now, self.true_now + SLICE
            if self.engine is not None and self.alarm is not None:
                await self.alarm.run(SLICE)
            else:
                self.clock.run(SLICE)
            for terminal in self.terminals.values():
                terminal.play(before, self.true_now)
                if terminal.link_back is not None and terminal.link_back <= self.true_now:
                    terminal.link_back = None
                if terminal.link_back is None and self.engine is not None:
                    for begun in terminal.reports:
                        self.repository.report_begun(begun)
                    terminal.reports.clear()
            if self.engine is not None:
                self.issue()

    async def changed(self, schedule_id: UUID) -> None:
        assert self.engine is not None
        try:
            await self.engine.schedules_changed([schedule_id])
        except ConnectionError:
            await self.run(SLICE)
        self.issue()

    async def approve(self, number: int, rule: Rule, targets: frozenset[str]) -> None:
        schedule_id = UUID(int=number)
        self.repository.planned_schedules[schedule_id] = PlannedSchedule(
            Schedule(schedule_id, rule),
            of_announcement(schedule_id, f"{number:064x}", MINUTE_MS),
            MessageClass.ORDINARY,
            targets,
            self.clock.now(),
            lateness_ms=30_000,
        )
        await self.changed(schedule_id)

    # What may happen. Each leaves the engine running, the clock right and the links up.

    async def restart(self) -> None:
        """End properly, or be killed, and come back after minutes or days."""
        assert self.engine is not None
        if self.random.random() < 0.5:
            await self.engine.stop()
        self.engine = self.alarm = None
        await self.run(self.random.choice([timedelta(), SLICE, 5 * HOUR, 2 * DAY, 5 * DAY]))
        await self.start_engine()

    async def step(self) -> None:
        """Set the controller's clock wrong by up to two days, for some hours."""
        by = self.random.choice([-1, 1]) * timedelta(minutes=self.random.randint(1, 2880))
        self.clock.step(by)
        await self.run(self.random.randint(1, 8) * HOUR)
        if self.random.random() < 0.3:
            await self.restart()
        self.clock.step(self.true_now - self.clock.now())
        await self.run(HOUR)

    async def outage(self) -> None:
        """Cut one hamlet's link for hours or days."""
        terminal = self.terminals[self.random.choice(HAMLETS)]
        length = self.random.randint(1, 72) * HOUR
        terminal.link_back = self.true_now + length
        await self.run(length + HOUR)

    async def edit(self) -> None:
        """Skip or move an occurrence of a series that lies at least an hour ahead."""
        ahead = [
            row.planned
            for row in self.repository.rows.values()
            if row.state is State.PLANNED and row.planned.start > self.true_now + HOUR
        ]
        one = self.random.choice(sorted(ahead, key=lambda one: (one.start, one.id)))
        planned = self.repository.planned_schedules[one.occurrence.schedule_id]
        text = one.occurrence.recurrence_id
        others = [old for old in planned.schedule.exceptions if old.recurrence_id != text]
        new: Skip | Move = Skip(text)
        if self.random.random() < 0.7:
            hours = self.random.randint(1, 300)
            local = (one.start + hours * HOUR).astimezone(ZONE).replace(tzinfo=None)
            new = Move(text, local)
        schedule = replace(planned.schedule, exceptions=(*others, new))
        self.repository.planned_schedules[schedule.id] = replace(planned, schedule=schedule)
        await self.changed(schedule.id)

    async def withdraw(self) -> None:
        """Take back one schedule, and approve another in its place."""
        schedule_id = self.random.choice(sorted(self.repository.planned_schedules))
        planned = self.repository.planned_schedules.pop(schedule_id)
        await self.changed(schedule_id)
        self.withdrawn[schedule_id] = (planned, self.true_now)
        number = 1 + len(self.repository.planned_schedules) + len(self.withdrawn)
        await self.approve(number, planned.schedule.rule, planned.targets)

    # The oracle.

    def expected(self) -> dict[UUID, dict[str, datetime]]:
        """Count the days and say what each schedule should have given by now."""
        ends = {one: (planned, end) for one, (planned, end) in self.withdrawn.items()}
        for schedule_id, planned in self.repository.planned_schedules.items():
            ends[schedule_id] = (planned, self.true_now)
        return {one: dict(_airings(planned, end)) for one, (planned, end) in ends.items()}


def _airings(planned: PlannedSchedule, end: datetime) -> Iterator[tuple[str, datetime]]:
    rule = planned.schedule.rule
    times = (rule.at.time(),) if isinstance(rule, Once) else rule.times
    excepted = {one.recurrence_id: one for one in planned.schedule.exceptions}
    for number in range(DAYS + 40):
        day = BEGIN.astimezone(ZONE).date() + timedelta(days=number)
        for at in times if airs_on(rule, day) else ():
            local = datetime.combine(day, at)
            text = recurrence_id(local)
            exception = excepted.get(text)
            if isinstance(exception, Skip):
                continue
            start = (exception.start if exception else local).replace(tzinfo=ZONE).astimezone(UTC)
            if planned.active_since <= start < end:
                yield text, start


def _rules(random: Random) -> Iterator[Rule]:
    """Give ten series whose minutes differ, so that only moved ones can ever overlap."""
    first = date(2026, 11, 1)
    weekdays = tuple(Weekday)
    for number in range(10):
        times = (time(5, number), time(17, number))[: 1 + number % 2]
        if number % 3 == 0:
            yield Weekly(
                frozenset(random.sample(weekdays, 3)), times, first, interval=1 + number % 2
            )
        else:
            yield Daily(times, first, date(2027, 1, 10) if number == 1 else None, 1 + number % 3)
    yield Once(datetime.fromisoformat("2026-12-24T19:00"))


@pytest.mark.parametrize("seed", range(4))
async def test_sixty_days_lose_and_double_nothing(seed: int) -> None:
    """Every occurrence that should be is on record once, and was heard once where it should."""
    commune = Commune(seed)
    await commune.start_engine()
    for number, rule in enumerate(_rules(commune.random), 1):
        targets = frozenset(commune.random.sample(HAMLETS, 1 + number % 3))
        await commune.approve(number, rule, targets)
    happenings = [
        commune.restart,
        commune.step,
        commune.outage,
        commune.edit,
        commune.edit,
        commune.withdraw,
    ]
    happened: Counter[str] = Counter()
    while commune.true_now < BEGIN + DAYS * DAY:
        happening = commune.random.choice(happenings)
        happened[happening.__name__] += 1
        await happening()
        await commune.run(commune.random.randint(1, 18) * HOUR)
    commune.repository.trouble = lambda: False
    await commune.run(HOUR)

    assert set(happened) == {"restart", "step", "outage", "edit", "withdraw"}
    _nothing_is_lost_or_doubled(commune)
    _what_is_told_is_what_sounded(commune)


def _nothing_is_lost_or_doubled(commune: Commune) -> None:
    past = [
        row
        for row in commune.repository.rows.values()
        if row.planned.start < commune.true_now and row.state is not State.CANCELLED
    ]
    found: dict[UUID, dict[str, datetime]] = {}
    for row in past:
        one = row.planned.occurrence
        airings = found.setdefault(one.schedule_id, {})
        assert one.recurrence_id not in airings
        airings[one.recurrence_id] = one.start
    expected = commune.expected()
    for schedule_id in expected.keys() | found.keys():
        assert found.get(schedule_id, {}) == expected.get(schedule_id, {}), schedule_id


def _what_is_told_is_what_sounded(commune: Commune) -> None:
    heard = Counter[UUID]()
    for terminal in commune.terminals.values():
        assert set(terminal.sounded.values()) <= {1}
        heard.update(terminal.sounded)
    asked: list[PlannedOccurrence] = []
    for row in commune.repository.rows.values():
        if row.planned.end > commune.true_now - SLICE or row.state is State.CANCELLED:
            continue
        asked.append(row.planned)
        assert row.state is (State.OVER if heard[row.planned.id] else State.MISSED)
        for name in HAMLETS:
            times = commune.terminals[name].sounded[row.planned.id]
            assert times <= (name in row.planned.targets)
    clashing = {one.id for name in HAMLETS for one in _clashing(asked, name)}
    for one in asked:
        if one.id not in clashing:
            assert heard[one.id] == len(one.targets)
    assert len(asked) > 300


def _clashing(asked: list[PlannedOccurrence], name: str) -> list[PlannedOccurrence]:
    """Return what was moved onto something else: a conflict that nobody answered."""
    mine = [one for one in asked if name in one.targets]
    return [one for clash in settle(mine).conflicts for one in (clash.first, clash.second)]
