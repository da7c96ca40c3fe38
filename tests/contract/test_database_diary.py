"""Asked and sounded: airings, play logs, and the diary that follows from both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.adapters.database import ScheduleStore, SqlDatabase
from controller.domain.announcement import Announcement, Targets
from controller.domain.occurrence import (
    DiaryOutcome,
    DiaryRow,
    DiaryTotals,
    Occurrence,
    OccurrenceState,
    Tally,
)
from controller.domain.paging import PageRequest
from controller.domain.play_log import PlayLogCursor, PlayLogEntry, airing_of
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.reports import Outcome
from scheduler.horizon import Revision
from scheduler.occurrence import PlannedOccurrence
from tests.contract.database_samples import (
    AWAY,
    COMMUNE,
    DAY,
    FAR,
    HAMLET,
    LENGTH_MS,
    LOG,
    MINUTE,
    NEAR,
    NOW,
    OTHER,
    PROVINCE,
    RENDITION,
    airings,
    announcement,
    approved,
    line,
    new_id,
    order,
    ready,
    terminal,
)

PAGE = PageRequest(limit=500)
SECOND = timedelta(seconds=1)
STARTED, SOUNDED, CUT, MISSED = Outcome


@dataclass(frozen=True)
class Asked:
    """An approved announcement and its first airings, which NEAR and AWAY are asked for."""

    of: Announcement
    planned: tuple[PlannedOccurrence, ...]

    @property
    def first(self) -> PlannedOccurrence:
        return self.planned[0]


async def ask(database: SqlDatabase, *terminals: UUID, days: int = 2) -> Asked:
    """Store an announcement of COMMUNE for these terminals, planned for some days."""
    recorded = ready()
    of = approved(Targets((COMMUNE,), terminals), recorded)
    planned = airings(of, *terminals, days=days)
    async with database.begin() as tx:
        await tx.recordings.add(recorded)
        await tx.announcements.add(of)
    await ScheduleStore(database).revise(Revision(add=planned))
    return Asked(of, planned)


@pytest.fixture
async def asked(database: SqlDatabase) -> Asked:
    return await ask(database, NEAR, AWAY)


async def hear(database: SqlDatabase, *lines: PlayLogEntry) -> int:
    async with database.begin() as tx:
        return await tx.play_log.append(lines)


async def rows(
    database: SqlDatabase, scope: str = PROVINCE, item: UUID | None = None
) -> list[DiaryRow]:
    async with database.read() as tx:
        page = await tx.diary.list(scope, NOW - DAY, NOW + 9 * DAY, PAGE)
    return [row for row in page.items if item in (None, row.item)]


async def row_of(database: SqlDatabase, item: UUID, who: UUID = NEAR) -> DiaryRow:
    (found,) = [row for row in await rows(database, item=item) if row.terminal == who]
    return found


async def test_an_airing_carries_what_its_announcement_says(
    database: SqlDatabase, asked: Asked
) -> None:
    """Title, class, approval, revision and the exact sound are the announcement's."""
    dated = asked.first.occurrence
    expected = Occurrence(
        id=dated.id,
        schedule=asked.of.content.schedules[0].id,
        recurrence_id=dated.recurrence_id,
        announcement=asked.of.id,
        revision=asked.of.revision,
        approval=asked.of.approval or new_id(),
        area=COMMUNE,
        message_class=MessageClass.ORDINARY,
        title=asked.of.content.title,
        rendition=RENDITION,
        start=asked.first.start,
        duration_ms=LENGTH_MS,
        latest_start=asked.first.latest_start,
    )
    async with database.read() as tx:
        assert await tx.occurrences.find(dated.id) == expected
        assert await tx.occurrences.get(COMMUNE, dated.id) == expected
        assert await tx.occurrences.find(new_id()) is None
        assert await tx.occurrences.terminals_of(dated.id) == tuple(sorted((NEAR, AWAY)))


async def test_airings_are_listed_in_order_of_time(database: SqlDatabase, asked: Asked) -> None:
    """A window takes in its start and leaves out its end; pages join without a gap."""
    starts = [one.start for one in asked.planned]
    assert len(starts) == 3
    async with database.read() as tx:
        first = await tx.occurrences.list(COMMUNE, NOW, NOW + 2 * DAY, PageRequest(limit=2))
        rest = await tx.occurrences.list(COMMUNE, NOW, NOW + 2 * DAY, PageRequest(first.next, 2))
        assert [one.start for one in (*first.items, *rest.items)] == starts
        inside = await tx.occurrences.list(COMMUNE, starts[0], starts[1], PAGE)
        assert [one.start for one in inside.items] == starts[:1]


async def test_who_sounds_it_sees_it(database: SqlDatabase) -> None:
    """Airings ordered elsewhere are listed where a terminal is asked for them."""
    only_near = await ask(database, NEAR)
    async with database.read() as tx:

        async def seen(scope: str) -> set[UUID]:
            page = await tx.occurrences.list(scope, NOW, NOW + 2 * DAY, PAGE)
            return {one.id for one in page.items}

        every = {one.id for one in only_near.planned}
        assert await seen(HAMLET) == await seen(COMMUNE) == await seen(PROVINCE) == every
        assert await seen(OTHER) == await seen(FAR) == set()


async def test_what_a_terminal_is_to_sound(database: SqlDatabase, asked: Asked) -> None:
    """Open airings that touch the window; not what was cancelled or is over."""
    store = ScheduleStore(database)
    first, second, third = asked.planned
    async with database.read() as tx:
        window = (first.end, third.start)
        assert [one.id for one in await tx.occurrences.for_terminal(NEAR, *window)] == [second.id]
        window = (first.end - SECOND, third.start + SECOND)
        found = await tx.occurrences.for_terminal(NEAR, *window)
        assert [one.id for one in found] == [first.id, second.id, third.id]
        assert await tx.occurrences.for_terminal(new_id(), *window) == ()
    assert await store.revise(Revision(cancel=(second.id,))) == {second.id}
    async with database.read() as tx:
        found = await tx.occurrences.for_terminal(NEAR, *window)
        assert [one.id for one in found] == [first.id, third.id]
        every = await tx.occurrences.of_announcement(asked.of.id, first.end)
        assert [(one.id, one.state) for one in every] == [
            (second.id, OccurrenceState.CANCELLED),
            (third.id, OccurrenceState.PLANNED),
        ]
        assert every[0].reason == "skipped"


async def test_overlaps_are_found_for_any_of_the_terminals(
    database: SqlDatabase, asked: Asked
) -> None:
    """Airings that touch each other do not overlap; each is told once."""
    first = asked.first
    async with database.read() as tx:
        overlapping = tx.occurrences.overlapping
        hit = await overlapping([NEAR, AWAY], first.start, first.end)
        assert [one.id for one in hit] == [first.id]
        inside = await overlapping([AWAY], first.start + SECOND, first.start + 2 * SECOND)
        assert [one.id for one in inside] == [first.id]
        assert await overlapping([NEAR], first.start - MINUTE, first.start) == ()
        assert await overlapping([NEAR], first.end, first.end + MINUTE) == ()
        assert await overlapping([new_id()], first.start, first.end) == ()
        assert await overlapping([], first.start, first.end) == ()


async def test_what_comes_next(database: SqlDatabase, asked: Asked) -> None:
    """The first planned airing after an instant, per terminal and per announcement."""
    first, second, third = (one.id for one in asked.planned)
    starts = [one.start for one in asked.planned]
    near = await ask(database, NEAR)
    async with database.read() as tx:
        ahead = await tx.occurrences.next_for([NEAR, AWAY, new_id()], NOW)
        assert ahead[AWAY].id == first
        assert ahead[NEAR].start == starts[0]
        assert set(ahead) == {NEAR, AWAY}
        assert (await tx.occurrences.next_for([AWAY], starts[0]))[AWAY].id == second
        by_announcement = await tx.occurrences.next_of([asked.of.id, near.of.id], starts[1])
        assert by_announcement[asked.of.id].id == third
        assert by_announcement[near.of.id].id == near.planned[2].id
        assert await tx.occurrences.next_of([asked.of.id], starts[2]) == {}


CASES: dict[str, tuple[Sequence[tuple[Outcome, int, str]], DiaryOutcome, int, str | None]] = {
    "nothing heard": ((), DiaryOutcome.WAITING, 0, None),
    "begun": (((STARTED, 0, ""),), DiaryOutcome.STARTED, 0, None),
    "to its end": (
        ((STARTED, 0, ""), (SOUNDED, LENGTH_MS, "")),
        DiaryOutcome.SOUNDED,
        LENGTH_MS,
        None,
    ),
    "cut": (
        ((STARTED, 0, ""), (CUT, 20_000, "stopped")),
        DiaryOutcome.CUT,
        20_000,
        "stopped",
    ),
    "cut, then sounded to its end": (
        ((STARTED, 0, ""), (CUT, 20_000, "preempted"), (SOUNDED, 45_000, "")),
        DiaryOutcome.SOUNDED,
        45_000,
        None,
    ),
    "cut twice": (
        ((STARTED, 0, ""), (CUT, 10_000, "preempted"), (CUT, 30_000, "restarted")),
        DiaryOutcome.CUT,
        30_000,
        "restarted",
    ),
    "missed": (((MISSED, 0, "not_stored"),), DiaryOutcome.MISSED, 0, "not_stored"),
}


@pytest.mark.parametrize("case", CASES)
async def test_the_diary_says_what_the_lines_say(
    database: SqlDatabase, asked: Asked, case: str
) -> None:
    """In whatever order the lines come, and however often."""
    said, outcome, sounded, reason = CASES[case]
    item = asked.first.id
    lines = [
        line(item, what, number, sounded_ms=heard, reason=why)
        for number, (what, heard, why) in enumerate(said)
    ]
    for ordered in permutations(lines):
        for one in ordered:
            await hear(database, one, one)
        row = await row_of(database, item)
        assert (row.outcome, row.sounded_ms, row.reason) == (outcome, sounded, reason)
        began = NOW if outcome not in (DiaryOutcome.WAITING, DiaryOutcome.MISSED) else None
        assert row.began_at == began
        assert (await row_of(database, item, AWAY)).outcome is DiaryOutcome.WAITING
        async with database.begin() as tx:
            await tx.connection.exec_driver_sql("DELETE FROM play_log")


_said = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(Outcome),
        st.integers(0, LENGTH_MS),
        st.integers(0, 100),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=_said, data=st.data())
async def test_any_batches_give_the_same_diary(
    database: SqlDatabase,
    asked: Asked,
    said: list[tuple[int, Outcome, int, int]],
    data: st.DataObject,
) -> None:
    """Lines cut into any batches, repeated and mixed, give what all lines give at once."""
    async with database.begin() as tx:
        await tx.connection.exec_driver_sql("DELETE FROM play_log")
    lines = [
        line(asked.planned[which].id, what, number, sounded_ms=heard, at=NOW + at * SECOND)
        for number, (which, what, heard, at) in enumerate(said)
    ]
    left = [*lines, *data.draw(st.lists(st.sampled_from(lines)))]
    left = data.draw(st.permutations(left))
    new = 0
    while left:
        size = data.draw(st.integers(1, len(left)))
        new += await hear(database, *left[:size])
        left = left[size:]
    assert new == len(lines)
    for planned in asked.planned:
        own = [one for one in lines if one.item == planned.id]
        if not own:
            continue
        airing = airing_of(own)
        row = await row_of(database, planned.id)
        assert (row.outcome.value, row.sounded_ms, row.began_at) == (
            airing.outcome.value,
            airing.sounded_ms,
            airing.began,
        )


async def test_lines_are_kept_once_and_in_order(database: SqlDatabase, asked: Asked) -> None:
    """Lines that are there already change nothing; the cursor names the last one."""
    item = asked.first.id
    first, second = line(item, STARTED, 1), line(item, SOUNDED, 2)
    async with database.begin() as tx:
        assert await tx.play_log.cursor(NEAR, LOG) is None
        assert await tx.play_log.append([]) == 0
        assert await tx.play_log.append([second]) == 1
        assert await tx.play_log.append([first, second]) == 1
        assert await tx.play_log.append([replace(first, outcome=CUT), second]) == 0
        assert await tx.play_log.of_item(item, NEAR) == (first, second)
        assert await tx.play_log.of_item(item, AWAY) == ()
        assert await tx.play_log.cursor(NEAR, LOG) == PlayLogCursor(NEAR, LOG, 2, second.digest)
        assert await tx.play_log.cursor(NEAR, new_id()) is None
    async with database.read() as tx:
        stored = await ScheduleStore(database).stored([item])
        assert stored[0].began


async def test_a_large_log_fits(database: SqlDatabase, asked: Asked) -> None:
    """More lines than one statement takes; the largest numbers a line may carry."""
    item = asked.first.id
    lines = [line(item, STARTED, number) for number in range(1201)]
    lines.append(line(item, CUT, 2**53 - 1, sounded_ms=2**31 - 1, at=NOW + DAY))
    assert await hear(database, *lines) == 1202
    assert (await row_of(database, item)).sounded_ms == 2**31 - 1


async def test_silence_counts_as_missed_until_a_word_comes(
    database: SqlDatabase, asked: Asked
) -> None:
    """Only what was to end before; the terminal's late word corrects it."""
    first = asked.first
    async with database.begin() as tx:
        assert await tx.diary.close_unheard(first.end, "no_word") == 0
        assert await tx.diary.close_unheard(first.end + SECOND, "no_word") == 2
        assert await tx.diary.close_unheard(first.end + SECOND, "no_word") == 0
    row = await row_of(database, first.id)
    assert (row.outcome, row.reason) == (DiaryOutcome.MISSED, "no_word")
    await hear(database, line(first.id, STARTED, 1), line(first.id, SOUNDED, 2))
    row = await row_of(database, first.id)
    assert (row.outcome, row.reason) == (DiaryOutcome.SOUNDED, None)
    away = await row_of(database, first.id, AWAY)
    assert away.outcome is DiaryOutcome.MISSED


async def test_a_cancelled_airing_leaves_the_diary(database: SqlDatabase, asked: Asked) -> None:
    """Nobody is asked any more; if it sounded all the same, the diary says so."""
    first = asked.first
    store = ScheduleStore(database)
    assert await store.revise(Revision(cancel=(first.id,))) == {first.id}
    assert await rows(database, item=first.id) == []
    await hear(database, line(first.id, SOUNDED, 1))
    (row,) = await rows(database, item=first.id)
    assert (row.terminal, row.outcome) == (NEAR, DiaryOutcome.SOUNDED)
    assert (row.title, row.approval) == (asked.of.content.title, asked.of.approval)


async def test_an_airing_moved_after_it_was_missed_waits_again(
    database: SqlDatabase, asked: Asked
) -> None:
    """Its rows stand at the new time and for the new terminals only."""
    first, last = asked.first, asked.planned[-1]
    async with database.begin() as tx:
        await tx.diary.close_unheard(first.end + SECOND, "no_word")
    moved = replace(
        first,
        occurrence=replace(first.occurrence, start=last.end),
        latest_start=last.end,
        targets=frozenset({str(NEAR)}),
    )
    assert await ScheduleStore(database).revise(Revision(change=(moved,))) == {first.id}
    (row,) = await rows(database, item=first.id)
    assert (row.terminal, row.planned_at, row.outcome) == (NEAR, last.end, DiaryOutcome.WAITING)


async def test_what_nobody_asked_for_is_shown_with_its_name(database: SqlDatabase) -> None:
    """Sound of an item we lost (restored backup) is in the diary; a test's is not."""
    of = announcement()
    lost, trial = new_id(), new_id()
    async with database.begin() as tx:
        await tx.announcements.add(of)
    await hear(
        database,
        line(lost, SOUNDED, 1, announcement=of.id, planned=NOW + MINUTE),
        line(trial, SOUNDED, 2, announcement=None),
    )
    (row,) = await rows(database)
    assert row == DiaryRow(
        item=lost,
        announcement=of.id,
        title=of.content.title,
        message_class=MessageClass.ORDINARY,
        area=HAMLET,
        terminal=NEAR,
        terminal_name="Loa 1",
        planned_at=NOW + MINUTE,
        began_at=NOW,
        asked_ms=LENGTH_MS,
        sounded_ms=LENGTH_MS,
        outcome=DiaryOutcome.SOUNDED,
        reason=None,
        approval=None,
        rendition=RENDITION,
    )


async def test_the_diary_stays_with_the_area_of_the_day(
    database: SqlDatabase, asked: Asked
) -> None:
    """A terminal that moves leaves its past where it was."""
    async with database.begin() as tx:
        await tx.terminals.save(terminal(NEAR, FAR, "Loa dời"))
    near = [row for row in await rows(database, HAMLET) if row.terminal == NEAR]
    assert len(near) == len(asked.planned)
    assert near[0].terminal_name == "Loa dời"
    assert all(row.terminal == AWAY for row in await rows(database, FAR))


async def test_the_diary_is_listed_newest_first_and_filtered(
    database: SqlDatabase, asked: Asked
) -> None:
    """By terminal and by outcome; pages join without a gap."""
    await hear(database, line(asked.first.id, SOUNDED, 1))
    window = (NOW, NOW + 2 * DAY)
    async with database.read() as tx:
        found: list[DiaryRow] = []
        page = await tx.diary.list(PROVINCE, *window, PageRequest(limit=4))
        found += page.items
        page = await tx.diary.list(PROVINCE, *window, PageRequest(page.next, 4))
        found += page.items
        assert page.next is None
        assert len(found) == 2 * len(asked.planned)
        instants = [row.planned_at for row in found]
        assert instants == sorted(instants, reverse=True)
        own = await tx.diary.list(PROVINCE, *window, PAGE, terminal=AWAY)
        assert {row.terminal for row in own.items} == {AWAY}
        done = await tx.diary.list(PROVINCE, *window, PAGE, outcome=DiaryOutcome.SOUNDED)
        assert [row.item for row in done.items] == [asked.first.id]
        assert (await tx.diary.list(PROVINCE, NOW, asked.first.start, PAGE)).items == ()


async def test_sums_are_those_of_the_rows(database: SqlDatabase, asked: Asked) -> None:
    """Totals, tallies and what was missed agree with the list."""
    first, second, third = (one.id for one in asked.planned)
    await hear(
        database,
        line(first, STARTED, 1),
        line(first, SOUNDED, 2),
        line(first, STARTED, 3, terminal=AWAY),
        line(second, CUT, 4, sounded_ms=1000),
        line(second, MISSED, 5, terminal=AWAY),
    )
    async with database.begin() as tx:
        await tx.renditions.add_held(NEAR, RENDITION, NOW)
    window = (NOW, NOW + 2 * DAY)
    async with database.read() as tx:
        assert await tx.diary.totals(PROVINCE, *window) == DiaryTotals(
            rows=6,
            asked_ms=6 * LENGTH_MS,
            sounded_ms=LENGTH_MS + 1000,
            sounded=1,
            cut=1,
            missed=1,
            waiting=3,
        )
        assert await tx.diary.totals("c-9", *window) == DiaryTotals(0, 0, 0, 0, 0, 0, 0)
        unknown = new_id()
        assert await tx.diary.tallies([first, second, third, unknown], PROVINCE) == {
            first: Tally(asked=2, stored=1, started=1, sounded=1),
            second: Tally(asked=2, stored=1, sounded=1, missed=1),
            third: Tally(asked=2, stored=1),
            unknown: Tally(),
        }
        assert await tx.diary.tallies([second], OTHER) == {second: Tally(asked=1, missed=1)}
        assert await tx.diary.missed([PROVINCE, OTHER, "c-9"], *window) == {
            PROVINCE: (6, 1),
            OTHER: (3, 1),
            "c-9": (0, 0),
        }


async def test_an_emergency_is_asked_of_each_terminal(database: SqlDatabase) -> None:
    """With all its repeats; saving its cancellation asks nobody anew."""
    given_out = order()
    async with database.begin() as tx:
        await tx.orders.save(given_out, [NEAR, AWAY])
        cancelled = replace(given_out, cancelled_at=NOW, cancel=new_id())
        await tx.orders.save(cancelled)
        items = await tx.diary.items([given_out.id, new_id()])
        assert list(items) == [given_out.id]
        assert items[given_out.id].message_class is MessageClass.EMERGENCY
        assert items[given_out.id].planned_at == NOW
    found = await rows(database)
    assert {row.terminal for row in found} == {NEAR, AWAY}
    assert {row.asked_ms for row in found} == {3 * LENGTH_MS}
    assert {row.message_class for row in found} == {MessageClass.EMERGENCY}
    await hear(database, line(given_out.id, SOUNDED, 1, sounded_ms=3 * LENGTH_MS))
    assert (await row_of(database, given_out.id)).outcome is DiaryOutcome.SOUNDED


async def test_items_name_occurrences_too(database: SqlDatabase, asked: Asked) -> None:
    """By what screens say of something that sounds now."""
    async with database.read() as tx:
        found = await tx.diary.items([asked.first.id])
    item = found[asked.first.id]
    assert (item.title, item.area, item.planned_at, item.asked_ms) == (
        asked.of.content.title,
        COMMUNE,
        asked.first.start,
        LENGTH_MS,
    )
