"""Takes the play logs of terminals: stored once, receipted, and shown in the diary."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from controller.domain.event import EventKind
from controller.domain.play_log import PlayLogCursor, PlayLogEntry, follows
from controller.domain.signing import ReceiveLog
from controller.services.context import Context
from controller.services.gathering import Gathering
from controller.services.loops import attempt
from controller.services.ports import Messenger, Transaction
from controller.services.roster import KnownTerminal
from edge_agent.wire.codec import encode
from edge_agent.wire.policy import to_datetime
from edge_agent.wire.reports import LogBatch, LogEntry
from edge_agent.wire.topics import down

_log = logging.getLogger(__name__)

MOST_LINES: Final = 500
"""Lines read of one batch; terminals send at most 50."""
_SEND_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Received:
    known: KnownTerminal
    batch: LogBatch
    at: datetime


@dataclass(frozen=True, slots=True)
class _Receipt:
    known: KnownTerminal
    log: UUID
    sequence: int
    new: int


class PlayLogs:
    """Takes batches of play log lines; `batches.run` must run."""

    def __init__(self, context: Context, messenger: Messenger) -> None:
        self._context = context
        self._messenger = messenger
        self.batches = Gathering("play_log", self._store, most=100)
        self.stored = 0
        self.ignored = 0

    async def received(self, known: KnownTerminal, batch: LogBatch) -> None:
        """Take a batch."""
        if batch.entries:
            self.batches.add(_Received(known, batch, self._context.clock.now()))

    async def _store(self, received: Sequence[_Received]) -> None:
        receipts: dict[tuple[UUID, UUID], _Receipt] = {}
        async with self._context.database.begin() as tx:
            for one in received:
                receipt = await self._append(tx, one)
                earlier = receipts.get((one.known.id, one.batch.log))
                new = receipt.new + (earlier.new if earlier else 0)
                receipts[(one.known.id, one.batch.log)] = _Receipt(
                    receipt.known, receipt.log, receipt.sequence, new
                )
        for receipt in receipts.values():
            if receipt.new:
                self.stored += receipt.new
                self._context.tell(EventKind.DIARY, receipt.known.id, receipt.known.chain)
            await attempt("receipt", self._confirm, receipt)

    async def _append(self, tx: Transaction, one: _Received) -> _Receipt:
        """Store what is new of a batch; the receipt covers all that is safe then."""
        known, log = one.known, one.batch.log
        lines = sorted(one.batch.entries[:MOST_LINES], key=lambda line: line.sequence)
        entries = [_entry(line, one) for line in lines]
        cursor = await tx.play_log.cursor(known.id, log)
        fresh = [entry for entry in entries if cursor is None or entry.sequence > cursor.sequence]
        if fresh:
            await self._note_break(tx, one, fresh, cursor)
        foreign = await self._foreign(tx, known, entries)
        new = await tx.play_log.append([one for one in entries if one.item not in foreign])
        last = fresh[-1].sequence if fresh else entries[-1].sequence
        safe = max(last, cursor.sequence if cursor else last)
        return _Receipt(known, log, safe, new)

    async def _foreign(
        self, tx: Transaction, known: KnownTerminal, entries: Sequence[PlayLogEntry]
    ) -> frozenset[UUID]:
        """Return the items of these lines that this terminal was never to sound.

        Those ordered by an area it does not lie in; it may have lain there when it was asked.
        """
        asked = await tx.diary.items(sorted({entry.item for entry in entries}))
        foreign = set()
        for item, order in asked.items():
            if order.area in known.chain:
                continue
            if known.id not in await tx.occurrences.terminals_of(item):
                foreign.add(item)
        if foreign:
            self.ignored += len(foreign)
            _log.warning(
                "lines about foreign items: %s",
                ", ".join(map(str, sorted(foreign))),
                extra={"action": "log_foreign", "terminal": str(known.id)},
            )
        return frozenset(foreign)

    async def _note_break(
        self,
        tx: Transaction,
        one: _Received,
        fresh: Sequence[PlayLogEntry],
        cursor: PlayLogCursor | None,
    ) -> None:
        """Put into the audit trail that lines are missing or do not chain; they are kept.

        Whatever happened, the terminal signed them, and its own copy is deleted in time.
        """
        before = cursor
        for entry in fresh:
            if not follows(entry, before):
                expected = before.sequence + 1 if before else 0
                detail = f"log {one.batch.log}: line {entry.sequence} after {expected - 1}"
                _log.warning("a play log is broken: %s", detail, extra={"action": "log_broken"})
                await self._context.note(
                    tx, None, one.known.terminal.area, "play_log.broken", one.known.id, detail
                )
                return
            before = PlayLogCursor(entry.terminal, entry.log, entry.sequence, entry.digest)

    async def _confirm(self, receipt: _Receipt) -> None:
        request = ReceiveLog(terminal=receipt.known.id, log=receipt.log, sequence=receipt.sequence)
        signed = await self._context.signer.receipt(request)
        await self._messenger.publish(down(receipt.known.id), signed.envelope, _SEND_S)


def _entry(line: LogEntry, one: _Received) -> PlayLogEntry:
    return PlayLogEntry(
        terminal=one.known.id,
        log=one.batch.log,
        sequence=line.sequence,
        previous=line.previous,
        digest=hashlib.sha256(encode(line)).digest(),
        at=to_datetime(line.at),
        outcome=line.outcome,
        item=line.item,
        announcement=line.announcement,
        message_class=line.message_class,
        rendition=line.rendition.hex(),
        planned=to_datetime(line.planned),
        began=None if line.began is None else to_datetime(line.began),
        asked_ms=line.asked,
        sounded_ms=line.sounded,
        reason=line.reason.replace("\0", ""),
        received_at=one.at,
    )
