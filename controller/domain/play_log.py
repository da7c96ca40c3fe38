"""Play log lines as terminals wrote them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from controller.domain.ids import HashText
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.reports import Outcome

FINAL_OUTCOMES: Final = frozenset({Outcome.SOUNDED, Outcome.CUT, Outcome.MISSED})


@dataclass(frozen=True, slots=True)
class PlayLogEntry:
    """One line. Unique: (`terminal`, `log`, `sequence`).

    `digest` is the SHA-256 of the line as the terminal encoded it; the next line's
    `previous` must equal it.
    """

    terminal: UUID
    log: UUID
    sequence: int
    previous: bytes
    digest: bytes
    at: datetime
    outcome: Outcome
    item: UUID
    announcement: UUID | None
    message_class: MessageClass
    rendition: HashText
    planned: datetime
    began: datetime | None
    asked_ms: int
    sounded_ms: int
    reason: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class PlayLogCursor:
    """The last line stored without a gap of one terminal's log."""

    terminal: UUID
    log: UUID
    sequence: int
    digest: bytes


def follows(entry: PlayLogEntry, cursor: PlayLogCursor | None) -> bool:
    """True when the line continues the log exactly: next number, and chained to the last.

    The first line of a log has number 0 or 1 and chains to 32 zero bytes.
    """
    if cursor is None:
        return entry.sequence in {0, 1} and entry.previous == bytes(32)
    return entry.sequence == cursor.sequence + 1 and entry.previous == cursor.digest


@dataclass(frozen=True, slots=True)
class Airing:
    """How one item went on one terminal, as its lines say."""

    outcome: Outcome
    began: datetime | None
    sounded_ms: int
    reason: str


def airing_of(entries: Sequence[PlayLogEntry]) -> Airing:
    """Return how an item went, from all lines about it on one terminal (at least one).

    Lines count up: the last one that says how it ended holds the whole of it; as long as
    there is none, it has started. Lines of one log follow each other by number, not by time:
    the terminal's clock may have been put right between them. A later log follows an earlier.
    """
    heard: dict[UUID, datetime] = {}
    for entry in entries:
        heard[entry.log] = min(entry.received_at, heard.get(entry.log, entry.received_at))
    said = max(
        entries,
        key=lambda one: (one.outcome in FINAL_OUTCOMES, heard[one.log], one.log, one.sequence),
    )
    began = [entry.began for entry in entries if entry.began is not None]
    return Airing(said.outcome, min(began, default=None), said.sounded_ms, said.reason)
