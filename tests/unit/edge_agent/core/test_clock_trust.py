"""The clock is believed within bounds that were signed, and no longer than they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.core.clock_trust import (
    FRESH_US,
    HOLDOVER_US,
    MAX_ROUND_TRIP_US,
    NTP_TOLERANCE_US,
    RELEASED,
    ClockTrust,
    Machine,
    TimeRefused,
)
from edge_agent.wire.reports import ClockState

TRUE = 1_795_521_600_000_000
SECOND = 1_000_000


def machine(boot: int, system: int, *, synchronised: bool = False, rtc: bool = False) -> Machine:
    return Machine(boot=boot, system=system, synchronised=synchronised, rtc=rtc)


@given(
    way_there=st.integers(0, MAX_ROUND_TRIP_US // 2),
    way_back=st.integers(0, MAX_ROUND_TRIP_US // 2),
    age=st.integers(0, HOLDOVER_US),
    drift_ppm=st.integers(-90, 90),
    skew=st.integers(-(10**15), 10**12),
)
def test_the_time_is_never_outside_what_was_signed(
    way_there: int, way_back: int, age: int, drift_ppm: int, skew: int
) -> None:
    """Whatever the ways took, the crystal drifts and the system's clock shows."""
    asked = 500 * SECOND
    received = asked + way_there + way_back
    trust = ClockTrust().answered(TRUE + way_there, asked, received)
    boot = received + age
    true = TRUE + way_there + way_back + age + age * drift_ppm // 1_000_000
    judged = trust.judge(machine(boot, max(0, true + skew)), received)
    assert judged.now is not None
    slack = way_there + way_back + 2 * (age * 100 // 1_000_000) + 2
    assert abs(judged.now - true) <= slack
    expected = ClockState.TRUSTED if age <= FRESH_US else ClockState.HOLDOVER
    assert judged.state is expected


def test_a_slow_answer_and_one_from_the_past_say_nothing() -> None:
    """A round trip of more than two seconds, or a time before the floor, is refused."""
    trust = ClockTrust()
    with pytest.raises(TimeRefused, match="round_trip"):
        trust.answered(TRUE, 0, MAX_ROUND_TRIP_US + 1)
    with pytest.raises(TimeRefused, match="round_trip"):
        trust.answered(TRUE, 10, 5)
    with pytest.raises(TimeRefused, match="below_floor"):
        trust.answered(RELEASED - 1, 0, 1)
    with pytest.raises(TimeRefused, match="below_floor"):
        trust.answered(TRUE, 0, 1).answered(TRUE - SECOND, 2, 3)


def test_a_synchronised_clock_outside_the_bounds_contradicts() -> None:
    """NTP and the signer disagree: an alarm, and time goes on by the signer."""
    trust = ClockTrust().answered(TRUE, 0, 1000)
    off = TRUE + NTP_TOLERANCE_US + SECOND
    judged = trust.judge(machine(1000, off, synchronised=True), 1000)
    assert (judged.state, judged.reason) == (ClockState.CONTRADICTED, "ntp_differs")
    assert judged.now is not None
    assert abs(judged.now - TRUE) <= 1000
    judged = trust.judge(machine(1000, off), 1000)
    assert judged.state is ClockState.TRUSTED


def test_without_an_answer_only_a_clock_with_a_battery_counts() -> None:
    """And that one only from the floor on."""
    trust = ClockTrust(floor=TRUE)
    states = [
        trust.judge(machine(5, TRUE + SECOND), None),
        trust.judge(machine(5, TRUE + SECOND, rtc=True), None),
        trust.judge(machine(5, TRUE - SECOND, rtc=True), None),
        trust.judge(machine(5, TRUE + SECOND, synchronised=True), None),
    ]
    assert [(judged.state, judged.reason) for judged in states] == [
        (ClockState.UNTRUSTED, "no_answer"),
        (ClockState.HOLDOVER, "rtc"),
        (ClockState.UNTRUSTED, "below_floor"),
        (ClockState.UNTRUSTED, "no_answer"),
    ]


def test_holdover_ends_after_a_week() -> None:
    """A boot clock is not believed for ever."""
    trust = ClockTrust().answered(TRUE, 0, 1000)
    judged = trust.judge(machine(1000 + HOLDOVER_US + 1, TRUE), 1000)
    assert (judged.state, judged.now) == (ClockState.UNTRUSTED, None)


def test_a_newer_answer_that_disagrees_counts() -> None:
    """Bounds are narrowed by agreeing answers and replaced by a disagreeing one."""
    trust = ClockTrust().answered(TRUE, 0, 2 * SECOND)
    narrowed = trust.answered(TRUE + 10 * SECOND, 10 * SECOND, 10 * SECOND + 50_000)
    assert narrowed.anchor is not None
    assert narrowed.anchor.upper - narrowed.anchor.lower <= 60_000
    moved = narrowed.answered(TRUE + 500 * SECOND, 20 * SECOND, 20 * SECOND + 1000)
    judged = moved.judge(machine(20 * SECOND + 1000, 0), 20 * SECOND + 1000)
    assert judged.now == pytest.approx(TRUE + 500 * SECOND, abs=2000)
