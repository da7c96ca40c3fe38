"""The link: keeps one connection to the broker up, for ever, and serves as Messenger."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from edge_agent.link.backoff import Backoff, Uniform
from edge_agent.link.connection import Connection
from edge_agent.link.errors import LinkError, LinkProblem, LinkSettingsError
from edge_agent.link.inbox import Inbox
from edge_agent.link.messenger import Handler, LinkStatus, Listener, Message
from edge_agent.link.settings import LinkSettings
from edge_agent.link.tls import Instant, client_context
from edge_agent.link.topic_filter import check_filter, check_topic, matches, overlap

_log = logging.getLogger(__name__)

_ASK_AGAIN_S: Final = 15.0
"""A refused filter is asked for again after 0.5 to 1.5 times this: brokers in a cluster refuse
for a moment what they grant later, and a real refusal costs one small packet each time."""

_BATCH: Final = 16
"""Filters in one SUBSCRIBE; small, so that one packet never nears a broker's limit."""


class Link:
    """Messenger over MQTT 3.1.1, QoS 0, clean sessions.

    settings: where and as whom to connect.
    judged: the instant against which certificates are judged; see tls.judged_instant.
    monotonic: seconds of a clock that never steps. uniform: as random.uniform.
    sleep: as asyncio.sleep; given so that tests need not wait.
    """

    def __init__(
        self,
        settings: LinkSettings,
        *,
        judged: Instant,
        monotonic: Callable[[], float],
        uniform: Uniform,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._context = client_context(settings.tls, judged) if settings.tls else None
        self._monotonic = monotonic
        self._uniform = uniform
        self._sleep = sleep
        self._backoff = Backoff(settings.backoff, uniform)
        self._inboxes: dict[str, Inbox] = {}
        self._feeders: dict[str, asyncio.Task[None]] = {}
        self._granted: set[str] = set()
        self._declared = asyncio.Event()
        self._settled = asyncio.Condition()
        self._connection: Connection | None = None
        self._running = False
        self._listeners: list[Listener] = []
        self._status = LinkStatus(problem=LinkProblem.NOT_CONNECTED)

    @property
    def status(self) -> LinkStatus:
        """The present status, with the present count of drops."""
        drops = {name: box.dropped for name, box in self._inboxes.items() if box.may_drop}
        return replace(self._status, dropped=drops)

    def on_change(self, listener: Listener) -> None:
        """Tell `listener` each later status."""
        self._listeners.append(listener)

    def subscribe(self, topic_filter: str, handler: Handler, *, may_drop: bool = False) -> None:
        """See Messenger.subscribe."""
        check_filter(topic_filter)
        for other in self._inboxes:
            if other != topic_filter and overlap(other, topic_filter):
                raise LinkSettingsError(f"{topic_filter!r} overlaps {other!r}")
        known = self._inboxes.get(topic_filter)
        if known is not None:
            known.handler, known.may_drop = handler, may_drop
            return
        self._inboxes[topic_filter] = Inbox(
            handler,
            may_drop=may_drop,
            max_messages=self._settings.inbox_messages,
            max_bytes=self._settings.inbox_bytes,
        )
        if self._running:
            self._feed(topic_filter)
        self._declared.set()

    def unsubscribe(self, topic_filter: str) -> None:
        """See Messenger.unsubscribe."""
        if self._inboxes.pop(topic_filter, None) is not None:
            feeder = self._feeders.pop(topic_filter, None)
            if feeder is not None:
                feeder.cancel()
            self._declared.set()

    async def granted(self, topic_filter: str, within: float) -> bool:
        """See Messenger.granted."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within), self._settled:
                await self._settled.wait_for(lambda: topic_filter in self._granted)
        return topic_filter in self._granted

    async def publish(self, topic: str, payload: bytes, within: float = 10.0) -> None:
        """See Messenger.publish."""
        check_topic(topic)
        if len(payload) + len(topic) + 16 > self._settings.max_packet_bytes:
            raise LinkError(LinkProblem.PACKET_TOO_LARGE, f"{len(payload)} bytes on {topic}")
        if self._connection is None:
            raise LinkError(LinkProblem.NOT_CONNECTED, self._status.detail)
        await self._connection.publish(topic, payload, within)

    async def run(self) -> None:
        """Keep connecting until cancelled; nothing the network does ends it."""
        if self._running:
            raise RuntimeError("this link runs already")
        self._running = True
        for topic_filter in self._inboxes:
            self._feed(topic_filter)
        try:
            while True:
                started = self._monotonic()
                stood, ended = await self._hold()
                held = self._monotonic() - started if stood else 0.0
                refused = ended.problem is LinkProblem.SIGN_IN_REFUSED
                pause = self._backoff.pause(held_s=held, refused=refused)
                self._tell(connected=False, problem=ended.problem, detail=ended.detail)
                _log.info(
                    "link down: %s; next attempt in %.1f s",
                    ended,
                    pause,
                    extra={"action": "reconnect", "problem": ended.problem.value},
                )
                await self._sleep(pause)
        finally:
            await self._stop()

    async def _hold(self) -> tuple[bool, LinkError]:
        """One connection from attempt to end: whether it stood, and why it ended."""
        try:
            connection = Connection(self._settings, self._context, self._arrived)
            await connection.open()
        except LinkError as error:
            return False, error
        except Exception as error:  # noqa: BLE001 - boundary to the network
            # Whatever the libraries below make of the network's bytes, the link tries again.
            _log.exception("connecting failed in an unknown way", extra={"action": "connect"})
            return False, LinkError(LinkProblem.UNREACHABLE, repr(error))
        self._connection = connection
        keeper = asyncio.create_task(self._keep_subscribed(connection))
        try:
            return True, await connection.over()
        finally:
            self._connection = None
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            self._granted.clear()
            await connection.close()

    async def _keep_subscribed(self, connection: Connection) -> None:
        """Bring the declared filters to the broker; say "connected" after the first round."""
        try:
            refused = await self._ask(connection)
            self._tell(connected=True, refused=refused, connects=self._status.connects + 1)
            while True:
                limit = _ASK_AGAIN_S * self._uniform(0.5, 1.5) if refused else None
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(limit):
                        await self._declared.wait()
                refused = await self._ask(connection)
                if refused != self._status.refused:
                    self._tell(connected=True, refused=refused)
        except LinkError as error:
            connection.fail(error.problem, error.detail)

    async def _ask(self, connection: Connection) -> frozenset[str]:
        """Tell the broker what changed; returns the filters that it refused."""
        self._declared.clear()
        gone = [name for name in self._granted if name not in self._inboxes]
        if gone:
            await connection.unsubscribe(gone)
            self._granted.difference_update(gone)
        missing = [name for name in self._inboxes if name not in self._granted]
        refused: frozenset[str] = frozenset()
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            no = await connection.subscribe(batch)
            refused |= no
            self._granted.update(name for name in batch if name not in no)
        async with self._settled:
            self._settled.notify_all()
        return refused

    def _arrived(self, message: Message) -> None:
        inbox = self._inboxes.get(message.topic) or self._wildcard_inbox(message.topic)
        if inbox is None:
            return  # withdrawn a moment ago
        if not inbox.put(message) and self._connection is not None:
            self._connection.fail(LinkProblem.INBOX_FULL, f"too slow for {message.topic}")

    def _wildcard_inbox(self, topic: str) -> Inbox | None:
        for topic_filter, inbox in self._inboxes.items():
            if matches(topic_filter, topic):
                return inbox
        return None

    def _feed(self, topic_filter: str) -> None:
        self._feeders[topic_filter] = asyncio.create_task(self._inboxes[topic_filter].run())

    async def _stop(self) -> None:
        feeders = list(self._feeders.values())
        self._feeders.clear()
        for feeder in feeders:
            feeder.cancel()
        await asyncio.gather(*feeders, return_exceptions=True)
        self._running = False
        self._tell(connected=False, problem=LinkProblem.STOPPED)

    def _tell(
        self,
        *,
        connected: bool,
        problem: LinkProblem | None = None,
        detail: str = "",
        refused: frozenset[str] = frozenset(),
        connects: int | None = None,
    ) -> None:
        self._status = LinkStatus(
            connected=connected,
            problem=problem,
            detail=detail,
            refused=refused,
            connects=self._status.connects if connects is None else connects,
        )
        status = self.status
        for listener in self._listeners:
            listener(status)
