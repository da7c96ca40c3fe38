"""A request that comes twice with the same Idempotency-Key is done once.

The key belongs to the caller and the route; the answer is kept for a day. A failed request
is forgotten, so that it may be tried again.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from aiohttp import web

from controller.domain.errors import Conflict, ErrorCode, Invalid
from controller.domain.idempotency import IdempotencyRecord
from controller.web.call import Call
from controller.web.keys import CONTEXT

_HEADER: Final = "Idempotency-Key"
_LONGEST: Final = 80


async def once(call: Call, act: Callable[[], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """Run `act`, or answer as the first time.

    Raises Conflict `idempotency_running`, `idempotency_reused`; Invalid for a bad key.
    """
    key = call.request.headers.get(_HEADER)
    if key is None or call.caller is None or call.request.method != "POST":
        return await act()
    if not 1 <= len(key) <= _LONGEST or not key.isascii() or not key.isprintable():
        raise Invalid(ErrorCode.INVALID_FIELD, field=_HEADER)
    record = IdempotencyRecord(
        actor=call.actor.account,
        key=key,
        route=f"{call.endpoint.name} {call.request.path}",
        body_hash=hashlib.sha256(await call.request.read()).digest(),
        created_at=call.request.app[CONTEXT].clock.now(),
    )
    database = call.request.app[CONTEXT].database
    async with database.begin() as tx:
        earlier = await tx.idempotency.reserve(record)
    if earlier is not None:
        return _again(earlier, record)
    try:
        response = await act()
    except BaseException:
        async with database.begin() as tx:
            await tx.idempotency.release(record)
        raise
    body = response.body if isinstance(response, web.Response) else b""
    kept = replace(record, status=response.status, answer=body if isinstance(body, bytes) else b"")
    async with database.begin() as tx:
        await tx.idempotency.complete(kept)
    return response


def _again(earlier: IdempotencyRecord, record: IdempotencyRecord) -> web.Response:
    if earlier.body_hash != record.body_hash:
        raise Conflict(ErrorCode.IDEMPOTENCY_REUSED, field=_HEADER)
    if earlier.status is None:
        raise Conflict(ErrorCode.IDEMPOTENCY_RUNNING, field=_HEADER)
    return web.Response(
        status=earlier.status,
        body=earlier.answer,
        content_type="application/json",
        headers={"Idempotent-Replayed": "true"},
    )
