"""A loudness meter of our own (ITU-R BS.1770-4), beside the one that made the recording."""

import numpy as np
from scipy.signal import lfilter, resample_poly

from tests.acceptance.speech import Signal

_RATE = 48_000
# The two stages of the K weighting at 48 kHz, from the tables of BS.1770.
_SHELF = (
    [1.53512485958697, -2.69169618940638, 1.19839281085285],
    [1.0, -1.69065929318241, 0.73248077421585],
)
_HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
_BLOCK_S, _STEP_S = 0.4, 0.1
_ABSOLUTE, _RELATIVE = -70.0, -10.0


def integrated(sound: Signal, rate: int) -> float:
    """Return the gated loudness of one channel in LUFS."""
    weighted = resample_poly(sound, _RATE, rate)
    for forward, backward in (_SHELF, _HIGH_PASS):
        weighted = lfilter(forward, backward, weighted)
    block, step = int(_BLOCK_S * _RATE), int(_STEP_S * _RATE)
    starts = range(0, len(weighted) - block + 1, step)
    powers = np.array([np.mean(weighted[at : at + block] ** 2) for at in starts])
    audible = powers[_lufs(powers) > _ABSOLUTE]
    gated = audible[_lufs(audible) > _lufs(np.mean(audible)) + _RELATIVE]
    return float(_lufs(np.mean(gated)))


def _lufs(power: Signal | float) -> Signal:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-12)))
