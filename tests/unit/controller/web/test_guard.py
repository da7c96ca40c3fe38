"""Which requests are answered, and what every answer carries."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from controller.web import errors, guard
from controller.web.keys import ENTRY, Entry

Client = TestClient[web.Request, web.Application]


async def _hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[errors.answer_errors, guard.known_host])
    app[ENTRY] = Entry(
        secure=True, version="1", demonstration=False, address="https://loa.example:8080"
    )
    app.on_response_prepare.append(guard.add_headers)
    app.router.add_get("/api/v1/hello", _hello)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("loa.example:8080", 200),
        ("LOA.example", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("localhost", 200),
        ("evil.example", 421),
        ("loa.example.evil.example", 421),
        ("", 421),
        ("[::1", 421),
    ],
)
async def test_only_our_own_names_are_answered(client: Client, host: str, status: int) -> None:
    """A request for a foreign name (DNS rebinding) is refused with a code."""
    response = await client.get("/api/v1/hello", headers={"Host": host})
    assert response.status == status
    if status == 421:
        assert (await response.json())["error"]["code"] == "unknown_host"


async def test_every_answer_is_guarded(client: Client) -> None:
    """No script but ours, no frame around us, no address handed on; nothing of the API stored."""
    for path in ("/api/v1/hello", "/api/v1/missing"):
        headers = (await client.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "Via"])
async def test_a_proxy_on_this_machine_is_not_loopback(name: str) -> None:
    """What a proxy passes on comes from elsewhere, although the proxy runs here."""
    request = make_mocked_request("GET", "/metrics", headers={name: "203.0.113.9"})
    local = request.clone(remote="127.0.0.1")
    assert not guard.from_loopback(local)


@pytest.mark.parametrize(
    ("remote", "local"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("192.0.2.1", False), ("", False)],
)
async def test_loopback_is_told_by_the_peer(remote: str, local: bool) -> None:
    """Only this machine's own addresses count."""
    request = make_mocked_request("GET", "/metrics").clone(remote=remote)
    assert guard.from_loopback(request) is local
