"""The signer's journal: every act, chained, on disk before anything is signed.

Entries are never changed or removed. Records and counters change in the same transaction
as the entry that tells why, so that after a power cut both are there or neither.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

from controller.domain.signer_refusal import Reason
from controller.signer.errors import CannotStart, JournalLost, Refused
from edge_agent.wire.codec import Message, encode

SCHEMA_VERSION: Final = 1
FIRST_PREVIOUS: Final = bytes(32)

_SCHEMA: Final = """
CREATE TABLE entry (sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL,
  actor TEXT NOT NULL, subject TEXT NOT NULL, detail BLOB NOT NULL, previous BLOB NOT NULL,
  digest BLOB NOT NULL);
CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entry_remains BEFORE DELETE ON entry
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TABLE counter (document TEXT, subject TEXT, value INTEGER NOT NULL,
  PRIMARY KEY (document, subject)) WITHOUT ROWID;
CREATE TABLE trust (one INTEGER PRIMARY KEY CHECK (one = 1), payload BLOB NOT NULL);
CREATE TABLE area (id TEXT PRIMARY KEY, chain TEXT NOT NULL, level TEXT NOT NULL,
  timezone TEXT NOT NULL, granted_from INTEGER NOT NULL, granted_until INTEGER NOT NULL);
CREATE TABLE person (account BLOB PRIMARY KEY, area TEXT NOT NULL, rights TEXT NOT NULL,
  password TEXT NOT NULL, disabled INTEGER NOT NULL, tickets_from INTEGER NOT NULL);
CREATE TABLE invitation (token BLOB PRIMARY KEY, account BLOB NOT NULL,
  expires INTEGER NOT NULL, used INTEGER NOT NULL);
CREATE TABLE policy (area TEXT PRIMARY KEY, payload BLOB NOT NULL, author_may_approve INTEGER);
CREATE TABLE terminal (id BLOB PRIMARY KEY, area TEXT NOT NULL, payload BLOB NOT NULL);
CREATE TABLE approval (id BLOB PRIMARY KEY, body BLOB NOT NULL, withdrawn INTEGER);
CREATE TABLE approved (rendition BLOB, approval BLOB, PRIMARY KEY (rendition, approval))
  WITHOUT ROWID;
CREATE TABLE stop (id BLOB PRIMARY KEY, payload BLOB NOT NULL);
CREATE TABLE play (id BLOB PRIMARY KEY, payload BLOB NOT NULL, area TEXT NOT NULL,
  issued INTEGER NOT NULL);
CREATE TABLE cancel (id BLOB PRIMARY KEY, payload BLOB NOT NULL);
CREATE TABLE test (terminal BLOB NOT NULL, issued INTEGER NOT NULL);
CREATE INDEX test_by_terminal ON test (terminal, issued);
CREATE INDEX play_by_area ON play (area, issued);
"""


class EntryBody(Message, frozen=True, kw_only=True):
    """What an entry's digest covers, beside the digest of the entry before."""

    sequence: int
    at: int
    kind: str
    actor: str
    subject: str
    detail: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `actor` is an account's id or the program itself; `subject` what it was about.

    `detail` is the payload that was signed, or its SHA-256 where payloads are long.
    """

    at: int
    kind: str
    actor: str
    subject: str
    detail: bytes


class Journal:
    """One SQLite file; used by one thread of one process at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create it. Raises CannotStart."""
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise CannotStart(f"{path} is not a journal: {error}") from error
        except CannotStart:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        # FULL: with NORMAL an acknowledged commit can be lost at a power cut.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            self._connection.execute(f"PRAGMA {pragma}")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._connection.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;"
            )
        elif version != SCHEMA_VERSION:
            raise CannotStart(f"the journal is of version {version}; this program is older")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: on disk when the block has ended, undone when it raises.

        Raises Refused `disk` when the disk is full, JournalLost when it failed.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise Refused(Reason.DISK, "the disk is full") from error
            raise JournalLost(str(error)) from error

    def enter(self, entry: Entry) -> None:
        """Append an entry to the chain."""
        row = self.row("SELECT sequence, digest FROM entry ORDER BY sequence DESC LIMIT 1")
        sequence, previous = (row[0] + 1, row[1]) if row else (1, FIRST_PREVIOUS)
        digest = _digest(sequence, entry, previous)
        self.write(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (sequence, *astuple(entry), previous, digest),
        )

    def next_version(self, document: str, subject: str) -> int:
        """Return a number above every one that this document of that subject ever had."""
        self.write(
            "INSERT INTO counter VALUES (?, ?, 1)"
            " ON CONFLICT (document, subject) DO UPDATE SET value = value + 1",
            (document, subject),
        )
        (value,) = self.row(
            "SELECT value FROM counter WHERE document = ? AND subject = ?", (document, subject)
        )
        return int(value)

    def row(self, query: str, values: Sequence[object] = ()) -> Any:  # noqa: ANN401 SQLite's own
        """Return the first row of a query, or None."""
        return self._connection.execute(query, values).fetchone()

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """Return all rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def write(self, statement: str, values: Sequence[object]) -> None:
        """Change a record, inside `writing`."""
        if not self._connection.in_transaction:
            raise RuntimeError("records change only together with an entry")
        self._connection.execute(statement, values)

    def head(self) -> tuple[int, bytes]:
        """Return number and digest of the last entry; (0, zeros) when there is none."""
        row = self.row("SELECT sequence, digest FROM entry ORDER BY sequence DESC LIMIT 1")
        return (int(row[0]), bytes(row[1])) if row else (0, FIRST_PREVIOUS)

    def broken_at(self) -> int | None:
        """Return the number of the first entry that does not fit the chain, None if all do."""
        previous, expected = FIRST_PREVIOUS, 1
        for sequence, at, kind, actor, subject, detail, chained, digest in self._connection.execute(
            "SELECT * FROM entry ORDER BY sequence"
        ):
            entry = Entry(at, kind, actor, subject, detail)
            fits = sequence == expected and chained == previous
            if not fits or digest != _digest(sequence, entry, previous):
                return int(expected)
            previous, expected = digest, expected + 1
        return None


def _digest(sequence: int, entry: Entry, previous: bytes) -> bytes:
    body = EntryBody(
        sequence=sequence,
        at=entry.at,
        kind=entry.kind,
        actor=entry.actor,
        subject=entry.subject,
        detail=entry.detail,
    )
    return hashlib.sha256(b"loaxa-signer-1" + previous + encode(body)).digest()
