"""Signed documents on their way to terminals, and what terminals acknowledged."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from controller.domain.announcement import Targets
from controller.domain.ids import AreaId
from edge_agent.wire.envelope import MessageType


@dataclass(frozen=True, slots=True)
class Document:
    """The current signed envelope of one subject, for every terminal it is addressed to.

    Key: (`type`, `subject`). `subject` is what terminals acknowledge by: the area of a trust
    file or policy, the terminal of an assignment or rundown, the id of a stop or order.
    `targets`: areas (with all below) and single terminals. `digest` is the SHA-256 of
    `envelope`. After `expires_at` nobody needs it any more; None: never.
    """

    type: MessageType
    subject: str
    area: AreaId
    version: int
    envelope: bytes
    digest: bytes
    targets: Targets
    issued_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A terminal's word that it stored a document or took an order."""

    terminal: UUID
    type: MessageType
    subject: str
    version: int
    digest: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """A document that a terminal has not acknowledged yet."""

    terminal: UUID
    document: Document


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a document is: terminals it is addressed to, and those that have it."""

    terminals: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class RundownState:
    """The rundown a terminal was last sent, and whether it must be made anew.

    `version` is 0 and the instants are the epoch before the first one. `content` is the
    SHA-256 of what it holds, so that an unchanged one need not be signed again. `changes`
    counts what has happened that may concern the terminal, `made_of` how much of that the
    rundown knows: read `changes` before gathering, save it as `made_of`, and nothing that
    happens in between is lost.
    """

    terminal: UUID
    version: int
    content: bytes
    issued_at: datetime
    valid_until: datetime
    changes: int = 0
    made_of: int = 0

    @property
    def stale(self) -> bool:
        """True when something has happened since."""
        return self.changes > self.made_of
