"""Who may use the broker: the port to it, and what keeps it in line with the database."""

import asyncio
import hashlib
import hmac
import logging
from typing import Final, Protocol
from uuid import UUID

from controller.services.loops import attempt
from controller.services.ports import Database
from controller.services.roster import Roster

_log = logging.getLogger(__name__)

AGAIN_S: Final = 5.0


class BrokerAccess(Protocol):
    """The broker's list of terminals, as controller.adapters.broker.access gives it.

    All methods raise Unavailable `broker_unavailable`.
    """

    async def grant(self, terminal: UUID, password: str | None, groups: frozenset[str]) -> None:
        """Let a terminal in, or change its groups; None keeps its password.

        A change disconnects it, so that it returns with its new rights.
        """
        ...

    async def revoke(self, terminal: UUID) -> None:
        """Cut a terminal off at once and for good."""
        ...


class BrokerRights:
    """Judges sign-ins from the database, and carries changes to the broker until it took them."""

    def __init__(self, database: Database, access: BrokerAccess, roster: Roster) -> None:
        self._database = database
        self._access = access
        self._roster = roster
        self._waiting: set[UUID] = set()
        self._fresh = asyncio.Event()

    async def groups_of(self, name: str, password: str) -> frozenset[str] | None:
        """Return the groups of a terminal that signs in; None refuses it."""
        try:
            terminal_id = UUID(name)
        except ValueError:
            return None
        self._roster.forget(terminal_id)
        known = await self._roster.find(terminal_id)
        given = password_hash(password)
        kept = known.terminal.broker_password_hash if known else password_hash("")
        if not hmac.compare_digest(given, kept) or known is None or str(terminal_id) != name:
            return None
        return frozenset(known.chain)

    async def apply(self, terminal: UUID) -> None:
        """Bring the broker in line with a changed terminal; what fails now is tried again."""
        if not await attempt("broker_rights", self._apply, terminal):
            self._waiting.add(terminal)
            self._fresh.set()

    async def apply_all(self) -> None:
        """Bring the broker in line with every terminal in service; for the program's start."""
        async with self._database.read() as tx:
            terminals = await tx.terminals.in_service()
        self._waiting.update(terminal.id for terminal in terminals)
        self._fresh.set()

    async def run(self) -> None:
        """Try again what failed, until cancelled."""
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            while self._waiting:
                for terminal in tuple(self._waiting):
                    if not await attempt("broker_rights", self._apply, terminal):
                        break
                    self._waiting.discard(terminal)
                else:
                    continue
                await asyncio.sleep(AGAIN_S)

    async def _apply(self, terminal: UUID) -> None:
        self._roster.forget(terminal)
        known = await self._roster.find(terminal)
        if known is None:
            await self._access.revoke(terminal)
        else:
            await self._access.grant(terminal, None, frozenset(known.chain))


def password_hash(password: str) -> str:
    """Return what the database keeps of a broker password: its SHA-256, 256 random bits deep."""
    return hashlib.sha256(password.encode()).hexdigest()
