"""The second meter itself, on sounds whose loudness the standard tells."""

import numpy as np
import pytest

from tests.integration.media.meter import RATE, integrated, true_peak
from tests.integration.media.voice import tone


@pytest.mark.parametrize("level_db", [0.0, -20.0, -40.0])
def test_a_tone_has_the_loudness_of_the_standard(level_db: float) -> None:
    """A tone of 997 Hz in one channel is 3.01 LU under its level (BS.1770-4, annex 1)."""
    sound = tone(5, 997, rate=RATE, level=10 ** (level_db / 20))
    assert integrated(sound) == pytest.approx(level_db - 3.01, abs=0.05)


def test_pauses_do_not_count() -> None:
    """Silence between words is gated out; a soft passage 10 LU below is too."""
    loud, silence = tone(5, 997, rate=RATE, level=0.1), np.zeros(RATE * 20)
    soft = tone(5, 997, rate=RATE, level=0.01)
    alone = integrated(loud)
    assert integrated(np.concatenate([loud, silence])) == pytest.approx(alone, abs=0.3)
    assert integrated(np.concatenate([loud, soft])) == pytest.approx(alone, abs=0.3)
    assert integrated(silence) == -70.0


def test_peaks_between_samples_are_seen() -> None:
    """A quarter-rate tone sampled beside its peaks reads 3 dB higher between the samples."""
    now = np.arange(RATE) / RATE
    sound = 0.5 * np.sin(2 * np.pi * (RATE / 4) * now + np.pi / 4) * np.hanning(RATE)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-9.03, abs=0.05)
    assert true_peak(sound) == pytest.approx(-6.02, abs=0.1)
