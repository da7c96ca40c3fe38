"""Loudness: what is aimed at, what was measured, and which gain follows (EBU R 128).

Measure first, then apply one static gain and a limiter. Limiting takes loudness away and
encoding moves peaks, so the treatment is tried and corrected: `first_treatment` from the
measured sound, `after_trial` from the treated sound before encoding, `after_encoding` from
the rendition decoded again.
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
    """What happens to the sound between decoding and encoding, in this order.

    `ceiling` is where the limiter stands, in dBFS of the samples.
    """

    gain: Decibels
    ceiling: Decibels
    levelling: Levelling | None = None


FIRST_CEILING: Final[Decibels] = -4.0
"""2.5 dB under the allowed peak: what wideband Opus at 24 kbit/s was seen to overshoot."""

_LOWEST_CEILING: Final = -12.0
_MAX_PUSH: Final = 12.0
_MAX_RATIO: Final = 8.0
_WORTH_A_TRIAL: Final = 0.1


def is_silent(measured: Loudness, target: LoudnessTarget) -> bool:
    """Return True when there is nothing to be heard."""
    return not measured.integrated > target.silent_below


def first_treatment(measured: Loudness, target: LoudnessTarget, loss: float = 0.0) -> Treatment:
    """Return the treatment that follows from measuring the untreated sound.

    `loss` is what the encoder is expected to take away, in loudness units.
    """
    gain = min(target.integrated + loss - measured.integrated, target.max_gain)
    levelling = None
    if measured.range > target.max_range:
        levelling = _levelling(measured, measured.range / (target.max_range - 1))
    return Treatment(gain, FIRST_CEILING, levelling)


def after_trial(
    used: Treatment, tried: Loudness, target: LoudnessTarget, loss: float = 0.0
) -> Treatment | None:
    """Return a better treatment, or None when this one will do.

    `tried` is the treated sound, not yet encoded.
    """
    missing = target.integrated + loss - tried.integrated
    levelling = used.levelling
    if levelling and tried.range > target.max_range - 0.5 and levelling.ratio < _MAX_RATIO:
        levelling = replace(levelling, ratio=min(levelling.ratio * 1.5, _MAX_RATIO))
    elif abs(missing) <= _WORTH_A_TRIAL:
        return None
    return replace(used, gain=_pushed(used, missing * 1.3), levelling=levelling)


def after_encoding(used: Treatment, heard: Loudness, target: LoudnessTarget) -> Treatment | None:
    """Return the treatment to encode again with, or None when the rendition is right.

    A peak above the limit is cured first: peaks are a promise, loudness is an aim.
    """
    over = _over(heard, target)
    missing = target.integrated - heard.integrated
    if not over and abs(missing) <= target.tolerance:
        return None
    ceiling = used.ceiling
    if over:
        ceiling = max(used.ceiling - over - 0.4, _LOWEST_CEILING)
    return replace(used, gain=_pushed(used, missing + over * 0.3), ceiling=ceiling)


def gap(heard: Loudness, target: LoudnessTarget) -> float:
    """Return how far a rendition is from the target; a peak too high outweighs all loudness."""
    return _over(heard, target) * 100 + abs(target.integrated - heard.integrated)


def _over(heard: Loudness, target: LoudnessTarget) -> float:
    """How far the peak is above the limit; one that was not measured counts as not above."""
    return 0.0 if heard.true_peak is None else max(heard.true_peak - target.max_true_peak, 0.0)


def _levelling(measured: Loudness, ratio: float) -> Levelling:
    return Levelling(measured.integrated - measured.range, min(ratio, _MAX_RATIO))


def _pushed(used: Treatment, by: float) -> Decibels:
    return used.gain + max(-_MAX_PUSH, min(by, _MAX_PUSH))


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
