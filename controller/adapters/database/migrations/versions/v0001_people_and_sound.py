"""People, areas, sound and announcements."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _areas()
    _accounts()
    _approvals()
    _area_closure()
    _policies()
    _recordings()
    _renditions()
    _announcements()
    _invites()
    _sessions()
    _tokens()
    _schedules()


def _areas() -> None:
    op.create_table(
        "areas",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.Column("successor", sa.String(length=40)),
        sa.ForeignKeyConstraint(["successor"], ["areas.id"], name="fk_areas_successor"),
        sa.PrimaryKeyConstraint("id", name="pk_areas"),
    )
    op.create_index("ix_areas_level_code", "areas", ["level", "code"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("may_release_emergency", sa.Boolean(), nullable=False),
        sa.Column("password_set", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True)),
        sa.Column("last_seen_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_accounts_area"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("username", name="uq_accounts_username"),
    )
    op.create_index("ix_accounts_area", "accounts", ["area"])


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("announcement", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("message_class", sa.String(length=20), nullable=False),
        sa.Column("renditions", sa.Text(), nullable=False),
        sa.Column("approver", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.Uuid()),
        sa.Column("reason", sa.String(length=500)),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_approvals_area"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_announcement", "approvals", ["announcement"])


def _area_closure() -> None:
    op.create_table(
        "area_closure",
        sa.Column("ancestor", sa.String(length=40), nullable=False),
        sa.Column("descendant", sa.String(length=40), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ancestor"], ["areas.id"], name="fk_area_closure_ancestor"),
        sa.ForeignKeyConstraint(["descendant"], ["areas.id"], name="fk_area_closure_descendant"),
        sa.PrimaryKeyConstraint("ancestor", "descendant", name="pk_area_closure"),
    )
    op.create_index("ix_area_closure_descendant_depth", "area_closure", ["descendant", "depth"])


def _policies() -> None:
    op.create_table(
        "policies",
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("quiet", sa.Text(), nullable=False),
        sa.Column("max_volume", sa.Integer(), nullable=False),
        sa.Column("max_session_ms", sa.Integer()),
        sa.Column("max_day_ms", sa.Integer()),
        sa.Column("author_may_approve", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_policies_area"),
        sa.PrimaryKeyConstraint("area", name="pk_policies"),
    )


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chime", sa.Boolean(), nullable=False),
        sa.Column("closing", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=60)),
        sa.Column("doubtful", sa.String(length=60)),
        sa.Column("heard_by", sa.Uuid()),
        sa.Column("heard_at", sa.DateTime(timezone=True)),
        sa.Column("rendition", sa.String(length=64)),
        sa.Column("duration_ms", sa.Integer()),
        sa.Column("loudness_lufs", sa.Float()),
        sa.Column("true_peak_dbtp", sa.Float()),
        sa.Column("waveform", sa.Text()),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_recordings_area"),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
    )
    op.create_index("ix_recordings_area_created_at", "recordings", ["area", "created_at"])
    op.create_index("ix_recordings_rendition", "recordings", ["rendition"])
    op.create_index("ix_recordings_state", "recordings", ["state"])


def _renditions() -> None:
    op.create_table(
        "renditions",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("recording", sa.Uuid()),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("block_size", sa.Integer(), nullable=False),
        sa.Column("blocks", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_renditions_area"),
        sa.PrimaryKeyConstraint("hash", name="pk_renditions"),
    )


def _announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("message_class", sa.String(length=20), nullable=False),
        sa.Column("recording", sa.Uuid()),
        sa.Column("target_areas", sa.Text(), nullable=False),
        sa.Column("target_terminals", sa.Text(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.Column("submitted_by", sa.Uuid()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("reason", sa.String(length=500)),
        sa.Column("approval", sa.Uuid()),
        sa.Column("ever_approved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_announcements_area"),
        sa.ForeignKeyConstraint(
            ["recording"], ["recordings.id"], name="fk_announcements_recording"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_announcements"),
    )
    op.create_index("ix_announcements_area_changed_at", "announcements", ["area", "changed_at"])
    op.create_index("ix_announcements_recording", "announcements", ["recording"])
    op.create_index("ix_announcements_state", "announcements", ["state"])


def _invites() -> None:
    op.create_table(
        "invites",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_invites_account"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_invites"),
    )
    op.create_index("ix_invites_account", "invites", ["account"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_sessions_account"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_tokens_account"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("secret_hash", name="uq_tokens_secret_hash"),
    )
    op.create_index("ix_tokens_account", "tokens", ["account"])


def _schedules() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("announcement", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement"],
            ["announcements.id"],
            name="fk_schedules_announcement",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
        sa.UniqueConstraint("announcement", "position", name="uq_schedules_announcement_position"),
    )
    op.create_index("ix_schedules_announcement", "schedules", ["announcement"])
