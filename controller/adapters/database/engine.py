"""The database: connections, pragmas, transactions.

SQLite has one writing connection, so that writers wait in line instead of meeting a locked
file, and several reading ones; every writing transaction begins IMMEDIATE.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from typing import Final

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from controller.adapters.database.migrate import upgrade
from controller.adapters.database.refusals import refusal_of, unreachable
from controller.adapters.database.transaction import SqlTransaction
from controller.domain.errors import ErrorCode, Unavailable

PATIENCE_S: Final = 10
READERS: Final = 4
QUEUE: Final = 3
"""How many times that patience a transaction waits for its turn behind others of ours."""
ANSWER_TIMEOUT_S: Final = 60
"""After so long without an answer the network to PostgreSQL counts as broken."""
_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


class SqlDatabase:
    """controller.services.ports.Database on SQLite or PostgreSQL."""

    def __init__(self, writing: AsyncEngine, reading: AsyncEngine) -> None:
        self._writing = writing
        self._reading = reading

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlTransaction]:
        """Open a transaction that may change things."""
        async with _connected(self._writing) as connection:
            yield SqlTransaction(connection, writes=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlTransaction]:
        """Open a transaction that only reads."""
        async with _connected(self._reading) as connection:
            yield SqlTransaction(connection, writes=False)

    async def migrate(self) -> None:
        """Bring the tables to the present form; several controllers may do so at once."""
        async with _connected(self._writing) as connection:
            await connection.run_sync(upgrade)

    async def close(self) -> None:
        """Close all connections."""
        await self._writing.dispose()
        await self._reading.dispose()


async def open_database(url: str, *, patience_s: int = PATIENCE_S) -> SqlDatabase:
    """Connect, bring the tables to the present form, and return the database.

    `url`: `sqlite:///path/of/file` or `postgresql://user:password@host/name`. `patience_s`:
    how long a transaction waits for another one before it is refused as busy. Raises
    Unavailable `database_unreachable`, `database_busy`, `disk_full`;
    ValueError for another kind of URL.
    """
    target = _with_driver(url)
    if target.get_backend_name() == "sqlite":
        await asyncio.to_thread(_probe, str(target.database))
        database = _sqlite(target, patience_s)
    else:
        database = _postgresql(target, patience_s)
    try:
        await database.migrate()
    except Unavailable:
        await database.close()
        raise
    return database


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(engine.begin())
        except PoolTimeout as error:
            raise Unavailable(ErrorCode.DATABASE_BUSY) from error
        except OSError as error:
            raise unreachable(error) from error
        yield connection


def _explain(context: ExceptionContext) -> None:
    """Raise what people are told in place of what the driver says; our mistakes stay as they are.

    A connection that proves dead before it is used is none of these: the pool makes another.
    """
    refusal = refusal_of(context.original_exception)
    if refusal is None or context.is_pre_ping:
        return
    raise refusal from context.original_exception


def _with_driver(url: str) -> URL:
    try:
        target = make_url(url)
    except ArgumentError as error:
        raise ValueError("not a database URL") from error  # it may hold a password
    driver = _DRIVERS.get(target.get_backend_name())
    if driver is None or (target.database or ":memory:") == ":memory:":
        raise ValueError("a database URL begins with sqlite:/// (a file) or postgresql://")
    return target.set(drivername=driver)


def _probe(path: str) -> None:
    """Refuse a file that cannot be opened before the driver, whose thread would outlive it."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise refusal_of(error) or error from error


def _sqlite(url: URL, patience_s: int) -> SqlDatabase:
    def engine(connections: int, begin: str, *pragmas: str) -> AsyncEngine:
        made = create_async_engine(
            url, pool_size=connections, max_overflow=0, pool_timeout=patience_s * QUEUE
        )
        _prepare(made, begin, (f"busy_timeout={patience_s * 1000}", *pragmas))
        return made

    durable = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
    return SqlDatabase(
        writing=engine(1, "BEGIN IMMEDIATE", *durable),
        reading=engine(READERS, "BEGIN", *durable, "query_only=ON"),
    )


def _prepare(engine: AsyncEngine, begin: str, pragmas: Sequence[str]) -> None:
    """Set each connection's pragmas and how its transactions begin."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: DBAPIConnection, _record: object) -> None:
        # The driver begins nothing by itself; we say BEGIN.
        connection.isolation_level = None
        try:
            cursor = connection.cursor()
            for pragma in pragmas:
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()
        except BaseException:
            # The pool does not know it yet, and its thread would outlive the event loop.
            connection.close()
            raise

    event.listen(engine.sync_engine, "handle_error", _explain)

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgresql(url: URL, patience_s: int) -> SqlDatabase:
    engine = create_async_engine(
        url,
        pool_size=10,
        max_overflow=10,
        pool_timeout=patience_s * QUEUE,
        pool_pre_ping=True,
        connect_args={
            "timeout": PATIENCE_S,
            "command_timeout": ANSWER_TIMEOUT_S,
            "server_settings": {
                "application_name": "loaxa",
                "lock_timeout": f"{patience_s}s",
                "synchronous_commit": "on",
            },
        },
    )
    event.listen(engine.sync_engine, "handle_error", _explain)
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return SqlDatabase(engine, reading)
