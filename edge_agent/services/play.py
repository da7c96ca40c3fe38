"""The play-out engine: one voice at a time leaves the loudspeaker at its exact instant.

A thread of its own feeds the card in blocks of 40 ms. Between voices card and amplifier are off and
the thread sleeps until it is asked for something.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable

from edge_agent.services.play_events import PlayEvent, Voice
from edge_agent.services.play_out import PlayOut, PlaySettings
from edge_agent.services.sound_ports import Amplifier, OpenSound, SoundCard

_log = logging.getLogger(__name__)

SOONEST_MS = 250
"""A voice asked for this long ahead begins with its first frame even when the card was off; one
asked for later begins with the frame that its timeline has reached by then."""

_LEAVE_S = 2.0
_AFTER_FAILURE_S = 0.5


class PlayEngine:
    """Plays voices by their timelines.

    All methods but `close` may be called from any thread and return at once. `events` is called
    from the engine's own thread and must return quickly (in asyncio: `loop.call_soon_threadsafe`).
    Each started voice gets exactly one `Ended` or `Failed`.
    """

    def __init__(
        self,
        card: SoundCard,
        open_sound: OpenSound,
        amplifier: Amplifier | None,
        monotonic_ns: Callable[[], int],
        events: Callable[[PlayEvent], None],
        settings: PlaySettings | None = None,
    ) -> None:
        """Nothing is opened before the first voice comes near. `amplifier` None = always on.

        `monotonic_ns` must run like the clock of `threading.Event.wait`.
        """
        self._out = PlayOut(
            card, open_sound, amplifier, monotonic_ns, events, settings or PlaySettings()
        )
        self._wake = threading.Event()
        self._asked: deque[Callable[[], None]] = deque()
        self._thread = threading.Thread(target=self._run, name="play-out", daemon=True)
        self._thread.start()

    def start(self, voice: Voice) -> None:
        """Have a voice sound on its timeline. At its instant it replaces whatever sounds."""
        self._ask(lambda: self._out.start(voice))

    def stop(self, voice_id: str, fade_ms: int = 20) -> None:
        """Fade a voice out now, or drop it before it begins; nothing happens if it is over."""
        self._ask(lambda: self._out.stop(voice_id, fade_ms))

    def set_gain(self, voice_id: str, gain_db: float) -> None:
        """Change a voice's loudness smoothly."""
        self._ask(lambda: self._out.set_gain(voice_id, gain_db))

    def retime(self, voice_id: str, at_monotonic_ns: int) -> None:
        """Move a voice's timeline; small moves are slewed, beyond 30 ms the voice jumps."""
        self._ask(lambda: self._out.retime(voice_id, at_monotonic_ns))

    def set_amplifier_lead(self, lead_ms: int) -> None:
        """Change how long the amplifier is on before the first frame."""
        self._ask(lambda: self._out.set_amplifier_lead(lead_ms))

    def ping(self, answer: Callable[[], None]) -> None:
        """Have the engine's thread call `answer`: a sign that it lives."""
        self._ask(answer)

    def close(self) -> None:
        """Fade out, amplifier off, thread ended; waits for that two seconds at most."""
        self._ask(self._out.leave)
        self._thread.join(_LEAVE_S)

    def _ask(self, command: Callable[[], None]) -> None:
        self._asked.append(command)
        self._wake.set()

    def _run(self) -> None:
        while not self._out.left:
            try:
                while self._asked:
                    self._asked.popleft()()
                wait_s = self._out.turn()
            # The boundary of the thread: one bad voice must not silence all that follow.
            except Exception:  # noqa: BLE001
                _log.exception("play-out failed", extra={"action": "play"})
                self._out.abandon()
                wait_s = _AFTER_FAILURE_S
            self._wake.wait(wait_s)
            self._wake.clear()
        self._out.close()
