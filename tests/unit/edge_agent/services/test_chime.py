"""The chime sounds the same however it is read, and as loud as it is asked to."""

from array import array

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edge_agent.services.chime import DURATION_MS, Chime
from edge_agent.services.sound_ports import RATE

WHOLE = Chime().read(10 * RATE)


def test_it_has_the_length_that_it_says() -> None:
    """Two seconds, and nothing behind its end."""
    chime = Chime()
    assert chime.length == DURATION_MS * RATE // 1000 == len(WHOLE) // 2
    chime.seek(chime.length)
    assert chime.read(100) == b""


@hypothesis_settings(max_examples=20, deadline=None)
@given(st.integers(0, 2 * RATE), st.integers(1, 4000))
def test_each_part_is_the_same_as_in_the_whole(first: int, count: int) -> None:
    """Sought and read anywhere, the samples are those of that place."""
    chime = Chime()
    chime.seek(first)
    assert chime.read(count) == WHOLE[2 * first : 2 * (first + count)]


def test_its_peak_follows_the_gain() -> None:
    """9000 of 32767 at 0 dB, a quarter of it at -12 dB, and silence far below."""
    peaks = []
    for gain_db in (0.0, -12.04, -120.0):
        samples = array("h", Chime(gain_db).read(2 * RATE))
        peaks.append(max(abs(sample) for sample in samples))
    assert 8900 <= peaks[0] <= 9000
    assert 2225 <= peaks[1] <= 2250
    assert peaks[2] == 0
