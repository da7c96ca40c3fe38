"""Everything between the controller and its terminals, joined: what bootstrap makes and runs."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any
from uuid import UUID

from controller.domain.pace import Pace
from controller.services.broker_access import BrokerAccess, BrokerRights
from controller.services.carousel import Blocks, Delivery
from controller.services.clock_exchange import ClockExchange
from controller.services.context import Context
from controller.services.dispatch import Dispatch
from controller.services.fleet import Fleet
from controller.services.loops import Monotonic
from controller.services.ports import Messenger
from controller.services.presence import Presence
from controller.services.reception import Reception
from controller.services.reconcile import Reconcile
from controller.services.report import PlayLogs
from controller.services.roster import KnownTerminal, Roster
from controller.services.rundowns import Rundowns
from controller.services.stored_sound import StoredSound
from controller.services.trust import TrustWatch
from edge_agent.wire import reports
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.topics import UpKind


class TerminalSide:
    """The services that talk with terminals, and their loops.

    Declares its topics on `messenger` at once, so make it before the messenger runs.
    """

    def __init__(
        self,
        context: Context,
        messenger: Messenger,
        access: BrokerAccess,
        blocks: Blocks,
        pace: Pace,
        monotonic: Monotonic,
    ) -> None:
        self.presence = Presence(messenger, context.clock, monotonic)
        self.roster = Roster(context.database, monotonic)
        self.rights = BrokerRights(context.database, access, self.roster)
        self.dispatch = Dispatch(context, messenger, self.presence, monotonic)
        self.delivery = Delivery(context, messenger, blocks, pace, monotonic)
        self.rundowns = Rundowns(context, monotonic, self.delivery.changed)
        self.reconcile = Reconcile(context, self.dispatch, self.roster)
        self.fleet = Fleet(context, self.presence, monotonic)
        self.play_logs = PlayLogs(context, messenger)
        self.clock_exchange = ClockExchange(context, messenger)
        self.stored_sound = StoredSound(context)
        self.trust = TrustWatch(context)
        self.reception = Reception(messenger, self.roster, self.presence, monotonic)
        context.outbox.on_wake(self.rundowns.wake)
        self._listen()

    def _listen(self) -> None:
        on = self.reception.on
        on(UpKind.HELLO, reports.Hello, self.reconcile.hello)
        on(UpKind.ACK, reports.Acknowledgement, self._acknowledged)
        on(UpKind.STATUS, reports.Status, self.fleet.status)
        on(UpKind.TELEMETRY, reports.Telemetry, self.fleet.figures)
        on(UpKind.LOG, reports.LogBatch, self.play_logs.received)
        on(UpKind.WANT, reports.Want, self.delivery.wanted)
        on(UpKind.REFUSED, reports.Refused, self.fleet.refused)
        on(UpKind.TIME, reports.TimeQuestion, self.clock_exchange.asked)

    async def run(self) -> None:
        """Run every loop until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for loop in self._loops():
                    group.create_task(loop)
        finally:
            await self.clock_exchange.close()

    def _loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        return (
            self.dispatch.run(),
            self.dispatch.words.run(),
            self.rundowns.run(),
            self.delivery.run(),
            self.reconcile.hellos.run(),
            self.fleet.run(),
            self.fleet.statuses.run(),
            self.fleet.telemetry.run(),
            self.fleet.refusals.run(),
            self.play_logs.batches.run(),
            self.stored_sound.words.run(),
            self.rights.run(),
            self.trust.run(),
        )

    def figures(self) -> Mapping[str, float]:
        """Return figures for `/metrics`."""
        refused = sum(self.reception.refused.values())
        return {
            "loaxa_terminals_present": len(self.presence.present()),
            "loaxa_reports_believed": self.reception.believed,
            "loaxa_reports_refused": refused,
            "loaxa_documents_sent": self.dispatch.sent,
            "loaxa_blocks_published": self.delivery.published_blocks,
            "loaxa_block_bytes_published": self.delivery.published_bytes,
            "loaxa_play_log_lines": self.play_logs.stored,
            "loaxa_time_answers": self.clock_exchange.answered,
        }

    def left(self, terminal: UUID) -> None:
        """A terminal moved or left service: what is remembered of it no longer holds."""
        self.roster.forget(terminal)
        self.fleet.forget(terminal)
        self.presence.forget(terminal)
        self.delivery.left(terminal)

    async def _acknowledged(self, known: KnownTerminal, said: reports.Acknowledgement) -> None:
        if said.type == MessageType.MANIFEST:
            rendition = said.subject
            self.delivery.finished(known.id, rendition)
            self.stored_sound.add(known, rendition)
            return
        await self.dispatch.acknowledged(known, said)
