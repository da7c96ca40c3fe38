"""State of terminals: what they say, what their silence means, what screens are told."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from controller.domain.event import EventKind
from controller.domain.pace import Pace
from controller.domain.terminal import Health
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.reports import ClockState, Refused, Telemetry
from tests.fakes.commune import Town
from tests.fakes.terminal import LightTerminal
from tests.unit.controller.services.terminal_rig import Field, until


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


async def heard(field: Field, terminal: LightTerminal, **values: object) -> None:
    """Let a heartbeat arrive and be stored."""
    before = field.side.reception.believed
    await terminal.status(field.now_us(), **values)
    await until(lambda: field.side.reception.believed > before, "the heartbeat")
    await field.side.fleet.statuses.settled()


async def health(field: Field, terminal: LightTerminal) -> Health:
    facts = await field.service.get(field.town.actor("admin"), terminal.id)
    return facts.health


def told(field: Field, terminal: LightTerminal) -> int:
    """Return how often screens were told of a terminal since the last time."""
    return sum(
        event.kind is EventKind.TERMINAL and event.subject == str(terminal.id)
        for event in field.town.feed.take()
    )


async def test_health_follows_from_what_is_said_and_from_silence(field: Field) -> None:
    """Unknown before the first word, then as reported, silent after 90 seconds without one."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    assert await health(field, terminal) is Health.UNKNOWN
    field.town.clock.run(timedelta(seconds=91))
    for values, expected in (
        ({}, Health.READY),
        ({"sounding": uuid4()}, Health.ON_AIR),
        ({"problems": ("disk_full",)}, Health.FAULTY),
        ({"clock": ClockState.UNTRUSTED}, Health.FAULTY),
        ({"clock": ClockState.HOLDOVER}, Health.READY),
    ):
        await heard(field, terminal, **values)
        assert await health(field, terminal) is expected
    field.town.clock.run(timedelta(seconds=91))
    assert await health(field, terminal) is Health.SILENT


async def test_without_a_link_old_reports_say_nothing(field: Field) -> None:
    """While the broker is away terminals are unknown, not silent; nor just after it came back."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    await heard(field, terminal)
    field.broker.crash()
    await until(lambda: field.side.presence.listening_since is None, "the link is gone")
    field.town.clock.run(timedelta(seconds=200))
    assert await health(field, terminal) is Health.UNKNOWN
    field.broker.restart()
    await until(lambda: field.side.presence.listening_since is not None, "the link is back")
    assert await health(field, terminal) is Health.UNKNOWN
    field.town.clock.run(timedelta(seconds=91))
    assert await health(field, terminal) is Health.SILENT


async def test_screens_are_told_of_changes_and_of_silence(field: Field) -> None:
    """A heartbeat that says nothing new is no event; a change is, and so is falling silent."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    field.town.clock.run(timedelta(seconds=91))
    await heard(field, terminal)
    await field.side.reconcile.hellos.settled()
    told(field, terminal)
    await heard(field, terminal)
    assert told(field, terminal) == 0
    await heard(field, terminal, sounding=uuid4())
    assert told(field, terminal) == 1
    field.town.clock.run(timedelta(seconds=91))
    await field.side.fleet.sweep()
    assert told(field, terminal) == 1
    await field.side.fleet.sweep()
    assert told(field, terminal) == 0


async def test_traffic_is_summed_over_restarts_and_months(field: Field) -> None:
    """Counters that begin anew are added on; a new month begins at its first figures."""
    terminal = await field.join("Loa 1", "Thôn Đông")

    async def figures(into: int, out: int) -> int:
        before = field.side.reception.believed
        await terminal.say(
            MessageType.TELEMETRY,
            Telemetry(
                terminal=terminal.id,
                at=field.now_us(),
                uptime=1,
                cpu_millidegrees=10**12,
                load_permille=None,
                memory_kib=-(10**12),
                disk_free_mib=1,
                bytes_in=into,
                bytes_out=out,
                reconnects=0,
                round_trip_us=None,
                refused=0,
            ),
        )
        await until(lambda: field.side.reception.believed > before, "the figures")
        await field.side.fleet.telemetry.settled()
        async with field.town.database.read() as tx:
            found = await tx.terminals.telemetry(terminal.id)
        assert found is not None
        return found.bytes_month

    assert await figures(100, 20) == 120
    assert await figures(150, 30) == 180
    assert await figures(10, 0) == 190, "the machine was restarted"
    field.town.clock.run(timedelta(days=10))
    assert await figures(50, 0) == 40, "December"


async def test_messages_that_did_not_count_are_in_the_audit_trail(field: Field) -> None:
    """Each reason once in a minute, with topic and digest; other reasons besides."""
    terminal = await field.join("Loa 1", "Thôn Đông")

    async def refuse(reason: str) -> None:
        before = field.side.reception.believed
        await terminal.say(
            MessageType.REFUSED,
            Refused(
                terminal=terminal.id,
                at=field.now_us(),
                reason=reason,
                type=4,
                topic="g/c-90001/order\0",
                key_id=bytes(8),
                digest=b"\xab" * 32,
                count=3,
            ),
        )
        await until(lambda: field.side.reception.believed > before, "the report")
        await field.side.fleet.refusals.settled()

    for reason in ("bad_signature", "bad_signature", "wrong_area"):
        await refuse(reason)
    async with field.town.database.read() as tx:
        entries = await tx.audit.read(0, 10_000)
    said = [one.draft.detail for one in entries if one.draft.action == "message.refused"]
    assert len(said) == 2
    assert said[0].startswith("bad_signature ×3 on g/c-90001/order")
    assert "ab" * 32 in said[0]
