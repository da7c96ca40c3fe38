"""The web application: middlewares, the API, health, the screens."""

import importlib
import logging
import pkgutil
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import web

from controller.web import binding, errors, feed, guard, health, openapi, routes, screens
from controller.web.keys import ENTRY
from controller.web.schemas.base import write_json

_log = logging.getLogger(__name__)

MAX_BODY: Final = 4 * 1024 * 1024 + 65_536
"""One piece of an upload (4 MiB) is the largest body of all."""

_CLOSING_S: Final = 3.0
"""Time for running requests to end when the program ends."""


def create_app(
    services: Mapping[web.AppKey[Any], object],
    probe: health.Probe,
    *,
    authority_pem: str | None = None,
    assets: Mapping[str, screens.Asset] | None = None,
) -> web.Application:
    """Return the whole application.

    services: what handlers find under the keys of controller.web.keys, ENTRY among them.
    authority_pem: certificate of the installation's own authority, offered for download.
    assets: the built screens; by default those that the build left.
    Raises LookupError when an endpoint has no handler.
    """
    meter = health.Meter(probe)
    app = web.Application(
        middlewares=[meter.count, errors.answer_errors, guard.known_host],
        client_max_size=MAX_BODY,
    )
    for key, service in services.items():
        app[key] = service
    app.on_response_prepare.append(guard.add_headers)
    app[feed.STREAMS] = set()
    app.on_shutdown.append(feed.end_streams)
    load_handlers()
    binding.install(app)
    health.install(app, probe, meter)
    _install_documents(app, authority_pem)
    screens.install(app, screens.load() if assets is None else assets)
    return app


def load_handlers() -> None:
    """Import every module of routes, so that its handlers are bound."""
    for module in pkgutil.iter_modules(routes.__path__):
        importlib.import_module(f"{routes.__name__}.{module.name}")
    importlib.import_module(feed.__name__)


def _install_documents(app: web.Application, authority_pem: str | None) -> None:
    document = write_json(openapi.document(app[ENTRY].version))

    async def describe(_request: web.Request) -> web.Response:
        return web.Response(body=document, content_type="application/json")

    async def authority(_request: web.Request) -> web.Response:
        if authority_pem is None:
            raise web.HTTPNotFound
        return web.Response(
            text=authority_pem,
            content_type="application/x-x509-ca-cert",
            headers={"Content-Disposition": 'attachment; filename="loaxa-ca.crt"'},
        )

    app.router.add_get("/api/v1/openapi.json", describe)
    app.router.add_get("/ca.crt", authority)


@asynccontextmanager
async def listening(
    app: web.Application, bind: str, port: int, tls: ssl.SSLContext | None
) -> AsyncIterator[int]:
    """Serve inside the block; yields the port. Raises OSError when it cannot be had."""
    # A handler runs to its end when its caller goes away: nothing is left half done.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSING_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, bind, port, ssl_context=tls, reuse_address=True)
        await site.start()
        _log.info("listening", extra={"action": "listening", "bind": bind, "port": port})
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
