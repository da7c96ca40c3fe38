"""Terminals in service as messages need them: key and place, from memory."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from controller.domain.ids import AreaId
from controller.domain.terminal import Terminal
from controller.services.loops import Monotonic
from controller.services.ports import Database

FRESH_S: Final = 60.0
"""After this a terminal is read again: another controller may have changed it."""
_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class KnownTerminal:
    """A terminal in service and the areas it lies in, the top first."""

    terminal: Terminal
    chain: tuple[AreaId, ...]

    @property
    def id(self) -> UUID:
        """The terminal's identity."""
        return self.terminal.id


class Roster:
    """Remembers who is in service."""

    def __init__(self, database: Database, monotonic: Monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._known: OrderedDict[UUID, tuple[float, KnownTerminal | None]] = OrderedDict()

    async def find(self, terminal_id: UUID) -> KnownTerminal | None:
        """Return a terminal in service; None for an unknown or retired one."""
        now = self._monotonic()
        read_at, known = self._known.get(terminal_id, (0.0, None))
        if terminal_id in self._known and now - read_at < FRESH_S:
            return known
        found = await self._read(terminal_id)
        self._known[terminal_id] = (now, found)
        self._known.move_to_end(terminal_id)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return found

    def forget(self, terminal_id: UUID) -> None:
        """Read a terminal again next time: it has changed."""
        self._known.pop(terminal_id, None)

    async def _read(self, terminal_id: UUID) -> KnownTerminal | None:
        async with self._database.read() as tx:
            terminal = await tx.terminals.find(terminal_id)
            if terminal is None or terminal.retired_at is not None:
                return None
            chains = await tx.areas.chains([terminal.area])
        return KnownTerminal(terminal, chains[terminal.area])
