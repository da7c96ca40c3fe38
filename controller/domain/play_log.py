"""Play log lines as terminals wrote them."""

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
