"""Dated airings, diary, play log and bookkeeping."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _idempotency()
    _leases()
    _planning()
    _audit()
    _occurrences()
    _diary()
    _occurrence_terminals()
    _play_log()


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", "route", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def _planning() -> None:
    op.create_table(
        "planning",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("planned_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_planning"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.Uuid()),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_audit_area"),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
        sa.UniqueConstraint("id", name="uq_audit_id"),
    )
    op.create_index("ix_audit_area_sequence", "audit", ["area", "sequence"])


def _occurrences() -> None:
    op.create_table(
        "occurrences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule", sa.Uuid(), nullable=False),
        sa.Column("recurrence_id", sa.String(length=15), nullable=False),
        sa.Column("announcement", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("approval", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("message_class", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("rendition", sa.String(length=64), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("latest_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("began", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=80)),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_occurrences_area"),
        sa.PrimaryKeyConstraint("id", name="pk_occurrences"),
        sa.UniqueConstraint(
            "schedule", "recurrence_id", name="uq_occurrences_schedule_recurrence_id"
        ),
    )
    op.create_index("ix_occurrences_announcement", "occurrences", ["announcement"])
    op.create_index("ix_occurrences_area_start", "occurrences", ["area", "start"])
    op.create_index("ix_occurrences_ends", "occurrences", ["ends"])
    op.create_index("ix_occurrences_start", "occurrences", ["start"])
    op.create_index("ix_occurrences_state_ends", "occurrences", ["state", "ends"])


def _diary() -> None:
    op.create_table(
        "diary",
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("terminal", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("announcement", sa.Uuid()),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("message_class", sa.String(length=20), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True)),
        sa.Column("asked_ms", sa.Integer(), nullable=False),
        sa.Column("sounded_ms", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=80)),
        sa.Column("approval", sa.Uuid()),
        sa.Column("rendition", sa.String(length=64)),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_diary_area"),
        sa.ForeignKeyConstraint(["terminal"], ["terminals.id"], name="fk_diary_terminal"),
        sa.PrimaryKeyConstraint("item", "terminal", name="pk_diary"),
    )
    op.create_index("ix_diary_area_planned_at", "diary", ["area", "planned_at"])
    op.create_index("ix_diary_outcome_ends_at", "diary", ["outcome", "ends_at"])
    op.create_index(
        "ix_diary_planned_at_item_terminal", "diary", ["planned_at", "item", "terminal"]
    )
    op.create_index("ix_diary_terminal_planned_at", "diary", ["terminal", "planned_at"])


def _occurrence_terminals() -> None:
    op.create_table(
        "occurrence_terminals",
        sa.Column("occurrence", sa.Uuid(), nullable=False),
        sa.Column("terminal", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["occurrence"],
            ["occurrences.id"],
            name="fk_occurrence_terminals_occurrence",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["terminal"], ["terminals.id"], name="fk_occurrence_terminals_terminal"
        ),
        sa.PrimaryKeyConstraint("occurrence", "terminal", name="pk_occurrence_terminals"),
    )
    op.create_index("ix_occurrence_terminals_terminal", "occurrence_terminals", ["terminal"])


def _play_log() -> None:
    op.create_table(
        "play_log",
        sa.Column("terminal", sa.Uuid(), nullable=False),
        sa.Column("log", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("announcement", sa.Uuid()),
        sa.Column("message_class", sa.String(length=20), nullable=False),
        sa.Column("rendition", sa.String(length=64), nullable=False),
        sa.Column("planned", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True)),
        sa.Column("asked_ms", sa.Integer(), nullable=False),
        sa.Column("sounded_ms", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["terminal"], ["terminals.id"], name="fk_play_log_terminal"),
        sa.PrimaryKeyConstraint("terminal", "log", "sequence", name="pk_play_log"),
    )
    op.create_index("ix_play_log_item_terminal", "play_log", ["item", "terminal"])
