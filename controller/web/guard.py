"""What every answer carries, and which requests are not answered at all."""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from controller.web.errors import refuse
from controller.web.keys import ENTRY

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HEADERS: Final = {
    # Mantine sets styles on elements, hence 'unsafe-inline' for styles; never for scripts.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
        "font-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=()",
    # One-time links carry their secret in the address.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers of protection to every answer, streams included."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def known_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests for a name that is not ours.

    A page of a foreign site whose name is made to point at us (DNS rebinding) gets nothing.
    """
    host = _host_of(request.headers.get("Host", ""))
    if host not in _LOOPBACK and host != urlsplit(request.app[ENTRY].address).hostname:
        return refuse(request, 421, "unknown_host", None, {"host": host[:100]})
    return await handler(request)


def from_loopback(request: web.Request) -> bool:
    """True when a program on this machine asks, and not a proxy for somebody else."""
    peer = request.remote or ""
    local = peer.startswith("127.") or peer == "::1"
    return local and not any(name in request.headers for name in _FORWARDED)


def _host_of(header: str) -> str:
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""
