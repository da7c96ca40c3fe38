"""Terminals: what was set, what they last reported, and the health that follows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from controller.domain.errors import Conflict, ErrorCode
from controller.domain.ids import AreaId
from edge_agent.wire.precedence import Layer
from edge_agent.wire.reports import ClockState

SILENT_AFTER: Final = timedelta(seconds=90)
"""Without a heartbeat for so long a terminal is shown as silent."""

DEFAULT_VOLUME: Final = 80
DEFAULT_AMPLIFIER_LEAD_MS: Final = 1500


class Health(StrEnum):
    """The one word that screens show for a terminal."""

    ON_AIR = "on_air"
    READY = "ready"
    SILENT = "silent"
    FAULTY = "faulty"
    UNKNOWN = "unknown"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Terminal:
    """An enrolled terminal and what it is set to.

    `public_key` is the terminal's own Ed25519 key; `broker_password_hash` what the broker
    is told. `virtual` marks a terminal of the demonstration whose sound can be heard.
    """

    id: UUID
    area: AreaId
    name: str
    public_key: bytes
    broker_password_hash: str
    enrolled_at: datetime
    volume: int = DEFAULT_VOLUME
    amplifier_lead_ms: int = DEFAULT_AMPLIFIER_LEAD_MS
    hardware: str = ""
    virtual: bool = False
    retired_at: datetime | None = None
    quarantined_at: datetime | None = None
    """Since when two machines seem to use this identity (a copied SD card)."""


@dataclass(frozen=True, slots=True)
class TerminalStatus:
    """The last heartbeat; `received_at` is by our clock, `at` by the terminal's."""

    terminal: UUID
    received_at: datetime
    at: datetime
    clock: ClockState
    clock_reason: str
    sounding: UUID | None
    layer: Layer | None
    position_ms: int
    volume: int
    stopped_until: datetime | None
    rundown_version: int
    renditions_held: int
    renditions_wanted: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TerminalHello:
    """The last hello: which program and boot speaks, and its play log's cursor."""

    terminal: UUID
    received_at: datetime
    boot: bytes
    boot_count: int
    wire_versions: tuple[int, ...]
    agent: str
    log: UUID
    log_next: int
    log_acknowledged: int


@dataclass(frozen=True, slots=True)
class TerminalTelemetry:
    """The last slow figures; `bytes_month` counts both directions in the local month."""

    terminal: UUID
    received_at: datetime
    uptime_ms: int | None
    cpu_millidegrees: int | None
    load_permille: int | None
    memory_kib: int | None
    disk_free_mib: int | None
    bytes_in: int
    bytes_out: int
    bytes_month: int
    month: str
    """Local month that `bytes_month` counts, for example "2026-11"."""
    reconnects: int
    round_trip_us: int | None
    refused: int


@dataclass(frozen=True, slots=True)
class TerminalState:
    """A terminal with the latest of everything it reported."""

    terminal: Terminal
    status: TerminalStatus | None = None
    hello: TerminalHello | None = None
    telemetry: TerminalTelemetry | None = None


@dataclass(frozen=True, slots=True)
class HealthCounts:
    """How many terminals of an area (and below) are in each health."""

    on_air: int = 0
    ready: int = 0
    silent: int = 0
    faulty: int = 0
    unknown: int = 0
    last_report_at: datetime | None = None

    @property
    def terminals(self) -> int:
        """All that are in service."""
        return self.on_air + self.ready + self.silent + self.faulty + self.unknown


FAULTY_CLOCKS: Final = frozenset({ClockState.UNTRUSTED, ClockState.CONTRADICTED})


def health(
    terminal: Terminal,
    status: TerminalStatus | None,
    now: datetime,
    listening_since: datetime | None,
) -> Health:
    """Return the health of a terminal at `now`.

    `listening_since` tells since when we would have heard a heartbeat (broker link up; None:
    we do not hear). While we have not listened for 90 s, an old report says nothing about the
    terminal: it is unknown, not silent. Never reported is unknown.
    """
    if terminal.retired_at is not None:
        return Health.RETIRED
    if status is None:
        return Health.UNKNOWN
    if now - status.received_at > SILENT_AFTER:
        listened = listening_since is not None and now - listening_since > SILENT_AFTER
        return Health.SILENT if listened else Health.UNKNOWN
    if terminal.quarantined_at is not None:
        return Health.FAULTY
    if status.problems or status.clock in FAULTY_CLOCKS:
        return Health.FAULTY
    return Health.ON_AIR if status.sounding is not None else Health.READY


def require_in_service(terminal: Terminal) -> None:
    """Refuse a retired terminal. Raises Conflict `terminal_retired`."""
    if terminal.retired_at is not None:
        raise Conflict(ErrorCode.TERMINAL_RETIRED)
