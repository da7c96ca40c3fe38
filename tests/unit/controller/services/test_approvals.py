"""Approval: who may, what it binds, what happens at once, and what never gets signed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.domain.announcement import (
    AnnouncementState,
    ApprovalRecord,
    approve,
)
from controller.domain.approval import read_approval
from controller.domain.errors import Conflict, DomainError, Forbidden, Invalid
from controller.domain.occurrence import OccurrenceState
from controller.services.areas import RulesChange
from controller.services.emergencies import Release
from controller.services.shown import Shown
from edge_agent.wire.policy import to_instant
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import QuietWindow
from tests.fakes.commune import Town, instant, once
from tests.unit.controller.services.deciding import planned, record_of, rendition_of, sign_rundown

NIGHT = QuietWindow(start=21 * 60, end=5 * 60, weekdays=127)


async def allow_authors(town: Town) -> None:
    """Have province and commune say that authors may approve."""
    change = RulesChange((NIGHT,), 100, None, None, author_may_approve=True)
    for area in ("Tỉnh Sông Lam", "Xã Bình Minh"):
        await town.area_service.set_rules(
            town.actor("admin"), town.areas[area].id, change, town.ticket("admin")
        )


async def test_an_approval_binds_what_was_heard(town: Town) -> None:
    """The signed bytes name sound, areas, times, class, author and approver."""
    shown = await town.approved(once(23, 17), once(24, 6))
    record = await record_of(town, shown.announcement)
    body = read_approval(record.body)
    assert [one.hash.hex() for one in body.renditions] == [rendition_of(shown)]
    assert body.areas == (town.areas["Thôn Đông"].id,)
    assert body.author == town.actor("operator").account
    assert body.approver == town.actor("approver").account
    assert len(body.schedules) == 2
    first, last = instant(23, 17), instant(24, 6)
    assert body.not_before <= to_instant(first)
    assert to_instant(last) < body.not_after <= to_instant(last + timedelta(seconds=1))


async def test_what_is_approved_gets_signed(town: Town) -> None:
    """The signer puts the planned airing into a rundown by the approval it gave."""
    shown = await town.approved(once(23, 17))
    (airing,) = await planned(town, shown.announcement)
    assert await sign_rundown(town, airing, await record_of(town, shown.announcement))


async def test_a_row_in_the_database_is_no_approval(town: Town) -> None:
    """Whoever writes an approval into the database gets airings planned, and nothing signed."""
    sent = await town.submitted(once(23, 17))
    real = (await town.approved(once(23, 18))).announcement
    borrowed = await record_of(town, real)
    forged_id = town.ids.new()
    body = replace_id(borrowed, sent)
    forged = replace(borrowed, id=forged_id, announcement=sent.announcement.id, body=body)
    after = approve(sent.announcement, forged_id, town.actor("approver").account, town.clock.now())
    async with town.database.begin() as tx:
        await tx.announcements.save(after, sent.announcement)
        await tx.approvals.add(forged)
    await town.airing.schedules_changed([one.id for one in after.content.schedules])
    (airing,) = await planned(town, after)
    for signature in (borrowed.signature, bytes(64)):
        with pytest.raises(Forbidden) as refused:
            await sign_rundown(town, airing, replace(forged, signature=signature))
        assert refused.value.detail["reason"] == "approval_forged"
    with pytest.raises(Forbidden, match="signer_refused"):
        # The real approval of something else does not lend itself either.
        await sign_rundown(town, airing, borrowed)


def replace_id(borrowed: ApprovalRecord, sent: Shown) -> bytes:
    """Return approved bytes with another announcement's id in the place of the real one."""
    body = borrowed.body.replace(borrowed.announcement.bytes, sent.announcement.id.bytes)
    text = str(borrowed.announcement).encode()
    return body.replace(text, str(sent.announcement.id).encode())


async def test_the_author_needs_somebody_else(town: Town) -> None:
    """Neither who wrote it nor who sent it may approve it, unless the rules say so."""
    draft = town.draft(await town.recording(), once(23, 17))
    saved = (await town.announcements.create(town.actor("approver"), draft)).announcement
    sent = await town.announcements.submit(town.actor("deputy"), saved.id, 1)
    for who in ("approver", "deputy"):
        assert "approve" not in (await town.announcements.get(town.actor(who), saved.id)).may
        with pytest.raises(Forbidden, match="author_is_approver"):
            await town.approve(sent, who)
    assert (await town.approve(sent, "governor")).announcement.approval is not None


async def test_rules_may_let_authors_approve(town: Town) -> None:
    """A commune of one officer and one leader can say that it is enough."""
    await allow_authors(town)
    draft = town.draft(await town.recording(), once(23, 17))
    saved = (await town.announcements.create(town.actor("approver"), draft)).announcement
    sent = await town.announcements.submit(town.actor("approver"), saved.id, 1)
    assert "approve" in sent.may
    assert (await town.approve(sent)).announcement.state is AnnouncementState.APPROVED


async def test_an_operator_may_not_approve(town: Town) -> None:
    """Composing gives no right to decide."""
    sent = await town.submitted(once(23, 17))
    with pytest.raises(Forbidden, match="forbidden"):
        await town.approve(sent, "operator")


async def test_the_ticket_is_the_approvers_own(town: Town) -> None:
    """Somebody else's ticket does not approve: the signer compares it with the bytes."""
    sent = await town.submitted(once(23, 17))
    one = sent.announcement
    with pytest.raises(DomainError) as refused:
        await town.approvals.approve(
            town.actor("approver"), one.id, 1, rendition_of(sent), town.ticket("deputy")
        )
    assert refused.value.detail["reason"] == "ticket_foreign"
    stays = await town.announcements.get(town.actor("approver"), one.id)
    assert stays.announcement.state is AnnouncementState.SUBMITTED


async def test_another_sound_is_not_approved(town: Town) -> None:
    """Who heard other bytes than those that are there now is refused."""
    sent = await town.submitted(once(23, 17))
    with pytest.raises(Conflict, match="hash_changed"):
        await town.approvals.approve(
            town.actor("approver"), sent.announcement.id, 1, "0" * 64, town.ticket("approver")
        )


async def test_only_what_was_sent_is_approved(town: Town) -> None:
    """A draft waits until it is sent; another revision than the one read is refused."""
    draft = town.draft(await town.recording(), once(23, 17))
    saved = await town.announcements.create(town.actor("operator"), draft)
    with pytest.raises(Conflict, match="action_not_open"):
        await town.approve(saved)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        await town.approvals.approve(
            town.actor("approver"), saved.announcement.id, 7, "0" * 64, town.ticket("approver")
        )


async def test_time_goes_on_while_it_waits(town: Town) -> None:
    """What has all passed cannot be approved; one passed time among others is only said."""
    alone = await town.submitted(once(23, 9))
    together = await town.submitted(once(23, 9), once(23, 17))
    town.clock.run(timedelta(hours=2))
    with pytest.raises(Invalid, match="time_past"):
        await town.approve(alone)
    approved = await town.approve(together)
    assert [one.start for one in await planned(town, approved.announcement)] == [instant(23, 17)]


async def test_quiet_hours_set_meanwhile_hold(town: Town) -> None:
    """Rules that became stricter after sending are kept at approval."""
    sent = await town.submitted(once(23, 17))
    change = RulesChange(
        (NIGHT, QuietWindow(start=16 * 60, end=18 * 60, weekdays=127)), 100, None, None,
        author_may_approve=False,
    )  # fmt: skip
    await town.area_service.set_rules(
        town.actor("admin"), town.areas["Xã Bình Minh"].id, change, town.ticket("admin")
    )
    with pytest.raises(Invalid, match="quiet_hours"):
        await town.approve(sent)


async def test_sending_back_tells_the_author_why(town: Town) -> None:
    """It returns to its author with a reason, and can be edited and sent again."""
    sent = await town.submitted(once(23, 17))
    one = sent.announcement
    for _ in range(2):
        back = await town.approvals.send_back(town.actor("approver"), one.id, 1, " Sai tên thôn ")
        assert back.announcement.state is AnnouncementState.RETURNED
        assert back.announcement.reason == "Sai tên thôn"
    with pytest.raises(Invalid, match="text_empty"):
        await town.approvals.send_back(town.actor("approver"), one.id, 1, "  ")
    again = await town.announcements.submit(town.actor("operator"), one.id, 1)
    assert again.announcement.reason is None
    assert (await town.approve(again)).announcement.state is AnnouncementState.APPROVED


async def test_withdrawing_silences_for_good(town: Town) -> None:
    """Airings are cancelled, the signer refuses the approval, and twice is as once."""
    shown = await town.approved(once(23, 17))
    (airing,) = await planned(town, shown.announcement)
    record = await record_of(town, shown.announcement)
    for _ in range(2):
        gone = await town.approvals.withdraw(
            town.actor("approver"), shown.announcement.id, "Nhầm ngày"
        )
        assert gone.announcement.state is AnnouncementState.WITHDRAWN
    (after,) = await planned(town, shown.announcement)
    assert (after.state, after.reason) == (OccurrenceState.CANCELLED, "withdrawn")
    with pytest.raises(Forbidden) as refused:
        await sign_rundown(town, airing, record)
    assert refused.value.detail["reason"] == "approval_withdrawn"
    async with town.database.read() as tx:
        held = await tx.approvals.find(record.id)
    assert held is not None
    assert (held.withdrawn_at, held.reason) == (town.clock.now(), "Nhầm ngày")


async def test_an_approval_the_signer_never_gave_can_be_withdrawn(town: Town) -> None:
    """A forged row is no trap: withdrawing what the signer does not know works."""
    sent = await town.submitted(once(23, 17))
    after = approve(
        sent.announcement, town.ids.new(), town.actor("approver").account, town.clock.now()
    )
    async with town.database.begin() as tx:
        await tx.announcements.save(after, sent.announcement)
    gone = await town.approvals.withdraw(town.actor("approver"), after.id, "Giả mạo")
    assert gone.announcement.state is AnnouncementState.WITHDRAWN


async def test_only_named_people_approve_emergencies(town: Town) -> None:
    """An emergency needs the right to release; without it the action is not even offered."""
    draft = town.draft(await town.recording(), message_class=MessageClass.EMERGENCY)
    saved = (await town.announcements.create(town.actor("operator"), draft)).announcement
    sent = await town.announcements.submit(town.actor("operator"), saved.id, 1)
    assert "approve" not in (await town.announcements.get(town.actor("deputy"), saved.id)).may
    with pytest.raises(Forbidden, match="may_not_release"):
        await town.approve(sent, "deputy")
    approved = await town.approve(sent, "approver")
    assert approved.announcement.state is AnnouncementState.APPROVED
    assert await planned(town, approved.announcement) == ()


async def test_withdrawing_an_emergency_ends_what_was_released(town: Town) -> None:
    """Withdrawn or edited: what sounds of it is cancelled on every loudspeaker."""
    draft = town.draft(await town.recording(), message_class=MessageClass.EMERGENCY)
    operator = town.actor("operator")
    saved = (await town.announcements.create(operator, draft)).announcement
    revision = 1
    for silence in ("withdraw", "edit"):
        sent = await town.announcements.submit(operator, saved.id, revision)
        shown = await town.approve(sent)
        wanted = Release(rendition_of(shown), 3, timedelta(seconds=5), timedelta(minutes=30))
        released = await town.emergencies.release(
            town.actor("approver"), saved.id, wanted, town.ticket("approver")
        )
        town.messenger.take()
        if silence == "withdraw":
            await town.approvals.withdraw(town.actor("approver"), saved.id, "Báo động nhầm")
        revision = (
            await town.announcements.edit(operator, saved.id, revision, draft)
        ).announcement.revision
        async with town.database.read() as tx:
            order = await tx.orders.find(released.order.id)
            assert await tx.orders.open(town.clock.now()) == ()
        assert order is not None
        assert order.cancelled_at == town.clock.now()
        (topic,) = town.messenger.topics()
        assert topic == f"g/{town.areas['Thôn Đông'].id}/order"
