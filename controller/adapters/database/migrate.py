"""Migrations, run by the program itself when it starts."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from controller.adapters.database import airing_tables
from controller.domain.errors import ErrorCode, Unavailable

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x10A0_A0D0
"""Number of the advisory lock under which one controller migrates on PostgreSQL."""


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing, inside the connection's transaction.

    Raises Unavailable `database_unreachable` when a newer version of the program was at work.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = _config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if not known.issuperset(MigrationContext.configure(connection).get_current_heads()):
        reason = "a newer version of the program has changed it"
        raise Unavailable(ErrorCode.DATABASE_UNREACHABLE, detail={"reason": reason})
    command.upgrade(config, "head")


def differences(connection: Connection) -> list[object]:
    """Return what differs between the tables in the database and those of the program."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, airing_tables.planning.metadata))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
