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
_STEP: Final = RATE // 2
_RING: Final = RATE
_PEAK: Final = 9000
_DECAY_S: Final = 0.3
_ATTACK: Final = RATE // 200


class Chime:
    """The chime as a `Sound`."""

    def __init__(self, gain_db: float = 0.0) -> None:
        self._at = 0
        self._gain_db = gain_db
        self._pcm = _synthesise()

    @property
    def length(self) -> int | None:
        """Frames of the chime."""
        return DURATION_MS * RATE // 1000

    def seek(self, position: int) -> None:
        """The next `read` begins at frame `position`."""
        self._at = position

    def read(self, frames: int) -> bytes:
        """The next frames; fewer at the end."""
        piece = self._pcm[self._at : self._at + frames]
        self._at += len(piece)
        gain = 10 ** (self._gain_db / 20)
        return array("h", (round(sample * gain) for sample in piece)).tobytes()

    def set_gain(self, gain_db: float) -> None:
        """Change the loudness; a chime is too short for anybody to hear the step."""
        self._gain_db = gain_db

    def close(self) -> None:
        """Nothing is held."""


def _synthesise() -> "array[int]":
    total = [0.0] * (DURATION_MS * RATE // 1000)
    for number, tone in enumerate(_TONES_HZ):
        first = number * _STEP
        turn = 2 * math.pi * tone / RATE
        for frame in range(min(_RING, len(total) - first)):
            envelope = min(1.0, frame / _ATTACK) * math.exp(-frame / RATE / _DECAY_S)
            total[first + frame] += math.sin(turn * frame) * envelope
    peak = max(abs(value) for value in total)
    return array("h", (round(value / peak * _PEAK) for value in total))
