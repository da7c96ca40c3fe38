"""A broker that does what a test tells it, also what no decent broker does (plain MQTT 3.1.1)."""

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 8, 10, 12, 14


@dataclass(eq=False)
class Visit:
    """One client's connection. `packets` are (type, body) as they came in."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    packets: list[tuple[int, bytes]] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def kinds(self) -> list[int]:
        return [kind for kind, _ in self.packets]

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self.writer.write(publish_packet(topic, payload, retain=retain))

    def raw(self, data: bytes) -> None:
        self.writer.write(data)

    def hang_up(self) -> None:
        self.writer.transport.abort()


class ScriptedBroker:
    """Answers as told; each flag may be changed while it runs.

    connack: return code of the next sign-ins, None to stay silent. hang_up_first: close before
    the CONNACK. suback: codes for the next SUBSCRIBE packets, then always 0. pings: answer them.
    reading: take bytes from clients at all.
    """

    def __init__(self) -> None:
        self.port = 0
        self.connack: int | None = 0
        self.hang_up_first = False
        self.suback: deque[int] = deque()
        self.pings = True
        self.reading = asyncio.Event()
        self.reading.set()
        self.visits: list[Visit] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(
        self, context: ssl.SSLContext | None = None
    ) -> AsyncIterator["ScriptedBroker"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for visit in self.visits:
                visit.hang_up()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.sleep(0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        visit = Visit(reader, writer)
        self.visits.append(visit)
        try:
            with contextlib.suppress(OSError, EOFError):
                await self._serve(visit)
        finally:
            visit.gone.set()
            writer.close()
            self._tasks.discard(task)

    async def _serve(self, visit: Visit) -> None:
        if self.hang_up_first:
            return
        while True:
            await self.reading.wait()
            kind, body = await _read_packet(visit.reader)
            visit.packets.append((kind, body))
            if kind == CONNECT and self.connack is not None:
                visit.raw(bytes([0x20, 2, 0, self.connack]))
                if self.connack:
                    return
            elif kind == SUBSCRIBE:
                code = self.suback.popleft() if self.suback else 0
                count = _filters_in(body)
                visit.raw(bytes([0x90, 2 + count]) + body[:2] + bytes([code]) * count)
            elif kind == UNSUBSCRIBE:
                visit.raw(bytes([0xB0, 2]) + body[:2])
            elif kind == PINGREQ and self.pings:
                visit.raw(bytes([0xD0, 0]))
            elif kind == DISCONNECT:
                return


def publish_packet(topic: str, payload: bytes, *, retain: bool = False) -> bytes:
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name + payload
    return bytes([0x30 | retain]) + _length(len(body)) + body


def _length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, digit = divmod(size, 128)
        out.append(digit | (0x80 if size else 0))
        if not size:
            return bytes(out)


async def _read_packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first = (await reader.readexactly(1))[0]
    size, shift = 0, 0
    while True:
        digit = (await reader.readexactly(1))[0]
        size |= (digit & 0x7F) << shift
        shift += 7
        if not digit & 0x80:
            return first >> 4, await reader.readexactly(size)


def _filters_in(body: bytes) -> int:
    count, at = 0, 2
    while at < len(body):
        at += 2 + int.from_bytes(body[at : at + 2], "big") + 1
        count += 1
    return count
