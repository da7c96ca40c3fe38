"""Who is at the door: cookie sessions for browsers, bearer tokens for programs.

A browser's cookie holds two secrets: the session's, and the signer's ticket of the person,
which is kept nowhere else. The CSRF token is derived from the session's secret, so a page
of another origin, which cannot read the cookie, cannot know it.
"""

import hashlib
import hmac
from typing import Final

from aiohttp import web

from controller.domain.errors import ErrorCode, Forbidden, SignInNeeded
from controller.domain.roles import Actor
from controller.services.access import SignedIn
from controller.web.endpoints import Door, Endpoint
from controller.web.keys import ACCESS, ENTRY

CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


async def admit(request: web.Request, endpoint: Endpoint) -> Actor | None:
    """Return who calls an endpoint, None for nobody at a public one.

    Raises SignInNeeded, Forbidden `csrf` or `session_needed`.
    """
    if endpoint.door is Door.PUBLIC:
        require_same_origin(request)
        return None
    bearer = request.headers.get("Authorization", "")
    if bearer:
        scheme, _, secret = bearer.partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise SignInNeeded(ErrorCode.SIGN_IN_NEEDED)
        actor = await request.app[ACCESS].by_token(secret.strip())
        if endpoint.door is Door.SESSION:
            raise Forbidden(ErrorCode.SESSION_NEEDED)
        return actor
    cookie = session_secret(request)
    actor = await request.app[ACCESS].by_session(cookie)
    if request.method not in _SAFE:
        require_same_origin(request)
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), csrf_token(cookie).encode()):
            raise Forbidden(ErrorCode.CSRF)
    return actor


def require_same_origin(request: web.Request) -> None:
    """Refuse a change that another origin's page sends. Raises Forbidden `csrf`."""
    if request.method in _SAFE:
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        raise Forbidden(ErrorCode.CSRF)
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        raise Forbidden(ErrorCode.CSRF)


def csrf_token(secret: str) -> str:
    """Return the token that goes with a session."""
    return hmac.new(secret.encode(), b"loaxa-csrf-1", hashlib.sha256).hexdigest()


def session_secret(request: web.Request) -> str:
    """Return the session's secret from the cookie. Raises SignInNeeded without one."""
    secret = _cookie(request)[0]
    if not secret:
        raise SignInNeeded(ErrorCode.SIGN_IN_NEEDED)
    return secret


def ticket(request: web.Request) -> str:
    """Return the signer's ticket from the cookie. Raises SignInNeeded without one."""
    token = _cookie(request)[2]
    if not token:
        raise SignInNeeded(ErrorCode.SIGN_IN_NEEDED)
    return token


def _cookie(request: web.Request) -> tuple[str, str, str]:
    return request.cookies.get(request.app[ENTRY].cookie_name, "").partition(".")


def let_in(request: web.Request, response: web.StreamResponse, signed_in: SignedIn) -> None:
    """Put a new session's cookie into a response."""
    entry = request.app[ENTRY]
    response.set_cookie(
        entry.cookie_name,
        f"{signed_in.secret}.{signed_in.ticket.token}",
        expires=signed_in.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        path="/",
        secure=entry.secure,
        httponly=True,
        samesite="Strict",
    )


def let_out(request: web.Request, response: web.StreamResponse) -> None:
    """Take the cookie back."""
    entry = request.app[ENTRY]
    response.del_cookie(entry.cookie_name, path="/", secure=entry.secure, httponly=True)
