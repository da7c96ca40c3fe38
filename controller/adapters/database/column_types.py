"""Column types: what Python holds, kept alike in SQLite and PostgreSQL."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum, IntEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import DateTime, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator

_E = TypeVar("_E", bound=Enum)
_I = TypeVar("_I", bound=IntEnum)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Naive values are refused; SQLite, which drops zones, gets UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC; without the zone for SQLite."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value!r} has no zone and names no instant")
        moved = value.astimezone(UTC)
        return moved.replace(tzinfo=None) if dialect.name == "sqlite" else moved

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class EnumText(TypeDecorator[_E], Generic[_E]):
    """A text enum, kept as its value."""

    impl = String(20)
    cache_ok = True

    def __init__(self, kind: type[_E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: _E | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the enum's value."""
        return None if value is None else str(self.kind(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> _E | None:  # noqa: ARG002
        """Return the enum."""
        return None if value is None else self.kind(value)


class EnumNumber(TypeDecorator[_I], Generic[_I]):
    """A numbered enum, kept as its number."""

    impl = Integer
    cache_ok = True

    def __init__(self, kind: type[_I]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: _I | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Return the enum's number."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> _I | None:  # noqa: ARG002
        """Return the enum."""
        return None if value is None else self.kind(value)


class Many(TypeDecorator[tuple[Any, ...]]):
    """A tuple that is only ever read whole, kept as a JSON list; `read` makes each item."""

    impl = Text
    cache_ok = True

    def __init__(self, read: Callable[[Any], Any] = str) -> None:
        super().__init__()
        self.read = read

    def process_bind_param(
        self,
        value: tuple[Any, ...] | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> str | None:
        """Return the items as JSON; anything that is not a number is kept as text."""
        if value is None:
            return None
        items = [item if isinstance(item, int) else str(item) for item in value]
        return json.dumps(items, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> tuple[Any, ...] | None:
        """Return the items as they were."""
        return None if value is None else tuple(self.read(item) for item in json.loads(value))
