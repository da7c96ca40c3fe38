"""The ledger of started airings: in memory and, before anything sounds, on disk."""

import logging
from uuid import UUID

from edge_agent.core.ledger import Ledger, LedgerFull, StartRecord
from edge_agent.services.ports import InThread, LedgerFile

_log = logging.getLogger(__name__)


class LedgerBook:
    """Writes records; used by one lane, so that writes keep their order."""

    def __init__(self, file: LedgerFile, in_thread: InThread) -> None:
        self._file = file
        self._in_thread = in_thread
        self._ledger = Ledger(b"")
        self._unsaved: dict[UUID, StartRecord] = {}
        self.writable = False

    async def load(self) -> list[StartRecord]:
        """Read all records; without a readable file there are none, and it is not writable."""
        try:
            self._ledger = Ledger(await self._in_thread(self._file.read))
        except OSError as error:
            _log.warning("the ledger cannot be read: %s", error, extra={"action": "load"})
            return []
        await self.probe()
        return self._ledger.records

    async def write(self, record: StartRecord) -> None:
        """Write a record; durable when it returns. Raises OSError, LedgerFull."""
        try:
            write = self._ledger.put(record)
            await self._in_thread(lambda: self._file.write(write))
        except (OSError, LedgerFull):
            self._unsaved[record.id] = record
            self._note(writable=False)
            raise
        self._unsaved.pop(record.id, None)

    async def probe(self) -> None:
        """Find out whether it can be written, and write what could not be before."""
        try:
            await self._in_thread(self._file.probe)
            for record in list(self._unsaved.values()):
                await self.write(record)
        except (OSError, LedgerFull):
            self._note(writable=False)
        else:
            self._note(writable=True)

    def _note(self, *, writable: bool) -> None:
        if self.writable and not writable:
            _log.error("the ledger cannot be written", extra={"action": "ledger"})
        self.writable = writable
