"""Loudness: what is aimed at, what was measured, and which gain follows (EBU R 128).

Measure first, then apply one static gain and a limiter. Limiting takes loudness away and
encoding moves peaks, so the treatment is tried on the sound and corrected before it is
encoded, and the rendition is decoded and measured again (`Approach`).
"""

import math
import re
from dataclasses import dataclass, replace
from typing import Final

from media.audio import Decibels, LoudnessUnits, Lufs, TruePeak

SILENCE: Final[Lufs] = -70.0
"""The absolute gate of BS.1770: a meter says this when nothing was loud enough to count."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """One measurement: integrated loudness, loudness range, and true peak where it was taken."""

    integrated: Lufs
    range: LoudnessUnits
    true_peak: TruePeak | None = None


@dataclass(frozen=True, slots=True)
class LoudnessTarget:
    """What a rendition must reach when it is decoded again.

    `silent_below`: a recording quieter than this holds nothing that could be made audible but
    noise. `max_gain` bounds what quiet recordings get.
    """

    integrated: Lufs = -16.0
    tolerance: LoudnessUnits = 0.4
    max_true_peak: TruePeak = -1.5
    max_range: LoudnessUnits = 7.0
    silent_below: Lufs = -60.0
    max_gain: Decibels = 44.0


SPEECH: Final = LoudnessTarget()


@dataclass(frozen=True, slots=True)
class Levelling:
    """Slow compression that brings soft and loud passages together (threshold in dBFS)."""

    threshold: Decibels
    ratio: float


@dataclass(frozen=True, slots=True)
class Treatment:
    """What happens to the sound between decoding and encoding: levelling, gain, limiter.

    `ceiling` is where the limiter stands, in dBFS of the samples.
    """

    gain: Decibels
    ceiling: Decibels
    levelling: Levelling | None = None

    def level_before(self, after: Lufs) -> Lufs:
        """Return how loud a tone must be, so that it comes out at `after`.

        A tone has no peaks for the limiter to hold down, as speech has: with the same gain
        and the same loudness before, it would come out louder.
        """
        before = after - self.gain
        if self.levelling is None or before <= self.levelling.threshold:
            return before
        return self.levelling.threshold + (before - self.levelling.threshold) * self.levelling.ratio


FIRST_CEILING: Final[Decibels] = -4.0
"""2.5 dB under the allowed peak: what wideband Opus at 24 kbit/s was seen to overshoot."""

_LOWEST_CEILING: Final = -12.0
_MAX_STEP: Final = 12.0
_MAX_PUSH: Final = 20.0
"""How far above the gain that would do without a limiter it may go: beyond it is only noise."""

_MAX_RATIO: Final = 8.0
_CLOSE_ENOUGH: Final = 0.15
_SLOPES: Final = (0.1, 2.0)
_FIRST_SLOPE: Final = 0.6
_SLOPE_LOST: Final = 0.1
_LEAST_FIRST_SLOPE: Final = 0.25
"""How much loudness one decibel of gain brings to speech that the limiter holds down: the
less, the more of it the limiter takes (seen on voices of several languages)."""


def is_silent(measured: Loudness, target: LoudnessTarget) -> bool:
    """Return True when there is nothing to be heard."""
    return not measured.integrated > target.silent_below


class Approach:
    """Finds the treatment with which a sound reaches its target, from what others gave.

    `treatment` is the one to use next. `loss` is what the encoder is expected to take away,
    in loudness units.
    """

    def __init__(self, measured: Loudness, target: LoudnessTarget, loss: float = 0.0) -> None:
        self._measured, self._target, self._loss = measured, target, loss
        levelling = None
        if measured.range > target.max_range:
            ratio = min(measured.range / (target.max_range - 1), _MAX_RATIO)
            levelling = Levelling(measured.integrated - measured.range, ratio)
        self.treatment = self._begun(levelling)

    def _begun(self, levelling: Levelling | None) -> Treatment:
        """Return the treatment that would do if there were no limiter, and begin to learn."""
        missing = self._target.integrated + self._loss - self._measured.integrated
        if levelling is not None:
            missing += self._measured.range * (1 - 1 / levelling.ratio)
        gain = min(missing, self._target.max_gain)
        self._most = gain + _MAX_PUSH
        self._before: tuple[Decibels, Lufs] | None = None
        self._slope: float | None = None
        return Treatment(gain, FIRST_CEILING, levelling)

    def tried(self, result: Loudness) -> bool:
        """Learn what the treatment gave before encoding. False: another is worth a trial."""
        used, levelling = self.treatment, self.treatment.levelling
        if levelling and result.range > self._target.max_range - 0.5:
            tighter = min(levelling.ratio * 1.5, _MAX_RATIO)
            if tighter > levelling.ratio:
                self.treatment = self._begun(replace(levelling, ratio=tighter))
                return False
        missing = self._target.integrated + self._loss - result.integrated
        self._learn(used.gain, result.integrated)
        if abs(missing) <= _CLOSE_ENOUGH:
            if used.gain + _MAX_PUSH == self._most:
                self._slope = 1.0  # The limiter had nothing to do.
            self._before = None
            return True
        self.treatment = replace(used, gain=self._towards(missing))
        return self.treatment == used

    def encoded(self, heard: Loudness) -> bool:
        """Learn what the rendition gives. False: encoding again, otherwise, should be better.

        A peak above the limit is cured first: peaks are a promise, loudness is an aim.
        """
        used, over = self.treatment, _over(heard, self._target)
        missing = self._target.integrated - heard.integrated
        if not over and abs(missing) <= self._target.tolerance:
            return True
        self._learn(used.gain, heard.integrated)
        ceiling = used.ceiling
        if over:
            ceiling = max(used.ceiling - over - 0.4, _LOWEST_CEILING)
        self.treatment = replace(used, gain=self._towards(missing + over * 0.3), ceiling=ceiling)
        return self.treatment == used

    def _learn(self, gain: Decibels, integrated: Lufs) -> None:
        """Draw a line through the last two results."""
        if self._before is not None and gain != self._before[0]:
            slope = (integrated - self._before[1]) / (gain - self._before[0])
            self._slope = min(max(slope, _SLOPES[0]), _SLOPES[1])
        self._before = gain, integrated

    def _towards(self, missing: LoudnessUnits) -> Decibels:
        slope = self._slope or max(_FIRST_SLOPE - _SLOPE_LOST * missing, _LEAST_FIRST_SLOPE)
        step = max(-_MAX_STEP, min(missing / slope, _MAX_STEP))
        return min(self.treatment.gain + step, self._most)


def gap(heard: Loudness, target: LoudnessTarget) -> float:
    """Return how far a rendition is from the target; a peak too high outweighs all loudness."""
    return _over(heard, target) * 100 + abs(target.integrated - heard.integrated)


def _over(heard: Loudness, target: LoudnessTarget) -> float:
    """How far the peak is above the limit; one that was not measured counts as not above."""
    return 0.0 if heard.true_peak is None else max(heard.true_peak - target.max_true_peak, 0.0)


_FIGURE: Final = r"(-?(?:inf|nan|\d+(?:\.\d+)?))"
_INTEGRATED: Final = re.compile(rf"\bI:\s+{_FIGURE} LUFS")
_RANGE: Final = re.compile(rf"\bLRA:\s+{_FIGURE} LU\b")
_TRUE_PEAK: Final = re.compile(rf"\bPeak:\s+{_FIGURE} dBFS")


def read_ebur128(log: str) -> Loudness | None:
    """Read the summary that ffmpeg's `ebur128` filter logs when it ends.

    The last one counts: a graph that is set up anew logs one without a measurement before,
    and what a file carries in its own titles is logged before too. None when there is none.
    """
    summary = log.rpartition("Summary:")[2]
    integrated, spread = _INTEGRATED.search(summary), _RANGE.search(summary)
    if not integrated or not spread:
        return None
    peak = _TRUE_PEAK.search(summary)
    return Loudness(
        _number(integrated[1], SILENCE),
        _number(spread[1], 0.0),
        _number(peak[1], -math.inf) if peak else None,
    )


def _number(text: str, otherwise: float) -> float:
    value = float(text)
    return value if math.isfinite(value) else otherwise
