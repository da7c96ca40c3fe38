"""Real databases for tests: SQLite files, and a PostgreSQL server of our own on a socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

IN_CI = os.environ.get("CI") == "true"
_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_QUICK = "-c fsync=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=32MB"


class PostgresServer:
    """A running server; `url(name)` is the address of one of its databases."""

    def __init__(self, socket_folder: Path, programs: Path) -> None:
        self.socket_folder = socket_folder
        self._programs = programs

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://loaxa@/{name}?host={self.socket_folder}"

    def create(self, name: str, template: str = "template0") -> str:
        """Create a database and return its URL."""
        command = [
            self._programs / "createdb", "-h", self.socket_folder, "-U", "loaxa",
            "-T", template, name,
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        return self.url(name)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server as another user where we are root, which PostgreSQL refuses to be.

    Skips where PostgreSQL is not installed; in CI that is a failure.
    """
    if not _PROGRAMS:
        (pytest.fail if IN_CI else pytest.skip)("PostgreSQL is not installed")
    programs = _PROGRAMS[0]
    folder = Path(tempfile.mkdtemp(prefix="loaxa-pg-"))
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    who = {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid}

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **who)

    try:
        run("initdb", "-U", "loaxa", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} {_QUICK}"
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield PostgresServer(folder, programs)
        finally:
            run("pg_ctl", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
