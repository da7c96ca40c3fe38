"""Ports of a terminal: network, disk, clock, machine. Adapters implement them, tests fake them.

Ports of the disk block and may fail with OSError; services call them through `InThread`, so
that a slow card never stops the event loop. Instants are UTC microseconds.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from edge_agent.core.clock_trust import Machine
from edge_agent.core.ledger import Write
from edge_agent.services.play_events import Voice

T = TypeVar("T")


class InThread(Protocol):
    """Runs blocking work beside the event loop."""

    async def __call__(self, work: Callable[[], T], /) -> T:
        """Return what `work` returns, or raise what it raises."""
        ...


class Clock(Protocol):
    """The machine's clocks."""

    def monotonic_ns(self) -> int:
        """The clock of the play-out engine."""
        ...

    def boot_us(self) -> int:
        """Microseconds since the machine started, sleep included."""
        ...

    def machine(self) -> Machine:
        """All that the machine says about time."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        ...


class NotSent(Exception):
    """A message did not leave this machine; the text says why."""


class Delivery(Protocol):
    """What the broker delivered."""

    @property
    def topic(self) -> str:
        """The topic it came on."""
        ...

    @property
    def payload(self) -> bytes:
        """Its bytes."""
        ...

    @property
    def retained(self) -> bool:
        """The retain flag of this delivery."""
        ...


Handler = Callable[[Delivery], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class LinkState:
    """connected: messages may pass. problem: stable code of why not. connects: how often."""

    connected: bool = False
    problem: str = ""
    connects: int = 0


class Messenger(Protocol):
    """Sends and receives, at most once; keeps the connection by itself."""

    @property
    def state(self) -> LinkState:
        """The present state."""
        ...

    def on_change(self, listener: Callable[[LinkState], None]) -> None:
        """Tell `listener` of each later state; it must return at once."""
        ...

    def subscribe(self, topic: str, handler: Handler, *, may_drop: bool = False) -> None:
        """Have messages of a topic handled, one after the other, now and after reconnects."""
        ...

    def unsubscribe(self, topic: str) -> None:
        """Withdraw it."""
        ...

    async def publish(self, topic: str, payload: bytes) -> None:
        """Hand a message to the network. Raises NotSent."""
        ...


class Documents(Protocol):
    """Small named files, each replaced whole or not at all."""

    def read_all(self) -> Mapping[str, bytes]:
        """Every document that can be read."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Replace one; durable when it returns."""
        ...

    def remove(self, name: str) -> None:
        """Remove one; nothing happens if it is not there."""
        ...


class LedgerFile(Protocol):
    """The preallocated file of started airings."""

    def read(self) -> bytes:
        """The whole of it, made and filled with zeros if there is none."""
        ...

    def write(self, write: Write) -> None:
        """Write one record; durable when it returns."""
        ...

    def probe(self) -> None:
        """Find out whether it can be written."""
        ...


class LogFile(Protocol):
    """The play log's file."""

    def read(self) -> bytes:
        """The whole of it, empty if there is none."""
        ...

    def append(self, data: bytes) -> None:
        """Add to its end; durable when it returns. After a failure its old end still holds."""
        ...

    def replace(self, data: bytes) -> None:
        """Put another in its place, whole or not at all."""
        ...


class Partial(Protocol):
    """A rendition that is not complete yet."""

    def read(self, offset: int, size: int) -> bytes:
        """Bytes of it, zeros where nothing has been written."""
        ...

    def write(self, offset: int, data: bytes) -> None:
        """Write a piece; durable only after `sync`."""
        ...

    def sync(self) -> None:
        """Make durable what was written."""
        ...

    def close(self) -> None:
        """Let the file go and leave it for another time."""
        ...


class Recordings(Protocol):
    """Renditions on disk, named by the SHA-256 of their bytes."""

    def complete(self) -> Mapping[bytes, int]:
        """Complete renditions and their sizes in bytes, the longest unused first."""
        ...

    def partial(self) -> set[bytes]:
        """Renditions of which a part is here."""
        ...

    def open_partial(self, rendition: bytes, size: int) -> Partial:
        """Begin or go on with a rendition of `size` bytes."""
        ...

    def finish(self, rendition: bytes) -> bool:
        """Make a partial rendition complete; False, and it is gone, when its hash is wrong."""
        ...

    def discard(self, rendition: bytes) -> None:
        """Remove a rendition, complete or not, and its second copy."""
        ...

    def check(self, rendition: bytes) -> bool:
        """Tell whether the bytes on disk are what their name says; a second copy mends them."""
        ...

    def copy(self, rendition: bytes) -> None:
        """Keep a second copy, for recordings that must not be lost."""
        ...

    def path(self, rendition: bytes) -> str:
        """Where a complete rendition lies."""
        ...

    def free_bytes(self) -> int:
        """What the disk still takes."""
        ...


class Engine(Protocol):
    """The play-out engine."""

    def start(self, voice: Voice) -> None:
        """Have a voice sound on its timeline."""
        ...

    def stop(self, voice_id: str, fade_ms: int = 20) -> None:
        """Fade it out now, or drop it before it begins."""
        ...

    def set_gain(self, voice_id: str, gain_db: float) -> None:
        """Change its loudness."""
        ...

    def ping(self, answer: Callable[[], None]) -> None:
        """Have the engine's own thread call `answer`, as a sign of life."""
        ...

    def set_amplifier_lead(self, lead_ms: int) -> None:
        """Change how long the amplifier is on before the first frame."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What the machine says of itself; None where it cannot tell."""

    uptime_ms: int | None = None
    cpu_millidegrees: int | None = None
    load_permille: int | None = None
    memory_kib: int | None = None
    bytes_in: int = 0
    bytes_out: int = 0


class Vitals(Protocol):
    """The machine's health."""

    def read(self) -> Reading:
        """Look now."""
        ...


class Supervisor(Protocol):
    """Who started the program and waits for signs of life."""

    def tell(self, text: str) -> None:
        """Pass a line on; nothing happens where nobody listens."""
        ...


class Signer(Protocol):
    """The terminal's own key."""

    @property
    def public_key(self) -> bytes:
        """Its public half, raw Ed25519."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign bytes."""
        ...
