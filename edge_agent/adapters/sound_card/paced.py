"""The timeline that cards without hardware share: frames fall due by the monotonic clock."""

from collections.abc import Callable

from edge_agent.services.sound_ports import NS, RATE, CardReading


class PacedTimeline:
    """A card's buffer that empties at exactly 48,000 frames a second of the given clock."""

    def __init__(self, monotonic_ns: Callable[[], int], buffer_ms: int) -> None:
        """A buffer of `buffer_ms` milliseconds; `start` sets it going."""
        self._now = monotonic_ns
        self._buffer = RATE * buffer_ms // 1000
        self._start_ns = 0
        self.written = 0

    def start(self) -> None:
        """Frame 0 sounds now."""
        self._start_ns = self._now()
        self.written = 0

    def due(self) -> int:
        """Number of frames whose instant has passed, whether they were written or not."""
        return (self._now() - self._start_ns) * RATE // NS

    def instant_of(self, frame: int) -> int:
        """Instant at which a frame sounds."""
        return self._start_ns + -(-frame * NS // RATE)

    def writable(self) -> int:
        """Room in the buffer; frames that come too late still fill their place in time."""
        return max(0, self.due() + self._buffer - self.written)

    def reading(self) -> CardReading:
        """The exact clock of this card."""
        return CardReading(self.written, self.instant_of(self.written))
