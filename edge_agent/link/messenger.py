"""The port through which both programs send and receive messages.

`Link` implements it over MQTT; the in-memory broker of the tests implements it too. It
gives QoS 0 only: a message arrives at most once, or not at all. Acknowledgement is the
business of our own protocol.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from edge_agent.link.errors import LinkProblem


@dataclass(frozen=True, slots=True)
class Message:
    """What the broker delivered. `retained` is the retain flag of the delivery itself."""

    topic: str
    payload: bytes
    retained: bool = False


Handler = Callable[[Message], Awaitable[None]]
"""Called once for each message of a filter, one after the other, in order of arrival."""


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """The link at one moment.

    connected: signed in, and every filter declared so far has been answered by the broker.
    problem, detail: why it is not connected (or None); kept short enough for a screen.
    refused: filters that the broker refused; they are asked for again from time to time.
    dropped: for each filter that may drop, how many messages were dropped since the start.
    connects: how often the link came up since the start.
    """

    connected: bool = False
    problem: LinkProblem | None = None
    detail: str = ""
    refused: frozenset[str] = frozenset()
    dropped: dict[str, int] = field(default_factory=dict)
    connects: int = 0


Listener = Callable[[LinkStatus], None]
"""Called in the event loop whenever the status changes; must return at once."""


class Messenger(Protocol):
    """Send and receive messages while something else keeps the connection."""

    @property
    def status(self) -> LinkStatus:
        """The present status."""
        ...

    def on_change(self, listener: Listener) -> None:
        """Tell `listener` each later status. A terminal says hello when it turns connected."""
        ...

    def subscribe(self, topic_filter: str, handler: Handler, *, may_drop: bool = False) -> None:
        """Declare that messages matching `topic_filter` go to `handler`, also after reconnects.

        Filters of one messenger do not overlap; declaring one again replaces its handler.
        With `may_drop` the oldest waiting message gives way when the handler does not keep up;
        without, the link starts afresh (and says `inbox_full`), so that hello brings back what
        was lost. Raises LinkSettingsError.
        """
        ...

    def unsubscribe(self, topic_filter: str) -> None:
        """Withdraw a declaration; messages that wait for its handler are thrown away."""
        ...

    async def granted(self, topic_filter: str, within: float) -> bool:
        """Wait at most `within` seconds until the broker grants a declared filter."""
        ...

    async def publish(self, topic: str, payload: bytes, within: float = 10.0) -> None:
        """Hand a message to the network within so many seconds.

        Returning says that it left this machine, not that anybody has it. Raises LinkError
        (`not_connected`, `connection_lost`, `timed_out`, `packet_too_large`); after
        `timed_out` it may still arrive.
        """
        ...
