"""Tests of single terminals: taken at once, loud only when it is decent."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from controller.domain.errors import Conflict, Forbidden, Invalid, NotFound
from controller.domain.pace import Pace
from controller.services import sound_tests
from controller.services.areas import RulesChange
from edge_agent.wire import orders
from tests.fakes.commune import Town
from tests.unit.controller.services.terminal_rig import Field

Kind = orders.TestKind


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


async def test_the_answer_says_that_the_terminal_took_it(field: Field) -> None:
    """A terminal that is there acknowledges while the person still waits."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    facts = await field.sound_tests.test(field.town.actor("operator"), terminal.id, Kind.CHIME, 30)
    assert facts.acknowledged
    (order,) = terminal.orders
    assert isinstance(order, orders.Test)
    assert (order.kind, order.volume, order.id) == (Kind.CHIME, 30, facts.order.id)


async def test_nobody_waits_long_for_a_terminal_that_is_away(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer comes anyhow and says that the terminal has not taken it; it never will."""
    monkeypatch.setattr(sound_tests, "_ANSWER_S", 0.2)
    terminal = await field.enrol("Loa 1", "Thôn Đông")
    facts = await field.sound_tests.test(field.town.actor("operator"), terminal.id, Kind.SILENT, 0)
    assert not facts.acknowledged
    field.town.clock.run(timedelta(seconds=31))
    await field.connect(terminal)
    await field.side.reconcile.hellos.settled()
    assert terminal.orders == []


async def test_no_chime_in_quiet_hours_and_none_louder_than_allowed(field: Field) -> None:
    """At half past nine in the evening a chime is refused and a silent test is not."""
    town = field.town
    terminal = await field.join("Loa 1", "Thôn Đông")
    province = town.areas["Tỉnh Sông Lam"].id
    held = await town.area_service.rules(town.actor("admin"), province)
    assert held.own is not None
    await town.area_service.set_rules(
        town.actor("admin"),
        province,
        RulesChange(held.own.quiet, 60, None, None, author_may_approve=False),
        town.ticket("admin"),
    )
    with pytest.raises(Invalid) as refused:
        await field.sound_tests.test(town.actor("operator"), terminal.id, Kind.CHIME, 61)
    assert refused.value.code == "volume"
    town.clock.run(timedelta(hours=13, minutes=30))
    with pytest.raises(Invalid) as refused:
        await field.sound_tests.test(town.actor("operator"), terminal.id, Kind.CHIME, 30)
    assert refused.value.code == "quiet_hours"
    facts = await field.sound_tests.test(town.actor("operator"), terminal.id, Kind.SILENT, 0)
    assert facts.acknowledged


async def test_who_may_test(field: Field) -> None:
    """Operators and administrators of the area; a retired terminal is not tested."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    for who, kind in (("neighbour", NotFound), ("monitor", Forbidden)):
        with pytest.raises(kind):
            await field.sound_tests.test(field.town.actor(who), terminal.id, Kind.SILENT, 0)
    await field.service.retire(field.town.actor("admin"), terminal.id)
    with pytest.raises(Conflict) as refused:
        await field.sound_tests.test(field.town.actor("admin"), terminal.id, Kind.SILENT, 0)
    assert refused.value.code == "terminal_retired"
