"""Recordings on their way: manifests, blocks, and nothing to whom they are not meant for."""

import hashlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.domain.pace import Pace
from controller.domain.signing import Operation
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.reports import BlockRange, Want
from tests.fakes.commune import Town, once
from tests.fakes.terminal import LightTerminal
from tests.unit.controller.services.terminal_rig import Field, until

COPIES = 20_000
"""Copies of 32 bytes that the fake library makes of a recording: 20 blocks."""


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    town.sounds.copies = COPIES
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


async def approved(field: Field, seconds: float = 60, area: str = "Thôn Đông") -> bytes:
    """Have a recording of that length approved for a hamlet; returns its hash."""
    town, operator = field.town, field.town.actor("operator")
    recording = await town.recording(seconds=seconds)
    draft = town.draft(recording, once(23, 17), targets=(area,), title=f"Bản tin {seconds}")
    one = (await town.announcements.create(operator, draft)).announcement
    shown = await town.announcements.submit(operator, one.id, one.revision)
    shown = await town.approve(shown)
    assert shown.recording is not None
    assert shown.recording.sound is not None
    return bytes.fromhex(shown.recording.sound.rendition)


async def ask(terminal: LightTerminal, rendition: bytes, *ranges: tuple[int, int]) -> None:
    """Ask for ranges, or for the manifest when there are none."""
    await terminal.say(
        MessageType.WANT,
        Want(
            terminal=terminal.id,
            rendition=rendition,
            manifest=not ranges,
            ranges=tuple(BlockRange(first=first, end=end) for first, end in ranges),
            urgency=1,
        ),
    )


async def test_many_terminals_get_each_block_by_one_publication(field: Field) -> None:
    """Eight terminals of a hamlet hold the recording after little more than its blocks once."""
    terminals = [await field.join(f"Loa {n}", "Thôn Đông") for n in range(8)]
    rendition = await approved(field)
    await until(lambda: all(rendition in one.held for one in terminals), "everybody holds it")
    size = len(terminals[0].held[rendition])
    assert hashlib.sha256(terminals[0].held[rendition]).digest() == rendition
    assert field.side.delivery.published_bytes < 2 * size
    assert field.town.signer.asked.count(Operation.MANIFEST) == 1


async def test_a_download_goes_on_where_it_was_cut(field: Field) -> None:
    """Only what is missing is sent after a lost connection."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    terminal.fetches_by_itself = False
    rendition = await approved(field)
    await until(lambda: terminal.rundown and terminal.rundown.items, "the rundown")
    await terminal.fetch(rendition)
    await until(lambda: rendition in terminal.held, "the recording")
    before = field.side.delivery.published_blocks
    await ask(terminal, rendition, (3, 5), (19, 900))
    await until(lambda: field.side.delivery.published_blocks == before + 3, "three blocks")


async def test_what_is_not_meant_for_a_terminal_is_not_given(field: Field) -> None:
    """Another commune's recording, an unknown hash: neither manifest nor block, only a count."""
    ours = await field.join("Loa 1", "Thôn Đông")
    theirs = await field.join("Loa xã bên", "Thôn Thượng")
    rendition = await approved(field)
    await until(lambda: rendition in ours.held, "ours holds it")
    theirs.received.clear()
    for number, wanted in enumerate((rendition, bytes(32)), start=1):
        await ask(theirs, wanted)
        await ask(theirs, wanted, (0, 10))
        await until(lambda n=number: field.side.delivery.refused == 2 * n, "refused")  # type: ignore[misc]
    assert theirs.received == []


async def test_a_withdrawn_recording_is_no_longer_given(field: Field) -> None:
    """As soon as the rundown no longer lists it."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    shown = await field.town.approved(once(23, 17))
    await until(lambda: terminal.held, "the recording")
    await field.town.approvals.withdraw(
        field.town.actor("approver"), shown.announcement.id, "sai nội dung"
    )
    await until(lambda: terminal.rundown and not terminal.rundown.items, "an empty rundown")
    (rendition,) = terminal.held
    before = field.side.delivery.published_blocks
    await ask(terminal, rendition, (0, 5))
    await until(lambda: field.side.delivery.refused == 1, "refused")
    assert field.side.delivery.published_blocks == before


async def test_a_recording_that_cannot_be_read_stops_no_other(field: Field) -> None:
    """A lost file is given up until it is asked for again; the others arrive."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    terminal.fetches_by_itself = False
    lost = await approved(field)
    await until(lambda: terminal.rundown and terminal.rundown.items, "the rundown")
    file: Path = field.town.sounds._folder / lost.hex()
    data = file.read_bytes()
    file.unlink()
    await terminal.fetch(lost)
    other = await field.join("Loa 2", "Thôn Đoài")
    rendition = await approved(field, 30, "Thôn Đoài")
    assert rendition != lost
    await until(lambda: rendition in other.held, "the other recording")
    assert lost not in terminal.held
    file.write_bytes(data)
    await until(lambda: lost in terminal.held, "it is back")


async def test_a_broker_that_goes_and_comes_loses_no_download(field: Field) -> None:
    """The download ends well though the broker is away in the middle of it."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    rendition = await approved(field)
    await until(lambda: terminal.bytes_received > 0, "some bytes")
    field.broker.crash()
    await until(lambda: not field.link.status.connected, "the broker is away")
    field.broker.restart()
    await until(lambda: rendition in terminal.held, "the recording", within=20)


@pytest.mark.parametrize(
    "ranges", [((5, 3),), ((2**52, 2**53 - 1),), tuple((n, n + 1) for n in range(0, 5000, 2))]
)
async def test_absurd_ranges_are_harmless(
    field: Field, ranges: tuple[tuple[int, int], ...]
) -> None:
    """Ranges that are empty, beyond the end or very many: only blocks that exist are sent."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    terminal.fetches_by_itself = False
    rendition = await approved(field)
    await until(lambda: terminal.rundown and terminal.rundown.items, "the rundown")
    believed = field.side.reception.believed
    await ask(terminal, rendition, *ranges)
    await until(lambda: field.side.reception.believed > believed, "the request")
    await terminal.fetch(rendition)
    await until(lambda: rendition in terminal.held, "the recording")
