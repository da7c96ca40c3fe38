"""The card's clock, and the arithmetic of playing in step."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.core.drift import CardClock, between, between_plain, mix, playing_ratio, ramp

RATE = 48_000
START = 5_000_000_000_000


def truth(frame: int, ppm: float) -> int:
    return START + round(frame * 1e9 / RATE * (1 + ppm / 1e6))


def learn(
    clock: CardClock, ppm: float, noise_ns: float, seconds: float, spacing_s: float = 0.2
) -> int:
    draw = Random(3)
    frame = 0
    for number in range(round(seconds / spacing_s)):
        frame = round(number * spacing_s * RATE)
        clock.observe(frame, truth(frame, ppm) + round(draw.gauss(0, noise_ns)))
    return frame


@pytest.mark.parametrize(("ppm", "noise_ns"), [(0, 50_000), (-80, 50_000), (500, 100_000)])
def test_offset_and_drift_are_learnt(ppm: float, noise_ns: int) -> None:
    """After a minute of noisy readings offset and drift are known far better than one reading."""
    clock = CardClock(RATE, noise_ns)
    frame = learn(clock, ppm, noise_ns, 60)
    assert abs(clock.instant_of(frame) - truth(frame, ppm)) < noise_ns / 2
    assert abs(clock.drift * 1e6 - ppm) < 5


def test_exact_readings_are_believed() -> None:
    """With noise 0 the last reading is the truth."""
    clock = CardClock(RATE, 0)
    clock.observe(0, START)
    clock.observe(480, START + 10_000_123)
    assert clock.instant_of(480) == START + 10_000_123


def test_an_outlier_is_hardly_felt() -> None:
    """One reading 10 ms off moves the clock by less than 0.3 ms."""
    clock = CardClock(RATE, 50_000)
    frame = learn(clock, 20, 50_000, 20) + 9600
    clock.observe(frame, truth(frame, 20) + 10_000_000)
    assert abs(clock.instant_of(frame) - truth(frame, 20)) < 300_000


def test_a_jump_is_believed_when_it_stays() -> None:
    """A timeline that moved by 100 ms is taken over at the third reading, drift kept."""
    clock = CardClock(RATE, 50_000)
    frame = last = learn(clock, 100, 20_000, 30)
    for number in range(1, 4):
        frame = last + number * 9600
        clock.observe(frame, truth(frame, 100) + 100_000_000)
    assert abs(clock.instant_of(frame) - truth(frame, 100) - 100_000_000) < 100_000
    assert abs(clock.drift * 1e6 - 100) < 10


@given(st.integers(0, 10**9), st.floats(-5e-4, 5e-4))
def test_frame_and_instant_are_inverse(frame: int, drift: float) -> None:
    """The frame at the instant of a frame is that frame."""
    clock = CardClock(RATE, 50_000, drift, learnt=True)
    clock.observe(12_345, START)
    assert abs(clock.frame_at(clock.instant_of(frame)) - frame) < 0.01


@given(st.floats(-1e5, 1e5), st.floats(-5e-4, 5e-4))
def test_the_ratio_is_bounded_and_points_the_right_way(ahead: float, drift: float) -> None:
    """Who is ahead plays slower; the correction never exceeds 0.1 %."""
    correction = playing_ratio(ahead, drift, RATE) - 1 - drift
    assert abs(correction) <= 1e-3 + 1e-12
    assert correction * ahead <= 1e-6


blocks = st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=50)


@given(blocks, st.floats(0, 1))
def test_samples_between_lie_between(values: list[int], part: float) -> None:
    """A sample between two lies between them; the fast way and the plain one agree."""
    left = np.array(values, dtype=np.int16)
    right = np.roll(left, 1)
    plain = np.frombuffer(between_plain(left.tobytes(), right.tobytes(), part), dtype=np.int16)
    fast = np.frombuffer(between(left.tobytes(), right.tobytes(), part), dtype=np.int16)
    wanted = left * (1 - part) + right.astype(float) * part
    assert np.abs(plain - wanted).max() <= 1.01
    assert np.abs(fast - wanted).max() <= 2.01


@given(blocks, st.floats(0, 1), st.floats(0, 1))
def test_a_ramp_goes_from_gain_to_gain(values: list[int], first: float, last: float) -> None:
    """Each sample gets its gain on the line from the first to the last."""
    pcm = np.array(values, dtype=np.int16)
    gains = first + (last - first) * np.arange(len(pcm)) / len(pcm)
    ramped = np.frombuffer(ramp(pcm.tobytes(), first, last), dtype=np.int16)
    assert np.abs(ramped - pcm * gains).max() <= 1.01


@given(blocks)
def test_a_mix_is_the_clipped_sum(values: list[int]) -> None:
    """Two blocks add up, and what is too loud is clipped, never wrapped."""
    pcm = np.array(values, dtype=np.int16)
    mixed = np.frombuffer(mix(pcm.tobytes(), pcm.tobytes()), dtype=np.int16)
    assert np.array_equal(mixed, np.clip(pcm.astype(int) * 2, -32_768, 32_767))
