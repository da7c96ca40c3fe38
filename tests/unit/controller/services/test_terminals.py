"""Terminals as people change them: names, places, volume, retirement."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from controller.domain.errors import Conflict, DomainError, Forbidden, NotFound
from controller.domain.pace import Pace
from controller.domain.paging import PageRequest
from controller.domain.terminal import Health
from controller.services.terminals import TerminalChange, TerminalFacts
from edge_agent.link import LinkProblem
from tests.fakes.commune import Town, once
from tests.fakes.terminal import LightTerminal
from tests.unit.controller.services.terminal_rig import Field, until


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


async def change(
    field: Field, terminal: LightTerminal, who: str = "admin", **values: object
) -> TerminalFacts:
    wanted = TerminalChange(**values)  # type: ignore[arg-type]
    return await field.service.change(
        field.town.actor(who), terminal.id, wanted, field.town.ticket(who)
    )


async def test_name_and_volume_reach_the_terminal(field: Field) -> None:
    """A new assignment is signed, sent and acknowledged; the terminal stays connected."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    connects = terminal.messenger.status.connects
    facts = await change(field, terminal, name="Loa gốc đa", volume=55)
    assert (facts.state.terminal.name, facts.state.terminal.volume) == ("Loa gốc đa", 55)
    await until(lambda: terminal.assignment.volume == 55, "the assignment")
    assert terminal.assignment.name == "Loa gốc đa"
    assert terminal.messenger.status.connects == connects


async def test_a_moved_terminal_belongs_to_its_new_place_in_everything(field: Field) -> None:
    """New groups at the broker, a new assignment and rundown; nothing of the old place is left."""
    town = field.town
    terminal = await field.join("Loa 1", "Thôn Đông")
    await town.approved(once(23, 17))
    await until(lambda: terminal.rundown and terminal.rundown.items, "the old rundown")
    here = town.areas["Thôn Thượng"]
    facts = await change(field, terminal, area_id=here.id)
    assert facts.area.id == here.id
    await until(lambda: terminal.assignment.chain == here.chain, "the assignment")
    await until(
        lambda: (
            terminal.rundown is not None and terminal.rundown.area == town.areas["Xã An Hòa"].id
        ),
        "a rundown of the new commune",
    )
    assert terminal.rundown is not None
    assert terminal.rundown.items == ()
    session = field.broker.accounts[str(terminal.id)]
    assert session.groups == set(here.chain)
    stop = await field.stop("operator", "Xã Bình Minh")
    await until(lambda: terminal.messenger.status.connected, "connected again")
    assert stop.id not in terminal.stops
    stop = await field.stop("neighbour", "Xã An Hòa")
    await until(lambda: stop.id in terminal.stops, "the new commune's stop")


async def test_a_retired_terminal_is_cut_off(field: Field) -> None:
    """It is disconnected, may not sign in again, is owed nothing and shown as retired only."""
    town = field.town
    terminal = await field.join("Loa 1", "Thôn Đông")
    await town.approved(once(23, 17))
    await until(lambda: terminal.rundown and terminal.rundown.items, "the rundown")
    facts = await field.service.retire(town.actor("admin"), terminal.id)
    assert facts.health is Health.RETIRED
    await until(lambda: terminal.messenger.status.problem is LinkProblem.SIGN_IN_REFUSED, "refused")
    assert await field.side.rights.groups_of(str(terminal.id), "x") is None
    async with town.database.read() as tx:
        assert not await tx.documents.pending(town.clock.now(), [terminal.id])
        assert terminal.id not in await tx.rundowns.due(town.clock.now(), 100)
    listed = await field.service.list(
        town.actor("admin"), town.areas["Thôn Đông"].id, PageRequest(), None
    )
    assert terminal.id not in {one.state.terminal.id for one in listed.items}
    with pytest.raises(Conflict) as refused:
        await field.service.retire(town.actor("admin"), terminal.id)
    assert refused.value.code == "terminal_retired"
    with pytest.raises(Conflict):
        await change(field, terminal, name="Loa cũ")


async def test_who_may_change_a_terminal(field: Field) -> None:
    """Only administrators of its area; for other communes it does not exist."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    for who, kind in (
        ("operator", Forbidden),
        ("approver", Forbidden),
        ("monitor", Forbidden),
        ("neighbour", NotFound),
    ):
        with pytest.raises(kind):
            await change(field, terminal, who, name="Của tôi")
        with pytest.raises(kind):
            await field.service.retire(field.town.actor(who), terminal.id)
    for who in ("neighbour", "stranger"):
        with pytest.raises(NotFound):
            await field.service.get(field.town.actor(who), terminal.id)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "Loa đình làng"}, "terminal_name_taken"),
        ({"name": "\u202e"}, "text_control_character"),
        ({"volume": 101}, "volume"),
        ({"area_id": "h-none"}, "not_found"),
    ],
)
async def test_what_cannot_be_is_refused(field: Field, values: dict[str, Any], code: str) -> None:
    """Names that are taken or hide something, a volume above the ceiling, unknown places."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    with pytest.raises(DomainError) as refused:
        await change(field, terminal, **values)
    assert refused.value.code == code


async def test_a_move_without_an_administrators_ticket_is_not_signed(field: Field) -> None:
    """The signer wants the right in both places; then nothing changes in the database either."""
    town = field.town
    terminal = await field.join("Loa 1", "Thôn Đông")
    wanted = TerminalChange(area_id=town.areas["Thôn Thượng"].id)
    with pytest.raises(DomainError):
        await field.service.change(
            town.actor("admin"), terminal.id, wanted, town.ticket("operator")
        )
    facts = await field.service.get(town.actor("admin"), terminal.id)
    assert facts.area.id == town.areas["Thôn Đông"].id


async def test_what_sounds_now_and_next_is_shown(field: Field) -> None:
    """A terminal on air shows the title; one that is ready shows what comes."""
    town = field.town
    terminal = await field.join("Loa 1", "Thôn Đông")
    await town.approved(once(23, 17), title="Tiêm chủng")
    await until(lambda: terminal.rundown and terminal.rundown.items, "the rundown")
    facts = await field.service.get(town.actor("operator"), terminal.id)
    assert facts.coming is not None
    assert facts.coming.title == "Tiêm chủng"
    assert facts.sounding is None
    assert terminal.rundown is not None
    await terminal.status(field.now_us(), sounding=terminal.rundown.items[0].occurrence)
    await until(lambda: field.side.fleet._latest.get(terminal.id), "the heartbeat")
    await field.side.fleet.statuses.settled()
    facts = await field.service.get(town.actor("operator"), terminal.id)
    assert facts.health is Health.ON_AIR
    assert facts.sounding is not None
    assert facts.sounding.title == "Tiêm chủng"
