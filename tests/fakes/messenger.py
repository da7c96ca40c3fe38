"""A Messenger that keeps what is published and fails when it is told to."""

from collections.abc import Callable

from edge_agent.link import Handler, LinkError, LinkProblem, LinkStatus, Listener


class KeptMessenger:
    """`published` holds (topic, payload) in order; `problem`: what each publish runs into."""

    def __init__(self, *, connected: bool = True) -> None:
        self.published: list[tuple[str, bytes]] = []
        self.problem: LinkProblem | None = None
        self.handlers: dict[str, Handler] = {}
        self._listeners: list[Listener] = []
        self._status = LinkStatus(connected=connected)
        self.on_publish: Callable[[str], None] = lambda _topic: None

    @property
    def status(self) -> LinkStatus:
        return self._status

    def on_change(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def subscribe(self, topic_filter: str, handler: Handler, *, may_drop: bool = False) -> None:
        self.handlers[topic_filter] = handler

    def unsubscribe(self, topic_filter: str) -> None:
        self.handlers.pop(topic_filter, None)

    async def granted(self, topic_filter: str, within: float) -> bool:
        return topic_filter in self.handlers

    async def publish(self, topic: str, payload: bytes, within: float = 10.0) -> None:
        if self.problem is not None:
            raise LinkError(self.problem)
        self.on_publish(topic)
        self.published.append((topic, payload))

    def connect(self, *, connected: bool) -> None:
        """Let the link come or go."""
        self._status = LinkStatus(connected=connected)
        for listener in self._listeners:
            listener(self._status)

    def take(self) -> list[tuple[str, bytes]]:
        """Return what was published since the last time."""
        found, self.published = self.published, []
        return found

    def topics(self) -> list[str]:
        """Return the topics of what was published since the last time."""
        return [topic for topic, _ in self.take()]
