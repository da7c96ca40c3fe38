"""The chime and the closing tone."""

import struct

import pytest

from media.chime import CHIME, CLOSING, Note, render


def samples(notes: tuple[Note, ...], rate: int) -> tuple[int, ...]:
    data = render(notes, rate)
    return struct.unpack(f"<{len(data) // 4}i", data)


@pytest.mark.parametrize("notes", [CHIME, CLOSING])
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_tones_are_clean(notes: tuple[Note, ...], rate: int) -> None:
    """They are as long as their notes, never clip, and begin and end in silence."""
    sound = samples(notes, rate)
    assert len(sound) == round(max(note.at + note.rings for note in notes) * rate)
    assert 0.2 < max(map(abs, sound)) / 2**31 < 0.9
    assert abs(sound[0]) < 2**31 / 1000
    assert abs(sound[-1]) < 2**31 / 1000


def test_chime_rises_and_closing_falls() -> None:
    """One can tell by ear whether an announcement begins or ends."""
    rising, falling = [note.pitch for note in CHIME], [note.pitch for note in CLOSING]
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)
