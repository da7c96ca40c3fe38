"""The same tests on SQLite and on PostgreSQL."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from controller.adapters.database import SqlDatabase, open_database
from tests.contract.database_rigs import PostgresServer, clear, postgres_server
from tests.contract.database_samples import settle


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server with one database, which each test gets cleared."""
    with postgres_server() as server:
        server.create("reused")
        yield server


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files to copy: an empty database and a settled one."""
    folder = tmp_path_factory.mktemp("sqlite")
    for name in ("empty", "settled"):
        url = f"sqlite:///{folder / name}.sqlite"
        asyncio.run(_prepare(url, settled=name == "settled"))
    return folder


async def _prepare(url: str, *, settled: bool) -> None:
    database = await open_database(url)
    await clear(database)
    if settled:
        await settle(database)
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _ready(request: pytest.FixtureRequest, kind: str, folder: Path, *, settled: bool) -> str:
    if kind == "sqlite":
        name = "settled" if settled else "empty"
        file = folder / "loaxa.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_files") / f"{name}.sqlite", file)
        return f"sqlite:///{file}"
    server: PostgresServer = request.getfixturevalue("postgres")
    asyncio.run(_prepare(server.url("reused"), settled=settled))
    return server.url("reused")


@pytest.fixture
def url(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    """Address of a database with areas, people and terminals in it."""
    return _ready(request, kind, tmp_path, settled=True)


@pytest.fixture
async def database(url: str) -> AsyncIterator[SqlDatabase]:
    opened = await open_database(url, patience_s=1)
    yield opened
    await opened.close()


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    """Address of a database without a row."""
    return _ready(request, kind, tmp_path, settled=False)


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[SqlDatabase]:
    opened = await open_database(empty_url)
    yield opened
    await opened.close()
