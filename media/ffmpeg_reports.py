"""Reads what ffmpeg says while and after it works: complaints, progress, blocks of a waveform."""

import math
from dataclasses import dataclass

from media.asset import WAVEFORM_PEAKS, Waveform
from media.audio import CLOCK, Samples, TruePeak
from media.ports import Fraction


class Faults:
    """Counts the lines in which the decoder complains of the file."""

    def __init__(self) -> None:
        self.count = 0

    def line(self, text: str) -> None:
        """Take one line of ffmpeg's log."""
        complains = "[error]" in text or "corrupt" in text
        self.count += complains and "not on whitelist" not in text


class Progress:
    """Turns ffmpeg's progress lines into a fraction that never falls."""

    def __init__(self, length: Samples, told: Fraction) -> None:
        self._whole_us = max(length * 1_000_000 // CLOCK, 1)
        self._told = told
        self._last = 0.0

    def line(self, text: str) -> None:
        """Take one line of `-progress`."""
        name, _, value = text.partition("=")
        if name == "out_time_us" and value.lstrip("-").isdigit():
            done = min(int(value) / self._whole_us, 1.0)
            if done > self._last:
                self._last = done
                self._told(done)


@dataclass(frozen=True, slots=True)
class Blocks:
    """What `astats` saw: the highest of all samples, and the waveform."""

    peak: TruePeak
    waveform: Waveform


def read_blocks(text: str) -> Blocks:
    """Read what `astats` said of each block.

    A sound a little longer than expected gives a block more; it joins the last peak.
    """
    peaks = []
    highest = -math.inf
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key == "lavfi.astats.Overall.Peak_level":
            level = float(value)
            peaks.append(min(round(100 * 10 ** (level / 20)), 100) if level > -100 else 0)
            highest = max(highest, level)
    last = WAVEFORM_PEAKS - 1
    drawn = peaks[:last] + ([max(peaks[last:])] if len(peaks) > last else [])
    return Blocks(highest, tuple(drawn + [0] * (WAVEFORM_PEAKS - len(drawn))))
