"""What a database's refusal means to a person."""

import sqlite3
from typing import Final

from controller.domain.errors import DomainError, ErrorCode, Invalid, Unavailable

_PRIMARY: Final = 0xFF
"""SQLite's extended result codes carry the primary one in the lowest byte."""
_SQLITE: Final = {
    sqlite3.SQLITE_FULL: ErrorCode.DISK_FULL,
    sqlite3.SQLITE_BUSY: ErrorCode.DATABASE_BUSY,
    sqlite3.SQLITE_LOCKED: ErrorCode.DATABASE_BUSY,
    sqlite3.SQLITE_IOERR: ErrorCode.DATABASE_UNREACHABLE,
    sqlite3.SQLITE_CANTOPEN: ErrorCode.DATABASE_UNREACHABLE,
    sqlite3.SQLITE_READONLY: ErrorCode.DATABASE_UNREACHABLE,
    sqlite3.SQLITE_CORRUPT: ErrorCode.DATABASE_UNREACHABLE,
    sqlite3.SQLITE_NOTADB: ErrorCode.DATABASE_UNREACHABLE,
}
_POSTGRESQL: Final = {
    "53100": ErrorCode.DISK_FULL,
    "53300": ErrorCode.DATABASE_BUSY,
    "40001": ErrorCode.DATABASE_BUSY,
    "40P01": ErrorCode.DATABASE_BUSY,
    "55P03": ErrorCode.DATABASE_BUSY,
}
"""SQLSTATE: disk full, too many connections, serialization, deadlock, lock not available."""
_AWAY: Final = ("08", "28", "3D", "57P", "58", "XX")
"""SQLSTATE classes: connection, sign-in, no such database, shutdown, system error, damage."""
_DATA: Final = "22"
"""SQLSTATE class of values that no column holds: too long, too large, a character NUL."""
_NO_VALUE: Final = (OverflowError, UnicodeEncodeError)
"""The same, found by the driver before the database sees the value."""
_GONE: Final = ("connection is closed", "connection was closed")
"""What the driver says by itself, without SQLSTATE, when the server has gone."""


def refusal_of(error: BaseException) -> DomainError | None:
    """Return the refusal to raise in place of a driver's error; None: a mistake of ours."""
    if isinstance(error, _NO_VALUE) or _state(error).startswith(_DATA):
        return Invalid(ErrorCode.INVALID_FIELD)
    code = _code_of(error)
    return None if code is None else _refusal(code, error)


def unreachable(error: OSError) -> Unavailable:
    """Return the refusal of a database that cannot be connected to."""
    return _refusal(ErrorCode.DATABASE_UNREACHABLE, error)


def _refusal(code: ErrorCode, error: BaseException) -> Unavailable:
    reason = str(error).strip().split("\n")[0][:200]
    return Unavailable(code, detail={"reason": reason or type(error).__name__})


def _code_of(error: BaseException) -> ErrorCode | None:
    if isinstance(error, OSError):
        return ErrorCode.DATABASE_UNREACHABLE
    number = getattr(error, "sqlite_errorcode", None)
    if number is not None:
        return _SQLITE.get(number & _PRIMARY)
    state = _state(error)
    if state.startswith(_AWAY) or any(words in str(error) for words in _GONE):
        return ErrorCode.DATABASE_UNREACHABLE
    return _POSTGRESQL.get(state)


def _state(error: BaseException) -> str:
    return str(getattr(error, "sqlstate", None) or "")
