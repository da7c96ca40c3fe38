"""Real databases for tests: SQLite files, and a PostgreSQL server of our own on a socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from controller.adapters.database import SqlDatabase
from controller.adapters.database.tables import metadata

IN_CI = os.environ.get("CI") == "true"
_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_QUICK = "-c fsync=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=32MB"


class PostgresServer:
    """A server of our own; `url(name)` is the address of one of its databases.

    It runs as another user where we are root, which PostgreSQL refuses to be.
    """

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        self._programs = programs
        self._who: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            self._who = {"user": owner.pw_uid, "group": owner.pw_gid}

    def found(self) -> None:
        """Make the files of an empty server."""
        encoding = ("-E", "UTF8", "--locale=C.UTF-8")
        self._run("initdb", "-D", "data", "-U", "loaxa", "-A", "trust", "--no-sync", *encoding)

    def start(self) -> None:
        """Start and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self._folder} {_QUICK}"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        """End it at once, as a crash would."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://loaxa@/{name}?host={self._folder}"

    def create(self, name: str) -> str:
        """Create an empty database and return its URL."""
        self._run("createdb", "-h", str(self._folder), "-U", "loaxa", "-T", "template0", name)
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder, **self._who)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server. Skips where PostgreSQL is not installed; in CI that is a failure."""
    if not _PROGRAMS:
        (pytest.fail if IN_CI else pytest.skip)("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="loaxa-pg-"))
    server = PostgresServer(folder, _PROGRAMS[0])
    try:
        server.found()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def clear(database: SqlDatabase) -> None:
    """Remove every row, quicker than a new database is made."""
    async with database.begin() as tx:
        for table in reversed(metadata.sorted_tables):
            await tx.connection.exec_driver_sql(f"DELETE FROM {table.name}")
