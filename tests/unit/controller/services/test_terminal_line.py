"""The whole line to terminals: enrolled, planned, carried, fetched, sounded, receipted."""

import time
from collections.abc import AsyncIterator

import pytest

from controller.domain.occurrence import DiaryOutcome
from controller.domain.pace import Pace
from controller.domain.paging import PageRequest
from edge_agent.wire.policy import to_instant
from edge_agent.wire.reports import Outcome
from tests.fakes.commune import AN_HOUR, Town, instant, once
from tests.unit.controller.services.terminal_rig import Field, until


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


async def test_an_approved_recording_reaches_its_terminals_and_comes_back_as_diary(
    field: Field,
) -> None:
    """Terminals of the hamlet get rundown and sound, others nothing; the log is receipted."""
    town = field.town
    east = await field.join("Loa mới Đông", "Thôn Đông")
    west = await field.join("Loa mới Đoài", "Thôn Đoài")
    await town.approved(once(23, 17))
    await until(lambda: east.rundown is not None and east.rundown.items, "a rundown")
    assert east.rundown is not None
    (item,) = east.rundown.items
    assert item.start == to_instant(instant(23, 17))
    await until(lambda: item.rendition in east.held, "the recording")
    await until(lambda: west.rundown is not None, "an empty rundown")
    assert west.rundown is not None
    assert not west.rundown.items
    assert not west.held

    await east.status(field.now_us(), sounding=item.occurrence)
    town.clock.run(10 * AN_HOUR)
    east.write(
        at=field.now_us(),
        outcome=Outcome.SOUNDED,
        item=item.occurrence,
        announcement=item.announcement,
        rendition=item.rendition,
        planned=item.start,
        began=item.start,
        asked=item.duration,
        sounded=item.duration,
    )
    await east.send_log()
    await until(lambda: east.receipts, "a receipt")
    assert east.receipts[-1].sequence == 0
    assert not east.spool.pending
    async with town.database.read() as tx:
        page = await tx.diary.list(
            town.areas["Thôn Đông"].id, instant(23, 0), instant(24, 0), PageRequest()
        )
        rows = {row.terminal: row for row in page.items}
        state = await tx.terminals.get(town.areas["Thôn Đông"].id, east.id)
        held = await tx.renditions.held_by(east.id)
    assert rows[east.id].outcome is DiaryOutcome.SOUNDED
    assert rows[east.id].sounded_ms == item.duration
    assert state.status is not None
    assert state.status.sounding == item.occurrence
    assert state.hello is not None
    assert held == {item.rendition.hex()}
    assert not east.refused
    assert not west.refused
