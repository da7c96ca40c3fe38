"""One connection to the broker: the only file that touches aiomqtt and, beneath it, paho.

Facts of aiomqtt 2.5 on paho 2.2 that this file lives with (tests/integration/broker pins them):
- connecting runs in a thread, and the cause of a failure survives only as `__context__`;
- a socket closed before CONNACK is noticed only by the time-out: it is watched here;
- an attempt that times out leaves its socket open: it is shut here, or a late CONNACK would make
  it a second session under our client id;
- a publish whose connection dies waits for its own time-out: it is raced against the loss here;
- an error while a packet is read leaves the packet in place and the socket open: the loop would
  spin on it, so the socket is closed here;
- nothing limits the size of a packet received: its length is checked here before its body is read.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from edge_agent.link.errors import LinkError, LinkProblem
from edge_agent.link.messenger import Message
from edge_agent.link.settings import LinkSettings
from edge_agent.link.tls import CertificateDateError

REFUSED: Final = 128
"""SUBACK return code of a refused filter (MQTT 3.1.1, 3.9.3); a grant is 0, 1 or 2."""

_SIGN_IN_CODES: Final = frozenset({4, 5, 134, 135})
"""CONNACK "bad user name or password" and "not authorised", plain and as paho renders them."""

_KEEPALIVE_CODE: Final = 141
"""How paho says that PINGREQ was not answered."""

_NO_DELAY: Final = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
"""Small packets leave at once: Nagle's algorithm would add a round trip to live sound."""

_GOODBYE_S: Final = 1.0
"""Time allowed for a graceful DISCONNECT; the broker loses nothing without it."""

_GRACE_S: Final = 0.1
"""Time for a refusal already received to pass through aiomqtt's task."""

_Result = TypeVar("_Result")


class Connection:
    """From sign-in to loss. Used once: `open`, then the rest, then `close`."""

    def __init__(
        self,
        settings: LinkSettings,
        context: ssl.SSLContext | None,
        on_message: Callable[[Message], None],
    ) -> None:
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[LinkError] = self._loop.create_future()
        self._operations: set[asyncio.Task[Any]] = set()
        self._outbox_bytes = 0
        self._opened = False
        self._abandoned = False
        self._watch: asyncio.Task[None] | None = None
        self._client = aiomqtt.Client(
            settings.host,
            settings.port,
            identifier=settings.client_id,
            username=settings.client_id,
            password=settings.password,
            protocol=aiomqtt.ProtocolVersion.V311,
            clean_session=True,
            keepalive=settings.keepalive_s,
            timeout=settings.connect_s,
            tls_context=context,
            socket_options=[_NO_DELAY],
            queue_type=_tap(on_message),
        )
        self._client.pending_calls_threshold = 1_000
        paho: Any = self._client._client  # noqa: SLF001 - no public way to what follows
        paho.connect_timeout = settings.connect_s
        paho._sock_recv = self._limited(paho._sock_recv)  # noqa: SLF001
        paho.on_disconnect = self._noticed(paho.on_disconnect)
        paho.on_socket_open = self._followed(paho.on_socket_open)
        self._paho = paho

    async def open(self) -> None:
        """Connect and sign in. Raises LinkError with the reason."""
        entering = asyncio.create_task(self._client.__aenter__())
        try:
            await _first(entering, self._over)
            # A refusing CONNACK is followed by the close at once; let the reason come through.
            await asyncio.wait({entering}, timeout=_GRACE_S)
        except asyncio.CancelledError:
            # The thread cannot be stopped; what it opens is shut as soon as it is open.
            self._abandoned = True
            entering.cancel()
            if self._opened:
                self._shut()
            raise
        if not entering.done():
            entering.cancel()
        try:
            await entering
        except (aiomqtt.MqttError, asyncio.CancelledError) as error:
            self._shut()
            raise self._reason(error) from error
        self._watch = asyncio.create_task(self._await_loss())

    async def over(self) -> LinkError:
        """Wait until the connection has ended; returns why."""
        return await asyncio.shield(self._over)

    def fail(self, problem: LinkProblem, detail: str) -> None:
        """End the connection, for a reason of ours or one that the network gave."""
        if not self._over.done():
            self._over.set_result(LinkError(problem, detail))

    async def subscribe(self, topic_filters: list[str]) -> frozenset[str]:
        """Ask for filters at QoS 0; returns those that were refused. Raises LinkError."""
        asked = [(topic_filter, 0) for topic_filter in topic_filters]
        codes = await self._raced(self._client.subscribe(asked), self._settings.connect_s)
        values = [code if isinstance(code, int) else int(code.value) for code in codes]
        if len(values) != len(asked):
            raise LinkError(LinkProblem.CONNECTION_LOST, "SUBACK does not fit what was asked")
        pairs = zip(topic_filters, values, strict=True)
        return frozenset(topic_filter for topic_filter, code in pairs if code >= REFUSED)

    async def unsubscribe(self, topic_filters: list[str]) -> None:
        """Withdraw filters. Raises LinkError."""
        await self._raced(self._client.unsubscribe(topic_filters), self._settings.connect_s)

    async def publish(self, topic: str, payload: bytes, within: float) -> None:
        """Send at QoS 0, never retained. Raises LinkError; see Messenger.publish."""
        size = len(topic) + len(payload)
        if self._outbox_bytes + size > self._settings.outbox_bytes:
            raise LinkError(LinkProblem.TIMED_OUT, "too much is waiting for the network")
        await self._raced(self._send(topic, payload, size), within)

    async def close(self) -> None:
        """Sign off if still connected, and leave nothing behind."""
        if not self._over.done():
            self._over.set_result(LinkError(LinkProblem.STOPPED))
            self._client.timeout = _GOODBYE_S
            with contextlib.suppress(aiomqtt.MqttError):
                await self._client.__aexit__(None, None, None)
        self._shut()
        left = list(self._operations)
        for task in left:
            task.cancel()
        if self._watch is not None:
            self._watch.cancel()
            left.append(self._watch)
        await asyncio.gather(*left, return_exceptions=True)
        lost = self._client._disconnected  # noqa: SLF001 - fetched, or asyncio complains of it
        if lost.done():
            lost.exception()

    async def _send(self, topic: str, payload: bytes, size: int) -> None:
        self._outbox_bytes += size
        try:
            await self._client.publish(topic, payload, qos=0, timeout=float("inf"))
        finally:
            self._outbox_bytes -= size

    async def _raced(self, operation: Coroutine[Any, Any, _Result], within: float) -> _Result:
        """Run until done, the connection is over, or time is up.

        What time overtakes runs on until the connection ends: its bytes are still queued.
        """
        task = self._loop.create_task(operation)
        self._operations.add(task)
        task.add_done_callback(self._finished)
        await _first(task, self._over, within)
        if not task.done():
            if self._over.done():
                raise self._over.result()
            raise LinkError(LinkProblem.TIMED_OUT, f"not done within {within:g} s")
        try:
            return task.result()
        except aiomqtt.MqttError as error:
            raise LinkError(LinkProblem.CONNECTION_LOST, str(error)) from error

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._operations.discard(task)
        if not task.cancelled():
            task.exception()  # fetched, or asyncio complains when nobody waits any more

    async def _await_loss(self) -> None:
        try:
            async for _ in self._client.messages:
                pass  # never: the tap takes every message
        except aiomqtt.MqttError as error:
            cause = error.__cause__
            if isinstance(cause, aiomqtt.MqttCodeError) and _code(cause) == _KEEPALIVE_CODE:
                self.fail(LinkProblem.TIMED_OUT, "the broker stopped answering")
            elif cause is None or isinstance(cause, aiomqtt.MqttCodeError):
                self.fail(LinkProblem.CONNECTION_LOST, "the connection was closed")
            else:
                self.fail(LinkProblem.CONNECTION_LOST, repr(cause))

    def _reason(self, error: BaseException) -> LinkError:
        if self._over.done() and not isinstance(error, MqttConnectError):
            return self._over.result()
        return _connect_error(error)

    def _note_open(self) -> None:
        self._opened = True
        if self._abandoned:
            self._shut()

    def _shut(self) -> None:
        """Close the socket through paho, in the loop's thread, so that its watchers go too."""
        self._paho._sock_close()  # noqa: SLF001 - the public ways read or write once more

    def _limited(self, receive: Callable[[int], bytes]) -> Callable[[int], bytes]:
        """Refuse a packet that is too large: paho asks for all the rest of it in one piece."""
        limit = self._settings.max_packet_bytes

        def receive_limited(size: int) -> bytes:
            if size > limit:
                self.fail(LinkProblem.PACKET_TOO_LARGE, f"the broker sent {size} bytes in one")
                raise ConnectionAbortedError
            return receive(size)

        return receive_limited

    def _followed(self, on_socket_open: Callable[..., None]) -> Callable[..., None]:
        """Let aiomqtt register an open socket first (in the loop, later), then note it."""

        def on_socket_open_followed(*arguments: Any) -> None:  # noqa: ANN401 - as paho calls it
            on_socket_open(*arguments)
            self._loop.call_soon_threadsafe(self._note_open)

        return on_socket_open_followed

    def _noticed(self, on_disconnect: Callable[..., None]) -> Callable[..., None]:
        """Let aiomqtt hear of a closed socket first, then `open`, which may be waiting."""

        def on_disconnect_noticed(*arguments: Any) -> None:  # noqa: ANN401 - as paho calls it
            on_disconnect(*arguments)
            if self._watch is None:
                self._loop.call_soon_threadsafe(
                    self.fail, LinkProblem.CONNECTION_LOST, "closed before sign-in was answered"
                )

        return on_disconnect_noticed


async def _first(
    one: asyncio.Future[Any], other: asyncio.Future[Any], within: float | None = None
) -> None:
    """Wait until either is done, or time is up."""
    await asyncio.wait({one, other}, timeout=within, return_when=asyncio.FIRST_COMPLETED)


def _tap(on_message: Callable[[Message], None]) -> type[asyncio.Queue[aiomqtt.Message]]:
    """A queue that hands each message on at once, so that aiomqtt has none to drop."""

    class Tap(asyncio.Queue[aiomqtt.Message]):
        def put_nowait(self, item: aiomqtt.Message) -> None:
            on_message(Message(str(item.topic), bytes(item.payload), item.retain))

    return Tap


def _code(error: aiomqtt.MqttCodeError) -> int | None:
    return error.rc if isinstance(error.rc, int) else getattr(error.rc, "value", None)


def _connect_error(error: BaseException) -> LinkError:
    """Why connecting failed; aiomqtt tells most of it by `__context__` only."""
    cause = error.__context__
    detail = str(cause or error)
    if isinstance(error, MqttConnectError):
        refused = _code(error) in _SIGN_IN_CODES
        problem = LinkProblem.SIGN_IN_REFUSED if refused else LinkProblem.BROKER_UNAVAILABLE
        return LinkError(problem, str(error))
    known: tuple[tuple[type[BaseException], LinkProblem], ...] = (
        (CertificateDateError, LinkProblem.CERTIFICATE_DATE),
        (ssl.SSLCertVerificationError, LinkProblem.CERTIFICATE_REFUSED),
        (ssl.SSLError, LinkProblem.TLS_FAILED),
        (socket.gaierror, LinkProblem.NAME_NOT_FOUND),
        (TimeoutError, LinkProblem.TIMED_OUT),
        (OSError, LinkProblem.UNREACHABLE),
    )
    for kind, problem in known:
        if isinstance(cause, kind):
            return LinkError(problem, detail)
    return LinkError(LinkProblem.UNREACHABLE, detail)
