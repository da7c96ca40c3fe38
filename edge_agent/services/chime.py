"""The test chime: three soft tones, made here, so that a test needs no recording."""

import hashlib
import math
from array import array
from typing import Final

from edge_agent.services.sound_ports import RATE

SOURCE: Final = "loaxa:chime"
"""What a voice names to have the chime; never a path, since recordings lie in an absolute one."""
HASH: Final = hashlib.sha256(b"loaxa-chime-1").digest()
"""Stands for the chime's bytes in the play log."""
DURATION_MS: Final = 2000

_TONES_HZ: Final = (659.26, 523.25, 783.99)
_FRAMES: Final = DURATION_MS * RATE // 1000
_STEP: Final = RATE // 2
_RING: Final = RATE
_PEAK: Final = 9000
_DECAY_S: Final = 0.3
_ATTACK: Final = RATE // 200


class Chime:
    """The chime as a `Sound`; each block is made when it is read, so that none waits for all."""

    def __init__(self, gain_db: float = 0.0) -> None:
        self._at = 0
        self._gain_db = gain_db

    @property
    def length(self) -> int | None:
        """Frames of the chime."""
        return _FRAMES

    def seek(self, position: int) -> None:
        """The next `read` begins at frame `position`."""
        self._at = position

    def read(self, frames: int) -> bytes:
        """The next frames; fewer at the end."""
        first, end = self._at, min(self._at + frames, _FRAMES)
        self._at = max(first, end)
        peak = _PEAK * 10 ** (self._gain_db / 20)
        return array("h", (round(peak * _level(frame)) for frame in range(first, end))).tobytes()

    def set_gain(self, gain_db: float) -> None:
        """Change the loudness; a chime is too short for anybody to hear the step."""
        self._gain_db = gain_db

    def close(self) -> None:
        """Nothing is held."""


def _level(frame: int) -> float:
    """One frame between -1 and 1: the tones that ring then, each from its own beginning."""
    level = 0.0
    for number, tone in enumerate(_TONES_HZ):
        age = frame - number * _STEP
        if 0 <= age < _RING:
            envelope = min(1.0, age / _ATTACK) * math.exp(-age / RATE / _DECAY_S)
            level += envelope * math.sin(2 * math.pi * tone * age / RATE)
    return level / _LOUDEST


_LOUDEST: Final = 1.157
"""What the tones reach together."""
