"""What terminals send is believed only as theirs; whatever else arrives harms nobody."""

import os
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.domain.pace import Pace
from controller.services.reception import RATE_BURST
from edge_agent.link import Message
from edge_agent.wire.codec import encode
from edge_agent.wire.envelope import MessageType, seal
from edge_agent.wire.reports import Status
from edge_agent.wire.topics import UpKind, up
from tests.fakes.commune import Town
from tests.fakes.terminal import LightTerminal
from tests.unit.controller.services.terminal_rig import Field, until


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


async def status_of(field: Field, terminal: LightTerminal) -> int | None:
    """Return the volume that the database knows of a terminal's last heartbeat."""
    await field.side.fleet.statuses.settled()
    async with field.town.database.read() as tx:
        state = await tx.terminals.get(field.town.areas["Tỉnh Sông Lam"].id, terminal.id)
    return state.status.volume if state.status else None


def sealed(terminal: LightTerminal, report: Status, kind: MessageType) -> bytes:
    return seal(kind, encode(report), terminal._public, terminal._key.sign)


async def arrive(field: Field, topic: str, payload: bytes, *, retained: bool = False) -> None:
    """Let the controller hear something, as a broker would deliver it."""
    kind = topic.rsplit("/", 1)[-1]
    inbox = field.link._inboxes.get(f"t/+/up/{kind}")
    if inbox is not None:
        await inbox.handler(Message(topic, payload, retained))


async def test_only_a_terminals_own_word_counts(field: Field) -> None:
    """Whatever is not a terminal's own true report on its own topic is counted and ignored."""
    one = await field.join("Loa 1", "Thôn Đông")
    other = await field.join("Loa 2", "Thôn Thượng")
    await until(lambda: field.side.reception.believed >= 2, "both hellos")
    mine = one.status_report(field.now_us(), volume=11)
    theirs = other.status_report(field.now_us(), volume=22)
    topic = up(one.id, UpKind.STATUS)
    for payload, reason in (
        (sealed(other, theirs, MessageType.STATUS), "bad_signature"),
        (sealed(other, mine, MessageType.STATUS), "bad_signature"),
        (sealed(one, theirs, MessageType.STATUS), "not_for_this_terminal"),
        (sealed(one, mine, MessageType.HELLO), "unknown_type"),
        (sealed(one, mine, MessageType.STATUS)[:-1], "bad_signature"),
        (b"", "malformed"),
    ):
        before = field.side.reception.refused[reason]
        await arrive(field, topic, payload)
        assert field.side.reception.refused[reason] == before + 1, reason
    await arrive(field, topic, sealed(one, mine, MessageType.STATUS), retained=True)
    assert field.side.reception.refused["retained"] == 1
    unknown = up(type(one.id)(int=99), UpKind.STATUS)
    await arrive(field, unknown, sealed(one, mine, MessageType.STATUS))
    assert field.side.reception.refused["unknown_terminal"] == 1
    assert await status_of(field, one) is None
    assert await status_of(field, other) is None
    await arrive(field, topic, sealed(one, mine, MessageType.STATUS))
    assert await status_of(field, one) == 11


async def test_a_flood_by_one_terminal_leaves_the_others_heard(field: Field) -> None:
    """Who says more than is decent is not listened to for a while; the link stays up."""
    loud = await field.join("Loa 1", "Thôn Đông")
    other = await field.join("Loa 2", "Thôn Đông")
    await until(lambda: field.side.reception.believed >= 2, "both hellos")
    payload = sealed(loud, loud.status_report(field.now_us()), MessageType.STATUS)
    for _ in range(int(RATE_BURST) * 3):
        await loud.messenger.publish(up(loud.id, UpKind.STATUS), payload)
    await until(lambda: field.side.reception.refused["too_often"] > 0, "refused")
    await other.status(field.now_us(), volume=33)
    await until(lambda: other.id in field.side.fleet._latest, "the other's word")
    assert await status_of(field, other) == 33
    assert field.link.status.connected


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.data())
async def test_no_bytes_break_the_reception(field: Field, data: st.DataObject) -> None:
    """Whatever anybody sends, signed or not, the next true report is heard."""
    if not field.terminals:
        await field.enrol("Loa 1", "Thôn Đông")
    (terminal,) = field.terminals.values()
    kind = data.draw(st.sampled_from(list(UpKind)))
    payload = data.draw(st.binary(max_size=300))
    if data.draw(st.booleans()):
        types = [one for one in MessageType if one >= MessageType.HELLO]
        payload = seal(
            data.draw(st.sampled_from(types)), payload, terminal._public, terminal._key.sign
        )
    await arrive(field, up(terminal.id, kind), payload)
    await arrive(field, data.draw(st.text(max_size=60)), os.urandom(8))
    before = field.side.reception.believed
    field.side.reception._rates.clear()
    report = terminal.status_report(field.now_us())
    await arrive(
        field, up(terminal.id, UpKind.STATUS), sealed(terminal, report, MessageType.STATUS)
    )
    assert field.side.reception.believed == before + 1


@pytest.mark.parametrize(
    "values",
    [
        {"volume": 2**63 - 1},
        {"volume": -5},
        {"clock_reason": "a\0b"},
        {"problems": ("x" * 1_000,) * 200},
        {"problems": ("\x00\x01", "", "disk_full")},
        {"rundown_version": 2**53 - 1, "renditions_held": 2**53 - 1, "renditions_wanted": 2**52},
        {"at": 2**53 - 1, "stopped_until": 2**53 - 1},
        {"at": 0},
    ],
)
async def test_absurd_figures_are_stored_as_what_fits(field: Field, values: dict[str, Any]) -> None:
    """A true report with absurd values is kept within bounds and costs nobody else anything."""
    odd = await field.join("Loa 1", "Thôn Đông")
    other = await field.join("Loa 2", "Thôn Đông")
    report = odd.status_report(**{"at": field.now_us(), **values})
    await odd.say(MessageType.STATUS, report)
    await other.status(field.now_us(), volume=44)
    await until(lambda: {odd.id, other.id} <= field.side.fleet._latest.keys(), "both heartbeats")
    assert await status_of(field, other) == 44
    assert await status_of(field, odd) in range(101)
