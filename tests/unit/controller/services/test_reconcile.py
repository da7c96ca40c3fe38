"""A hello is answered with what the terminal lacks, and with nothing else."""

import time
from collections.abc import AsyncIterator

import pytest

from controller.domain.pace import Pace
from edge_agent.wire.envelope import MessageType, parse
from tests.fakes.commune import Town, once
from tests.fakes.terminal import LightTerminal
from tests.unit.controller.services.terminal_rig import Field, until


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


def kinds(terminal: LightTerminal) -> list[MessageType]:
    return [parse(message.payload).type for message in terminal.received]


async def quiet(field: Field, terminal: LightTerminal) -> None:
    """Wait until a terminal owes no word and everything it said is stored."""
    await until(lambda: terminal.rundown is not None, "a rundown")
    for _ in range(200):
        await field.side.dispatch.words.settled()
        await field.side.reconcile.hellos.settled()
        if await field.acknowledged(terminal.id):
            return
        await until(lambda: True)
    raise AssertionError("something stays unacknowledged")


async def said_hello(field: Field, terminal: LightTerminal) -> None:
    """Say hello and wait until it is answered."""
    before = field.side.reception.believed
    await terminal.hello()
    await until(lambda: field.side.reception.believed > before, "the hello arrived")
    await field.side.reconcile.hellos.settled()


async def test_who_holds_everything_is_sent_nothing(field: Field) -> None:
    """After enrolment and first hello, another hello brings no document."""
    terminal = await field.join("Loa mới", "Thôn Đông")
    await quiet(field, terminal)
    terminal.received.clear()
    await said_hello(field, terminal)
    assert kinds(terminal) == []


async def test_what_came_with_the_enrolment_counts_as_held(field: Field) -> None:
    """Trust, assignment and policies of the enrolment are not sent again at the first hello."""
    terminal = await field.join("Loa mới", "Thôn Đông")
    await quiet(field, terminal)
    assert set(kinds(terminal)) == {MessageType.RUNDOWN}


async def test_what_a_terminal_lost_comes_back(field: Field) -> None:
    """A terminal whose disk forgot rundown and policies gets them again, though acknowledged."""
    terminal = await field.join("Loa mới", "Thôn Đông")
    await field.town.approved(once(23, 17))
    await until(lambda: terminal.rundown and terminal.rundown.items, "the rundown")
    await quiet(field, terminal)
    held, terminal.rundown = terminal.rundown, None
    policies, terminal.policies = terminal.policies, {}
    terminal.received.clear()
    await said_hello(field, terminal)
    await until(lambda: terminal.rundown is not None, "the rundown again")
    await until(lambda: terminal.policies == policies, "the policies again")
    assert terminal.rundown == held


async def test_orders_given_while_a_terminal_was_away_reach_it_when_it_returns(
    field: Field,
) -> None:
    """A stop issued while it was offline is there right after its hello; once taken, not again."""
    terminal = await field.enrol("Loa mới", "Thôn Đông")
    stop = await field.stop("operator", "Xã Bình Minh")
    await field.connect(terminal)
    await until(lambda: stop.id in terminal.stops, "the stop")
    await quiet(field, terminal)
    terminal.received.clear()
    await said_hello(field, terminal)
    assert MessageType.STOP not in kinds(terminal)


async def test_recordings_held_are_known_from_the_hello(field: Field) -> None:
    """What a terminal lists in its hello replaces what was known before."""
    town = field.town
    terminal = await field.join("Loa mới", "Thôn Đông")
    await town.approved(once(23, 17))
    await until(lambda: terminal.held, "the recording")
    await field.side.stored_sound.words.settled()
    async with town.database.read() as tx:
        assert len(await tx.renditions.held_by(terminal.id)) == 1
    terminal.held.clear()
    terminal.fetches_by_itself = False
    await said_hello(field, terminal)
    async with town.database.read() as tx:
        assert await tx.renditions.held_by(terminal.id) == frozenset()


async def test_two_machines_with_one_identity_are_noticed(field: Field) -> None:
    """A boot that speaks again after another one did means a copied card: shown as faulty."""
    terminal = await field.join("Loa mới", "Thôn Đông")
    await quiet(field, terminal)
    first, second = terminal.boot, bytes(16)
    for boot in (first, second):
        terminal.boot = boot
        await said_hello(field, terminal)
    async with field.town.database.read() as tx:
        found = await tx.terminals.find(terminal.id)
    assert found is not None
    assert found.quarantined_at is None, "a restart is no crime"
    terminal.boot = first
    await said_hello(field, terminal)
    async with field.town.database.read() as tx:
        found = await tx.terminals.find(terminal.id)
    assert found is not None
    assert found.quarantined_at is not None


async def test_a_hello_of_no_sense_changes_nothing_for_others(field: Field) -> None:
    """Absurd versions and a thousand unknown recordings cost their sender only."""
    odd = await field.join("Loa lạ", "Thôn Đông")
    other = await field.join("Loa mới", "Thôn Đông")
    await quiet(field, odd)
    odd.held = {bytes([i % 256, i // 256]) + bytes(30): b"" for i in range(1000)}
    odd.fetches_by_itself = False
    await said_hello(field, odd)
    await said_hello(field, other)
    async with field.town.database.read() as tx:
        state = await tx.terminals.get(field.town.areas["Thôn Đông"].id, other.id)
    assert state.hello is not None
