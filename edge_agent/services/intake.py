"""Whatever the broker delivers: sorted, judged, handed to who acts on it, or refused with a reason.

Nothing here waits for a disk: what must be written is put into a lane, so that an emergency never
stands behind a slow write.
"""

import logging
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Final

from edge_agent.services.conductor import Conductor
from edge_agent.services.fetch import Fetch
from edge_agent.services.holdings import Holdings
from edge_agent.services.lane import Lane, Work
from edge_agent.services.orders import Orders
from edge_agent.services.play_log import PlayLog
from edge_agent.services.ports import Delivery
from edge_agent.services.refusals import Refusals
from edge_agent.services.reporter import Reporter
from edge_agent.services.timekeeping import Timekeeping
from edge_agent.wire.carousel import MAX_BLOCK_BYTES
from edge_agent.wire.envelope import MAGIC, Envelope, MessageType, parse
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.orders import LogReceipt, Time
from edge_agent.wire.state import Assignment, Policy, Rundown, Stop, Trust

_log = logging.getLogger(__name__)

_WAITING_DOCUMENTS: Final = 64
_ORDERS: Final = frozenset({MessageType.PLAY, MessageType.CANCEL, MessageType.TEST})
_STATE: Final = frozenset(
    {MessageType.TRUST, MessageType.ASSIGNMENT, MessageType.POLICY, MessageType.RUNDOWN}
)


class Door(Enum):
    """Kinds of topics on which messages come, and what may come on each."""

    DOWN = frozenset(MessageType)
    ORDER = frozenset(
        {
            MessageType.TRUST,
            MessageType.POLICY,
            MessageType.STOP,
            MessageType.PLAY,
            MessageType.CANCEL,
            MessageType.MANIFEST,
        }
    )
    BLOB = frozenset({MessageType.MANIFEST})
    LIVE = frozenset[MessageType]()


class Intake:
    """Takes deliveries. `heard` is told of each believed message of the controller's side."""

    def __init__(
        self,
        holdings: Holdings,
        orders: Orders,
        time: Timekeeping,
        log: PlayLog,
        reporter: Reporter,
        refusals: Refusals,
        lanes: tuple[Lane, Lane],
    ) -> None:
        """`lanes`: for documents, and for the play log."""
        self._holdings = holdings
        self._orders = orders
        self._time = time
        self._log = log
        self._reporter = reporter
        self._refusals = refusals
        self._lane, self._log_lane = lanes
        self._heard: list[Callable[[MessageType], None]] = []
        self._changed: list[Callable[[], None]] = []
        self.writable = True

    def on_heard(self, listener: Callable[[MessageType], None]) -> None:
        """Tell `listener` the type of each message that was believed."""
        self._heard.append(listener)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Tell `listener` when another document is held."""
        self._changed.append(listener)

    async def take(
        self, door: Door, delivery: Delivery, conductor: Conductor, fetch: Fetch
    ) -> None:
        """Take what was delivered; whatever it is, it never raises."""
        try:
            if delivery.retained:
                raise WireError(Refusal.RETAINED)
            if delivery.payload[:2] == MAGIC or door in (Door.ORDER, Door.LIVE):
                self._envelope(door, delivery, conductor, fetch)
            elif door is Door.DOWN and len(delivery.payload) > MAX_BLOCK_BYTES + 64:
                raise WireError(Refusal.MALFORMED, "neither envelope nor block")
            else:
                await fetch.take_block(delivery.payload)
        except WireError as error:
            self._refusals.note(error, delivery.topic, delivery.payload)

    def _envelope(self, door: Door, delivery: Delivery, conductor: Conductor, fetch: Fetch) -> None:
        raw = delivery.payload
        envelope = parse(raw)
        if envelope.type not in door.value:
            raise WireError(Refusal.WRONG_TOPIC, envelope.type.name.lower())
        if envelope.type in _ORDERS:
            self._orders.take(envelope, raw, conductor)
        elif envelope.type in _STATE:
            if len(self._lane) < _WAITING_DOCUMENTS:
                self._later(delivery, partial(self._document, envelope, raw, conductor))
            return
        elif envelope.type is MessageType.STOP:
            self._stop(envelope, delivery, conductor)
        elif envelope.type is MessageType.MANIFEST:
            believed = self._holdings.believe_order(envelope, raw, self._time.now())
            self._later(delivery, partial(fetch.take_manifest, believed))
        else:
            self._answer(envelope, raw, conductor)
        self._tell_heard(envelope.type)

    def _later(self, delivery: Delivery, work: Work) -> None:
        """Have slow work done in its turn, with refusals and full disks told as they must be."""

        async def guarded() -> None:
            try:
                await work()
            except WireError as error:
                self._refusals.note(error, delivery.topic, delivery.payload)
            except OSError as error:
                _log.warning("a document cannot be stored: %s", error, extra={"action": "store"})
                self._note(writable=False)
            else:
                self._note(writable=True)

        self._lane.put(guarded)

    def _note(self, *, writable: bool) -> None:
        if writable is not self.writable:
            self.writable = writable
            self._tell_changed()

    def _answer(self, envelope: Envelope, raw: bytes, conductor: Conductor) -> None:
        """The time, or a receipt: answers to what this terminal asked or sent."""
        # A wrong clock must not keep out what sets it right: key dates are judged by the answer.
        message = self._holdings.believe_order(envelope, raw, None).message
        if isinstance(message, Time):
            self._holdings.believe_order(envelope, raw, message.now)
            if self._time.answered(message):
                conductor.look()
                self._lane.put(self._time.store_if_due)
        elif isinstance(message, LogReceipt):
            if self._log.received(message.log, message.sequence):
                self._log_lane.put(self._log.shorten)
        else:
            raise WireError(Refusal.UNKNOWN_TYPE, envelope.type.name.lower())

    def _stop(self, envelope: Envelope, delivery: Delivery, conductor: Conductor) -> None:
        stop = self._holdings.hold_stop(envelope, delivery.payload, self._time.now())
        conductor.look()

        async def keep() -> None:
            await self._holdings.keep_stop(stop.id)
            await self._acknowledge(stop, envelope.type)
            await self._holdings.forget_old_stops(self._time.now())

        self._later(delivery, keep)
        self._tell_changed()

    async def _document(self, envelope: Envelope, raw: bytes, conductor: Conductor) -> None:
        document = await self._holdings.offer(envelope, raw, self._time.now())
        conductor.look()
        self._tell_heard(envelope.type)
        self._tell_changed()
        if isinstance(document, Trust | Assignment | Policy | Rundown):
            await self._acknowledge(document, envelope.type)

    async def _acknowledge(
        self, document: Trust | Assignment | Policy | Rundown | Stop, kind: MessageType
    ) -> None:
        match document:
            case Trust():
                subject = self._holdings.assignment.chain[0] if self._holdings.ready else ""
            case Assignment():
                subject = document.chain[-1]
            case Stop():
                subject = str(document.id)
            case _:
                subject = document.area
        digest = self._holdings.digest_of(document)
        if digest is not None:
            await self._reporter.acknowledge(kind, subject, document.version, digest)

    def _tell_heard(self, kind: MessageType) -> None:
        for listener in self._heard:
            listener(kind)

    def _tell_changed(self) -> None:
        for listener in self._changed:
            listener()
