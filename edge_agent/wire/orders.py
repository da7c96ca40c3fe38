"""Orders and answers: acted on once by id, repeated until acknowledged or expired."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from edge_agent.wire.codec import AreaId, DurationMs, Instant, Message, Sha256, Title
from edge_agent.wire.precedence import MessageClass


class Play(Message, frozen=True, kw_only=True):
    """Sound a stored rendition now. Emergency goes by orders; other classes by rundown."""

    id: UUID
    area: AreaId
    """The ordering area; its level decides between two emergencies."""
    targets: tuple[AreaId, ...]
    """Areas or zones whose terminals sound it."""
    terminals: tuple[UUID, ...]
    """Single terminals that sound it as well."""
    message_class: MessageClass
    approval: UUID
    title: Title
    rendition: Sha256
    duration: DurationMs
    issued: Instant
    expires: Instant
    repeats: Annotated[int, msgspec.Meta(ge=1, le=100)]
    gap: DurationMs
    """Silence between two repeats."""


class Cancel(Message, frozen=True, kw_only=True):
    """Ends a play order, also on terminals that hear of the order only later."""

    id: UUID
    area: AreaId
    order: UUID
    issued: Instant
    expires: Instant


class TestKind(StrEnum):
    """What a test does."""

    SILENT = "silent"
    """Checks signature, clock and store without a sound."""
    CHIME = "chime"


class Test(Message, frozen=True, kw_only=True):
    """A test of one terminal; quiet hours and stops hold for it."""

    id: UUID
    area: AreaId
    terminal: UUID
    kind: TestKind
    volume: Annotated[int, msgspec.Meta(ge=0, le=100)]
    issued: Instant
    expires: Instant


class Time(Message, frozen=True, kw_only=True):
    """Signed answer to a terminal's time question."""

    terminal: UUID
    nonce: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    now: Instant


class LogReceipt(Message, frozen=True, kw_only=True):
    """Play log entries up to and including `sequence` of `log` are safe with the controller."""

    terminal: UUID
    log: UUID
    sequence: Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
