"""The clock of a sound card, seen from ours: where a frame will sound, and how to keep in step.

A Kalman filter of two states (offset and drift) over noisy readings "frame f sounds at t", and the
ratio by which to play faster or slower so that an error dies away without being heard.
"""

import math
from array import array

try:  # plain Python is five times slower; audioop left the library with Python 3.13
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import audioop
except ImportError:
    _FAST = False
else:
    _FAST = True

_NS = 1_000_000_000
_FIRST_DRIFT_SD = 200e-6
_LEARNT_DRIFT_SD = 10e-6
_DRIFT_WANDER = 0.05e-6
_OFFSET_WANDER_NS = 1_000.0
_GATE = 4.0
_JUMP_NS = 30_000_000
_JUMPS_BELIEVED = 3


class CardClock:
    """Joins frame numbers of a card to instants of our monotonic clock."""

    def __init__(
        self, rate: int, noise_ns: int, drift: float = 0.0, *, learnt: bool = False
    ) -> None:
        """`noise_ns` 0 = readings are exact. `drift` > 0 = the card is slow; `learnt` before."""
        self._frame_ns = _NS / rate
        self._noise = float(noise_ns)
        self._frame = 0
        self._base_ns = 0
        self._offset = 0.0
        self.drift = drift
        self._drift_sd = _LEARNT_DRIFT_SD if learnt else _FIRST_DRIFT_SD
        self._variance = (0.0, 0.0, 0.0)
        self._jumps = 0
        self.readings = 0

    def observe(self, frame: int, at_ns: int) -> None:
        """Take a reading: frame number `frame` sounds at `at_ns`."""
        if not self.readings or not self._noise:
            self._restart(frame, at_ns)
            return
        self.readings += 1
        nominal = (frame - self._frame) * self._frame_ns
        seconds = nominal / _NS
        self._base_ns += round(nominal)
        self._offset += nominal - round(nominal) + self.drift * nominal
        self._frame = frame
        self._predict_variance(abs(seconds))
        surprise = at_ns - self._base_ns - self._offset
        if abs(surprise) > _JUMP_NS:
            self._jumps += 1
            if self._jumps >= _JUMPS_BELIEVED:
                self._restart(frame, at_ns)
            return
        self._jumps = 0
        self._correct(surprise)

    def instant_of(self, frame: int) -> float:
        """Nanoseconds of our clock at which this frame leaves the loudspeaker."""
        nominal = (frame - self._frame) * self._frame_ns
        return self._base_ns + self._offset + nominal * (1 + self.drift)

    def frame_at(self, instant_ns: float) -> float:
        """Frame (with its fraction) that leaves the loudspeaker at this instant."""
        elapsed = instant_ns - self._base_ns - self._offset
        return self._frame + elapsed / (self._frame_ns * (1 + self.drift))

    def _restart(self, frame: int, at_ns: int) -> None:
        self.readings = max(1, self.readings if not self._noise else 1)
        self._frame, self._base_ns, self._offset = frame, at_ns, 0.0
        self._variance = (self._noise**2, 0.0, (self._drift_sd * _NS) ** 2)
        self._jumps = 0

    def _predict_variance(self, seconds: float) -> None:
        """Uncertainty grows with time: offset by the drift's own, and both by their wander."""
        p00, p01, p11 = self._variance
        self._variance = (
            p00 + 2 * seconds * p01 + seconds**2 * p11 + _OFFSET_WANDER_NS**2 * seconds,
            p01 + seconds * p11,
            p11 + (_DRIFT_WANDER * _NS) ** 2 * seconds,
        )

    def _correct(self, surprise: float) -> None:
        """Blend the reading in by its weight; an outlier counts no more than the gate lets it."""
        p00, p01, p11 = self._variance
        total = p00 + self._noise**2
        gate = _GATE * math.sqrt(total)
        surprise = max(-gate, min(gate, surprise))
        weight, drift_weight = p00 / total, p01 / total
        self._offset += weight * surprise
        self.drift += drift_weight * surprise / _NS
        self._variance = (
            (1 - weight) * p00,
            (1 - weight) * p01,
            p11 - drift_weight * p01,
        )


def playing_ratio(
    ahead_frames: float, drift: float, rate: int, settle_s: float = 2.0, limit: float = 1e-3
) -> float:
    """Frames of a recording to use per frame of the card.

    `ahead_frames` is how far the recording runs ahead of its timeline; it dies away over
    `settle_s`, never faster than `limit`. `drift` as in CardClock.
    """
    return 1 + drift + max(-limit, min(limit, -ahead_frames / (settle_s * rate)))


def between(left: bytes, right: bytes, part: float) -> bytes:
    """Samples `part` (0 to 1) of the way from `left` to `right`, 16 bit native order."""
    if _FAST:
        return audioop.add(audioop.mul(left, 2, 1 - part), audioop.mul(right, 2, part), 2)
    return between_plain(left, right, part)


def between_plain(left: bytes, right: bytes, part: float) -> bytes:
    """The same without the library's help."""
    keep = 1 - part
    pairs = zip(array("h", left), array("h", right), strict=True)
    return array("h", [int(a * keep + b * part) for a, b in pairs]).tobytes()


def mix(one: bytes, other: bytes) -> bytes:
    """Sum of two blocks of equal length, 16 bit native order, clipped."""
    pairs = zip(array("h", one), array("h", other), strict=True)
    return array("h", [max(-32_768, min(32_767, a + b)) for a, b in pairs]).tobytes()


def ramp(pcm: bytes, first_gain: float, last_gain: float) -> bytes:
    """`pcm` (16 bit native order) with a gain that goes evenly from one value towards the other."""
    samples = array("h", pcm)
    if not samples:
        return pcm
    step = (last_gain - first_gain) / len(samples)
    gain = first_gain
    for index, sample in enumerate(samples):
        samples[index] = int(sample * gain)
        gain += step
    return samples.tobytes()
