"""Live changes for open screens, as server-sent events (WHATWG HTML, section 9.2).

Each event of type `change` says what changed, not what it is now; the screen reads that from
the API, so nobody is told more than the API would tell. `resync` asks to read all anew.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from aiohttp_sse import EventSourceResponse

from controller.domain.errors import DomainError
from controller.domain.event import Event
from controller.domain.ids import AreaId
from controller.web.auth import admit
from controller.web.binding import handles
from controller.web.call import Call
from controller.web.keys import CONTEXT
from controller.web.schemas.base import View, write_json

_log = logging.getLogger(__name__)

_WAITING: Final = 256
"""Events that may wait for one listener; a burst beyond it becomes one `resync`."""

_CHECK_S: Final = 20.0
"""How often a silent stream shows that it lives and that its reader may still listen."""


STREAMS: Final = web.AppKey("streams", set[asyncio.Task[None]])
"""What runs for each open stream, so that they end with the program."""


class ChangeView(View, frozen=True, kw_only=True):
    """One change as a screen is told of it."""

    kind: str
    subject: str
    area_id: str
    at: str


class Feed:
    """Hands events to every open screen that sees their area (port EventFeed)."""

    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()

    @property
    def listeners(self) -> int:
        """How many screens listen now."""
        return len(self._listeners)

    def publish(self, event: Event) -> None:
        """See EventFeed.publish."""
        for listener in self._listeners:
            if listener.area in event.chain:
                listener.put(event)

    @asynccontextmanager
    async def subscribe(self, area: AreaId) -> AsyncIterator[AsyncIterator[Event | None]]:
        """See EventFeed.subscribe."""
        listener = _Listener(area)
        self._listeners.add(listener)
        try:
            yield listener.events()
        finally:
            self._listeners.discard(listener)


class _Listener:
    """What waits for one screen."""

    def __init__(self, area: AreaId) -> None:
        self.area = area
        self._waiting: asyncio.Queue[Event | None] = asyncio.Queue()

    def put(self, event: Event) -> None:
        """Add an event, or replace a queue that is too long by one request to read all anew."""
        if self._waiting.qsize() < _WAITING:
            self._waiting.put_nowait(event)
            return
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)

    async def events(self) -> AsyncIterator[Event | None]:
        """Events in order; None asks to read all anew."""
        while True:
            yield await self._waiting.get()


@handles("events")
async def events(call: Call) -> web.StreamResponse:
    """Tell one screen of changes until it closes or its session ends."""
    response = EventSourceResponse(ping_interval=_CHECK_S, send_timeout=_CHECK_S)
    await response.prepare(call.request)
    telling = asyncio.create_task(_tell(call, response))
    call.request.app[STREAMS].add(telling)
    try:
        async with response:
            while response.is_connected() and await _still_admitted(call):
                await asyncio.wait([telling], timeout=_CHECK_S)
                if telling.done():
                    break
    finally:
        call.request.app[STREAMS].discard(telling)
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
    return response


async def end_streams(app: web.Application) -> None:
    """End all open streams, for the end of the program."""
    streams = app[STREAMS]
    for telling in tuple(streams):
        telling.cancel()


async def _tell(call: Call, response: EventSourceResponse) -> None:
    feed = call.request.app[CONTEXT].feed
    try:
        async with feed.subscribe(call.actor.area) as changes:
            # Whatever changed between the screen's first reading and now is read again.
            await response.send("{}", event="resync")
            async for event in changes:
                if event is None:
                    await response.send("{}", event="resync")
                else:
                    await response.send(_text(event), event="change")
    except (ConnectionError, TimeoutError):
        _log.debug("a screen closed its stream", extra={"action": "feed_closed"})


async def _still_admitted(call: Call) -> bool:
    """Tell whether the session still holds: it may have been ended elsewhere meanwhile."""
    try:
        await admit(call.request, call.endpoint)
    except DomainError:
        return False
    return True


def _text(event: Event) -> str:
    view = ChangeView(
        kind=event.kind.value,
        subject=event.subject,
        area_id=event.chain[-1],
        at=event.at.isoformat(),
    )
    return write_json(view).decode()
