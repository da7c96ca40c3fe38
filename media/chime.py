"""The chime before an announcement and the tone that closes it, made by calculation.

Struck notes: a fundamental and two quiet partials that fade. Pitches lie where horns are at
their best (500 to 1,100 Hz).
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from media.audio import Hertz

FULL_SCALE: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Note:
    """One struck note: pitch in hertz, when it is struck and how long it rings (seconds)."""

    pitch: float
    at: float
    rings: float


CHIME: Final = (Note(523.25, 0.0, 1.0), Note(659.26, 0.38, 1.0), Note(783.99, 0.76, 1.5))
"""C, E, G rising: listen."""

CLOSING: Final = (Note(783.99, 0.0, 0.9), Note(523.25, 0.42, 1.5))
"""G, C falling: that was all."""

LEVEL: Final = -18.4
"""Integrated loudness (LUFS) of what `render` gives for either, within 1; a test measures it."""

_PARTIALS: Final = ((1.0, 1.0), (2.0, 0.28), (3.0, 0.1))
_AMPLITUDE: Final = 0.33
_STRIKE_S: Final = 0.008
_RELEASE_S: Final = 0.05


def render(notes: Sequence[Note], rate: Hertz) -> bytes:
    """Return the notes as PCM: mono, signed 32 bit, little-endian, at `rate`."""
    total = round(max(note.at + note.rings for note in notes) * rate)
    mixed = [0.0] * total
    for note in notes:
        first = round(note.at * rate)
        for index, value in enumerate(_struck(note, rate), first):
            if index < total:
                mixed[index] += value
    return struct.pack(f"<{total}i", *(round(value * FULL_SCALE) for value in mixed))


def _struck(note: Note, rate: Hertz) -> list[float]:
    count = round(note.rings * rate)
    samples = []
    for index in range(count):
        now = index / rate
        envelope = math.exp(-3.2 * now / note.rings)
        envelope *= min(now / _STRIKE_S, 1.0, (note.rings - now) / _RELEASE_S)
        tone = sum(
            share * math.sin(2 * math.pi * note.pitch * multiple * now)
            for multiple, share in _PARTIALS
        )
        samples.append(_AMPLITUDE * envelope * tone)
    return samples
