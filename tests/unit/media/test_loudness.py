"""Which gain follows from what was measured."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from media.loudness import (
    SPEECH,
    Approach,
    Levelling,
    Loudness,
    Treatment,
    gap,
    is_silent,
    read_ebur128,
)
from tests.fakes.media import Sound

SUMMARY = """[Parsed_ebur128_0 @ 0x5581] Summary:

  Integrated loudness:
    I:         {integrated} LUFS
    Threshold: -36.1 LUFS

  Loudness range:
    LRA:         {range} LU
    Threshold: -46.0 LUFS
    LRA low:   -27.4 LUFS
    LRA high:  -24.5 LUFS

  True peak:
    Peak:        {peak} dBFS
"""


def found(sound: Sound, encodings: int = 4) -> tuple[Treatment, Loudness, int]:
    """Try and encode as the library does; return the end, and how many encodings it took."""
    approach = Approach(Loudness(sound.integrated, sound.range), SPEECH, 0.3)
    for _ in range(4):
        if approach.tried(sound.treated(approach.treatment)):
            break
    results = []
    for _ in range(encodings):
        used = approach.treatment
        heard = sound.treated(used)
        heard = Loudness(
            heard.integrated - sound.coder_takes, heard.range, used.ceiling + sound.overshoot
        )
        results.append((used, heard))
        if approach.encoded(heard):
            break
    used, heard = min(results, key=lambda one: gap(one[1], SPEECH))
    return used, heard, len(results)


def test_a_sound_without_peaks_needs_one_trial() -> None:
    """Where the limiter has nothing to do, gain is loudness and the first trial is right."""
    approach = Approach(Loudness(-30.0, 3.0), SPEECH, 0.3)
    assert approach.treatment.gain == pytest.approx(14.3)
    assert approach.tried(Loudness(-15.7, 3.0))


@given(
    st.floats(-55, -5),
    st.floats(0, 30),
    st.floats(0.0, 0.8),
    st.floats(0.0, 1.5),
    st.floats(0.0, 2.4),
)
def test_the_target_is_reached(
    integrated: float, free_gain: float, limiter: float, coder: float, overshoot: float
) -> None:
    """However much limiter and coder take, the end is within the tolerance and under the peak."""
    needed = SPEECH.integrated - integrated
    held = max(needed - free_gain, 0.0)
    assume(needed + 0.3 <= SPEECH.max_gain)
    # What it would take must lie within the bound on pushing.
    assume(held / (1 - limiter) + coder / (1 - limiter) < held + 18)
    sound = Sound(
        integrated=integrated,
        free_gain=free_gain,
        limiter_takes=limiter,
        coder_takes=coder,
        overshoot=overshoot,
    )
    _, heard, encodings = found(sound)
    assert abs(heard.integrated - SPEECH.integrated) <= SPEECH.tolerance
    assert heard.true_peak is not None
    assert heard.true_peak <= SPEECH.max_true_peak
    assert encodings <= 3


@given(st.floats(-69, -1), st.floats(0, 40), st.floats(0, 1), st.floats(-5, 5), st.floats(-3, 20))
def test_gain_stays_bounded(
    integrated: float, spread: float, limiter: float, coder: float, overshoot: float
) -> None:
    """Whatever is measured, gain and ceiling stay where ears and amplifiers can bear them."""
    sound = Sound(
        integrated=integrated,
        range=spread,
        free_gain=-50,
        limiter_takes=limiter,
        coder_takes=coder,
        overshoot=overshoot,
    )
    used, _, encodings = found(sound)
    assert used.gain <= SPEECH.max_gain + 20
    assert -12 <= used.ceiling <= -4
    assert encodings <= 4


def test_a_peak_too_high_is_cured_first() -> None:
    """A rendition whose peak is above the limit is made again with a lower ceiling."""
    approach = Approach(Loudness(-20.0, 3.0), SPEECH)
    before = approach.treatment.ceiling
    assert not approach.encoded(Loudness(-16.0, 3.0, -0.5))
    assert approach.treatment.ceiling == pytest.approx(before - 1.4)
    assert gap(Loudness(-16.0, 3.0, -1.4), SPEECH) > gap(Loudness(-25.0, 3.0, -1.5), SPEECH)


def test_a_wide_range_is_levelled() -> None:
    """Soft and loud passages are brought together until the range is within the limit."""
    sound = Sound(integrated=-27, range=22)
    used, heard, _ = found(sound)
    assert used.levelling is not None
    assert heard.range <= SPEECH.max_range
    assert abs(heard.integrated - SPEECH.integrated) <= SPEECH.tolerance


def test_a_narrow_range_is_left_alone() -> None:
    """Ordinary speech is not compressed."""
    assert Approach(Loudness(-27, 6.9), SPEECH).treatment.levelling is None


@given(
    st.floats(-30, 30),
    st.floats(-60, -20),
    st.one_of(st.none(), st.builds(Levelling, st.floats(-60, -20), st.floats(1, 8))),
)
def test_tones_are_led_back_through_a_treatment(
    gain: float, before: float, levelling: Levelling | None
) -> None:
    """Treated, a tone of the level that was told comes out as loud as was asked."""
    after = before
    if levelling is not None and before > levelling.threshold:
        after = levelling.threshold + (before - levelling.threshold) / levelling.ratio
    treatment = Treatment(gain, -4.0, levelling)
    assert treatment.level_before(after + gain) == pytest.approx(before)


@pytest.mark.parametrize("integrated", [-70.0, -60.0, -math.inf, math.nan])
def test_silence_is_told(integrated: float) -> None:
    """Nothing that could be heard is silent; so is a meter that says nothing."""
    assert is_silent(Loudness(integrated, 0.0), SPEECH)
    assert not is_silent(Loudness(-59.9, 0.0), SPEECH)


def test_the_meter_is_read() -> None:
    """Integrated loudness, range and peak come out of the summary."""
    log = SUMMARY.format(integrated="-25.9", range="2.9", peak="-8.3")
    assert read_ebur128(log) == Loudness(-25.9, 2.9, -8.3)


def test_the_last_summary_counts() -> None:
    """What a file says of itself before, in a title that looks like a summary, is not believed."""
    forged = SUMMARY.format(integrated="-16.0", range="1.0", peak="-3.0")
    true = SUMMARY.format(integrated="-40.0", range="5.0", peak="-9.0")
    assert read_ebur128(f"title : {forged}\n{true}") == Loudness(-40.0, 5.0, -9.0)


def test_nothing_measured_is_silence() -> None:
    """A meter that heard nothing says so in words; they become numbers."""
    log = SUMMARY.format(integrated="-inf", range="nan", peak="-inf")
    assert read_ebur128(log) == Loudness(-70.0, 0.0, -math.inf)


@given(st.text())
def test_any_log_can_be_read(text: str) -> None:
    """A log without a summary gives nothing, and never fails."""
    assert read_ebur128(text) is None or "LUFS" in text
