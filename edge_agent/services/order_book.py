"""Orders that were taken: each is acted on once, also after a restart, until it cannot matter."""

import logging
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from edge_agent.core.records import OrderRecord, OrderRecords
from edge_agent.services.ports import Documents, InThread
from edge_agent.wire.authority import Believed
from edge_agent.wire.codec import decode_report, encode
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.errors import WireError
from edge_agent.wire.orders import Cancel, Play, Test

_log = logging.getLogger(__name__)

NAME: Final = "orders"
KEPT_US: Final = 3600 * 1_000_000
"""An order is remembered for an hour after it expired."""
MOST: Final = 200
"""More orders than this at once are not remembered by anybody."""

Order = Play | Cancel | Test


@dataclass(slots=True)
class _Taken:
    record: OrderRecord
    order: Order | None


class OrderBook:
    """Remembers orders by id."""

    def __init__(self, documents: Documents, in_thread: InThread) -> None:
        self._documents = documents
        self._in_thread = in_thread
        self._records: dict[UUID, OrderRecord] = {}
        self._stored = True

    async def load(self) -> list[bytes]:
        """Read what is stored; returns envelopes of orders that may still have to be acted on."""
        documents = await self._in_thread(self._documents.read_all)
        try:
            stored = decode_report(OrderRecords, documents.get(NAME, b""))
        except WireError as error:
            if NAME in documents:
                _log.warning(
                    "the stored orders cannot be read: %s", error, extra={"action": "load"}
                )
            return []
        self._records = {record.id: record for record in stored.orders}
        return [record.envelope for record in stored.orders if not record.over]

    def known(self, order: UUID) -> OrderRecord | None:
        """What is remembered of an order."""
        return self._records.get(order)

    @property
    def cancels(self) -> list[bytes]:
        """Envelopes of all cancellations that are remembered."""
        return [r.envelope for r in self._records.values() if r.type == MessageType.CANCEL]

    def take(self, believed: Believed, raw: bytes, now: int | None) -> None:
        """Remember an order; `store` is to follow."""
        order = believed.message
        if not isinstance(order, Play | Cancel | Test):
            raise TypeError(believed.type)
        record = OrderRecord(
            id=order.id,
            type=believed.type,
            digest=believed.digest,
            forget_at=order.expires + KEPT_US,
            over=False,
            envelope=raw,
        )
        self._records[order.id] = record
        self._forget(now)
        self._stored = False

    def close(self, order: UUID) -> bool:
        """An order is over, only its id is still remembered; `store` is to follow if True."""
        record = self._records.get(order)
        if record is not None and not record.over:
            self._records[order] = OrderRecord(
                id=record.id,
                type=record.type,
                digest=record.digest,
                forget_at=record.forget_at,
                over=True,
                envelope=b"",
            )
            self._stored = False
            return True
        return False

    async def store(self) -> None:
        """Bring to disk what was taken. Raises OSError: then it lasts until a restart only."""
        if self._stored:
            return
        data = encode(OrderRecords(orders=tuple(self._records.values())))
        self._stored = True
        try:
            await self._in_thread(lambda: self._documents.write(NAME, data))
        except OSError:
            self._stored = False
            raise

    def _forget(self, now: int | None) -> None:
        if now is not None:
            gone = [key for key, record in self._records.items() if record.forget_at <= now]
            for key in gone:
                del self._records[key]
        while len(self._records) > MOST:
            del self._records[next(iter(self._records))]
