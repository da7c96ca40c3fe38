"""The play log: on disk first, then sent until the controller confirms it."""

import logging
from collections import deque
from functools import partial
from typing import Final
from uuid import UUID

from edge_agent.core.run import Log
from edge_agent.core.spool import GENESIS, Spool, frame, read_spool
from edge_agent.services.ports import InThread, LogFile
from edge_agent.wire.reports import LogBatch, LogEntry, Outcome

_log = logging.getLogger(__name__)

SHORTENED_AT: Final = 64
"""Confirmed lines that may stay in the file; rewriting it for each one would wear the card."""


class PlayLog:
    """Lines of one terminal; writing is for one lane. `new_log`: identity of a new log."""

    def __init__(self, file: LogFile, in_thread: InThread, terminal: UUID, new_log: UUID) -> None:
        self._file = file
        self._in_thread = in_thread
        self._terminal = terminal
        self._spool = Spool(new_log, 0, GENESIS)
        self._waiting: deque[LogEntry] = deque()
        self._headless = True
        self.writable = True

    @property
    def id(self) -> UUID:
        """Identity of this log."""
        return self._spool.log

    @property
    def next(self) -> int:
        """Number of the next line."""
        return self._spool.next

    @property
    def acknowledged(self) -> int:
        """Lines before this number are safe with the controller, as far as is known here."""
        return self._spool.acknowledged

    @property
    def waiting(self) -> bool:
        """Whether lines wait for a disk that takes them."""
        return bool(self._waiting)

    async def load(self) -> None:
        """Read what is there; a torn end is cut off. Raises OSError."""
        data = await self._in_thread(self._file.read)
        spool, good = read_spool(data)
        if spool is None:
            if data:
                _log.error("the play log cannot be read; a new one begins", extra={"action": "log"})
            return
        self._spool = spool
        self._headless = False
        if good < len(data):
            _log.warning("the play log had a torn end", extra={"action": "log"})
            await self._in_thread(lambda: self._file.replace(data[:good]))

    def closed(self) -> set[UUID]:
        """Airings whose end stands in the lines that are still here."""
        return {line.item for line in self._spool.lines if line.outcome is not Outcome.STARTED}

    async def write(self, said: Log, at: int) -> None:
        """Add a line; when the disk does not take it, it waits in memory and is not sent."""
        self._waiting.append(_line(said, at))
        await self.flush()

    async def flush(self) -> None:
        """Bring to disk what waits."""
        while self._waiting:
            line = self._spool.numbered(self._waiting[0])
            try:
                if self._headless:
                    head = frame(self._spool.file_head())
                    await self._in_thread(partial(self._file.replace, head))
                    self._headless = False
                await self._in_thread(partial(self._file.append, frame(line)))
            except OSError as error:
                if self.writable:
                    _log.warning(
                        "the play log cannot be written: %s", error, extra={"action": "log"}
                    )
                self.writable = False
                return
            self._spool = self._spool.appended(line)
            self._waiting.popleft()
        self.writable = True

    def batch(self) -> LogBatch | None:
        """The oldest lines that are not confirmed, None when there are none."""
        lines = self._spool.batch()
        if not lines:
            return None
        return LogBatch(terminal=self._terminal, log=self.id, entries=lines)

    def received(self, log: UUID, sequence: int) -> bool:
        """Take a receipt; tell whether it confirmed anything new."""
        if log != self.id:
            return False
        before = self._spool.acknowledged
        self._spool = self._spool.received(sequence)
        return self._spool.acknowledged > before

    async def shorten(self) -> None:
        """Drop confirmed lines from the file, when there are enough of them."""
        if self._spool.acknowledged - self._spool.first < SHORTENED_AT:
            return
        shorter = self._spool.shortened()
        data = b"".join(frame(line) for line in (shorter.file_head(), *shorter.lines))
        try:
            await self._in_thread(lambda: self._file.replace(data))
        except OSError as error:
            _log.warning("the play log cannot be shortened: %s", error, extra={"action": "log"})
            return
        # A receipt may have come while the disk was busy.
        acknowledged = max(shorter.acknowledged, self._spool.acknowledged)
        self._spool = Spool(
            shorter.log, shorter.first, shorter.previous, shorter.lines, acknowledged
        )


def _line(said: Log, at: int) -> LogEntry:
    return LogEntry(
        sequence=0,
        previous=GENESIS,
        at=at,
        outcome=said.outcome,
        item=said.item,
        announcement=said.announcement,
        message_class=said.message_class,
        rendition=said.rendition,
        planned=said.planned,
        began=said.began,
        asked=said.asked_ms,
        sounded=said.sounded_ms,
        reason=said.reason.value,
    )
