"""Approving, sending back, withdrawing: the signer decides, the database remembers."""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from controller.domain.announcement import (
    Action,
    Announcement,
    AnnouncementState,
    ApprovalRecord,
    allow,
    approve,
    require_other_approver,
    require_revision,
    send_back,
    withdraw,
)
from controller.domain.approval import (
    ApprovalBody,
    ApprovedRendition,
    SignedApproval,
    write_approval,
    write_schedule,
)
from controller.domain.area import Area
from controller.domain.errors import Conflict, DomainError, ErrorCode, Forbidden, Invalid
from controller.domain.event import EventKind
from controller.domain.policy import author_may_approve
from controller.domain.roles import Actor
from controller.domain.signer_refusal import Reason
from controller.domain.signing import Approve, Withdraw
from controller.domain.text import read_reason
from controller.services.airing import Planner
from controller.services.context import Context
from controller.services.objections import window_of
from controller.services.outlook import Outlook, Outlooks
from controller.services.rundowns import mark_stored
from controller.services.shown import Shown, held, schedules_of, show
from edge_agent.wire.policy import to_instant
from edge_agent.wire.precedence import MessageClass

_log = logging.getLogger(__name__)

TRIES: Final = 3
"""How often a change is made anew when another one, of no concern to it, came between."""


class Releases(Protocol):
    """Emergencies that were released by an approval."""

    async def end(self, actor: Actor, announcement_id: UUID) -> None:
        """End every release of an announcement that may still sound. Raises DomainError."""
        ...


class Approvals:
    """Decisions on announcements inside the actor's own area."""

    def __init__(
        self, context: Context, outlooks: Outlooks, planner: Planner, releases: Releases
    ) -> None:
        self._context = context
        self._releases = releases
        self._outlooks = outlooks
        self._planner = planner

    async def approve(
        self, actor: Actor, announcement_id: UUID, revision: int, rendition: str, ticket: str
    ) -> Shown:
        """Approve exactly this revision and sound. A second time changes nothing.

        Raises NotFound, Forbidden `author_is_approver`, `may_not_release`, Conflict
        `changed_meanwhile`, `hash_changed`, `action_not_open`, Invalid with the first problem,
        and what the signer refuses.
        """
        before, area = await self._read(actor, announcement_id)
        require_revision(before, revision)
        if _is_done(before, AnnouncementState.APPROVED, actor):
            return await self._shown(actor, before.id)
        allow(before, Action.APPROVE, actor, area.chain)
        await self._require_person(actor, before, area)
        outlook = await self._outlooks.of(area, before.content, before, deciding=True)
        require_no_problem(outlook)
        if outlook.hash != rendition:
            raise Conflict(ErrorCode.HASH_CHANGED, field="hash")
        now = self._context.clock.now()
        body = _body(self._context.ids.new(), before, actor, outlook, now)
        signed = await self._context.signer.approve(
            Approve(ticket=ticket, body=write_approval(body))
        )
        after = approve(before, body.id, actor.account, now)
        try:
            await self._store(actor, after, before, _record(body, signed, now))
        except DomainError as error:
            await self._void(body.id, actor.account)
            current, _ = await self._read(actor, announcement_id)
            if not (
                isinstance(error, Conflict) and _is_done(current, AnnouncementState.APPROVED, actor)
            ):
                raise
            if current.revision != revision:
                raise
            return await self._shown(actor, current.id)
        self._context.outbox.wake()
        await self._planner.schedules_changed(schedules_of(before, after))
        self._context.tell(EventKind.ANNOUNCEMENT, after.id, area.chain)
        return await self._shown(actor, after.id)

    async def send_back(
        self, actor: Actor, announcement_id: UUID, revision: int, reason: str
    ) -> Shown:
        """Send it back to its author. A second time changes nothing.

        Raises NotFound, Forbidden, Conflict, Invalid.
        """
        reason = read_reason(reason)
        before, area = await self._read(actor, announcement_id)
        require_revision(before, revision)
        if _is_done(before, AnnouncementState.RETURNED, actor):
            return await self._shown(actor, before.id)
        allow(before, Action.RETURN, actor, area.chain)
        after = send_back(before, actor.account, self._context.clock.now(), reason)
        async with self._context.database.begin() as tx:
            await tx.announcements.save(after, before)
            await self._context.note(tx, actor, area.id, "announcement.returned", after.id, reason)
        self._context.tell(EventKind.ANNOUNCEMENT, after.id, area.chain)
        return await self._shown(actor, after.id)

    async def withdraw(self, actor: Actor, announcement_id: UUID, reason: str) -> Shown:
        """Take an approval back: nothing of it sounds any more. Twice is as once.

        Raises NotFound, Forbidden, Conflict, Invalid, Unavailable.
        """
        reason = read_reason(reason)
        for _ in range(TRIES - 1):
            try:
                return await self._withdraw(actor, announcement_id, reason)
            except Conflict as error:
                if error.code != ErrorCode.CHANGED_MEANWHILE:
                    raise
        return await self._withdraw(actor, announcement_id, reason)

    async def take_back(self, actor: Actor, announcement: Announcement) -> ApprovalRecord | None:
        """Make the signer refuse an announcement's approval, and end what it released.

        Returns the approval as it is to be stored, None when there is none. The signer goes
        first: when anything fails after it, nothing new sounds, and it can be done again.
        """
        if announcement.approval is None:
            return None
        await self._void(announcement.approval, actor.account, at_any_rate=True)
        if announcement.content.message_class is MessageClass.EMERGENCY:
            await self._releases.end(actor, announcement.id)
        async with self._context.database.read() as tx:
            record = await tx.approvals.find(announcement.approval)
        now = self._context.clock.now()
        if record is None or record.withdrawn_at is not None:
            return None
        return replace(record, withdrawn_at=now, withdrawn_by=actor.account)

    async def _withdraw(self, actor: Actor, announcement_id: UUID, reason: str) -> Shown:
        before, area = await self._read(actor, announcement_id)
        if _is_done(before, AnnouncementState.WITHDRAWN, actor):
            return await self._shown(actor, before.id)
        allow(before, Action.WITHDRAW, actor, area.chain)
        void = await self.take_back(actor, before)
        after = withdraw(before, actor.account, self._context.clock.now(), reason)
        async with self._context.database.begin() as tx:
            await tx.announcements.save(after, before)
            if void is not None:
                await tx.approvals.save(replace(void, reason=reason))
                await mark_stored(tx, before)
            await self._context.note(tx, actor, area.id, "announcement.withdrawn", after.id, reason)
        self._context.outbox.wake()
        await self._planner.schedules_changed(schedules_of(before, after))
        self._context.tell(EventKind.ANNOUNCEMENT, after.id, area.chain)
        return await self._shown(actor, after.id)

    async def _void(self, approval: UUID, by: UUID, *, at_any_rate: bool = False) -> None:
        """Withdraw an approval at the signer; one that it never gave is void already."""
        try:
            await self._context.signer.withdraw(Withdraw(approval=approval, by=by))
        except DomainError as error:
            if error.detail.get("reason") == Reason.APPROVAL_UNKNOWN:
                return
            if at_any_rate:
                raise
            # Nobody holds this approval's signature, so that it cannot be used.
            _log.warning("approval not withdrawn: %s", error, extra={"action": "approval_left"})

    async def _require_person(self, actor: Actor, announcement: Announcement, area: Area) -> None:
        async with self._context.database.read() as tx:
            chain = await tx.policies.chain(area.id)
        if not author_may_approve(chain):
            require_other_approver(announcement, actor.account)
        emergency = announcement.content.message_class is MessageClass.EMERGENCY
        if emergency and not actor.may_release_emergency:
            raise Forbidden(ErrorCode.MAY_NOT_RELEASE)

    async def _store(
        self, actor: Actor, after: Announcement, before: Announcement, record: ApprovalRecord
    ) -> None:
        async with self._context.database.begin() as tx:
            await tx.announcements.save(after, before)
            await tx.approvals.add(record)
            await mark_stored(tx, after)
            await self._context.note(
                tx, actor, after.area, "announcement.approved", after.id, after.content.title
            )

    async def _read(self, actor: Actor, announcement_id: UUID) -> tuple[Announcement, Area]:
        async with self._context.database.read() as tx:
            return await held(tx, actor, announcement_id)

    async def _shown(self, actor: Actor, announcement_id: UUID) -> Shown:
        async with self._context.database.read() as tx:
            announcement, _ = await held(tx, actor, announcement_id)
            return (await show(tx, actor, self._context.clock.now(), [announcement]))[0]


def require_no_problem(outlook: Outlook) -> None:
    """Raise Invalid for the first problem; its detail lists them all."""
    if outlook.problems:
        first = outlook.problems[0]
        problems = [{"code": one.code, "field": one.field} for one in outlook.problems]
        detail = {**first.detail, "problems": problems}
        raise Invalid(first.code, field=first.field, detail=detail)


def _is_done(announcement: Announcement, state: AnnouncementState, actor: Actor) -> bool:
    """True when this person has done it already: a second click changes nothing."""
    return announcement.state is state and announcement.decided_by == actor.account


def _body(
    approval: UUID, announcement: Announcement, actor: Actor, outlook: Outlook, now: datetime
) -> ApprovalBody:
    content = announcement.content
    if outlook.hash is None or outlook.duration_ms is None:
        raise Conflict(ErrorCode.RECORDING_NOT_READY, field="recording_id")
    not_before, not_after = window_of(outlook.dates, now)
    return ApprovalBody(
        id=approval,
        announcement=announcement.id,
        revision=announcement.revision,
        area=announcement.area,
        message_class=content.message_class,
        renditions=(
            ApprovedRendition(hash=bytes.fromhex(outlook.hash), duration=outlook.duration_ms),
        ),
        areas=content.targets.areas,
        terminals=content.targets.terminals,
        schedules=tuple(write_schedule(one) for one in content.schedules),
        not_before=to_instant(not_before),
        not_after=to_instant(not_after),
        author=announcement.author,
        approver=actor.account,
        decided_at=to_instant(now),
    )


def _record(body: ApprovalBody, signed: SignedApproval, now: datetime) -> ApprovalRecord:
    return ApprovalRecord(
        id=body.id,
        announcement=body.announcement,
        revision=body.revision,
        area=body.area,
        message_class=body.message_class,
        renditions=tuple(one.hash.hex() for one in body.renditions),
        approver=body.approver,
        decided_at=now,
        body=signed.body,
        signature=signed.signature,
    )
