"""Stops reach terminals at once, and only inside the area of who presses."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from controller.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from controller.domain.pace import Pace
from edge_agent.wire.policy import to_instant
from tests.fakes.commune import Town
from tests.unit.controller.services.terminal_rig import Field, until


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


async def test_a_stop_is_heard_by_every_terminal_of_the_area_and_no_other(field: Field) -> None:
    """Within a moment, by one message; the neighbour's terminals hear nothing of it."""
    ours = [await field.join(f"Loa {n}", "Thôn Đông") for n in range(3)]
    theirs = await field.join("Loa xã bên", "Thôn Thượng")
    started = time.monotonic()
    stop = await field.stop("operator", "Xã Bình Minh")
    await until(lambda: all(stop.id in one.stops for one in ours), "the stop", within=3)
    assert time.monotonic() - started < 3
    assert not theirs.stops
    held = ours[0].stops[stop.id]
    assert held.hold_until - held.issued == 600_000_000
    await field.side.dispatch.words.settled()
    (facts,) = await field.stops.list(field.town.actor("operator"))
    assert facts.delivery.acknowledged >= 3
    assert facts.stop.issued_by_name == "Operator"


async def test_a_stop_of_one_terminal_leaves_the_others_alone(field: Field) -> None:
    """Only the terminal that is named falls silent."""
    one = await field.join("Loa 1", "Thôn Đông")
    other = await field.join("Loa 2", "Thôn Đông")
    stop = await field.stop("operator", "Thôn Đông", one.id)
    await until(lambda: stop.id in one.stops, "the stop")
    assert not other.stops


async def test_a_lifted_stop_ends_on_the_terminal(field: Field) -> None:
    """Lifting sends a newer version whose hold has ended; a second lift is refused."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    stop = await field.stop("operator", "Thôn Đông")
    await until(lambda: stop.id in terminal.stops, "the stop")
    first = terminal.stops[stop.id]
    field.town.clock.run(timedelta(minutes=1))
    facts = await field.stops.lift(field.town.actor("approver"), stop.id)
    assert facts.stop.lifted_at is not None
    await until(lambda: terminal.stops[stop.id].version > first.version, "the lift")
    assert terminal.stops[stop.id].hold_until <= to_instant(field.town.clock.now())
    assert terminal.stops[stop.id].issued == first.issued
    assert await field.stops.list(field.town.actor("operator")) == ()
    with pytest.raises(Conflict) as refused:
        await field.stops.lift(field.town.actor("approver"), stop.id)
    assert refused.value.code == "already_lifted"


async def test_who_may_stop_what(field: Field) -> None:
    """Monitors may not; other communes' areas, terminals and stops do not exist for one."""
    town = field.town
    terminal = town.terminals["Loa bến đò"]
    stop = await field.stop("operator", "Xã Bình Minh")
    for who, area, kind in (
        ("monitor", "Xã Bình Minh", Forbidden),
        ("neighbour", "Xã Bình Minh", NotFound),
        ("operator", "Tỉnh Sông Lam", NotFound),
    ):
        with pytest.raises(kind):
            await field.stop(who, area)
    with pytest.raises(NotFound):
        await field.stop("operator", "Xã Bình Minh", terminal)
    with pytest.raises(NotFound):
        await field.stops.lift(town.actor("neighbour"), stop.id)
    with pytest.raises(Forbidden):
        await field.stops.lift(town.actor("monitor"), stop.id)
    assert await field.stops.list(town.actor("neighbour")) == ()


@pytest.mark.parametrize("hold", [timedelta(hours=25), timedelta(minutes=-1)])
async def test_a_hold_longer_than_a_day_is_refused(field: Field, hold: timedelta) -> None:
    """Nor may it be negative."""
    town = field.town
    with pytest.raises(Invalid) as refused:
        await field.stops.stop(town.actor("operator"), town.areas["Thôn Đông"].id, None, hold)
    assert refused.value.code == "hold_too_long"


async def test_every_stop_stands_in_the_audit_trail(field: Field) -> None:
    """Who stopped and lifted what."""
    town = field.town
    stop = await field.stop("operator", "Thôn Đông")
    await field.stops.lift(town.actor("approver"), stop.id)
    async with town.database.read() as tx:
        entries = await tx.audit.read(0, 1000)
    about = [
        (one.draft.action, one.draft.actor_name)
        for one in entries
        if one.draft.subject == str(stop.id)
    ]
    assert about == [("stop.issued", "Operator"), ("stop.lifted", "Approver")]


async def test_a_signer_that_is_away_is_said_plainly(field: Field) -> None:
    """Nothing is stored when nothing was signed."""
    field.town.signer.away = True
    with pytest.raises(DomainError) as refused:
        await field.stop("operator", "Thôn Đông")
    assert refused.value.code == "signer_unavailable"
    assert await field.stops.list(field.town.actor("operator")) == ()


async def test_a_broker_that_is_down_does_not_keep_a_stop_from_being_given(field: Field) -> None:
    """It is stored at once and heard when the broker is back."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    await until(lambda: terminal.rundown is not None, "settled")
    field.broker.crash()
    await until(lambda: not field.link.status.connected, "the broker is down")
    stop = await field.stop("operator", "Thôn Đông")
    assert stop.id not in terminal.stops
    field.broker.restart()
    await until(lambda: stop.id in terminal.stops, "the stop")
