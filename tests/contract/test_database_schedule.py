"""What the scheduling engine asks of the database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.adapters.database import ScheduleStore, SqlDatabase
from controller.domain.announcement import (
    Announcement,
    Content,
    Targets,
    edit,
    submit,
    withdraw,
)
from controller.domain.document import RundownState
from controller.domain.occurrence import DiaryOutcome, OccurrenceState
from controller.domain.paging import PageRequest
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.reports import Outcome
from scheduler.horizon import OccurrenceState as State
from scheduler.horizon import Revision, StoredOccurrence
from scheduler.occurrence import PlannedOccurrence
from scheduler.ports import Transition
from scheduler.programme import MessageClass as ScheduledClass
from scheduler.programme import of_announcement
from tests.contract.database_samples import (
    AWAY,
    COMMUNE,
    DAY,
    FAR,
    HAMLET,
    HOUR,
    LENGTH_MS,
    MINUTE,
    NEAR,
    NOW,
    OPERATOR,
    OTHER,
    PROVINCE,
    RENDITION,
    airings,
    announcement,
    approved,
    line,
    new_id,
    ready,
    recording,
    schedule,
    terminal,
)
from tests.fakes.scheduling import FakeScheduleRepository


async def keep(database: SqlDatabase, targets: Targets) -> Announcement:
    """Store an approved announcement."""
    recorded = ready()
    of = approved(targets, recorded)
    async with database.begin() as tx:
        await tx.recordings.add(recorded)
        await tx.announcements.add(of)
    return of


async def test_approved_schedules_are_planned_for_terminals(database: SqlDatabase) -> None:
    """With sound, class, targets in service and the instant of approval."""
    of = await keep(database, Targets((COMMUNE,), (AWAY,)))
    async with database.begin() as tx:
        await tx.terminals.add(terminal(new_id(), HAMLET, retired_at=NOW))
    store = ScheduleStore(database)
    (plan,) = await store.plans()
    (its,) = of.content.schedules
    assert plan.schedule == its
    assert plan.programme == of_announcement(of.id, RENDITION, LENGTH_MS)
    assert plan.message_class is ScheduledClass.ORDINARY
    assert plan.targets == {str(NEAR), str(AWAY)}
    assert plan.active_since == NOW
    assert await store.plans([its.id]) == [plan]
    assert await store.plans([new_id()]) == []
    assert await store.plans([]) == []


async def test_targets_follow_terminals(database: SqlDatabase) -> None:
    """A terminal enrolled after the approval is a target; nobody left means no plan."""
    await keep(database, Targets((HAMLET,)))
    store = ScheduleStore(database)
    late = terminal(new_id(), HAMLET)
    async with database.begin() as tx:
        await tx.terminals.add(late)
    assert (await store.plans())[0].targets == {str(NEAR), str(late.id)}
    async with database.begin() as tx:
        await tx.terminals.save(replace(late, retired_at=NOW))
        await tx.terminals.save(terminal(NEAR, FAR))
    assert await store.plans() == []


async def test_only_what_is_approved_is_planned(database: SqlDatabase) -> None:
    """Not drafts, not what was sent, withdrawn or edited since, and no emergency."""
    of = await keep(database, Targets((HAMLET,)))
    recorded = ready()
    plain = Content("Tin", recording=recorded.id, targets=Targets((HAMLET,)))
    sent = submit(announcement(replace(plain, schedules=(schedule(),))), OPERATOR, NOW)
    urgent = approved(Targets((HAMLET,)), recorded)
    urgent = replace(urgent, content=replace(urgent.content, message_class=MessageClass.EMERGENCY))
    store = ScheduleStore(database)
    async with database.begin() as tx:
        await tx.recordings.add(recorded)
        await tx.announcements.add(sent)
        await tx.announcements.add(urgent)
    assert {one.schedule.id for one in await store.plans()} == {of.content.schedules[0].id}
    edited = edit(of, of.content, OPERATOR, NOW + MINUTE)
    async with database.begin() as tx:
        await tx.announcements.save(edited, of)
    assert await store.plans() == []


async def test_a_revision_of_what_was_withdrawn_adds_nothing(database: SqlDatabase) -> None:
    """The engine may have read before the withdrawal; the database decides."""
    of = await keep(database, Targets((HAMLET,)))
    gone = withdraw(of, OPERATOR, NOW + MINUTE, "Sai ngày")
    async with database.begin() as tx:
        await tx.announcements.save(gone, of)
    planned = airings(of, NEAR)
    store = ScheduleStore(database)
    assert await store.revise(Revision(add=planned)) == frozenset()
    assert await store.stored([one.id for one in planned]) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [("withdrawn", "withdrawn"), ("edited", "changed"), ("removed", "changed")],
)
async def test_a_cancelled_airing_says_why(database: SqlDatabase, change: str, reason: str) -> None:
    """The announcement's state tells it."""
    of = await keep(database, Targets((HAMLET,)))
    (planned, *_) = airings(of, NEAR)
    store = ScheduleStore(database)
    await store.revise(Revision(add=(planned,)))
    async with database.begin() as tx:
        if change == "withdrawn":
            await tx.announcements.save(withdraw(of, OPERATOR, NOW + MINUTE, "Sai"), of)
        elif change == "edited":
            await tx.announcements.save(edit(of, of.content, OPERATOR, NOW + MINUTE), of)
        else:
            await tx.announcements.remove(of.id)
    assert await store.revise(Revision(cancel=(planned.id,))) == {planned.id}
    async with database.read() as tx:
        found = await tx.occurrences.find(planned.id)
    assert found is not None
    assert (found.state, found.reason) == (OccurrenceState.CANCELLED, reason)


async def test_an_airing_is_added_once(database: SqlDatabase) -> None:
    """A double wake of two engines makes one row and one line of the diary per terminal."""
    of = await keep(database, Targets((HAMLET,)))
    planned = airings(of, NEAR)
    store = ScheduleStore(database)
    every = {one.id for one in planned}
    assert await store.revise(Revision(add=planned)) == every
    assert await store.revise(Revision(add=planned)) == frozenset()
    async with database.read() as tx:
        page = await tx.diary.list(PROVINCE, NOW, NOW + 9 * DAY, PageRequest(limit=500))
    assert {row.item for row in page.items} == every
    assert len(page.items) == len(every)


async def test_a_revived_airing_takes_the_new_approval(database: SqlDatabase) -> None:
    """After an edit and a new approval the same date comes back with title and approval of now."""
    of = await keep(database, Targets((HAMLET,)))
    (planned, *_) = airings(of, NEAR)
    store = ScheduleStore(database)
    await store.revise(Revision(add=(planned,)))
    await store.revise(Revision(cancel=(planned.id,)))
    renewed = replace(
        of,
        content=replace(of.content, title="Đổi giờ"),
        revision=2,
        approval=new_id(),
        changed_at=NOW + MINUTE,
    )
    async with database.begin() as tx:
        await tx.announcements.save(renewed, of)
    assert await store.revise(Revision(change=(planned,))) == {planned.id}
    async with database.read() as tx:
        found = await tx.occurrences.find(planned.id)
        page = await tx.diary.list(PROVINCE, NOW, NOW + 9 * DAY, PageRequest())
    assert found is not None
    assert (found.state, found.reason) == (OccurrenceState.PLANNED, None)
    assert (found.title, found.revision, found.approval) == ("Đổi giờ", 2, renewed.approval)
    (row,) = page.items
    assert (row.title, row.outcome) == ("Đổi giờ", DiaryOutcome.WAITING)


async def test_planning_remembers_how_far_it_came(database: SqlDatabase) -> None:
    """None before the first time; a clock that was put back makes it earlier."""
    store = ScheduleStore(database)
    assert await store.planned_until() is None
    assert await store.next_instant(NOW) is None
    for until in (NOW + DAY, NOW + HOUR):
        await store.set_planned_until(until)
        assert await store.planned_until() == until


async def test_rundowns_out_of_their_time(database: SqlDatabase) -> None:
    """Those never issued, too old, or issued in the future; of terminals in service."""
    store = ScheduleStore(database)
    assert await store.rundowns_issued_outside(NOW - DAY, NOW) == {str(NEAR), str(AWAY)}

    def issued(at: timedelta) -> RundownState:
        return RundownState(NEAR, 1, bytes(32), NOW + at, NOW + 9 * DAY)

    for at, outside in ((-DAY, False), (-DAY - MINUTE, True), (timedelta(), False), (HOUR, True)):
        async with database.begin() as tx:
            await tx.rundowns.save(issued(at))
        found = await store.rundowns_issued_outside(NOW - DAY, NOW)
        assert (str(NEAR) in found) is outside
    async with database.begin() as tx:
        await tx.terminals.save(terminal(AWAY, FAR, retired_at=NOW))
        await tx.rundowns.mark_stale([NEAR])
    assert await store.rundowns_issued_outside(NOW - DAY, NOW + DAY) == frozenset()


@dataclass(frozen=True)
class Step:
    """One thing the engine, or a terminal, does; numbers choose among what is there."""

    kind: str
    which: frozenset[int]
    shift: int
    targets: frozenset[UUID]


_steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["add", "change", "cancel", "begun", "move", "move"]),
        st.frozensets(st.integers(0, 8), min_size=1),
        st.integers(-600, 600),
        st.frozensets(st.sampled_from([NEAR, AWAY]), min_size=1),
    ),
    min_size=1,
    max_size=10,
)
_MOVES = {
    State.PLANNED: State.AIRING,
    State.AIRING: State.OVER,
    State.MISSED: State.PLANNED,
    State.OVER: State.OVER,
    State.CANCELLED: State.CANCELLED,
}


def _shifted(one: PlannedOccurrence, step: Step) -> PlannedOccurrence:
    by = timedelta(seconds=step.shift)
    return replace(
        one,
        occurrence=replace(one.occurrence, start=one.start + by),
        latest_start=one.latest_start + by,
        targets=frozenset(map(str, step.targets)),
    )


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_steps)
async def test_it_does_what_the_fake_does(database: SqlDatabase, steps: list[Step]) -> None:
    """Whatever the engine asks, one after the other: same answers, same rows as in memory."""
    async with database.begin() as tx:
        for table in ("play_log", "diary", "occurrence_terminals", "occurrences"):
            await tx.connection.exec_driver_sql(f"DELETE FROM {table}")
    pool = [
        one for _ in range(3) for one in airings(await keep(database, Targets((PROVINCE,))), NEAR)
    ]
    assert len(pool) == 9
    store, fake = ScheduleStore(database), FakeScheduleRepository()
    for number, step in enumerate(steps):
        chosen = [pool[which] for which in sorted(step.which)]
        await _take(database, store, fake, step, chosen, number)
        await _compare(store, fake, pool)


async def _take(
    database: SqlDatabase,
    store: ScheduleStore,
    fake: FakeScheduleRepository,
    step: Step,
    chosen: Sequence[PlannedOccurrence],
    number: int,
) -> None:
    there = [one for one in chosen if one.id in fake.rows]
    if step.kind in {"add", "change", "cancel"}:
        planned = [one for one in there if fake.rows[one.id].state is State.PLANNED]
        revision = {
            "add": Revision(add=tuple(_shifted(one, step) for one in chosen)),
            "change": Revision(change=tuple(_shifted(one, step) for one in there)),
            "cancel": Revision(cancel=tuple(one.id for one in planned)),
        }[step.kind]
        assert await store.revise(revision) == await fake.revise(revision)
    elif step.kind == "begun":
        lines = [
            line(one.id, Outcome.STARTED, number * 10 + place) for place, one in enumerate(there)
        ]
        async with database.begin() as tx:
            await tx.play_log.append(lines)
        for one in there:
            fake.report_begun(one.id)
    else:
        moves = [
            Transition(one.id, before, _MOVES[before])
            for one in there
            for before in ({State.PLANNED, fake.rows[one.id].state} - {State.OVER})
        ]
        moves.sort(key=lambda move: (move.occurrence_id, move.before))
        assert await store.move_states(moves) == await fake.move_states(moves)


async def _compare(
    store: ScheduleStore, fake: FakeScheduleRepository, pool: Sequence[PlannedOccurrence]
) -> None:
    ids = [one.id for one in pool]
    instants = [NOW, *(one.start for one in pool[:3]), pool[1].end, NOW + 3 * DAY]
    assert _by_id(await store.stored(ids)) == _by_id(await fake.stored(ids))
    its = [pool[0].occurrence.schedule_id]
    for at in instants:
        assert await store.next_instant(at) == await fake.next_instant(at)
        assert _by_id(await store.unsettled(at)) == _by_id(await fake.unsettled(at))
        for only in (None, its, []):
            ours = await store.starting_between(NOW, at, only)
            assert _by_id(ours) == _by_id(await fake.starting_between(NOW, at, only))


def _by_id(rows: Sequence[StoredOccurrence]) -> dict[UUID, StoredOccurrence]:
    assert len({one.planned.id for one in rows}) == len(rows)
    return {one.planned.id: one for one in rows}


async def test_a_province_is_planned_in_few_statements(database: SqlDatabase) -> None:
    """More airings than one statement takes are stored, with all who are asked."""
    of = await keep(database, Targets((PROVINCE,)))
    planned = airings(of, NEAR, AWAY, days=400)
    assert len(planned) == 799
    store = ScheduleStore(database)
    assert len(await store.revise(Revision(add=planned))) == len(planned)
    found = await store.starting_between(NOW, NOW + 400 * DAY)
    assert {one.planned for one in found} == set(planned)
    async with database.read() as tx:
        totals = await tx.diary.totals(OTHER, NOW, NOW + 400 * DAY)
    assert totals.rows == len(planned)


async def test_a_recording_without_sound_is_never_planned(database: SqlDatabase) -> None:
    """An approved row whose recording has no rendition (a tampered database) gives no plan."""
    bare = recording()
    of = approved(Targets((HAMLET,)), bare)
    async with database.begin() as tx:
        await tx.recordings.add(bare)
        await tx.announcements.add(of)
    assert await ScheduleStore(database).plans() == []
