"""Binds handlers to the endpoints of the table: reads, calls, writes."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from controller.web import auth, idempotency
from controller.web.call import Call, language_of
from controller.web.endpoints import BY_NAME, ENDPOINTS, Endpoint, Stream
from controller.web.schemas.base import View, read_json, read_query, write_json

Handler = Callable[[Call], Awaitable[View | web.StreamResponse | None]]

_handlers: Final[dict[str, Handler]] = {}


def handles(name: str) -> Callable[[Handler], Handler]:
    """Register a handler for the endpoint of this name. Raises KeyError for an unknown one."""
    endpoint = BY_NAME[name]

    def register(handler: Handler) -> Handler:
        _handlers[endpoint.name] = handler
        return handler

    return register


def install(app: web.Application) -> None:
    """Add all endpoints to the application. Raises LookupError when one has no handler."""
    missing = [endpoint.name for endpoint in ENDPOINTS if endpoint.name not in _handlers]
    if missing:
        raise LookupError(f"no handler for {', '.join(missing)}")
    # Fixed paths first: /enrolments/redeem must not be taken for an id.
    for endpoint in sorted(ENDPOINTS, key=lambda item: "{" in item.path):
        app.router.add_route(
            endpoint.method, endpoint.path, _adapt(endpoint, _handlers[endpoint.name])
        )


def _adapt(
    endpoint: Endpoint, handler: Handler
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        caller = await auth.admit(request, endpoint)
        query = read_query(endpoint.query, dict(request.query)) if endpoint.query else None
        body = await _body(request, endpoint)
        call = Call(request, endpoint, caller, body, query, language_of(request))

        async def act() -> web.StreamResponse:
            return _response(endpoint, await handler(call))

        return await idempotency.once(call, act)

    return serve


async def _body(request: web.Request, endpoint: Endpoint) -> Any:  # noqa: ANN401  any schema
    if endpoint.body is None or isinstance(endpoint.body, Stream):
        return None
    return read_json(endpoint.body, await request.read())


def _response(endpoint: Endpoint, answer: View | web.StreamResponse | None) -> web.StreamResponse:
    if isinstance(answer, web.StreamResponse):
        return answer
    if answer is None:
        return web.Response(status=endpoint.status)
    return web.Response(
        status=endpoint.status, body=write_json(answer), content_type="application/json"
    )
