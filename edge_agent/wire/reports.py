"""What terminals report. Every report is signed with the terminal's own key.

Reports are read tolerantly: a newer terminal may send fields that we do not know.
"""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from edge_agent.wire.codec import AreaId, DurationMs, Instant, Report, Sha256
from edge_agent.wire.precedence import Layer, MessageClass

Count = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class ClockState(StrEnum):
    """Whether the terminal's wall clock may place an occurrence."""

    UNTRUSTED = "untrusted"
    HOLDOVER = "holdover"
    TRUSTED = "trusted"
    CONTRADICTED = "contradicted"


class HeldState(Report, frozen=True, kw_only=True):
    """One state document that the terminal holds."""

    type: int
    area: AreaId
    version: Count


class Hello(Report, frozen=True, kw_only=True):
    """First message of every connection: what the terminal holds."""

    terminal: UUID
    boot: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    """Random nonce of this boot of the program."""
    boot_count: Count
    wire_versions: tuple[int, ...]
    agent: Annotated[str, msgspec.Meta(max_length=64)]
    held: tuple[HeldState, ...]
    renditions: tuple[Sha256, ...]
    """Complete and hash-checked."""
    log: UUID
    log_next: Count
    """Sequence number of the next play log entry."""
    log_acknowledged: Count


class Acknowledgement(Report, frozen=True, kw_only=True):
    """The terminal stored a state document or took an order."""

    terminal: UUID
    type: int
    subject: Annotated[str, msgspec.Meta(max_length=80)]
    """Area of a state document, id of an order or stop, hash of a rendition."""
    version: Count
    digest: Sha256
    """SHA-256 of the envelope that was acted on."""


class Status(Report, frozen=True, kw_only=True):
    """State of a terminal: sent on every change and as a heartbeat."""

    terminal: UUID
    at: Instant
    clock: ClockState
    clock_reason: Annotated[str, msgspec.Meta(max_length=120)]
    sounding: UUID | None
    """Occurrence or order that is heard now."""
    layer: Layer | None
    position: DurationMs
    """How far into the item the sound is."""
    volume: int
    stopped_until: Instant | None
    rundown_version: Count
    renditions_held: Count
    renditions_wanted: Count
    problems: tuple[str, ...]
    """Stable codes of what is wrong now."""


class Telemetry(Report, frozen=True, kw_only=True):
    """Slow figures of a terminal's health; None where the machine cannot tell."""

    terminal: UUID
    at: Instant
    uptime: DurationMs | None
    cpu_millidegrees: int | None
    load_permille: int | None
    memory_kib: int | None
    disk_free_mib: int | None
    bytes_in: Count
    bytes_out: Count
    reconnects: Count
    round_trip_us: int | None
    refused: Count


class Outcome(StrEnum):
    """How one airing went on one terminal."""

    STARTED = "started"
    SOUNDED = "sounded"
    CUT = "cut"
    MISSED = "missed"


class LogEntry(Report, frozen=True, kw_only=True):
    """One line of the play log. `previous` chains it to the line before (SHA-256)."""

    sequence: Count
    previous: Sha256
    at: Instant
    outcome: Outcome
    item: UUID
    """Occurrence, order or test."""
    announcement: UUID | None
    message_class: MessageClass
    rendition: Sha256
    planned: Instant
    began: Instant | None
    """Wall instant of the first sample."""
    asked: DurationMs
    sounded: DurationMs
    reason: Annotated[str, msgspec.Meta(max_length=80)]
    """Stable code; empty when all went as asked."""


class LogBatch(Report, frozen=True, kw_only=True):
    """Play log lines that the controller has not acknowledged yet, oldest first."""

    terminal: UUID
    log: UUID
    entries: tuple[LogEntry, ...]


class BlockRange(Report, frozen=True, kw_only=True):
    """Blocks first ≤ i < end of a rendition."""

    first: Count
    end: Count


class Want(Report, frozen=True, kw_only=True):
    """Asks for a rendition: its manifest, or the blocks that are missing."""

    terminal: UUID
    rendition: Sha256
    manifest: bool
    ranges: tuple[BlockRange, ...]
    urgency: Instant
    """When the rendition is needed; earlier ones go first."""


class Refused(Report, frozen=True, kw_only=True):
    """A message that did not count, and why."""

    terminal: UUID
    at: Instant
    reason: Annotated[str, msgspec.Meta(max_length=40)]
    type: int | None
    topic: Annotated[str, msgspec.Meta(max_length=120)]
    key_id: bytes
    digest: Sha256
    count: Count
    """How many times the same was refused since the last report of it."""


class TimeQuestion(Report, frozen=True, kw_only=True):
    """Asks for the controller's signed time."""

    terminal: UUID
    nonce: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
