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

    `content` is the SHA-256 of what it holds, so that an unchanged one is not signed again
    before `renew_at`.
    """

    terminal: UUID
    version: int
    content: bytes
    issued_at: datetime
    valid_until: datetime
    stale: bool = False
