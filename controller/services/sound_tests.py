"""Tests of single terminals: silent, or with a chime."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from controller.domain.announcement import Targets
from controller.domain.area import Area
from controller.domain.errors import ErrorCode, Forbidden
from controller.domain.event import EventKind
from controller.domain.order import Order, OrderKind
from controller.domain.roles import Actor, Permission, authorize, may
from controller.domain.signing import SendTest
from controller.domain.terminal import Terminal, require_in_service
from controller.services.context import Context
from controller.services.dispatch import Dispatch
from edge_agent.wire.codec import decode_strict
from edge_agent.wire.envelope import MessageType, parse
from edge_agent.wire.orders import Test, TestKind
from edge_agent.wire.policy import to_datetime, to_instant
from edge_agent.wire.reports import Outcome

EXPIRES: Final = timedelta(seconds=30)
_ANSWER_S: Final = 3.0
_LOOK_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class TestFacts:
    """A test, whether the terminal has taken it, and how it went, where that is known."""

    order: Order
    terminal: UUID
    acknowledged: bool
    outcome: Outcome | None


class SoundTests:
    """Sends tests, inside the actor's own area."""

    def __init__(self, context: Context, dispatch: Dispatch) -> None:
        self._context = context
        self._dispatch = dispatch

    async def test(self, actor: Actor, terminal_id: UUID, kind: TestKind, volume: int) -> TestFacts:
        """Test one terminal and wait a moment for its word.

        Raises NotFound, Forbidden, Conflict `terminal_retired`, Invalid `quiet_hours`,
        `volume`, TooMany.
        """
        context = self._context
        async with context.database.read() as tx:
            terminal = (await tx.terminals.get(actor.area, terminal_id)).terminal
            area = await tx.areas.get(actor.area, terminal.area)
        _require_tester(actor, area)
        require_in_service(terminal)
        expires = context.clock.now() + EXPIRES
        signed = await context.signer.test(
            SendTest(
                id=context.ids.new(),
                terminal=terminal.id,
                kind=kind,
                volume=volume,
                expires=to_instant(expires),
            )
        )
        order = _test_order(
            actor, area, terminal, decode_strict(Test, parse(signed.envelope).payload)
        )
        async with context.database.begin() as tx:
            await tx.orders.save(order)
            document = await context.outbox.put(
                tx,
                signed,
                kind=MessageType.TEST,
                subject=order.id,
                area=area.id,
                targets=order.targets,
                issued_at=order.issued_at,
                expires_at=order.expires_at,
            )
            await context.note(
                tx, actor, area.id, "terminal.tested", terminal.id, f"{kind.value} {volume}"
            )
        await self._dispatch.announce(document)
        context.tell(EventKind.TERMINAL, terminal.id, area.chain)
        return await self._answer(order, terminal)

    async def _answer(self, order: Order, terminal: Terminal) -> TestFacts:
        """Wait for the terminal's word, for as long as a person likes to wait."""
        waited = 0.0
        while True:
            async with self._context.database.read() as tx:
                delivery = await tx.documents.delivery(MessageType.TEST, str(order.id))
                lines = await tx.play_log.of_item(order.id, terminal.id)
            acknowledged = delivery.acknowledged > 0 or bool(lines)
            if acknowledged or waited >= _ANSWER_S:
                outcome = lines[-1].outcome if lines else None
                return TestFacts(order, terminal.id, acknowledged, outcome)
            await asyncio.sleep(_LOOK_S)
            waited += _LOOK_S


def _require_tester(actor: Actor, area: Area) -> None:
    """Let through who works with the terminals of an area: its operators and administrators."""
    authorize(actor, Permission.SEE, area.chain)
    if not any(
        may(actor, permission, area.chain)
        for permission in (Permission.COMPOSE, Permission.MANAGE_TERMINALS)
    ):
        raise Forbidden(ErrorCode.FORBIDDEN)


def _test_order(actor: Actor, area: Area, terminal: Terminal, message: Test) -> Order:
    return Order(
        id=message.id,
        kind=OrderKind.TEST,
        area=area.id,
        targets=Targets(terminals=(terminal.id,)),
        title=message.kind.value,
        issued_at=to_datetime(message.issued),
        expires_at=to_datetime(message.expires),
        issued_by=actor.account,
        issued_by_name=actor.name,
    )
