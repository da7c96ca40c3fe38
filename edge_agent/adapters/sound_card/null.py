"""A sound card that nobody hears and that keeps time like a real one."""

from collections.abc import Callable

from edge_agent.adapters.sound_card.paced import PacedTimeline
from edge_agent.services.sound_ports import SAMPLE_BYTES, CardReading


class NullCard:
    """Takes frames at 48,000 a second and forgets them."""

    noise_ns = 0

    def __init__(self, monotonic_ns: Callable[[], int], buffer_ms: int = 120) -> None:
        """Paced by `monotonic_ns`, with a buffer like a real card's."""
        self._timeline = PacedTimeline(monotonic_ns, buffer_ms)

    def open(self) -> None:
        """Start; frame 0 sounds now."""
        self._timeline.start()

    def writable(self) -> int:
        """Frames that the buffer takes now."""
        return self._timeline.writable()

    def write(self, pcm: bytes) -> None:
        """Count the frames."""
        self._timeline.written += len(pcm) // SAMPLE_BYTES

    def reading(self) -> CardReading:
        """The exact clock of this card."""
        return self._timeline.reading()

    def mark(self, voice_id: str | None) -> None:
        """Nothing here depends on whose the frames are."""

    def close(self) -> None:
        """Nothing to let go."""
