"""Answers a terminal's hello: compares what it holds with what it should, sends the rest."""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from controller.domain.document import Acknowledged, Document
from controller.domain.event import EventKind
from controller.domain.terminal import TerminalHello
from controller.services.context import Context
from controller.services.dispatch import Dispatch
from controller.services.gathering import Gathering
from controller.services.ports import Transaction
from controller.services.roster import KnownTerminal, Roster
from edge_agent.wire.codec import decode_strict
from edge_agent.wire.envelope import MessageType, parse
from edge_agent.wire.reports import Hello
from edge_agent.wire.state import Rundown

_log = logging.getLogger(__name__)

_BOOTS_KEPT: Final = 8
_MOST: Final = 20_000

_STATE: Final = frozenset(
    {
        MessageType.TRUST,
        MessageType.ASSIGNMENT,
        MessageType.POLICY,
        MessageType.RUNDOWN,
        MessageType.STOP,
    }
)


@dataclass(frozen=True, slots=True)
class _Greeting:
    known: KnownTerminal
    hello: Hello
    at: datetime
    doubled: bool
    """Its boot was followed by another one and speaks again: two machines share an identity."""


class Reconcile:
    """Takes hellos; `hellos.run` must run."""

    def __init__(self, context: Context, dispatch: Dispatch, roster: Roster) -> None:
        self._context = context
        self._dispatch = dispatch
        self._roster = roster
        self._boots: OrderedDict[UUID, list[bytes]] = OrderedDict()
        self.hellos = Gathering("hellos", self._greet, most=50)

    async def hello(self, known: KnownTerminal, said: Hello) -> None:
        """Take a hello."""
        doubled = self._is_doubled(known.id, said.boot)
        self.hellos.add(_Greeting(known, said, self._context.clock.now(), doubled))

    def _is_doubled(self, terminal: UUID, boot: bytes) -> bool:
        """Tell whether a boot speaks again after a later one did: a copied card does that.

        A boot's nonce is random and ends with its program, so there is no innocent way.
        """
        boots = self._boots.setdefault(terminal, [])
        self._boots.move_to_end(terminal)
        while len(self._boots) > _MOST:
            self._boots.popitem(last=False)
        if boots and boots[-1] == boot:
            return False
        doubled = boot in boots
        if doubled:
            boots.remove(boot)
        boots.append(boot)
        del boots[:-_BOOTS_KEPT]
        return doubled

    async def _greet(self, greetings: Sequence[_Greeting]) -> None:
        # A terminal that reconnects twice in a moment is answered once.
        latest = {greeting.known.id: greeting for greeting in greetings}
        missing: list[tuple[KnownTerminal, list[Document]]] = []
        async with self._context.database.begin() as tx:
            for greeting in latest.values():
                await self._note(tx, greeting)
                missing.append((greeting.known, await self._lacking(tx, greeting)))
        for greeting in latest.values():
            if greeting.doubled:
                self._roster.forget(greeting.known.id)
        for known, documents in missing:
            self._context.tell(EventKind.TERMINAL, known.id, known.chain)
            await self._dispatch.offer(known, documents)

    async def _note(self, tx: Transaction, greeting: _Greeting) -> None:
        known, said = greeting.known, greeting.hello
        await tx.terminals.store_hello(
            TerminalHello(
                terminal=known.id,
                received_at=greeting.at,
                boot=said.boot,
                boot_count=said.boot_count,
                wire_versions=said.wire_versions[:16],
                agent=said.agent.replace("\0", ""),
                log=said.log,
                log_next=said.log_next,
                log_acknowledged=said.log_acknowledged,
            )
        )
        held = sorted({one.hex() for one in said.renditions})
        await tx.renditions.set_held(known.id, held, greeting.at)
        if greeting.doubled and known.terminal.quarantined_at is None:
            await tx.terminals.save(replace(known.terminal, quarantined_at=greeting.at))
            await self._context.note(
                tx, None, known.terminal.area, "terminal.doubled", known.id, known.terminal.name
            )

    async def _lacking(self, tx: Transaction, greeting: _Greeting) -> list[Document]:
        """Return what to send; what the terminal holds counts as acknowledged."""
        known = greeting.known
        held = {(one.type, one.area, one.version) for one in greeting.hello.held}
        documents = await tx.documents.addressed_to(known.id, greeting.at)
        orders = {
            (one.document.type, one.document.subject)
            for one in await tx.documents.pending(greeting.at, [known.id])
            if one.document.type not in _STATE
        }
        lacking = []
        for document in documents:
            if document.type not in _STATE:
                if (document.type, document.subject) in orders:
                    lacking.append(document)
            elif (document.type, _area(document, known), document.version) in held:
                await tx.documents.acknowledge(_has(document, greeting))
            else:
                lacking.append(document)
        return lacking


def _area(document: Document, known: KnownTerminal) -> str:
    """Return by which area a terminal's hello names a document."""
    if document.type is MessageType.TRUST:
        return known.chain[0]
    if document.type is MessageType.ASSIGNMENT:
        return known.chain[-1]
    if document.type is MessageType.RUNDOWN:
        return _rundown_area(document)
    return document.area


def _rundown_area(document: Document) -> str:
    return decode_strict(Rundown, parse(document.envelope).payload).area


def _has(document: Document, greeting: _Greeting) -> Acknowledged:
    return Acknowledged(
        terminal=greeting.known.id,
        type=document.type,
        subject=document.subject,
        version=document.version,
        digest=document.digest,
        at=greeting.at,
    )
