"""An in-memory broker with the rights of the real ones, and a Messenger on top of it."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from controller.adapters.broker.ports import Rights
from edge_agent.link import (
    Handler,
    LinkError,
    LinkProblem,
    LinkSettingsError,
    LinkStatus,
    Listener,
    Message,
)
from edge_agent.link.inbox import Inbox
from edge_agent.link.topic_filter import check_filter, check_topic, matches, overlap

CONTROLLER_PASSWORD = "controller-password"
RETRY_S = 0.02
MAX_PACKET_BYTES = 300_000


@dataclass(slots=True)
class _Account:
    password: str
    groups: frozenset[str]


@dataclass(slots=True, eq=False)
class Session:
    """One signed-in client, as the broker sees it. `on_end` is told when the broker ends it."""

    broker: "InMemoryBroker"
    name: str
    rights: Rights
    deliver: Callable[[Message], None]
    on_end: Callable[[], None]
    filters: set[str] = field(default_factory=set)
    open: bool = True

    def subscribe(self, topic_filter: str) -> bool:
        """Ask for a filter; False when the rights forbid it."""
        if not self.open or not self._may_read(topic_filter):
            return False
        self.filters.add(topic_filter)
        for topic, payload in self.broker.retained.items():
            if matches(topic_filter, topic):
                self._hand_over(Message(topic, payload, retained=True))
        return True

    def unsubscribe(self, topic_filter: str) -> None:
        """Withdraw a filter."""
        self.filters.discard(topic_filter)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send to all who subscribed; what the rights forbid vanishes, as on real brokers."""
        if not self.open or not self._may_write(topic):
            return
        if retain:
            self.broker.retained[topic] = payload
        for session in list(self.broker.sessions.values()):
            if any(matches(topic_filter, topic) for topic_filter in session.filters):
                session._hand_over(Message(topic, payload))

    def end(self) -> None:
        """End the session from the broker's side."""
        if self.open:
            self.open = False
            if self.broker.sessions.get(self.name) is self:
                del self.broker.sessions[self.name]
            asyncio.get_running_loop().call_soon(self.on_end)

    def _hand_over(self, message: Message) -> None:
        def arrive() -> None:
            if self.open:
                self.deliver(message)

        asyncio.get_running_loop().call_soon(arrive)

    def _may_read(self, topic_filter: str) -> bool:
        if self.rights.is_controller:
            return topic_filter.split("/", 1)[0] in ("t", "g")
        if topic_filter == f"t/{self.name}/down":
            return True
        parts = topic_filter.split("/")
        return (
            len(parts) == 3
            and parts[0] == "g"
            and parts[1] in self.rights.groups
            and parts[2] in ("live", "order", "blob")
        )

    def _may_write(self, topic: str) -> bool:
        parts = topic.split("/")
        if self.rights.is_controller:
            return parts[0] in ("t", "g")
        return len(parts) == 4 and parts[:3] == ["t", self.name, "up"]


class InMemoryBroker:
    """Accounts, sessions and deliveries of one process; also its own TerminalAccess."""

    def __init__(self) -> None:
        self.accounts: dict[str, _Account] = {}
        self.sessions: dict[str, Session] = {}
        self.retained: dict[str, bytes] = {}
        self.up = True

    async def grant(self, terminal_id: str, password: str | None, groups: frozenset[str]) -> None:
        """See TerminalAccess.grant."""
        known = self.accounts.get(terminal_id)
        if known is None:
            assert password is not None, "a new terminal needs a password"
            self.accounts[terminal_id] = _Account(password, groups)
            return
        if password is None and groups == known.groups:
            return
        self.accounts[terminal_id] = _Account(password or known.password, groups)
        self._end_session(terminal_id)

    async def revoke(self, terminal_id: str) -> None:
        """See TerminalAccess.revoke."""
        self.accounts.pop(terminal_id, None)
        self._end_session(terminal_id)

    def sign_in(
        self,
        client_id: str,
        user_name: str,
        password: str,
        deliver: Callable[[Message], None],
        on_end: Callable[[], None],
    ) -> Session:
        """Open a session. Raises LinkError as a link would."""
        if not self.up:
            raise LinkError(LinkProblem.UNREACHABLE, "the broker is down")
        rights = self._rights(user_name, password)
        if rights is None or client_id != user_name:
            raise LinkError(LinkProblem.SIGN_IN_REFUSED, "wrong name, password or client id")
        self._end_session(client_id)
        session = self.sessions[client_id] = Session(self, client_id, rights, deliver, on_end)
        return session

    def crash(self) -> None:
        """Lose every session and refuse new ones until `restart`."""
        self.up = False
        for name in list(self.sessions):
            self._end_session(name)
        self.retained.clear()

    def restart(self) -> None:
        """Accept clients again."""
        self.up = True

    def messenger(self, client_id: str, password: str = CONTROLLER_PASSWORD) -> "FakeLink":
        """A Messenger that signs in here while its `run` runs."""
        return FakeLink(self, client_id, password)

    def _rights(self, name: str, password: str) -> Rights | None:
        if name.startswith("controller-"):
            return Rights(is_controller=True) if password == CONTROLLER_PASSWORD else None
        account = self.accounts.get(name)
        if account is None or account.password != password:
            return None
        return Rights(account.groups)

    def _end_session(self, name: str) -> None:
        session = self.sessions.get(name)
        if session is not None:
            session.end()


class FakeLink:
    """What edge_agent.link.Link is over MQTT, over an InMemoryBroker."""

    def __init__(self, broker: InMemoryBroker, client_id: str, password: str) -> None:
        self._broker = broker
        self._client_id = client_id
        self._password = password
        self._inboxes: dict[str, Inbox] = {}
        self._feeders: dict[str, asyncio.Task[None]] = {}
        self._session: Session | None = None
        self._ended = asyncio.Event()
        self._running = False
        self._listeners: list[Listener] = []
        self._status = LinkStatus(problem=LinkProblem.NOT_CONNECTED)
        self._settled = asyncio.Condition()

    @property
    def status(self) -> LinkStatus:
        drops = {name: box.dropped for name, box in self._inboxes.items() if box.may_drop}
        return replace(self._status, dropped=drops)

    def on_change(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def subscribe(self, topic_filter: str, handler: Handler, *, may_drop: bool = False) -> None:
        check_filter(topic_filter)
        if any(name != topic_filter and overlap(name, topic_filter) for name in self._inboxes):
            raise LinkSettingsError(f"{topic_filter!r} overlaps another filter")
        if topic_filter in self._inboxes:
            self._inboxes[topic_filter].handler = handler
            self._inboxes[topic_filter].may_drop = may_drop
            return
        self._inboxes[topic_filter] = Inbox(
            handler, may_drop=may_drop, max_messages=512, max_bytes=2_000_000
        )
        if self._running:
            self._feed(topic_filter)
        if self._session is not None:
            self._ask(self._session)

    def unsubscribe(self, topic_filter: str) -> None:
        if self._inboxes.pop(topic_filter, None) is not None:
            if topic_filter in self._feeders:
                self._feeders.pop(topic_filter).cancel()
            if self._session is not None:
                self._session.unsubscribe(topic_filter)

    async def granted(self, topic_filter: str, within: float) -> bool:
        def is_granted() -> bool:
            return self._session is not None and topic_filter in self._session.filters

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within), self._settled:
                await self._settled.wait_for(is_granted)
        return is_granted()

    async def publish(self, topic: str, payload: bytes, within: float = 10.0) -> None:
        check_topic(topic)
        if len(payload) > MAX_PACKET_BYTES:
            raise LinkError(LinkProblem.PACKET_TOO_LARGE, topic)
        if self._session is None:
            raise LinkError(LinkProblem.NOT_CONNECTED)
        self._session.publish(topic, payload)
        await asyncio.sleep(0)

    async def run(self) -> None:
        self._running = True
        for topic_filter in self._inboxes:
            self._feed(topic_filter)
        try:
            while True:
                problem = await self._hold()
                self._tell(LinkStatus(problem=problem, connects=self._status.connects))
                await asyncio.sleep(RETRY_S)
        finally:
            feeders = [*self._feeders.values()]
            for feeder in feeders:
                feeder.cancel()
            await asyncio.gather(*feeders, return_exceptions=True)
            self._running = False
            self._tell(LinkStatus(problem=LinkProblem.STOPPED, connects=self._status.connects))

    async def _hold(self) -> LinkProblem:
        self._ended.clear()
        try:
            session = self._broker.sign_in(
                self._client_id, self._client_id, self._password, self._arrived, self._ended.set
            )
        except LinkError as error:
            return error.problem
        try:
            self._session = session
            refused = self._ask(session)
            connects = self._status.connects + 1
            self._tell(LinkStatus(connected=True, refused=refused, connects=connects))
            async with self._settled:
                self._settled.notify_all()
            await self._ended.wait()
            return LinkProblem.CONNECTION_LOST
        finally:
            self._session = None
            session.end()

    def _ask(self, session: Session) -> frozenset[str]:
        missing = [name for name in self._inboxes if name not in session.filters]
        return frozenset(name for name in missing if not session.subscribe(name))

    def _arrived(self, message: Message) -> None:
        for topic_filter, inbox in self._inboxes.items():
            if matches(topic_filter, message.topic):
                if not inbox.put(message):
                    self._ended.set()
                return

    def _feed(self, topic_filter: str) -> None:
        self._feeders[topic_filter] = asyncio.create_task(self._inboxes[topic_filter].run())

    def _tell(self, status: LinkStatus) -> None:
        self._status = status
        for listener in self._listeners:
            listener(self.status)
