"""Carries signed documents to terminals and repeats them until they are acknowledged.

What is owed to whom is in the database (documents and acknowledgements); only how often it
was tried is in memory, so after a restart everything owed is due at once. A terminal that
is not there costs nothing: it says hello when it returns and gets all that it misses.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from controller.domain.document import Acknowledged, Document, Pending
from controller.domain.event import EventKind
from controller.services.context import Context
from controller.services.gathering import Gathering
from controller.services.loops import Monotonic, attempt
from controller.services.ports import Messenger, Transaction
from controller.services.presence import Presence
from controller.services.roster import KnownTerminal
from edge_agent.link import LinkError, LinkProblem
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.reports import Acknowledgement
from edge_agent.wire.topics import Lane, down, group

_log = logging.getLogger(__name__)

FIRST_AGAIN_S: Final = 1.0
"""How long an answer to a first try is waited for; doubled with each further try."""
ORDER_CAP_S: Final = 8.0
STATE_CAP_S: Final = 60.0
_IDLE_S: Final = 15.0
_SEND_S: Final = 5.0
_AT_A_TIME: Final = 200
"""Terminals whose debts are read in one query."""

ORDERS: Final = frozenset(
    {MessageType.STOP, MessageType.PLAY, MessageType.CANCEL, MessageType.TEST}
)
"""What a person waits for."""

_RANK: Final = {
    kind: rank
    for rank, kind in enumerate(
        (
            MessageType.TRUST,
            MessageType.ASSIGNMENT,
            MessageType.POLICY,
            MessageType.CANCEL,
            MessageType.STOP,
            MessageType.PLAY,
            MessageType.TEST,
            MessageType.RUNDOWN,
        )
    )
}
"""Order of sending: what a later one is believed by goes first, a cancel before its order."""

_EVENTS: Final = {
    MessageType.STOP: EventKind.STOP,
    MessageType.PLAY: EventKind.EMERGENCY,
    MessageType.CANCEL: EventKind.EMERGENCY,
    MessageType.TEST: EventKind.TERMINAL,
}

_Subject = tuple[MessageType, str]


@dataclass(slots=True)
class _Try:
    """How often a terminal was told, when last, and when it is told again."""

    digest: bytes
    count: int
    at: float
    due: float


@dataclass(frozen=True, slots=True)
class _Word:
    """An acknowledgement on its way into the database."""

    known: KnownTerminal
    kind: MessageType
    subject: str
    said: Acknowledgement
    at: datetime


class Dispatch:
    """Sends documents; told of acknowledgements by reception, of hellos by reconcile."""

    def __init__(
        self, context: Context, messenger: Messenger, presence: Presence, monotonic: Monotonic
    ) -> None:
        self._context = context
        self._messenger = messenger
        self._presence = presence
        self._monotonic = monotonic
        self._tries: dict[UUID, dict[_Subject, _Try]] = {}
        self._owed: dict[UUID, set[_Subject]] = {}
        self._announced: dict[_Subject, tuple[bytes, float]] = {}
        self.words = Gathering("acknowledgements", self._store)
        self.sent = 0

    async def announce(self, document: Document) -> None:
        """Send an order at once: one message to each area, one to each single terminal.

        Called after the transaction that stored it. Never raises: `run` goes on with it.
        """
        subject = (document.type, document.subject)
        self._announced[subject] = (document.digest, self._monotonic())
        topics = [group(area, Lane.ORDER) for area in document.targets.areas]
        topics += [down(terminal) for terminal in document.targets.terminals]
        for topic in topics:
            await attempt("announce", self._publish, topic, document)
        self._context.outbox.wake()

    async def offer(self, known: KnownTerminal, documents: Iterable[Document]) -> None:
        """Send what a terminal said it does not hold, and repeat it like all that is owed.

        What was acknowledged before counts no more: the terminal lost it. What was sent a
        moment ago is on its way.
        """
        owed = self._owed.setdefault(known.id, set())
        for document in _in_order(documents):
            owed.add((document.type, document.subject))
            if self._on_its_way(known.id, document):
                continue
            if not await self._send(known.id, document):
                break
        self._context.outbox.wake()

    def _on_its_way(self, terminal: UUID, document: Document) -> bool:
        """Tell whether a document was sent just now; older tries count no more."""
        known = self._tries.get(terminal, {}).get((document.type, document.subject))
        if known is None or known.digest != document.digest:
            return False
        known.count, known.due = 1, known.at + FIRST_AGAIN_S
        return known.due > self._monotonic()

    async def acknowledged(self, known: KnownTerminal, said: Acknowledgement) -> None:
        """Take a terminal's word that it has something."""
        kind = MessageType(said.type) if said.type in _RANK else None
        if kind is None:
            return
        subject = _subject(kind, known, said.subject)
        self.words.add(_Word(known, kind, subject, said, self._context.clock.now()))

    async def run(self) -> None:
        """Send what is owed until cancelled."""
        pause = 0.0
        while True:
            await self._context.outbox.wait(pause)
            pause = FIRST_AGAIN_S
            if await attempt("dispatch", self.send_due):
                pause = self._next_due()

    async def send_due(self) -> None:
        """Send everything that is due now to terminals that are there."""
        if not self._messenger.status.connected:
            return
        present = sorted(self._presence.present())
        for terminal in self._tries.keys() - set(present):
            del self._tries[terminal]
        for some in _pieces(present, _AT_A_TIME):
            async with self._context.database.read() as tx:
                pending = [
                    *await tx.documents.pending(self._context.clock.now(), some),
                    *await self._lost(tx, some),
                ]
            for one in _urgent_first(pending):
                if self._is_due(one) and not await self._send(one.terminal, one.document):
                    return
        self._forget_old_announcements()

    async def _lost(self, tx: Transaction, terminals: Sequence[UUID]) -> list[Pending]:
        """Return what terminals acknowledged once and said since that they lack."""
        found = []
        for terminal in terminals:
            for kind, subject in tuple(self._owed.get(terminal, ())):
                document = await tx.documents.find(kind, subject)
                if document is None or _expired(document, self._context.clock.now()):
                    self._owed[terminal].discard((kind, subject))
                else:
                    found.append(Pending(terminal, document))
        return found

    def _is_due(self, one: Pending) -> bool:
        subject = (one.document.type, one.document.subject)
        tries = self._tries.setdefault(one.terminal, {})
        known = tries.get(subject)
        if known is not None and known.digest == one.document.digest:
            return known.due <= self._monotonic()
        digest, at = self._announced.get(subject, (b"", 0.0))
        if digest == one.document.digest:
            tries[subject] = _Try(digest, 1, at, at + FIRST_AGAIN_S)
            return at + FIRST_AGAIN_S <= self._monotonic()
        return True

    async def _send(self, terminal: UUID, document: Document) -> bool:
        """Send to one terminal; False when the broker takes nothing more now."""
        if _expired(document, self._context.clock.now()):
            return True
        tries = self._tries.setdefault(terminal, {})
        subject = (document.type, document.subject)
        before = tries.get(subject)
        count = before.count + 1 if before and before.digest == document.digest else 1
        cap = ORDER_CAP_S if document.type in ORDERS else STATE_CAP_S
        now = self._monotonic()
        due = now + min(cap, FIRST_AGAIN_S * 2.0 ** min(count - 1, 16))
        tries[subject] = _Try(document.digest, count, now, due)
        try:
            await self._publish(down(terminal), document)
        except LinkError as error:
            _log.info("not sent: %s", error, extra={"action": "send", "problem": error.problem})
            return error.problem is LinkProblem.PACKET_TOO_LARGE
        return True

    async def _publish(self, topic: str, document: Document) -> None:
        await self._messenger.publish(topic, document.envelope, _SEND_S)
        self.sent += 1

    async def _store(self, words: Sequence[_Word]) -> None:
        fresh: dict[_Subject, Document] = {}
        async with self._context.database.begin() as tx:
            for word in words:
                document = await tx.documents.find(word.kind, word.subject)
                if document is None or document.digest != word.said.digest:
                    continue
                if await tx.documents.acknowledge(_acknowledged(word, document)):
                    fresh[(word.kind, word.subject)] = document
                self._settle(word.known.id, (word.kind, word.subject), document)
            chains = await tx.areas.chains([document.area for document in fresh.values()])
        for (kind, subject), document in fresh.items():
            event = _EVENTS.get(kind)
            if event is not None and document.area in chains:
                shown = subject if kind is not MessageType.TEST else str(words[0].known.id)
                self._context.tell(event, shown, chains[document.area])

    def _settle(self, terminal: UUID, subject: _Subject, document: Document) -> None:
        self._owed.get(terminal, set()).discard(subject)
        tries = self._tries.get(terminal, {})
        known = tries.get(subject)
        if known is not None and known.digest == document.digest:
            del tries[subject]

    def _next_due(self) -> float:
        now = self._monotonic()
        due = [one.due for tries in self._tries.values() for one in tries.values()]
        return max(0.05, min(_IDLE_S, min(due, default=now + _IDLE_S) - now))

    def _forget_old_announcements(self) -> None:
        old = self._monotonic() - 10 * FIRST_AGAIN_S
        self._announced = {key: one for key, one in self._announced.items() if one[1] > old}


def _acknowledged(word: _Word, document: Document) -> Acknowledged:
    return Acknowledged(
        terminal=word.known.id,
        type=word.kind,
        subject=word.subject,
        version=document.version,
        digest=word.said.digest,
        at=word.at,
    )


def _subject(kind: MessageType, known: KnownTerminal, said: str) -> str:
    """Return under which subject a document of ours is kept that a terminal names by `said`."""
    if kind in {MessageType.ASSIGNMENT, MessageType.RUNDOWN}:
        return str(known.id)
    return known.chain[0] if kind is MessageType.TRUST else said


def _expired(document: Document, now: datetime) -> bool:
    return document.expires_at is not None and document.expires_at <= now


def _in_order(documents: Iterable[Document]) -> list[Document]:
    return sorted(documents, key=lambda one: (_RANK.get(one.type, len(_RANK)), one.issued_at))


def _urgent_first(pending: Sequence[Pending]) -> Iterator[Pending]:
    """Yield all that is owed, terminals for which a person waits before the others."""
    hurried = {one.terminal for one in pending if one.document.type in ORDERS}
    seen: set[tuple[UUID, MessageType, str]] = set()
    for one in sorted(
        pending,
        key=lambda one: (
            one.terminal not in hurried,
            one.terminal,
            _RANK.get(one.document.type, len(_RANK)),
            one.document.issued_at,
        ),
    ):
        key = (one.terminal, one.document.type, one.document.subject)
        if key not in seen:
            seen.add(key)
            yield one


def _pieces(items: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
