"""Between dataclasses and rows, and reading in pages."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    Column,
    CursorResult,
    Executable,
    RowMapping,
    Select,
    Table,
    Uuid,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.adapters.database.column_types import UtcDateTime
from controller.adapters.database.tables import area_closure
from controller.domain.errors import ErrorCode, Invalid
from controller.domain.ids import AreaId
from controller.domain.paging import Page, PageRequest

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_T = TypeVar("_T")
_D = TypeVar("_D", bound="DataclassInstance")

_LARGEST: Final = 2**63 - 1

CHUNK: Final = 500
"""Rows in one statement, so that none has more variables than SQLite takes."""


class Repository:
    """Base of all repositories: one connection inside one transaction."""

    def __init__(self, connection: AsyncConnection, *, writes: bool) -> None:
        self.connection = connection
        self.writes = writes

    async def first(self, query: Select[Any]) -> RowMapping | None:
        """Return the first row; on PostgreSQL it stays ours until a writing transaction ends."""
        if self.writes and self.connection.dialect.name == "postgresql":
            query = query.with_for_update()
        row: RowMapping | None = (await self.connection.execute(query)).mappings().first()
        return row

    async def all(self, query: Executable) -> Sequence[RowMapping]:
        """Return all rows."""
        return (await self.connection.execute(query)).mappings().all()

    async def run(self, statement: Executable) -> int:
        """Execute a change and return how many rows it touched."""
        result = await self.connection.execute(statement)
        return cast("CursorResult[Any]", result).rowcount

    async def add_many(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Insert rows; those whose key is there already are passed over."""
        for some in chunks(list(rows)):
            await self.connection.execute(self.insert(table).on_conflict_do_nothing(), some)

    def insert(self, table: Table) -> Insert:
        """Return an INSERT that can say what happens on conflict, as both databases know it."""
        if self.connection.dialect.name == "sqlite":
            return sqlite_insert(table)
        return cast("Insert", postgresql_insert(table))

    async def put_row(self, table: Table, values: dict[str, Any]) -> None:
        """Insert a row or replace the one with the same key."""
        keys = [column.name for column in table.primary_key]
        statement = self.insert(table).values(values)
        kept = {name: statement.excluded[name] for name in values if name not in keys}
        await self.connection.execute(
            statement.on_conflict_do_update(index_elements=keys, set_=kept)
        )

    async def page(
        self,
        query: Select[Any],
        key: Sequence[Column[Any]],
        request: PageRequest,
        *,
        descending: bool = False,
    ) -> tuple[Sequence[RowMapping], str | None]:
        """Return a page of rows in order of `key` (unique, and selected) and the next cursor."""
        if request.cursor is not None:
            here, there = tuple_(*key), tuple_(*_read_cursor(request.cursor, key))
            query = query.where(here < there if descending else here > there)
        ordered = query.order_by(*(column.desc() if descending else column for column in key))
        rows = await self.all(ordered.limit(request.limit + 1))
        if len(rows) <= request.limit:
            return rows, None
        shown = rows[: request.limit]
        return shown, _write_cursor([shown[-1][column] for column in key])


def to_page(
    rows: tuple[Sequence[RowMapping], str | None], read: Callable[[RowMapping], _T]
) -> Page[_T]:
    """Return the page that `Repository.page` read."""
    return Page(tuple(read(row) for row in rows[0]), rows[1])


def values_of(thing: "DataclassInstance", *leave: str, **more: object) -> dict[str, Any]:
    """Return the fields of a dataclass as column values, but for those in `leave`."""
    kept = {
        field.name: getattr(thing, field.name)
        for field in fields(thing)
        if field.name not in leave and field.name not in more
    }
    return {**kept, **more}


def read_row(kind: type[_D], row: RowMapping, table: Table, **more: object) -> _D:
    """Return the dataclass that the columns of `table` hold in a row."""
    names = [field.name for field in fields(kind) if field.name not in more]
    return kind(**{name: row[table.c[name]] for name in names}, **more)


def below(scope: AreaId) -> Select[tuple[str]]:
    """Return the ids of an area and all below it, as a sub-query."""
    return select(area_closure.c.descendant).where(area_closure.c.ancestor == scope)


def chunks(items: Sequence[_T]) -> Iterable[Sequence[_T]]:
    """Cut a list into pieces that one statement takes."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _write_cursor(values: Sequence[object]) -> str:
    plain = [value if isinstance(value, int) else _text(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).rstrip(b"=").decode()


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read_cursor(cursor: str, key: Sequence[Column[Any]]) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        plain = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        pairs = list(zip(plain, key, strict=True))
        return [literal(_value(value, column), column.type) for value, column in pairs]
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Invalid(ErrorCode.BAD_CURSOR, field="cursor") from error


def _value(value: object, column: Column[Any]) -> object:
    if isinstance(column.type, UtcDateTime):
        found = datetime.fromisoformat(str(value))
        if found.utcoffset() is None:
            raise ValueError(value)
        return found.astimezone(UTC)
    if isinstance(column.type, Uuid):
        return UUID(str(value))
    if isinstance(value, bool) or not isinstance(value, column.type.python_type):
        raise TypeError(value)
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError(value)
    if isinstance(value, str) and b"\0" in value.encode():  # half a surrogate pair: ValueError
        raise ValueError(value)
    return value
