"""Play logs: stored once, receipted when safe, believed only about a terminal's own items."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.domain.occurrence import DiaryOutcome, DiaryRow
from controller.domain.pace import Pace
from controller.domain.paging import PageRequest
from edge_agent.core.spool import Spool
from edge_agent.wire.reports import LogEntry, Outcome
from edge_agent.wire.state import RundownItem
from tests.fakes.commune import Town, instant, once
from tests.fakes.terminal import LightTerminal
from tests.unit.controller.services.terminal_rig import Field, until


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


async def planned(field: Field, terminal: LightTerminal) -> RundownItem:
    await field.town.approved(once(23, 17))
    await until(lambda: terminal.rundown and terminal.rundown.items, "the rundown")
    assert terminal.rundown is not None
    return terminal.rundown.items[0]


def write(terminal: LightTerminal, item: RundownItem, outcome: Outcome, sounded: int) -> None:
    terminal.write(
        at=item.start,
        outcome=outcome,
        item=item.occurrence,
        announcement=item.announcement,
        message_class=item.message_class,
        rendition=item.rendition,
        planned=item.start,
        began=item.start,
        asked=item.duration,
        sounded=sounded,
    )


async def deliver(field: Field, terminal: LightTerminal, batch: Sequence[LogEntry]) -> None:
    """Send lines and wait until they are stored."""
    before = field.side.reception.believed
    await terminal.send_log(batch)
    await until(lambda: field.side.reception.believed > before, "the batch")
    await field.side.play_logs.batches.settled()


async def rows(field: Field, terminal: LightTerminal) -> list[DiaryRow]:
    async with field.town.database.read() as tx:
        page = await tx.diary.list(
            field.town.areas["Tỉnh Sông Lam"].id,
            instant(23, 0),
            instant(25, 0),
            PageRequest(),
            terminal=terminal.id,
        )
    return list(page.items)


async def broken(field: Field) -> list[str]:
    async with field.town.database.read() as tx:
        entries = await tx.audit.read(0, 10_000)
    return [one.draft.detail for one in entries if one.draft.action == "play_log.broken"]


async def lines(field: Field, terminal: LightTerminal, item: object) -> int:
    async with field.town.database.read() as tx:
        return len(await tx.play_log.of_item(item, terminal.id))  # type: ignore[arg-type]


async def test_lines_are_stored_once_however_often_they_come(field: Field) -> None:
    """Duplicates and overlapping batches are receipted again and change nothing."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    item = await planned(field, terminal)
    write(terminal, item, Outcome.STARTED, 0)
    first = terminal.spool.lines
    await terminal.send_log()
    await until(lambda: len(terminal.receipts) == 1, "a receipt")
    write(terminal, item, Outcome.SOUNDED, item.duration)
    for batch in (first, terminal.spool.lines, terminal.spool.lines):
        await deliver(field, terminal, batch)
    await until(lambda: terminal.receipts[-1].sequence == 1, "the receipt of both")
    assert await lines(field, terminal, item.occurrence) == 2
    (row,) = await rows(field, terminal)
    assert (row.outcome, row.sounded_ms) == (DiaryOutcome.SOUNDED, item.duration)
    assert await broken(field) == []


async def test_a_receipt_covers_only_what_is_stored(field: Field) -> None:
    """While the database takes nothing there is no receipt, and the terminal keeps its lines."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    item = await planned(field, terminal)
    write(terminal, item, Outcome.SOUNDED, item.duration)
    field.town.signer.away = True
    await terminal.send_log()
    await until(lambda: field.side.play_logs.stored == 1, "stored")
    assert not terminal.receipts
    assert terminal.spool.pending
    field.town.signer.away = False
    await terminal.send_log()
    await until(lambda: terminal.receipts, "a receipt")
    assert not terminal.spool.pending


async def test_a_gap_or_a_broken_chain_is_kept_and_noted(field: Field) -> None:
    """Whatever happened to a log, its lines are stored, and the audit trail says what is odd."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    item = await planned(field, terminal)
    for _ in range(4):
        write(terminal, item, Outcome.STARTED, 0)
    await deliver(field, terminal, terminal.spool.lines[:1])
    await until(lambda: terminal.receipts, "a receipt")
    await terminal.send_log(terminal.spool.lines[2:])
    await until(lambda: terminal.receipts[-1].sequence == 3, "a receipt of the rest")
    (note,) = await broken(field)
    assert "line 2 after 0" in note
    terminal.spool = Spool(uuid4(), 0, b"\1" * 32)
    write(terminal, item, Outcome.SOUNDED, item.duration)
    await terminal.send_log()
    await until(lambda: terminal.receipts[-1].log == terminal.spool.log, "a receipt")
    assert len(await broken(field)) == 2


async def test_lines_about_another_communes_item_are_ignored(field: Field) -> None:
    """A terminal that knows the id of a foreign airing neither learns of it nor changes it."""
    ours = await field.join("Loa 1", "Thôn Đông")
    theirs = await field.join("Loa xã bên", "Thôn Thượng")
    item = await planned(field, ours)
    write(theirs, item, Outcome.SOUNDED, item.duration)
    await theirs.send_log()
    await until(lambda: theirs.receipts, "a receipt all the same")
    assert field.side.play_logs.ignored == 1
    assert await lines(field, theirs, item.occurrence) == 0
    assert await rows(field, theirs) == []
    async with field.town.database.read() as tx:
        occurrence = await tx.occurrences.find(item.occurrence)
    assert occurrence is not None
    assert occurrence.state.value == "planned"


async def test_a_terminal_that_moved_may_still_report_what_it_was_asked_before(
    field: Field,
) -> None:
    """Lines that arrive after the move count for the airing that was asked in the old place."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    item = await planned(field, terminal)
    write(terminal, item, Outcome.SOUNDED, item.duration)
    async with field.town.database.begin() as tx:
        found = await tx.terminals.find(terminal.id)
        assert found is not None
        await tx.terminals.save(replace(found, area=field.town.areas["Thôn Thượng"].id))
    field.side.roster.forget(terminal.id)
    await terminal.send_log()
    await until(lambda: terminal.receipts, "a receipt")
    assert await lines(field, terminal, item.occurrence) == 1


async def test_screens_are_told_of_new_lines_only(field: Field) -> None:
    """The diary changed: one event for a batch, none for a repetition."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    item = await planned(field, terminal)
    write(terminal, item, Outcome.SOUNDED, item.duration)
    field.town.feed.take()
    for _ in range(2):
        await deliver(field, terminal, terminal.spool.lines)
    await until(lambda: len(terminal.receipts) == 2, "two receipts")
    told = [event for event in field.town.feed.take() if event.kind.value == "diary"]
    assert len(told) == 1


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6), st.booleans()), min_size=1, max_size=8)
)
async def test_any_order_of_batches_ends_with_every_line_once(
    field: Field, batches: list[tuple[int, int, bool]]
) -> None:
    """Late, repeated, overlapping and reversed batches: in the end each line is there once."""
    if not field.terminals:
        await field.join("Loa 1", "Thôn Đông")
    (terminal,) = field.terminals.values()
    terminal.spool, item = Spool(uuid4(), 0, bytes(32)), uuid4()
    terminal.receipts.clear()
    for _ in range(10):
        terminal.write(item=item, outcome=Outcome.STARTED)
    every = terminal.spool.lines
    for start, count, backwards in [*batches, (0, 10, False)]:
        some: tuple[LogEntry, ...] = every[start : start + count]
        await deliver(field, terminal, some[::-1] if backwards else some)
    await until(lambda: terminal.receipts and terminal.receipts[-1].sequence == 9, "all receipted")
    assert await lines(field, terminal, item) == 10
