"""Plays, cancellations and tests: each is acted on once, first of all, and then written down.

An emergency waits for no disk. What was taken is acknowledged only when it would survive a power
cut; until then the controller repeats it, and a repetition changes nothing.
"""

import logging
from uuid import UUID

from edge_agent.core.airing import Airing, Reason, chime_airing, order_airing
from edge_agent.core.orders import check_order, may_cancel
from edge_agent.core.rules import PLACES_OCCURRENCES
from edge_agent.services import chime
from edge_agent.services.conductor import Conductor
from edge_agent.services.holdings import Holdings
from edge_agent.services.lane import Lane
from edge_agent.services.ledger_book import LedgerBook
from edge_agent.services.order_book import Order, OrderBook
from edge_agent.services.reporter import Reporter
from edge_agent.services.timekeeping import Timekeeping
from edge_agent.wire.authority import Believed
from edge_agent.wire.envelope import Envelope, MessageType, parse
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.orders import Cancel, Play, Test, TestKind

_log = logging.getLogger(__name__)


class Orders:
    """Takes orders; writing goes through `lane`."""

    def __init__(
        self,
        book: OrderBook,
        holdings: Holdings,
        time: Timekeeping,
        ledger: LedgerBook,
        reporter: Reporter,
        lane: Lane,
    ) -> None:
        self._book = book
        self._holdings = holdings
        self._time = time
        self._ledger = ledger
        self._reporter = reporter
        self._lane = lane
        self.writable = True

    async def load(self) -> list[Airing]:
        """Return the orders that were open when the program ended."""
        chain = self._holdings.assignment.chain if self._holdings.ready else ()
        airings = []
        for raw in await self._book.load():
            try:
                order = self._holdings.believe_order(parse(raw), raw, None).message
            except WireError as error:
                _log.warning("a stored order does not count: %s", error, extra={"action": "load"})
                continue
            if isinstance(order, Play) and self._cancel_of(order) is None:
                airings.append(order_airing(order, chain))
            elif isinstance(order, Test):
                self._book.close(order.id)  # a test is not caught up after a restart
        return airings

    def take(self, envelope: Envelope, raw: bytes, conductor: Conductor) -> None:
        """Take an order that arrived. Raises WireError."""
        now = self._time.now()
        believed = self._holdings.believe_order(envelope, raw, now)
        order = believed.message
        if not isinstance(order, Play | Cancel | Test):
            raise WireError(Refusal.UNKNOWN_TYPE, believed.type.name.lower())
        check_order(order, now)
        known = self._book.known(order.id)
        if known is not None and known.digest != believed.digest:
            raise WireError(Refusal.REPLAYED, f"{order.id} was another order")
        if known is None:
            self._act(believed, order, raw, conductor)
        self._lane.put(lambda: self._store_and_acknowledge(believed.type, order.id, believed))
        if known is not None and known.over:
            raise WireError(Refusal.REPLAYED, f"{order.id} is over")

    def over(self, item: UUID) -> None:
        """An airing is over; if it was an order, only its id is still needed."""
        if self._book.close(item):
            self._lane.put(self._store)

    def _act(self, believed: Believed, order: Order, raw: bytes, conductor: Conductor) -> None:
        chain = self._holdings.assignment.chain
        now = self._time.now()
        if isinstance(order, Test) and order.kind is TestKind.SILENT:
            self._require_ready()
        self._book.take(believed, raw, now)
        match order:
            case Play():
                airing = order_airing(order, chain)
                if self._cancel_of(order) is None:
                    conductor.add(airing)
                else:
                    conductor.refuse(airing, Reason.CANCELLED)
            case Cancel():
                self._cancel(order, conductor)
            case Test() if order.kind is TestKind.CHIME:
                conductor.add(chime_airing(order, chime.HASH, chime.DURATION_MS, chain))
            case Test():
                self.over(order.id)

    def _cancel(self, cancel: Cancel, conductor: Conductor) -> None:
        known = self._book.known(cancel.order)
        if known is None or known.over or known.type != MessageType.PLAY:
            return
        play = self._holdings.believe_order(parse(known.envelope), known.envelope, None).message
        if isinstance(play, Play) and self._reaches(cancel, play):
            conductor.cancel(cancel.order)

    def _cancel_of(self, play: Play) -> Cancel | None:
        """The cancellation of an order that is remembered."""
        for raw in self._book.cancels:
            try:
                cancel = self._holdings.believe_order(parse(raw), raw, None).message
            except WireError:
                continue
            if isinstance(cancel, Cancel) and self._reaches(cancel, play):
                return cancel
        return None

    def _reaches(self, cancel: Cancel, play: Play) -> bool:
        chain = self._holdings.assignment.chain
        return cancel.order == play.id and may_cancel(cancel.area, play.area, chain)

    def _require_ready(self) -> None:
        """A silent test asks whether a sound would be possible."""
        if self._time.judge().state not in PLACES_OCCURRENCES:
            raise WireError(Refusal.CLOCK_NOT_TRUSTED)
        if not self._ledger.writable:
            raise WireError(Refusal.INCONSISTENT, "the ledger cannot be written")

    async def _store_and_acknowledge(
        self, kind: MessageType, order: UUID, believed: Believed
    ) -> None:
        if await self._store():
            await self._reporter.acknowledge(kind, str(order), 0, believed.digest)

    async def _store(self) -> bool:
        try:
            await self._book.store()
        except OSError as error:
            _log.warning("orders cannot be written: %s", error, extra={"action": "orders"})
            self.writable = False
            return False
        self.writable = True
        return True
