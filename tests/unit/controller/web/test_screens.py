"""The built screens: what is served, how it is cached, and what is not served."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from controller.web import screens

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><p>Loa Xã</p>", encoding="utf-8")
    (static / "assets" / "app-1a2b.js").write_text("x = 1;" * 500, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    return static


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    app = web.Application()
    screens.install(app, screens.load(folder))
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_an_address_of_a_screen_gives_the_start_page(client: Client) -> None:
    """Every address outside of the API is a screen; the start page finds out which."""
    for path in ("/", "/lich", "/loa/123"):
        response = await client.get(path)
        assert (response.status, response.content_type) == (200, "text/html")
        assert response.headers["Cache-Control"] == "no-cache"
        assert "Loa Xã" in await response.text()


async def test_hashed_files_are_kept_for_ever(client: Client) -> None:
    """Files that are named by their content never need to be asked for again."""
    response = await client.get("/assets/app-1a2b.js")
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["Content-Encoding"] == "gzip"
    assert int(response.headers["Content-Length"]) < 500
    assert await response.text() == "x = 1;" * 500


async def test_an_unchanged_page_is_not_sent_again(client: Client) -> None:
    """The start page's tag comes back as 304 without a body."""
    tag = (await client.get("/")).headers["ETag"]
    again = await client.get("/", headers={"If-None-Match": tag})
    assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/assets/old-9.js"])
async def test_missing_things_are_missing(client: Client, path: str) -> None:
    """An unknown API route or an old build's file is 404, never the start page."""
    assert (await client.get(path)).status == 404


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"])
async def test_no_path_leads_out_of_the_folder(client: Client, path: str) -> None:
    """Nothing but the loaded files can be read, however the path is written."""
    response = await client.get(path)
    assert "secret" not in await response.text()


async def test_without_a_build_the_page_says_so(tmp_path: Path) -> None:
    """A tree whose screens were not built says what to do instead of failing."""
    app = web.Application()
    screens.install(app, screens.load(tmp_path / "none"))
    async with TestClient(TestServer(app)) as client:
        response = await client.get("/")
        assert response.status == 503
        assert "make setup" in await response.text()
