"""Stops: everything falls silent now, and ordinary sound stays silent for a while."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from controller.domain.announcement import Targets
from controller.domain.area import Area
from controller.domain.document import Delivery
from controller.domain.errors import Conflict, ErrorCode
from controller.domain.event import EventKind
from controller.domain.ids import AreaId
from controller.domain.order import Stop, check_hold
from controller.domain.roles import Actor, Permission, authorize
from controller.domain.signing import LiftStop, Signed, StopSound
from controller.domain.terminal import require_in_service
from controller.services.context import Context
from controller.services.dispatch import Dispatch
from controller.services.ports import Transaction
from edge_agent.wire.codec import decode_strict
from edge_agent.wire.envelope import MessageType, parse
from edge_agent.wire.policy import to_datetime, to_instant
from edge_agent.wire.state import Stop as SignedStop

KEPT: Final = timedelta(hours=25)
"""How long after its issue a stop matters: it also ends orders that a terminal hears of later."""


@dataclass(frozen=True, slots=True)
class StopFacts:
    """A stop and how many terminals have heard of it."""

    stop: Stop
    delivery: Delivery


class Stops:
    """Makes silent and lifts it again, inside the actor's own area."""

    def __init__(self, context: Context, dispatch: Dispatch) -> None:
        self._context = context
        self._dispatch = dispatch

    async def list(self, actor: Actor) -> tuple[StopFacts, ...]:
        """Return the stops that hold now and concern the actor's area, newest first."""
        async with self._context.database.read() as tx:
            found = await tx.stops.holding(actor.area, self._context.clock.now())
            return tuple([await _stop_facts(tx, stop) for stop in found])

    async def stop(
        self, actor: Actor, area_id: AreaId, terminal_id: UUID | None, hold: timedelta
    ) -> StopFacts:
        """Silence an area or one terminal in it. Raises NotFound, Forbidden, Invalid."""
        context = self._context
        check_hold(hold)
        async with context.database.read() as tx:
            area = await tx.areas.get(actor.area, area_id)
            authorize(actor, Permission.STOP, area.chain)
            if terminal_id is not None:
                require_in_service((await tx.terminals.get(area.id, terminal_id)).terminal)
        request = StopSound(
            id=context.ids.new(),
            area=area.id,
            terminal=terminal_id,
            hold_until=to_instant(context.clock.now() + hold),
        )
        signed = await context.signer.stop(request)
        message = decode_strict(SignedStop, parse(signed.envelope).payload)
        stop = Stop(
            id=message.id,
            area=area.id,
            terminal=terminal_id,
            issued_at=to_datetime(message.issued),
            hold_until=to_datetime(message.hold_until),
            issued_by=actor.account,
            issued_by_name=actor.name,
        )
        return await self._put_stop(actor, stop, signed, area, "stop.issued")

    async def lift(self, actor: Actor, stop_id: UUID) -> StopFacts:
        """End a stop early. Raises NotFound, Forbidden, Conflict `already_lifted`."""
        context, now = self._context, self._context.clock.now()
        async with context.database.read() as tx:
            stop = await tx.stops.get(actor.area, stop_id)
            area = await tx.areas.get(actor.area, stop.area)
        authorize(actor, Permission.STOP, area.chain)
        if not stop.holds_at(now):
            raise Conflict(ErrorCode.ALREADY_LIFTED)
        signed = await context.signer.lift(LiftStop(id=stop.id))
        lifted = replace(stop, lifted_at=now, lifted_by=actor.account)
        return await self._put_stop(actor, lifted, signed, area, "stop.lifted")

    async def _put_stop(
        self, actor: Actor, stop: Stop, signed: Signed, area: Area, action: str
    ) -> StopFacts:
        context = self._context
        single = () if stop.terminal is None else (stop.terminal,)
        async with context.database.begin() as tx:
            await tx.stops.save(stop)
            document = await context.outbox.put(
                tx,
                signed,
                kind=MessageType.STOP,
                subject=stop.id,
                area=area.id,
                targets=Targets(() if single else (area.id,), single),
                issued_at=stop.issued_at,
                expires_at=stop.issued_at + KEPT,
            )
            await context.note(tx, actor, area.id, action, stop.id, _about(area, stop.terminal))
        await self._dispatch.announce(document)
        context.tell(EventKind.STOP, stop.id, area.chain)
        async with context.database.read() as tx:
            return await _stop_facts(tx, stop)


async def _stop_facts(tx: Transaction, stop: Stop) -> StopFacts:
    return StopFacts(stop, await tx.documents.delivery(MessageType.STOP, str(stop.id)))


def _about(area: Area, terminal: UUID | None) -> str:
    return area.name if terminal is None else f"{area.name} {terminal}"
