"""Approval when things happen at once or fail in between."""

import asyncio
from datetime import timedelta

import pytest

from controller.domain.announcement import (
    AnnouncementState,
)
from controller.domain.approval import SignedApproval, read_approval
from controller.domain.errors import Conflict, Forbidden, Unavailable
from controller.domain.signing import Operation, SignRundown
from controller.services.approvals import Approvals
from controller.services.shown import Shown
from edge_agent.wire.policy import to_instant
from tests.fakes.commune import Town, once
from tests.unit.controller.services.deciding import planned, record_of, sign_rundown


async def test_two_approvers_at_once_approve_once(town: Town) -> None:
    """One of them wins; the other's approval is withdrawn at the signer and it is told."""
    sent = await town.submitted(once(23, 17))
    answers = await asyncio.gather(
        town.approve(sent, "approver"), town.approve(sent, "deputy"), return_exceptions=True
    )
    won = [one for one in answers if isinstance(one, Shown)]
    lost = [one for one in answers if isinstance(one, Conflict)]
    assert (len(won), len(lost)) == (1, 1)
    assert town.signer.asked.count(Operation.APPROVE) == 2
    assert town.signer.asked.count(Operation.WITHDRAW) == 1
    (airing,) = await planned(town, won[0].announcement)
    assert await sign_rundown(town, airing, await record_of(town, won[0].announcement))


async def test_a_double_click_approves_once(town: Town) -> None:
    """Clicks one after the other or at once end in one approval, and both are answered well."""
    sent = await town.submitted(once(23, 17))
    both = await asyncio.gather(town.approve(sent), town.approve(sent))
    later = await town.approve(sent)
    assert {one.announcement.approval for one in (*both, later)} == {later.announcement.approval}
    async with town.database.read() as tx:
        assert len(await tx.approvals.of_announcement(sent.announcement.id)) == 1


async def test_an_edit_during_approval_wins(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was edited while the signer was asked is not approved, and nothing signed is left."""
    sent = await town.submitted(once(23, 17))
    one = sent.announcement
    real = town.signer.approve
    given: list[SignedApproval] = []

    async def slowly(request: object) -> SignedApproval:
        given.append(await real(request))  # type: ignore[arg-type]
        draft = town.draft(one.content.recording, once(23, 18))
        await town.announcements.edit(town.actor("operator"), one.id, 1, draft)
        return given[0]

    monkeypatch.setattr(town.signer, "approve", slowly)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        await town.approve(sent)
    now = (await town.announcements.get(town.actor("operator"), one.id)).announcement
    assert (now.state, now.revision, now.approval) == (AnnouncementState.DRAFT, 2, None)
    body = read_approval(given[0].body)
    with pytest.raises(Forbidden) as refused:
        await town.signer.rundown(
            SignRundown(
                terminal=town.terminals["Loa đình làng"],
                valid_until=to_instant(town.clock.now() + timedelta(days=1)),
                items=(),
                approvals=(given[0],),
                keep=(),
            )
        )
    assert refused.value.detail["reason"] == "approval_withdrawn"
    assert body.announcement == one.id


async def test_a_full_disk_during_approval_approves_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the database cannot keep it, the signer is told to forget it again."""
    sent = await town.submitted(once(23, 17))

    async def full(*_: object) -> None:
        raise Unavailable("disk_full")

    monkeypatch.setattr(Approvals, "_store", full)
    with pytest.raises(Unavailable, match="disk_full"):
        await town.approve(sent)
    assert town.signer.asked[-1] is Operation.WITHDRAW
    now = await town.announcements.get(town.actor("approver"), sent.announcement.id)
    assert now.announcement.state is AnnouncementState.SUBMITTED


async def test_nothing_is_approved_while_the_signer_is_away(town: Town) -> None:
    """The approver is told so; it can be approved when the signer is back."""
    sent = await town.submitted(once(23, 17))
    town.signer.away = True
    with pytest.raises(Unavailable, match="signer_unavailable"):
        await town.approve(sent)
    town.signer.away = False
    assert (await town.approve(sent)).announcement.state is AnnouncementState.APPROVED


async def test_a_planner_that_fails_takes_nothing_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision stands though planning failed; the engine makes up for it by itself."""
    sent = await town.submitted(once(23, 17))

    async def broken(*_: object) -> None:
        raise ConnectionError("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(town.schedules, "plans", broken, raising=True)
        patched.setattr(town.outlooks, "_about_others", no_problems)
        approved = await town.approve(sent)
    assert approved.announcement.state is AnnouncementState.APPROVED
    assert await planned(town, approved.announcement) == ()
    await town.airing.start()
    assert len(await planned(town, approved.announcement)) == 1


async def no_problems(*_: object) -> list[object]:
    """The outlook asks the same part of the database, which is away here."""
    return []
