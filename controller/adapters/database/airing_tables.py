"""Tables of dated airings, diary and play log, and of the program's own bookkeeping."""

from typing import Final

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
    Text,
    UniqueConstraint,
    Uuid,
)

from controller.adapters.database.column_types import EnumText, UtcDateTime
from controller.adapters.database.fleet_tables import terminal_key
from controller.adapters.database.tables import HASH, area_column, metadata
from controller.domain.occurrence import DiaryOutcome, OccurrenceState
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.reports import Outcome

occurrences = Table(
    "occurrences",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("schedule", Uuid, nullable=False),
    Column("recurrence_id", String(15), nullable=False),
    Column("announcement", Uuid, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("approval", Uuid, nullable=False),
    area_column(),
    Column("message_class", EnumText(MessageClass), nullable=False),
    Column("title", String(200), nullable=False),
    Column("rendition", HASH, nullable=False),
    Column("start", UtcDateTime, nullable=False, index=True),
    Column("ends", UtcDateTime, nullable=False, index=True),
    Column("duration_ms", Integer, nullable=False),
    Column("latest_start", UtcDateTime, nullable=False),
    Column("state", EnumText(OccurrenceState), nullable=False),
    Column("began", Boolean, nullable=False),
    Column("reason", String(80)),
    UniqueConstraint("schedule", "recurrence_id"),
    Index(None, "area", "start"),
    Index(None, "state", "ends"),
)

occurrence_terminals = Table(
    "occurrence_terminals",
    metadata,
    Column("occurrence", Uuid, ForeignKey("occurrences.id", ondelete="CASCADE"), primary_key=True),
    Column("terminal", Uuid, ForeignKey("terminals.id"), primary_key=True),
    Index(None, "terminal"),
)
"""Whom an occurrence is for; the diary has a row for each that was asked."""

diary = Table(
    "diary",
    metadata,
    Column("item", Uuid, primary_key=True),
    Column("terminal", Uuid, ForeignKey("terminals.id"), primary_key=True),
    area_column(),
    Column("announcement", Uuid),
    Column("title", String(200), nullable=False),
    Column("message_class", EnumText(MessageClass), nullable=False),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("began_at", UtcDateTime),
    Column("asked_ms", Integer, nullable=False),
    Column("sounded_ms", Integer, nullable=False),
    Column("outcome", EnumText(DiaryOutcome), nullable=False),
    Column("reason", String(80)),
    Column("approval", Uuid),
    Column("rendition", HASH),
    Index(None, "planned_at", "item", "terminal"),
    Index(None, "area", "planned_at"),
    Index(None, "terminal", "planned_at"),
    Index(None, "outcome", "ends_at"),
)

play_log = Table(
    "play_log",
    metadata,
    terminal_key(),
    Column("log", Uuid, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("previous", LargeBinary(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", EnumText(Outcome), nullable=False),
    Column("item", Uuid, nullable=False),
    Column("announcement", Uuid),
    Column("message_class", EnumText(MessageClass), nullable=False),
    Column("rendition", HASH, nullable=False),
    Column("planned", UtcDateTime, nullable=False),
    Column("began", UtcDateTime),
    Column("asked_ms", Integer, nullable=False),
    Column("sounded_ms", Integer, nullable=False),
    Column("reason", String(80), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index(None, "item", "terminal"),
)

audit = Table(
    "audit",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Uuid, nullable=False, unique=True),
    Column("at", UtcDateTime, nullable=False),
    area_column(),
    Column("actor", Uuid),
    Column("actor_name", String(200), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", LargeBinary(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Index(None, "area", "sequence"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", Uuid, primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("route", String(200), primary_key=True),
    Column("body_hash", LargeBinary(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("status", Integer),
    Column("answer", LargeBinary, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("holder", Uuid, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

planning: Final = Table(
    "planning",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("planned_until", UtcDateTime, nullable=False),
)
"""One row: up to when the engine has planned."""
