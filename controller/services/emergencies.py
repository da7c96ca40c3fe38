"""Emergencies: an approved recording sounds at once, and is ended everywhere.

The order is signed, stored with its audit line and sent in one go; dispatch repeats it to
every terminal that has not acknowledged it, until it expires.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from controller.domain.announcement import Action, Announcement, ApprovalRecord, Targets, allow
from controller.domain.approval import SignedApproval
from controller.domain.area import Area
from controller.domain.document import Delivery
from controller.domain.errors import Conflict, ErrorCode, NotFound
from controller.domain.event import EventKind
from controller.domain.ids import AreaId, HashText
from controller.domain.occurrence import Tally
from controller.domain.order import Order, OrderKind, require_not_cancelled
from controller.domain.paging import Page, PageRequest
from controller.domain.roles import Actor, Permission, authorize
from controller.domain.signing import CancelPlay, PlayNow, Signed
from controller.services.context import Context
from controller.services.dispatch import Dispatch
from controller.services.ports import Transaction
from edge_agent.wire.codec import decode_strict
from edge_agent.wire.envelope import MessageType, parse
from edge_agent.wire.orders import Cancel, Play
from edge_agent.wire.policy import to_datetime, to_instant

DOUBLE_PRESS: Final = timedelta(seconds=30)
"""The same emergency released again within this is the same release."""


@dataclass(frozen=True, slots=True)
class EmergencyFacts:
    """A released emergency, who has heard of it, and on how many terminals it sounded."""

    order: Order
    delivery: Delivery
    tally: Tally


@dataclass(frozen=True, slots=True)
class Release:
    """How an emergency is to sound. `rendition` is the sound that was heard."""

    rendition: HashText
    repeats: int
    gap: timedelta
    expires: timedelta


class Emergencies:
    """Releases and cancels, inside the actor's own area.

    `released` is told of the areas in which an emergency begins, so that bulk makes way.
    """

    def __init__(
        self,
        context: Context,
        dispatch: Dispatch,
        released: Callable[[tuple[AreaId, ...]], None],
    ) -> None:
        self._context = context
        self._dispatch = dispatch
        self._released = released

    async def list(self, actor: Actor, page: PageRequest) -> Page[EmergencyFacts]:
        """Return released emergencies of the actor's area and below, newest first."""
        async with self._context.database.read() as tx:
            found = await tx.orders.list(actor.area, OrderKind.PLAY, page)
            return Page(tuple([await _facts(tx, actor, one) for one in found.items]), found.next)

    async def release(
        self, actor: Actor, announcement_id: UUID, wanted: Release, ticket: str
    ) -> EmergencyFacts:
        """Sound an approved emergency now, wherever its approval reaches.

        Raises NotFound, Forbidden `may_not_release`, Conflict `hash_changed`,
        `action_not_open`, `expired`, and what the signer refuses.
        """
        context = self._context
        async with context.database.read() as tx:
            announcement = await tx.announcements.get(actor.area, announcement_id)
            area = await tx.areas.get(actor.area, announcement.area)
            allow(announcement, Action.RELEASE, actor, area.chain)
            approval = await _approval(tx, announcement)
            same = await self._pressed_twice(tx, announcement, wanted.rendition)
            if same is not None:
                return await _facts(tx, actor, same)
            asked = await tx.terminals.addressed(announcement.content.targets)
        if wanted.rendition not in approval.renditions:
            raise Conflict(ErrorCode.HASH_CHANGED, field="hash")
        if not asked:
            raise Conflict(ErrorCode.TARGET_WITHOUT_TERMINALS)
        signed = await context.signer.play(
            PlayNow(
                id=context.ids.new(),
                ticket=ticket,
                approval=SignedApproval(body=approval.body, signature=approval.signature),
                targets=announcement.content.targets.areas,
                terminals=announcement.content.targets.terminals,
                title=announcement.content.title,
                rendition=bytes.fromhex(wanted.rendition),
                repeats=wanted.repeats,
                gap=int(wanted.gap.total_seconds() * 1000),
                expires=to_instant(context.clock.now() + wanted.expires),
            )
        )
        order = _order(actor, announcement, signed)
        await self._send(actor, order, signed, area, [terminal.id for terminal in asked])
        async with context.database.read() as tx:
            return await _facts(tx, actor, order)

    async def _send(
        self, actor: Actor, order: Order, signed: Signed, area: Area, asked: Sequence[UUID]
    ) -> None:
        context = self._context
        async with context.database.begin() as tx:
            await tx.orders.save(order, asked)
            document = await context.outbox.put(
                tx,
                signed,
                kind=MessageType.PLAY,
                subject=order.id,
                area=order.area,
                targets=order.targets,
                issued_at=order.issued_at,
                expires_at=order.expires_at,
            )
            await context.note(tx, actor, order.area, "emergency.released", order.id, order.title)
        self._released(order.targets.areas)
        await self._dispatch.announce(document)
        context.tell(EventKind.EMERGENCY, order.id, area.chain)

    async def cancel(self, actor: Actor, order_id: UUID) -> EmergencyFacts:
        """End an emergency everywhere, also on terminals that return later.

        Raises NotFound, Forbidden, Conflict `already_cancelled`.
        """
        context = self._context
        async with context.database.read() as tx:
            order = await tx.orders.get(actor.area, order_id)
            if order.kind is not OrderKind.PLAY:
                raise NotFound(ErrorCode.NOT_FOUND)
            area = await tx.areas.get(actor.area, order.area)
        authorize(actor, Permission.STOP, area.chain)
        require_not_cancelled(order)
        request = CancelPlay(id=context.ids.new(), order=order.id)
        signed = await context.signer.cancel(request)
        message = decode_strict(Cancel, parse(signed.envelope).payload)
        cancelled = replace(
            order,
            cancel=message.id,
            cancelled_at=to_datetime(message.issued),
            cancelled_by=actor.account,
        )
        async with context.database.begin() as tx:
            await tx.orders.save(cancelled)
            await tx.documents.remove(MessageType.PLAY, str(order.id))
            document = await context.outbox.put(
                tx,
                signed,
                kind=MessageType.CANCEL,
                subject=message.id,
                area=order.area,
                targets=order.targets,
                issued_at=to_datetime(message.issued),
                expires_at=to_datetime(message.expires),
            )
            await context.note(tx, actor, order.area, "emergency.cancelled", order.id, order.title)
        await self._dispatch.announce(document)
        context.tell(EventKind.EMERGENCY, order.id, area.chain)
        async with context.database.read() as tx:
            return await _facts(tx, actor, cancelled)

    async def end(self, actor: Actor, announcement_id: UUID) -> None:
        """End every release of an announcement that may still sound.

        Raises as `cancel`; one that somebody else cancels meanwhile is no error.
        """
        async with self._context.database.read() as tx:
            released = await tx.orders.open(self._context.clock.now())
        for order in released:
            if order.announcement == announcement_id:
                try:
                    await self.cancel(actor, order.id)
                except Conflict as error:
                    if error.code != ErrorCode.ALREADY_CANCELLED:
                        raise

    async def _pressed_twice(
        self, tx: Transaction, announcement: Announcement, rendition: HashText
    ) -> Order | None:
        now = self._context.clock.now()
        for order in await tx.orders.open(now):
            same = (order.announcement, order.rendition) == (announcement.id, rendition)
            if same and now - order.issued_at < DOUBLE_PRESS:
                return order
        return None


async def _facts(tx: Transaction, actor: Actor, order: Order) -> EmergencyFacts:
    kind, subject = MessageType.PLAY, order.id
    if order.cancel is not None:
        kind, subject = MessageType.CANCEL, order.cancel
    tallies = await tx.diary.tallies([order.id], actor.area)
    return EmergencyFacts(order, await tx.documents.delivery(kind, str(subject)), tallies[order.id])


async def _approval(tx: Transaction, announcement: Announcement) -> ApprovalRecord:
    approval = None
    if announcement.approval is not None:
        approval = await tx.approvals.find(announcement.approval)
    if approval is None or approval.withdrawn_at is not None:
        raise Conflict(ErrorCode.ACTION_NOT_OPEN)
    return approval


def _order(actor: Actor, announcement: Announcement, signed: Signed) -> Order:
    message = decode_strict(Play, parse(signed.envelope).payload)
    return Order(
        id=message.id,
        kind=OrderKind.PLAY,
        area=message.area,
        targets=Targets(message.targets, message.terminals),
        title=message.title,
        issued_at=to_datetime(message.issued),
        expires_at=to_datetime(message.expires),
        issued_by=actor.account,
        issued_by_name=actor.name,
        announcement=announcement.id,
        approval=message.approval,
        rendition=message.rendition.hex(),
        duration_ms=message.duration,
        repeats=message.repeats,
        gap_ms=message.gap,
    )
