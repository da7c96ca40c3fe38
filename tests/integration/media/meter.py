"""A second meter: loudness and true peak at 48 kHz by the tables of ITU-R BS.1770-4."""

import numpy as np
from scipy.signal import lfilter, resample_poly

from tests.integration.media.voice import Signal

RATE = 48_000
_SHELF = (
    [1.53512485958697, -2.69169618940638, 1.19839281085285],
    [1.0, -1.69065929318241, 0.73248077421585],
)
_HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
_BLOCK, _STEP = RATE * 4 // 10, RATE // 10
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0


def integrated(sound: Signal) -> float:
    """Gated loudness of one channel, in LUFS."""
    weighted = lfilter(*_HIGH_PASS, lfilter(*_SHELF, sound))
    sums = np.concatenate([[0.0], np.cumsum(weighted**2)])
    firsts = np.arange(0, len(sound) - _BLOCK + 1, _STEP)
    power = (sums[firsts + _BLOCK] - sums[firsts]) / _BLOCK
    power = power[power > _power(_ABSOLUTE_GATE)]
    if not len(power):
        return _ABSOLUTE_GATE
    gate = _lufs(float(power.mean())) + _RELATIVE_GATE
    return _lufs(float(power[power > _power(gate)].mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _lufs(power: float) -> float:
    return float(-0.691 + 10 * np.log10(max(power, 1e-12)))


def true_peak(sound: Signal) -> float:
    """Highest value between the samples, in dBTP."""
    return float(20 * np.log10(np.abs(resample_poly(sound, 4, 1)).max() + 1e-12))
