"""Emergencies: released by who may, carried to who is meant, ended everywhere."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from controller.domain.errors import Conflict, DomainError, Forbidden, NotFound
from controller.domain.pace import Pace
from controller.domain.paging import PageRequest
from controller.services.emergencies import EmergencyFacts, Release
from controller.services.shown import Shown
from edge_agent.wire.orders import Cancel, Play
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.reports import Outcome
from tests.fakes.commune import Town, once
from tests.fakes.terminal import LightTerminal
from tests.unit.controller.services.terminal_rig import Field, until


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


async def approved(field: Field) -> Shown:
    return await field.town.approved(
        message_class=MessageClass.EMERGENCY, targets=("Xã Bình Minh",), title="Lũ về"
    )


def rendition(shown: Shown) -> str:
    assert shown.recording is not None
    assert shown.recording.sound is not None
    return shown.recording.sound.rendition


async def release(
    field: Field, shown: Shown, who: str = "approver", sound: str | None = None
) -> EmergencyFacts:
    wanted = Release(sound or rendition(shown), 3, timedelta(seconds=10), timedelta(minutes=30))
    return await field.emergencies.release(
        field.town.actor(who), shown.announcement.id, wanted, field.town.ticket(who)
    )


def plays(terminal: LightTerminal) -> list[UUID]:
    return [order.id for order in terminal.orders if isinstance(order, Play)]


async def test_a_released_emergency_reaches_its_area_with_its_sound(field: Field) -> None:
    """Every terminal meant gets the order and the recording; others get neither."""
    ours = await field.join("Loa 1", "Thôn Đông")
    theirs = await field.join("Loa xã bên", "Thôn Thượng")
    await until(lambda: ours.rundown and theirs.rundown, "settled")
    shown = await approved(field)
    facts = await release(field, shown)
    await until(lambda: plays(ours) == [facts.order.id], "the order", within=3)
    (order,) = [one for one in ours.orders if isinstance(one, Play)]
    assert order.repeats == 3
    await ours.fetch(order.rendition)
    await until(lambda: order.rendition in ours.held, "the sound")
    assert plays(theirs) == []
    await theirs.fetch(order.rendition)
    refused = field.side.delivery.refused
    await until(lambda: field.side.delivery.refused > refused, "it asks in vain")
    assert order.rendition not in theirs.held


async def test_stored_messages_lie_on_terminals_before_they_are_needed(field: Field) -> None:
    """An approved emergency stands in `keep` of the rundown, so that it is fetched beforehand."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    await until(lambda: terminal.rundown is not None, "settled")
    shown = await approved(field)
    await until(
        lambda: terminal.rundown and terminal.rundown.keep == (bytes.fromhex(rendition(shown)),),
        "keep",
    )
    await until(lambda: bytes.fromhex(rendition(shown)) in terminal.held, "the recording")
    field.town.clock.run(timedelta(seconds=1))
    await field.town.approvals.withdraw(
        field.town.actor("approver"), shown.announcement.id, "hết lũ"
    )
    await until(lambda: terminal.rundown and terminal.rundown.keep == (), "no longer kept")


async def test_two_presses_are_one_release(field: Field) -> None:
    """The same emergency released twice within moments sounds once."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    shown = await approved(field)
    first = await release(field, shown)
    again = await release(field, shown)
    assert again.order.id == first.order.id
    field.town.clock.run(timedelta(minutes=1))
    later = await release(field, shown)
    assert later.order.id != first.order.id
    await until(lambda: len(plays(terminal)) == 2, "both orders")


async def test_who_may_release(field: Field) -> None:
    """Only who was given the right; for other communes the announcement does not exist."""
    shown = await approved(field)
    for who, kind in (
        ("operator", Forbidden),
        ("deputy", Forbidden),
        ("monitor", Forbidden),
        ("admin", Forbidden),
        ("stranger", NotFound),
        ("neighbour", NotFound),
    ):
        with pytest.raises(kind):
            await release(field, shown, who)
    assert (await field.emergencies.list(field.town.actor("admin"), PageRequest())).items == ()


async def test_only_the_sound_that_was_approved(field: Field) -> None:
    """Another hash than the approved one is refused, and so is what is no emergency."""
    shown = await approved(field)
    with pytest.raises(Conflict) as refused:
        await release(field, shown, sound="ab" * 32)
    assert refused.value.code == "hash_changed"
    ordinary = await field.town.approved(once(23, 17))
    with pytest.raises(Conflict) as refused:
        await release(field, ordinary)
    assert refused.value.code == "action_not_open"


async def test_a_withdrawn_emergency_is_not_released(field: Field) -> None:
    """After the withdrawal nobody can release it."""
    shown = await approved(field)
    await field.town.approvals.withdraw(
        field.town.actor("approver"), shown.announcement.id, "hết lũ"
    )
    with pytest.raises(Conflict) as refused:
        await release(field, shown)
    assert refused.value.code == "action_not_open"


async def test_a_cancel_ends_it_everywhere_also_on_terminals_that_return(field: Field) -> None:
    """Online terminals get the cancel; one that comes later gets the cancel and no order."""
    here = await field.join("Loa 1", "Thôn Đông")
    away = await field.enrol("Loa 2", "Thôn Đông")
    shown = await approved(field)
    facts = await release(field, shown)
    await until(lambda: plays(here), "the order")
    done = await field.emergencies.cancel(field.town.actor("operator"), facts.order.id)
    assert done.order.cancelled_at is not None

    def cancelled(terminal: LightTerminal) -> bool:
        return any(
            isinstance(order, Cancel) and order.order == facts.order.id for order in terminal.orders
        )

    await until(lambda: cancelled(here), "the cancel", within=3)
    await field.connect(away)
    await until(lambda: cancelled(away), "the cancel")
    assert plays(away) == []
    with pytest.raises(Conflict) as refused:
        await field.emergencies.cancel(field.town.actor("operator"), facts.order.id)
    assert refused.value.code == "already_cancelled"


async def test_who_may_cancel(field: Field) -> None:
    """Other communes do not see it, monitors may not; tests are no emergencies."""
    shown = await approved(field)
    facts = await release(field, shown)
    for who, kind in (("neighbour", NotFound), ("monitor", Forbidden)):
        with pytest.raises(kind):
            await field.emergencies.cancel(field.town.actor(who), facts.order.id)
    assert (await field.emergencies.list(field.town.actor("neighbour"), PageRequest())).items == ()


async def test_an_expired_order_reaches_nobody_any_more(field: Field) -> None:
    """A terminal that connects after the expiry hears nothing of it."""
    terminal = await field.enrol("Loa 1", "Thôn Đông")
    shown = await approved(field)
    await release(field, shown)
    field.town.clock.run(timedelta(minutes=31))
    await field.connect(terminal)
    await until(lambda: terminal.rundown is not None, "its rundown")
    assert terminal.orders == []


async def test_the_diary_counts_who_sounded_it(field: Field) -> None:
    """Asked terminals, acknowledgements and outcomes add up."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    shown = await approved(field)
    facts = await release(field, shown)
    assert facts.tally.asked == 4, "three mounted ones and the joined one"
    await until(lambda: plays(terminal), "the order")
    terminal.write(
        item=facts.order.id,
        announcement=shown.announcement.id,
        message_class=MessageClass.EMERGENCY,
        outcome=Outcome.SOUNDED,
        planned=field.now_us(),
        began=field.now_us(),
        at=field.now_us(),
    )
    await terminal.send_log()
    await until(lambda: terminal.receipts, "the receipt")
    await field.side.dispatch.words.settled()
    page = await field.emergencies.list(field.town.actor("operator"), PageRequest())
    assert page.items[0].tally.sounded == 1
    assert page.items[0].delivery.acknowledged == 1


async def test_nothing_is_kept_when_the_signer_refuses(field: Field) -> None:
    """An order that was not signed leaves no row and no document."""
    shown = await approved(field)
    field.town.signer.away = True
    with pytest.raises(DomainError) as refused:
        await release(field, shown)
    assert refused.value.code == "signer_unavailable"
    field.town.signer.away = False
    page = await field.emergencies.list(field.town.actor("operator"), PageRequest())
    assert page.items == ()
