"""The database: connections, pragmas, transactions.

SQLite has one writing connection, so that writers wait in line instead of meeting a locked
file, and several reading ones; every writing transaction begins IMMEDIATE.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from controller.adapters.database.migrate import upgrade
from controller.adapters.database.transaction import SqlTransaction
from controller.domain.errors import ErrorCode, Unavailable

BUSY_TIMEOUT_S: Final = 10
READERS: Final = 4
_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_FULL: Final = ("database or disk is full", "No space left", "could not extend file")


class SqlDatabase:
    """controller.services.ports.Database on SQLite or PostgreSQL."""

    def __init__(self, writing: AsyncEngine, reading: AsyncEngine) -> None:
        self._writing = writing
        self._reading = reading

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlTransaction]:
        """Open a transaction that may change things."""
        async with _transaction(self._writing, writes=True) as transaction:
            yield transaction

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlTransaction]:
        """Open a transaction that only reads."""
        async with _transaction(self._reading, writes=False) as transaction:
            yield transaction

    async def migrate(self) -> None:
        """Bring the tables to the present form; several controllers may do so at once."""
        async with self._writing.begin() as connection:
            await connection.run_sync(upgrade)

    async def close(self) -> None:
        """Close all connections."""
        await self._writing.dispose()
        await self._reading.dispose()


async def open_database(url: str) -> SqlDatabase:
    """Connect, bring the tables to the present form, and return the database.

    `url`: `sqlite:///path/of/file` or `postgresql://user:password@host/name`. Raises
    Unavailable `database_unreachable`, ValueError for another kind of URL.
    """
    target = _with_driver(url)
    database = _sqlite(target) if target.drivername.startswith("sqlite") else _postgresql(target)
    try:
        await database.migrate()
    except (OSError, DBAPIError) as error:
        await database.close()
        raise Unavailable(
            ErrorCode.DATABASE_UNREACHABLE, detail={"reason": _reason(error)}
        ) from error
    return database


@asynccontextmanager
async def _transaction(engine: AsyncEngine, *, writes: bool) -> AsyncIterator[SqlTransaction]:
    try:
        async with engine.begin() as connection:
            yield SqlTransaction(connection, writes=writes)
    except PoolTimeout as error:
        raise Unavailable(ErrorCode.DATABASE_BUSY) from error
    except DBAPIError as error:
        code = _code(error)
        if code is None:
            raise
        raise Unavailable(code, detail={"reason": _reason(error)}) from error


def _code(error: DBAPIError) -> ErrorCode | None:
    """Return what a refusal of the database means to a person; None: a mistake of ours."""
    text = str(error.orig)
    if any(words in text for words in _FULL):
        return ErrorCode.DISK_FULL
    if "database is locked" in text or "deadlock detected" in text:
        return ErrorCode.DATABASE_BUSY
    return ErrorCode.DATABASE_UNREACHABLE if error.connection_invalidated else None


def _reason(error: Exception) -> str:
    original = getattr(error, "orig", None) or error
    return str(original).strip().split("\n")[0][:200]


def _with_driver(url: str) -> URL:
    try:
        target = make_url(url)
    except ArgumentError as error:
        raise ValueError(f"not a database URL: {url}") from error
    driver = _DRIVERS.get(target.get_backend_name())
    if driver is None or (target.database or ":memory:") == ":memory:":
        raise ValueError("a database URL begins with sqlite:/// (a file) or postgresql://")
    return target.set(drivername=driver)


def _sqlite(url: URL) -> SqlDatabase:
    writing = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=BUSY_TIMEOUT_S * 3)
    reading = create_async_engine(
        url, pool_size=READERS, max_overflow=0, pool_timeout=BUSY_TIMEOUT_S * 3
    )
    for engine, begin, only in ((writing, "BEGIN IMMEDIATE", 0), (reading, "BEGIN", 1)):
        _prepare(engine, begin, query_only=only)
    return SqlDatabase(writing, reading)


def _prepare(engine: AsyncEngine, begin: str, *, query_only: int) -> None:
    """Set each connection's pragmas and how its transactions begin."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: DBAPIConnection, _record: object) -> None:
        # The driver begins nothing by itself; we say BEGIN.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"query_only={query_only}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgresql(url: URL) -> SqlDatabase:
    engine = create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return SqlDatabase(engine, reading)
