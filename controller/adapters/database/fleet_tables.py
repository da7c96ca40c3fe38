"""Tables of terminals, their documents, airings and logs, and the program's bookkeeping."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
)

from controller.adapters.database.column_types import EnumNumber, EnumText, Many, UtcDateTime
from controller.adapters.database.tables import AREA, HASH, area_column, metadata
from controller.domain.order import OrderKind
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.precedence import Layer
from edge_agent.wire.reports import ClockState

terminals = Table(
    "terminals",
    metadata,
    Column("id", Uuid, primary_key=True),
    area_column(),
    Column("name", String(200), nullable=False),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("broker_password_hash", String(200), nullable=False),
    Column("enrolled_at", UtcDateTime, nullable=False),
    Column("volume", Integer, nullable=False),
    Column("amplifier_lead_ms", Integer, nullable=False),
    Column("hardware", String(200), nullable=False),
    Column("virtual", Boolean, nullable=False),
    Column("retired_at", UtcDateTime),
    Column("quarantined_at", UtcDateTime),
    Index(None, "area", "name"),
)


def terminal_key() -> Column[object]:
    """The terminal that a row hangs on, as (part of) its key."""
    return Column("terminal", Uuid, ForeignKey("terminals.id"), primary_key=True)


terminal_statuses = Table(
    "terminal_statuses",
    metadata,
    terminal_key(),
    Column("received_at", UtcDateTime, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("clock", EnumText(ClockState), nullable=False),
    Column("clock_reason", String(200), nullable=False),
    Column("sounding", Uuid),
    Column("layer", EnumNumber(Layer)),
    Column("position_ms", Integer, nullable=False),
    Column("volume", Integer, nullable=False),
    Column("stopped_until", UtcDateTime),
    Column("rundown_version", BigInteger, nullable=False),
    Column("renditions_held", Integer, nullable=False),
    Column("renditions_wanted", Integer, nullable=False),
    Column("problems", Many(), nullable=False),
)

terminal_hellos = Table(
    "terminal_hellos",
    metadata,
    terminal_key(),
    Column("received_at", UtcDateTime, nullable=False),
    Column("boot", LargeBinary(16), nullable=False),
    Column("boot_count", BigInteger, nullable=False),
    Column("wire_versions", Many(int), nullable=False),
    Column("agent", String(64), nullable=False),
    Column("log", Uuid, nullable=False),
    Column("log_next", BigInteger, nullable=False),
    Column("log_acknowledged", BigInteger, nullable=False),
)

terminal_telemetry = Table(
    "terminal_telemetry",
    metadata,
    terminal_key(),
    Column("received_at", UtcDateTime, nullable=False),
    Column("uptime_ms", BigInteger),
    Column("cpu_millidegrees", Integer),
    Column("load_permille", Integer),
    Column("memory_kib", BigInteger),
    Column("disk_free_mib", BigInteger),
    Column("bytes_in", BigInteger, nullable=False),
    Column("bytes_out", BigInteger, nullable=False),
    Column("bytes_month", BigInteger, nullable=False),
    Column("month", String(7), nullable=False),
    Column("reconnects", BigInteger, nullable=False),
    Column("round_trip_us", BigInteger),
    Column("refused", BigInteger, nullable=False),
)

terminal_renditions = Table(
    "terminal_renditions",
    metadata,
    terminal_key(),
    Column("rendition", HASH, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "rendition"),
)
"""What terminals say they hold."""

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Uuid, primary_key=True),
    area_column(),
    Column("name", String(200), nullable=False),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("virtual", Boolean, nullable=False),
    Column("used_at", UtcDateTime),
    Column("terminal", Uuid),
    Column("voided_at", UtcDateTime),
    Index(None, "area", "created_at"),
)

documents = Table(
    "documents",
    metadata,
    Column("type", EnumNumber(MessageType), primary_key=True),
    Column("subject", String(80), primary_key=True),
    area_column(),
    Column("version", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("target_areas", Many(), nullable=False),
    Column("target_terminals", Many(UUID), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, index=True),
)

document_areas = Table(
    "document_areas",
    metadata,
    Column("type", EnumNumber(MessageType), primary_key=True),
    Column("subject", String(80), primary_key=True),
    Column("area", AREA, ForeignKey("areas.id"), primary_key=True),
    Index(None, "area"),
)

document_terminals = Table(
    "document_terminals",
    metadata,
    Column("type", EnumNumber(MessageType), primary_key=True),
    Column("subject", String(80), primary_key=True),
    Column("terminal", Uuid, ForeignKey("terminals.id"), primary_key=True),
    Index(None, "terminal"),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    terminal_key(),
    Column("type", EnumNumber(MessageType), primary_key=True),
    Column("subject", String(80), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "type", "subject"),
)

rundowns = Table(
    "rundowns",
    metadata,
    terminal_key(),
    Column("version", BigInteger, nullable=False),
    Column("content", LargeBinary(32), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False, index=True),
    Column("valid_until", UtcDateTime, nullable=False),
    Column("changes", BigInteger, nullable=False),
    Column("made_of", BigInteger, nullable=False),
)

stops = Table(
    "stops",
    metadata,
    Column("id", Uuid, primary_key=True),
    area_column(),
    Column("terminal", Uuid),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("hold_until", UtcDateTime, nullable=False, index=True),
    Column("issued_by", Uuid, nullable=False),
    Column("issued_by_name", String(200), nullable=False),
    Column("lifted_at", UtcDateTime),
    Column("lifted_by", Uuid),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", EnumText(OrderKind), nullable=False),
    area_column(),
    Column("target_areas", Many(), nullable=False),
    Column("target_terminals", Many(UUID), nullable=False),
    Column("title", String(200), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("issued_by", Uuid, nullable=False),
    Column("issued_by_name", String(200), nullable=False),
    Column("announcement", Uuid),
    Column("approval", Uuid),
    Column("rendition", HASH),
    Column("duration_ms", Integer, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("gap_ms", Integer, nullable=False),
    Column("cancel", Uuid),
    Column("cancelled_at", UtcDateTime),
    Column("cancelled_by", Uuid),
    Index(None, "area", "issued_at"),
)
