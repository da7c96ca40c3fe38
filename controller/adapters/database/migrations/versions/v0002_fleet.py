"""Terminals, their documents and orders."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _document_areas()
    _documents()
    _enrolments()
    _orders()
    _stops()
    _terminals()
    _acknowledgements()
    _document_terminals()
    _rundowns()
    _terminal_hellos()
    _terminal_renditions()
    _terminal_statuses()
    _terminal_telemetry()


def _document_areas() -> None:
    op.create_table(
        "document_areas",
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_document_areas_area"),
        sa.PrimaryKeyConstraint("type", "subject", "area", name="pk_document_areas"),
    )
    op.create_index("ix_document_areas_area", "document_areas", ["area"])


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("target_areas", sa.Text(), nullable=False),
        sa.Column("target_terminals", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_documents_area"),
        sa.PrimaryKeyConstraint("type", "subject", name="pk_documents"),
    )
    op.create_index("ix_documents_expires_at", "documents", ["expires_at"])


def _enrolments() -> None:
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("virtual", sa.Boolean(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("terminal", sa.Uuid()),
        sa.Column("voided_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_enrolments_area"),
        sa.PrimaryKeyConstraint("id", name="pk_enrolments"),
        sa.UniqueConstraint("token_hash", name="uq_enrolments_token_hash"),
    )
    op.create_index("ix_enrolments_area_created_at", "enrolments", ["area", "created_at"])


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("target_areas", sa.Text(), nullable=False),
        sa.Column("target_terminals", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_by_name", sa.String(length=200), nullable=False),
        sa.Column("announcement", sa.Uuid()),
        sa.Column("approval", sa.Uuid()),
        sa.Column("rendition", sa.String(length=64)),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("gap_ms", sa.Integer(), nullable=False),
        sa.Column("cancel", sa.Uuid()),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.Column("cancelled_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_orders_area"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
    )
    op.create_index("ix_orders_area_issued_at", "orders", ["area", "issued_at"])
    op.create_index("ix_orders_expires_at", "orders", ["expires_at"])


def _stops() -> None:
    op.create_table(
        "stops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("terminal", sa.Uuid()),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_by_name", sa.String(length=200), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True)),
        sa.Column("lifted_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_stops_area"),
        sa.PrimaryKeyConstraint("id", name="pk_stops"),
    )
    op.create_index("ix_stops_hold_until", "stops", ["hold_until"])


def _terminals() -> None:
    op.create_table(
        "terminals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("broker_password_hash", sa.String(length=200), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("amplifier_lead_ms", sa.Integer(), nullable=False),
        sa.Column("hardware", sa.String(length=200), nullable=False),
        sa.Column("virtual", sa.Boolean(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.Column("quarantined_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["area"], ["areas.id"], name="fk_terminals_area"),
        sa.PrimaryKeyConstraint("id", name="pk_terminals"),
    )
    op.create_index("ix_terminals_area_name", "terminals", ["area", "name"])


def _acknowledgements() -> None:
    op.create_table(
        "acknowledgements",
        sa.Column("terminal", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["terminal"], ["terminals.id"], name="fk_acknowledgements_terminal"
        ),
        sa.PrimaryKeyConstraint("terminal", "type", "subject", name="pk_acknowledgements"),
    )
    op.create_index("ix_acknowledgements_type_subject", "acknowledgements", ["type", "subject"])


def _document_terminals() -> None:
    op.create_table(
        "document_terminals",
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("terminal", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["terminal"], ["terminals.id"], name="fk_document_terminals_terminal"
        ),
        sa.PrimaryKeyConstraint("type", "subject", "terminal", name="pk_document_terminals"),
    )
    op.create_index("ix_document_terminals_terminal", "document_terminals", ["terminal"])


def _rundowns() -> None:
    op.create_table(
        "rundowns",
        sa.Column("terminal", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("made_of", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["terminal"], ["terminals.id"], name="fk_rundowns_terminal"),
        sa.PrimaryKeyConstraint("terminal", name="pk_rundowns"),
    )
    op.create_index("ix_rundowns_issued_at", "rundowns", ["issued_at"])


def _terminal_hellos() -> None:
    op.create_table(
        "terminal_hellos",
        sa.Column("terminal", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("boot", sa.LargeBinary(length=16), nullable=False),
        sa.Column("boot_count", sa.BigInteger(), nullable=False),
        sa.Column("wire_versions", sa.Text(), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("log", sa.Uuid(), nullable=False),
        sa.Column("log_next", sa.BigInteger(), nullable=False),
        sa.Column("log_acknowledged", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["terminal"], ["terminals.id"], name="fk_terminal_hellos_terminal"),
        sa.PrimaryKeyConstraint("terminal", name="pk_terminal_hellos"),
    )


def _terminal_renditions() -> None:
    op.create_table(
        "terminal_renditions",
        sa.Column("terminal", sa.Uuid(), nullable=False),
        sa.Column("rendition", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["terminal"], ["terminals.id"], name="fk_terminal_renditions_terminal"
        ),
        sa.PrimaryKeyConstraint("terminal", "rendition", name="pk_terminal_renditions"),
    )
    op.create_index("ix_terminal_renditions_rendition", "terminal_renditions", ["rendition"])


def _terminal_statuses() -> None:
    op.create_table(
        "terminal_statuses",
        sa.Column("terminal", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("clock_reason", sa.String(length=200), nullable=False),
        sa.Column("sounding", sa.Uuid()),
        sa.Column("layer", sa.Integer()),
        sa.Column("position_ms", sa.Integer(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("stopped_until", sa.DateTime(timezone=True)),
        sa.Column("rundown_version", sa.BigInteger(), nullable=False),
        sa.Column("renditions_held", sa.Integer(), nullable=False),
        sa.Column("renditions_wanted", sa.Integer(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["terminal"], ["terminals.id"], name="fk_terminal_statuses_terminal"
        ),
        sa.PrimaryKeyConstraint("terminal", name="pk_terminal_statuses"),
    )


def _terminal_telemetry() -> None:
    op.create_table(
        "terminal_telemetry",
        sa.Column("terminal", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uptime_ms", sa.BigInteger()),
        sa.Column("cpu_millidegrees", sa.Integer()),
        sa.Column("load_permille", sa.Integer()),
        sa.Column("memory_kib", sa.BigInteger()),
        sa.Column("disk_free_mib", sa.BigInteger()),
        sa.Column("bytes_in", sa.BigInteger(), nullable=False),
        sa.Column("bytes_out", sa.BigInteger(), nullable=False),
        sa.Column("bytes_month", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("reconnects", sa.BigInteger(), nullable=False),
        sa.Column("round_trip_us", sa.BigInteger()),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["terminal"], ["terminals.id"], name="fk_terminal_telemetry_terminal"
        ),
        sa.PrimaryKeyConstraint("terminal", name="pk_terminal_telemetry"),
    )
