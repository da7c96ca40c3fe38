"""Tables of areas, people, sound and announcements. Names of columns are those of the domain.

Every row belongs to an area: by its own `area`, or by the row that it hangs on.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from controller.adapters.database.column_types import EnumText, Many, UtcDateTime
from controller.domain.announcement import AnnouncementState
from controller.domain.area import Level
from controller.domain.recording import RecordingState
from controller.domain.roles import Role
from edge_agent.wire.precedence import MessageClass

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

AREA: Final = String(40)
HASH: Final = String(64)


def area_column() -> Column[str]:
    """The area that a row belongs to."""
    return Column("area", AREA, ForeignKey("areas.id"), nullable=False)


areas = Table(
    "areas",
    metadata,
    Column("id", AREA, primary_key=True),
    Column("level", EnumText(Level), nullable=False),
    Column("name", String(200), nullable=False),
    Column("chain", Many(), nullable=False),
    Column("code", String(10), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("successor", AREA, ForeignKey("areas.id")),
    Index(None, "level", "code"),
)

area_closure = Table(
    "area_closure",
    metadata,
    Column("ancestor", AREA, ForeignKey("areas.id"), primary_key=True),
    Column("descendant", AREA, ForeignKey("areas.id"), primary_key=True),
    Column("depth", Integer, nullable=False),
    Index(None, "descendant", "depth"),
)
"""Each area with all above it and itself (depth 0): listing below an area is one look-up."""

policies = Table(
    "policies",
    metadata,
    Column("area", AREA, ForeignKey("areas.id"), primary_key=True),
    Column("quiet", Text, nullable=False),
    Column("max_volume", Integer, nullable=False),
    Column("max_session_ms", Integer),
    Column("max_day_ms", Integer),
    Column("author_may_approve", Boolean, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", Uuid, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    area_column(),
    Column("username", String(40), nullable=False, unique=True),
    Column("display_name", String(200), nullable=False),
    Column("role", EnumText(Role), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("may_release_emergency", Boolean, nullable=False),
    Column("password_set", Boolean, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("last_seen_at", UtcDateTime),
    Index(None, "area"),
)


def account_column() -> Column[object]:
    """The account that a row hangs on."""
    return Column("account", Uuid, ForeignKey("accounts.id"), nullable=False, index=True)


sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    account_column(),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    account_column(),
    Column("name", String(200), nullable=False),
    Column("secret_hash", LargeBinary(32), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
)

invites = Table(
    "invites",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    account_column(),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", Uuid, primary_key=True),
    area_column(),
    Column("title", String(200), nullable=False),
    Column("size", Integer, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("chime", Boolean, nullable=False),
    Column("closing", Boolean, nullable=False),
    Column("state", EnumText(RecordingState), nullable=False, index=True),
    Column("received", Integer, nullable=False),
    Column("progress", Integer, nullable=False),
    Column("problem", String(60)),
    Column("doubtful", String(60)),
    Column("heard_by", Uuid),
    Column("heard_at", UtcDateTime),
    Column("rendition", HASH, index=True),
    Column("duration_ms", Integer),
    Column("loudness_lufs", Float),
    Column("true_peak_dbtp", Float),
    Column("waveform", Many(int)),
    Index(None, "area", "created_at"),
)

renditions = Table(
    "renditions",
    metadata,
    Column("hash", HASH, primary_key=True),
    area_column(),
    Column("recording", Uuid),
    Column("size", Integer, nullable=False),
    Column("samples", Integer, nullable=False),
    Column("block_size", Integer, nullable=False),
    Column("blocks", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

announcements = Table(
    "announcements",
    metadata,
    Column("id", Uuid, primary_key=True),
    area_column(),
    Column("title", String(200), nullable=False),
    Column("message_class", EnumText(MessageClass), nullable=False),
    Column("recording", Uuid, ForeignKey("recordings.id"), index=True),
    Column("target_areas", Many(), nullable=False),
    Column("target_terminals", Many(UUID), nullable=False),
    Column("author", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", EnumText(AnnouncementState), nullable=False, index=True),
    Column("submitted_at", UtcDateTime),
    Column("submitted_by", Uuid),
    Column("decided_at", UtcDateTime),
    Column("decided_by", Uuid),
    Column("reason", String(500)),
    Column("approval", Uuid),
    Column("ever_approved", Boolean, nullable=False),
    Index(None, "area", "changed_at"),
)

schedules = Table(
    "schedules",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column(
        "announcement",
        Uuid,
        ForeignKey("announcements.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("position", Integer, nullable=False),
    Column("data", Text, nullable=False),
    UniqueConstraint("announcement", "position"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("announcement", Uuid, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    area_column(),
    Column("message_class", EnumText(MessageClass), nullable=False),
    Column("renditions", Many(), nullable=False),
    Column("approver", Uuid, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawn_by", Uuid),
    Column("reason", String(500)),
)
