"""The engine: what it plans, judges and tells, and that nothing puts it out."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from scheduler.engine import Engine, Key
from scheduler.horizon import OccurrenceState
from scheduler.occurrence import PlannedSchedule
from scheduler.ports import (
    ClockStepped,
    NeverPlanned,
    RundownsChanged,
    RundownsDue,
    StatesMoved,
)
from scheduler.programme import MessageClass, of_announcement
from scheduler.schedule import Daily, Move, Once, Rule, Schedule, Skip
from tests.fakes.scheduling import (
    FakeAlarm,
    FakeClock,
    FakeScheduleRepository,
    RecordingListener,
)

ID = UUID("5f1c7a52-8a9d-4e55-9d0e-6a1f2b3c4d5e")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # 10:00 in Viet Nam
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
EVERY_DAY = Daily((time(11, 0),), date(2026, 11, 1))
State = OccurrenceState


class World:
    """A database and a clock; engines come and go."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.repository = FakeScheduleRepository()
        self.listener = RecordingListener()
        self.alarm = FakeAlarm(self.clock)
        self.engine = self.new_engine()

    def new_engine(self) -> Engine:
        self.alarm = FakeAlarm(self.clock)
        self.engine = Engine(self.repository, self.listener, self.clock, self.alarm)
        return self.engine

    def approve(
        self,
        rule: Rule = EVERY_DAY,
        exceptions: tuple[Skip | Move, ...] = (),
        schedule_id: UUID = ID,
        targets: frozenset[str] = frozenset({"hamlet"}),
    ) -> None:
        self.repository.planned_schedules[schedule_id] = PlannedSchedule(
            Schedule(schedule_id, rule, exceptions=exceptions),
            of_announcement(ID, "a" * 64, 60_000),
            MessageClass.ORDINARY,
            targets,
            self.clock.now(),
            lateness_ms=30_000,
        )

    def states(self) -> list[str]:
        rows = sorted(self.repository.rows.values(), key=lambda row: row.planned.start)
        return [f"{row.planned.start:%d} {row.state.value}" for row in rows]


@pytest.fixture
def world() -> World:
    return World()


async def test_eight_days_are_planned(world: World) -> None:
    """At the start every schedule in force is planned eight days ahead, from its approval."""
    world.approve()
    await world.engine.start()
    assert world.states() == [f"{day} planned" for day in (24, 25, 26, 27, 28, 29, 30)] + [
        "01 planned"
    ]
    assert RundownsChanged(frozenset({"hamlet"})) in world.listener.events


async def test_planning_again_changes_nothing(world: World) -> None:
    """A second engine, a second wake, a restart: the same rows and nothing told as changed."""
    world.approve()
    await world.engine.start()
    rows = dict(world.repository.rows)
    world.listener.take()
    for _ in range(3):
        await world.engine.resume()
        await world.new_engine().start()
    assert world.repository.rows == rows
    assert not any(isinstance(event, RundownsChanged) for event in world.listener.events)


async def test_occurrences_run_through_their_states(world: World) -> None:
    """At its start it airs; begun somewhere it is over at its end, else it was missed."""
    world.approve()
    await world.engine.start()
    await world.alarm.run(HOUR)
    assert world.states()[0] == "24 airing"
    world.repository.report_begun(next(iter(world.repository.rows)))
    await world.alarm.run(MINUTE)
    assert world.states()[0] == "24 over"
    await world.alarm.run(DAY)
    assert world.states()[1] == "25 airing"
    await world.alarm.run(2 * MINUTE)
    assert world.states()[1] == "25 missed"


async def test_states_move_at_the_instant(world: World) -> None:
    """The alarm goes off at the start itself, not at the next sweep."""
    world.approve(Once(datetime.fromisoformat("2026-11-24T10:30:17")))
    await world.engine.start()
    await world.alarm.run(timedelta(minutes=30, seconds=17))
    moved = [event for event in world.listener.events if isinstance(event, StatesMoved)]
    assert [one.after for event in moved for one in event.transitions] == [State.AIRING]
    assert world.clock.now() == NOW + timedelta(minutes=30, seconds=17)


async def test_a_late_report_corrects_a_missed_one(world: World) -> None:
    """A terminal that was cut off played it all the same: it was not missed."""
    world.approve()
    await world.engine.start()
    await world.alarm.run(2 * HOUR)
    assert world.states()[0] == "24 missed"
    world.repository.report_begun(next(iter(world.repository.rows)))
    await world.alarm.run(MINUTE)
    assert world.states()[0] == "24 over"


async def test_each_night_a_day_is_added_and_rundowns_are_issued(world: World) -> None:
    """At 02:00 the horizon moves on by a day, and what was issued before is issued anew."""
    world.approve()
    world.repository.issued = {"hamlet": NOW, "new": NOW + 15 * HOUR}
    await world.engine.start()
    world.listener.take()
    await world.alarm.run(15 * HOUR)
    assert len(world.repository.rows) == 8
    assert RundownsDue(frozenset({"hamlet"})) not in world.listener.take()
    await world.alarm.run(HOUR)
    assert len(world.repository.rows) == 9
    assert RundownsDue(frozenset({"hamlet"})) in world.listener.take()


async def test_what_is_due_is_told_until_it_is_issued(world: World) -> None:
    """Never issued, or a day old: told at each sweep, until the database says it is done."""
    world.repository.issued = {"new": None, "old": NOW - DAY - MINUTE, "fresh": NOW}
    await world.engine.start()
    world.listener.take()
    await world.alarm.run(3 * MINUTE)
    due = RundownsDue(frozenset({"new", "old"}))
    assert world.listener.take().count(due) == 3
    world.repository.issued = dict.fromkeys(("new", "old", "fresh"), world.clock.now())
    await world.alarm.run(3 * MINUTE)
    assert world.listener.take() == []


async def test_a_start_has_every_rundown_compared(world: World) -> None:
    """What the last process may not have told is told again: all may have changed."""
    world.repository.issued = {"fresh": NOW - MINUTE}
    await world.engine.start()
    assert world.listener.take() == [RundownsChanged(frozenset({"fresh"}))]


async def test_a_new_schedule_is_planned_at_once(world: World) -> None:
    """Approved a minute ahead, it is planned and its hearers are told, and no others."""
    await world.engine.start()
    world.listener.take()
    world.approve(Once(datetime.fromisoformat("2026-11-24T10:01")))
    await world.engine.schedules_changed([ID])
    assert world.listener.take() == [RundownsChanged(frozenset({"hamlet"}))]
    await world.alarm.run(MINUTE)
    assert world.states() == ["24 airing"]


async def test_what_lies_beyond_the_rundown_is_not_told(world: World) -> None:
    """Planned for the eighth day, it changes no rundown yet."""
    await world.engine.start()
    world.approve(Once(datetime.fromisoformat("2026-12-02T09:00")))
    await world.engine.schedules_changed([ID])
    assert world.states() == ["02 planned"]
    assert world.listener.take() == []


async def test_withdrawn_means_cancelled(world: World) -> None:
    """Without its schedule what lies ahead is cancelled; what is on air runs on."""
    world.approve()
    await world.engine.start()
    await world.alarm.run(HOUR)
    world.listener.take()
    del world.repository.planned_schedules[ID]
    await world.engine.schedules_changed([ID])
    assert world.states()[:2] == ["24 airing", "25 cancelled"]
    assert set(world.states()[1:]) == {
        f"{day} cancelled" for day in ("25", "26", "27", "28", "29", "30", "01")
    }
    assert world.listener.take() == [RundownsChanged(frozenset({"hamlet"}))]


async def test_a_schedule_change_leaves_others_alone(world: World) -> None:
    """Withdrawing one schedule cancels nothing of another."""
    world.approve()
    world.approve(schedule_id=UUID(int=2))
    await world.engine.start()
    del world.repository.planned_schedules[ID]
    await world.engine.schedules_changed([ID])
    assert [row.state for row in world.repository.rows.values()].count(State.PLANNED) == 8


async def test_a_skip_can_be_taken_back(world: World) -> None:
    """Skipped, then not: the occurrence is cancelled and planned again, under its id."""
    world.approve()
    await world.engine.start()
    ids = list(world.repository.rows)
    for exceptions, state in (((Skip("20261125T110000"),), "cancelled"), ((), "planned")):
        world.approve(exceptions=exceptions)
        await world.engine.schedules_changed([ID])
        assert world.states()[1] == f"25 {state}"
    assert list(world.repository.rows) == ids


@pytest.mark.parametrize("target", ["2026-11-26T18:00:00", "2026-12-24T18:00:00"])
async def test_a_moved_occurrence_keeps_its_identity(world: World, target: str) -> None:
    """Moved within the horizon or far beyond it, it is one row, and sounds when it is to."""
    world.approve()
    await world.engine.start()
    ids = set(world.repository.rows)
    move = Move("20261125T110000", datetime.fromisoformat(target))
    world.approve(exceptions=(move,))
    await world.engine.schedules_changed([ID])
    assert set(world.repository.rows) == ids
    world.alarm.tick_every = HOUR
    await world.alarm.run(31 * DAY)
    moved = [row for row in world.repository.rows.values() if row.planned.start.hour == 11]
    assert len(moved) == 1
    assert moved[0].planned.start == datetime.fromisoformat(target + "+07:00")
    assert moved[0].planned.id in ids
    assert moved[0].state is State.MISSED
    assert len(
        {row.planned.occurrence.recurrence_id for row in world.repository.rows.values()}
    ) == len(world.repository.rows)


async def test_what_was_moved_far_can_come_back(world: World) -> None:
    """Moved out of the horizon and back into it, it is planned where it was."""
    world.approve()
    await world.engine.start()
    before = world.states()
    move = Move("20261125T110000", datetime.fromisoformat("2027-03-01T06:00"))
    for exceptions in ((move,), ()):
        world.approve(exceptions=exceptions)
        await world.engine.schedules_changed([ID])
    assert world.states() == before


async def test_an_absence_is_caught_up_as_missed(world: World) -> None:
    """Twenty days off: what should have aired is on record as missed, once each."""
    world.approve()
    await world.engine.start()
    await world.engine.stop()
    world.clock.run(20 * DAY)
    await world.new_engine().start()
    states = world.states()
    assert [state.split()[1] for state in states] == ["missed"] * 20 + ["planned"] * 8
    assert len({state.split()[0] for state in states}) == 28


async def test_an_approval_that_was_never_planned_is_caught_up(world: World) -> None:
    """The process died between approval and planning: after days its airings are listed."""
    await world.engine.start()
    world.approve()
    world.clock.run(3 * DAY)
    await world.new_engine().start()
    assert world.states()[:4] == ["24 missed", "25 missed", "26 missed", "27 planned"]


async def test_too_long_an_absence_leaves_a_named_hole(world: World) -> None:
    """After fifty days five weeks are caught up, and the hole before them is told."""
    world.approve()
    await world.engine.start()
    await world.engine.stop()
    world.clock.run(50 * DAY)
    await world.new_engine().start()
    now = world.clock.now()
    assert NeverPlanned(NOW + 8 * DAY, now - 35 * DAY) in world.listener.events
    missed = [state for state in world.states() if state.endswith("missed")]
    assert len(missed) == 8 + 35


async def test_a_clock_put_forward_and_back_loses_nothing(world: World) -> None:
    """A day ahead for a while, then right again: what was held for missed is planned again."""
    world.approve()
    await world.engine.start()
    before = dict(world.repository.rows)
    world.clock.step(2 * DAY)
    await world.alarm.run(timedelta(seconds=2))
    assert world.states()[:2] == ["24 missed", "25 missed"]
    assert ClockStepped(2 * DAY) in world.listener.events
    world.clock.step(-2 * DAY)
    await world.alarm.run(timedelta(seconds=2))
    assert before.items() <= world.repository.rows.items()
    assert {row.state for row in world.repository.rows.values()} == {State.PLANNED}
    assert ClockStepped(-2 * DAY) in world.listener.events


async def test_a_clock_put_back_repeats_nothing(world: World) -> None:
    """An hour back after an airing: it stays over, and there is no second one."""
    world.approve()
    await world.engine.start()
    await world.alarm.run(HOUR)
    world.repository.report_begun(next(iter(world.repository.rows)))
    await world.alarm.run(5 * MINUTE)
    world.clock.step(-HOUR)
    world.listener.take()
    await world.alarm.run(2 * HOUR)
    assert world.states()[0] == "24 over"
    moved = [event for event in world.listener.take() if isinstance(event, StatesMoved)]
    assert moved == []


async def test_alarms_follow_a_clock_put_back(world: World) -> None:
    """After a step back the next start is at its wall time, and sweeps go on meanwhile."""
    world.approve()
    await world.engine.start()
    world.clock.step(-6 * HOUR)
    await world.alarm.run(timedelta(seconds=1))
    assert world.alarm.keys[Key.SWEEP] - world.clock.now() <= MINUTE
    await world.alarm.run(7 * HOUR - timedelta(seconds=2))
    assert world.states()[0] == "24 planned"
    await world.alarm.run(timedelta(seconds=1))
    assert world.states()[0] == "24 airing"


async def test_what_was_promised_under_a_wrong_clock_is_kept(world: World) -> None:
    """Approved with the clock two days ahead: what then lay ahead stays planned, no more."""
    world.clock.step(2 * DAY)
    world.approve()
    await world.engine.start()
    promised = dict(world.repository.rows)
    world.clock.step(-2 * DAY)
    await world.alarm.run(timedelta(seconds=1))
    assert world.repository.rows == promised
    assert world.states()[0] == "26 planned"


async def test_a_database_that_is_away_is_waited_for(world: World) -> None:
    """While the database fails the sweeps go on, and then everything is made up for."""
    world.approve()
    await world.engine.start()
    world.repository.away = True
    await world.alarm.run(3 * HOUR)
    with pytest.raises(ConnectionError):
        await world.engine.schedules_changed([ID])
    world.repository.away = False
    world.approve(Daily((time(15, 0),), date(2026, 11, 25)), schedule_id=UUID(int=2))
    await world.alarm.run(MINUTE)
    assert "24 missed" in world.states()
    assert len(world.repository.rows) == 8 + 8


async def test_a_step_while_the_database_is_away_is_made_up_for(world: World) -> None:
    """The resumption that failed is done by the first sweep that can."""
    world.approve()
    await world.engine.start()
    world.repository.away = True
    world.clock.step(3 * DAY)
    await world.alarm.run(5 * MINUTE)
    assert ClockStepped(3 * DAY) in world.listener.events
    world.repository.away = False
    await world.alarm.run(MINUTE)
    assert world.states()[:3] == ["24 missed", "25 missed", "26 missed"]
    assert len(world.repository.rows) == 11


async def test_a_start_without_database_fails_and_leaves_nothing_running(world: World) -> None:
    """Whoever starts the engine learns that it cannot; no alarm is left behind."""
    world.repository.away = True
    with pytest.raises(ConnectionError):
        await world.engine.start()
    assert world.alarm.keys == {}


async def test_lost_alarms_are_noticed(world: World) -> None:
    """When the alarm forgets everything, the ticks find it out."""
    world.approve()
    await world.engine.start()
    world.alarm.keys.clear()
    await world.alarm.run(HOUR)
    assert Key.SWEEP in world.alarm.keys
    assert world.states()[0] == "24 airing"


async def test_what_could_not_be_told_is_told_later(world: World) -> None:
    """The database wrote but its answer was lost: all hear that they may have changed."""
    world.approve()
    await world.engine.start()
    world.repository.issued = {"hamlet": NOW}
    world.listener.take()
    world.approve(exceptions=(Skip("20261125T110000"),))
    answers = iter([False] * 4 + [True])  # plans, rows, their ids, writing; then its answer
    world.repository.trouble = lambda: next(answers, False)
    with pytest.raises(ConnectionError):
        await world.engine.schedules_changed([ID])
    assert world.states()[1] == "25 cancelled"
    assert world.listener.take() == []
    await world.alarm.run(MINUTE)
    assert world.listener.take() == [RundownsChanged(frozenset({"hamlet"}))]


async def test_two_engines_on_one_database_do_no_harm(world: World) -> None:
    """Both plan and judge; each occurrence is there once and moves once."""
    world.approve()
    await world.engine.start()
    other = RecordingListener()
    second = Engine(world.repository, other, world.clock, FakeAlarm(world.clock))
    await second.start()
    await world.alarm.run(2 * HOUR)
    await second.resume()
    assert len(world.repository.rows) == 9
    assert world.states()[0] == "24 missed"
    assert not any(isinstance(event, StatesMoved) for event in other.events)


async def test_after_the_end_nothing_is_set(world: World) -> None:
    """A stopped engine is not woken again."""
    world.approve()
    await world.engine.start()
    await world.engine.stop()
    world.listener.take()
    await world.alarm.run(2 * DAY)
    assert world.listener.take() == []
    assert world.alarm.keys == {}


async def test_changed_sound_replaces_what_lies_ahead(world: World) -> None:
    """A new rendition is planned for all that has not begun, under the same identities."""
    world.approve()
    await world.engine.start()
    await world.alarm.run(HOUR)
    world.repository.planned_schedules[ID] = replace(
        world.repository.planned_schedules[ID], programme=of_announcement(ID, "b" * 64, 90_000)
    )
    await world.engine.schedules_changed([ID])
    rows = sorted(world.repository.rows.values(), key=lambda row: row.planned.start)
    assert [min(row.planned.programme.renditions)[0] for row in rows] == ["a"] + ["b"] * 7
