"""`/healthz` and `/metrics`: whether the parts work, and figures for Prometheus."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from controller.domain.errors import ErrorCode, SignInNeeded
from controller.web.guard import from_loopback
from controller.web.keys import ACCESS
from controller.web.schemas.base import write_json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OK: Final = "ok"


class Probe(Protocol):
    """Looks at the parts of the running program."""

    async def checks(self) -> Mapping[str, str]:
        """Return for each part `ok` or a stable code of what is wrong. Never raises."""
        ...

    async def figures(self) -> Mapping[str, float]:
        """Return figures by metric name (`loaxa_…`). Never raises."""
        ...


class Meter:
    """Counts requests and reads the program's figures when it is asked."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "loaxa_http_requests",
            "Requests",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "loaxa_http_request_seconds", "Time to answer", ["route"], registry=self._registry
        )
        self._up = Gauge("loaxa_part_up", "1 when it works", ["part"], registry=self._registry)
        self._gauges: dict[str, Gauge] = {}

    async def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        for part, state in (await self._probe.checks()).items():
            self._up.labels(part).set(1.0 if state == OK else 0.0)
        for name, value in (await self._probe.figures()).items():
            if name not in self._gauges:
                self._gauges[name] = Gauge(name, name, registry=self._registry)
            self._gauges[name].set(value)
        return generate_latest(self._registry)

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a request under its route, never under its address: ids are not labels."""
        started = time.perf_counter()
        response = await handler(request)
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "none"
        self._requests.labels(request.method, route, str(response.status)).inc()
        self._seconds.labels(route).observe(time.perf_counter() - started)
        return response


def install(app: web.Application, probe: Probe, meter: Meter) -> None:
    """Add both routes."""

    async def healthz(_request: web.Request) -> web.Response:
        checks = dict(await probe.checks())
        well = all(state == OK for state in checks.values())
        body = {"status": OK if well else "degraded", "checks": checks}
        return web.Response(
            status=200 if well else 503, body=write_json(body), content_type="application/json"
        )

    async def metrics(request: web.Request) -> web.Response:
        if not from_loopback(request):
            await _require_token(request)
        return web.Response(body=await meter.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/metrics", metrics)


async def _require_token(request: web.Request) -> None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise SignInNeeded(ErrorCode.SIGN_IN_NEEDED)
    await request.app[ACCESS].by_token(secret.strip())
