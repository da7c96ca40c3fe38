"""The same tests on SQLite and on PostgreSQL."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from controller.adapters.database import SqlDatabase, open_database
from tests.contract.database_rigs import PostgresServer, postgres_server
from tests.contract.database_samples import settle

_names = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server with two databases to copy: an empty one and a settled one."""
    with postgres_server() as server:
        asyncio.run(_make(server.create("empty"), settled=False))
        asyncio.run(_make(server.create("settled"), settled=True))
        yield server


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same two as files."""
    folder = tmp_path_factory.mktemp("sqlite")
    for name in ("empty", "settled"):
        asyncio.run(_make(f"sqlite:///{folder / name}.sqlite", settled=name == "settled"))
    return folder


async def _make(url: str, *, settled: bool) -> None:
    database = await open_database(url)
    if settled:
        await settle(database)
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _copy(request: pytest.FixtureRequest, kind: str, folder: Path, name: str) -> str:
    if kind == "sqlite":
        file = folder / f"{name}.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_files") / f"{name}.sqlite", file)
        return f"sqlite:///{file}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.create(f"test_{next(_names)}", name)


@pytest.fixture
def url(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    """Address of a database with areas, people and terminals in it."""
    return _copy(request, kind, tmp_path, "settled")


@pytest.fixture
async def database(url: str) -> AsyncIterator[SqlDatabase]:
    opened = await open_database(url, patience_s=1)
    yield opened
    await opened.close()


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    return _copy(request, kind, tmp_path, "empty")


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[SqlDatabase]:
    opened = await open_database(empty_url)
    yield opened
    await opened.close()
