"""The signer believes only approvals of its own, and only what they say; whatever is asked."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from controller.domain.approval import (
    ApprovalBody,
    SignedApproval,
    read_approval,
    write_approval,
)
from controller.domain.errors import DomainError
from controller.domain.paging import PageRequest
from controller.domain.signing import Approve, PlayNow, SignRundown, Withdraw
from edge_agent.wire.envelope import MessageType, parse
from edge_agent.wire.policy import to_instant
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import RundownItem
from tests.fakes.commune import AN_HOUR, Town, instant, once

MINUTE_US = 60_000_000


@dataclass
class Desk:
    """A signer, an approval that it gave, and an item as that approval allows it."""

    town: Town
    approval: SignedApproval
    item: RundownItem

    def request(
        self,
        *items: RundownItem,
        approvals: tuple[SignedApproval, ...] | None = None,
        terminal: str = "Loa đình làng",
    ) -> SignRundown:
        return SignRundown(
            terminal=self.town.terminals[terminal],
            valid_until=to_instant(self.town.clock.now() + timedelta(days=7)),
            items=items or (self.item,),
            approvals=(self.approval,) if approvals is None else approvals,
            keep=(),
        )

    async def reason(self, request: SignRundown) -> str:
        """Why the signer refuses; empty when it signs."""
        try:
            await self.town.signer.rundown(request)
        except DomainError as error:
            return str(error.detail["reason"])
        return ""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    town = await Town.found(tmp_path)
    try:
        await town.settle()
        await town.approved(once(23, 17))
        async with town.database.read() as tx:
            page = await tx.occurrences.list(
                town.areas["Xã Bình Minh"].id,
                town.clock.now(),
                town.clock.now() + 24 * AN_HOUR,
                PageRequest(),
            )
            (one,) = page.items
            record = await tx.approvals.find(one.approval)
        assert record is not None
        item = RundownItem(
            occurrence=one.id,
            announcement=one.announcement,
            approval=one.approval,
            area=one.area,
            message_class=one.message_class,
            title=one.title,
            rendition=bytes.fromhex(one.rendition),
            start=to_instant(one.start),
            duration=one.duration_ms,
            latest_start=to_instant(one.latest_start),
        )
        yield Desk(town, SignedApproval(body=record.body, signature=record.signature), item)
    finally:
        await town.close()


def other(item: RundownItem, **changes: object) -> RundownItem:
    return msgspec.structs.replace(item, **changes)


async def test_what_was_approved_is_signed(desk: Desk) -> None:
    """The approved item at its approved time on its approved loudspeaker gets a signature."""
    signed = await desk.town.signer.rundown(desk.request())
    assert parse(signed.envelope).type is MessageType.RUNDOWN


CHANGES: dict[str, Callable[[RundownItem], RundownItem]] = {
    "another sound": lambda item: other(item, rendition=bytes(32)),
    "another time": lambda item: other(
        item, start=item.start + MINUTE_US, latest_start=item.latest_start + MINUTE_US
    ),
    "a time at night": lambda item: other(
        item,
        start=to_instant(instant(24, 3, 15)),
        latest_start=to_instant(instant(24, 3, 16)),
    ),
    "another length": lambda item: other(item, duration=item.duration + 1),
    "a higher class": lambda item: other(item, message_class=MessageClass.PRIORITY),
    "an emergency": lambda item: other(item, message_class=MessageClass.EMERGENCY),
    "another announcement": lambda item: other(item, announcement=uuid4()),
    "another area": lambda item: other(item, area="c-90002"),
    "an approval that nobody gave": lambda item: other(item, approval=uuid4()),
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda name: name.replace(" ", "-"))
async def test_anything_else_is_refused(desk: Desk, change: str) -> None:
    """One thing other than approved, and nothing is signed."""
    assert await desk.reason(desk.request(CHANGES[change](desk.item))) != ""


async def test_an_approval_written_into_the_database_signs_nothing(desk: Desk) -> None:
    """A row with the right form and every field one wants is no approval of the signer's."""
    body = read_approval(desk.approval.body)
    wanted: ApprovalBody = msgspec.structs.replace(
        body, id=uuid4(), renditions=(msgspec.structs.replace(body.renditions[0], hash=bytes(32)),)
    )
    item = other(desk.item, approval=wanted.id, rendition=bytes(32))
    for signature in (desk.approval.signature, bytes(64)):
        forged = SignedApproval(body=write_approval(wanted), signature=signature)
        assert await desk.reason(desk.request(item, approvals=(forged,))) == "approval_forged"


async def test_altered_bytes_of_an_approval_sign_nothing(desk: Desk) -> None:
    """Each byte of an approval counts."""
    body = desk.approval.body
    for at in range(0, len(body), 7):
        altered = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        forged = SignedApproval(body=altered, signature=desk.approval.signature)
        assert await desk.reason(desk.request(approvals=(forged,))) != ""


async def test_a_withdrawn_approval_signs_nothing_though_its_row_is_restored(desk: Desk) -> None:
    """Withdrawal is the signer's own knowledge; the database cannot take it back."""
    body = read_approval(desk.approval.body)
    by = desk.town.actor("approver").account
    await desk.town.signer.withdraw(Withdraw(approval=body.id, by=by))
    assert await desk.reason(desk.request()) == "approval_withdrawn"


async def test_a_loudspeaker_of_another_area_gets_nothing(desk: Desk) -> None:
    """The approval names Thôn Đông; a loudspeaker elsewhere is not meant."""
    elsewhere = [
        name for name in desk.town.terminals if name not in {"Loa nhà văn hóa", "Loa đình làng"}
    ]
    assert elsewhere
    for name in elsewhere:
        assert await desk.reason(desk.request(terminal=name)) != ""


async def test_the_same_airing_twice_is_refused(desk: Desk) -> None:
    """Nothing sounds twice because it was listed twice."""
    assert await desk.reason(desk.request(desk.item, desk.item)) != ""


async def test_a_missing_approval_is_refused(desk: Desk) -> None:
    """An item that brings no approval is not signed."""
    assert await desk.reason(desk.request(approvals=())) != ""


async def test_an_ordinary_time_in_quiet_hours_is_not_approved(desk: Desk) -> None:
    """At 03:15 the signer refuses by itself, with a real approver's ticket."""
    body = read_approval(desk.approval.body)
    schedule = body.schedules[0].replace("2026-11-23T17:00:00", "2026-11-24T03:15:00")
    assert schedule != body.schedules[0]
    night = msgspec.structs.replace(
        body,
        id=uuid4(),
        schedules=(schedule,),
        not_before=to_instant(instant(24, 3)),
        not_after=to_instant(instant(24, 5)),
    )
    ticket = desk.town.ticket("approver")
    with pytest.raises(DomainError) as refused:
        await desk.town.signer.approve(Approve(ticket=ticket, body=write_approval(night)))
    assert refused.value.detail["reason"] == "quiet_hours"


async def test_only_an_approvers_ticket_approves(desk: Desk) -> None:
    """An operator's ticket, an altered one, and none at all give no signature."""
    body = read_approval(desk.approval.body)
    fresh = write_approval(msgspec.structs.replace(body, id=uuid4()))
    good = desk.town.ticket("approver")
    for ticket in (desk.town.ticket("operator"), desk.town.ticket("admin"), good[:-2], ""):
        with pytest.raises(DomainError):
            await desk.town.signer.approve(Approve(ticket=ticket, body=fresh))


async def test_an_ordinary_approval_releases_no_emergency(desk: Desk) -> None:
    """What was approved as ordinary cannot be sounded now as an emergency."""
    body = read_approval(desk.approval.body)
    order = PlayNow(
        id=uuid4(),
        ticket=desk.town.ticket("approver"),
        approval=desk.approval,
        targets=body.areas,
        terminals=(),
        title="x",
        rendition=body.renditions[0].hash,
        repeats=1,
        gap=1000,
        expires=to_instant(desk.town.clock.now() + timedelta(minutes=5)),
    )
    with pytest.raises(DomainError) as refused:
        await desk.town.signer.play(order)
    assert refused.value.detail["reason"] == "not_emergency"
