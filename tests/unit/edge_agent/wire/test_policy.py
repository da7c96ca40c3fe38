"""Quiet hours, limits and volume: the one set of rules that all four places ask."""

import math
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.wire.policy import (
    combine,
    gain_db,
    is_quiet,
    quiet_boundary,
    to_datetime,
    to_instant,
)
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import Policy, QuietWindow

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NIGHT = QuietWindow(start=21 * 60, end=5 * 60, weekdays=127)


def policy(*quiet: QuietWindow, **more: int | None) -> Policy:
    fields: dict[str, int | None] = {"max_volume": 100, "max_session": None, "max_day": None}
    return Policy(
        area="c-1", version=1, issued=0, quiet=quiet,
        **(fields | more),  # type: ignore[arg-type]
    )  # fmt: skip


def at(hour: int, minute: int = 0, day: int = 24) -> int:
    return to_instant(datetime(2026, 11, day, hour, minute, tzinfo=ZONE))


@pytest.mark.parametrize(
    ("start", "end", "quiet"),
    [
        (at(3, 15), at(3, 16), True),
        (at(5), at(5, 30), False),
        (at(4, 59), at(5, 1), True),
        (at(20, 59), at(21), False),
        (at(20, 59), at(21, 1), True),
        (at(21), at(21), True),
        (at(12), at(13), False),
        (at(12), at(12, day=25), True),
    ],
)
def test_nights_are_quiet_from_nine_to_five(start: int, end: int, quiet: bool) -> None:
    """A window over midnight covers both its ends: the first minute in, the last out."""
    rules = combine([policy(NIGHT)])
    assert is_quiet(rules, MessageClass.ORDINARY, start, end, ZONE) is quiet
    assert is_quiet(rules, MessageClass.PRIORITY, start, end, ZONE) is quiet
    assert not is_quiet(rules, MessageClass.EMERGENCY, start, end, ZONE)


def test_a_window_belongs_to_the_day_it_begins_on() -> None:
    """Sunday night reaches into Monday morning; Monday night is another day's."""
    sunday = QuietWindow(start=22 * 60, end=6 * 60, weekdays=1 << 6)
    rules = combine([policy(sunday)])
    assert quiet_boundary(rules, at(5, day=23), at(6, day=23), ZONE) == at(5, day=23)
    assert quiet_boundary(rules, at(23, day=23), at(23, 30, day=23), ZONE) is None


def test_a_window_of_equal_ends_is_the_whole_day() -> None:
    """From 00:00 to 00:00 is all day."""
    rules = combine([policy(QuietWindow(start=0, end=0, weekdays=127))])
    assert is_quiet(rules, MessageClass.ORDINARY, at(12), at(12, 1), ZONE)


def test_the_stricter_of_each_rule_holds() -> None:
    """Windows add up; of volumes and limits the smaller counts; none is no limit."""
    joined = combine(
        [
            policy(NIGHT, max_volume=90, max_session=600_000, max_day=None),
            policy(QuietWindow(start=720, end=780, weekdays=127), max_volume=95, max_session=None),
        ]
    )
    assert len(joined.quiet) == 2
    assert (joined.max_volume, joined.max_session_ms, joined.max_day_ms) == (90, 600_000, None)
    assert combine([]).max_volume == 100


@given(st.integers(0, 1439), st.integers(0, 1440), st.integers(1, 127), st.integers(0, 14 * 1440))
def test_quiet_agrees_with_looking_at_the_clock(
    start: int, end: int, weekdays: int, minute: int
) -> None:
    """For any window and minute: quiet exactly when the wall clock stands in the window."""
    rules = combine([policy(QuietWindow(start=start, end=end, weekdays=weekdays))])
    instant = at(0, day=2) + minute * 60_000_000
    local = to_datetime(instant).astimezone(ZONE)
    now, today = local.hour * 60 + local.minute, local.weekday()
    until = end if end > start else end + 1440
    begun_today = bool(weekdays >> today & 1) and start <= now < until
    from_yesterday = bool(weekdays >> (today - 1) % 7 & 1) and now + 1440 < until
    assert is_quiet(rules, MessageClass.ORDINARY, instant, instant, ZONE) is (
        begun_today or from_yesterday
    )


@given(st.integers(0, 100), st.integers(0, 100))
def test_no_volume_is_louder_than_the_ceiling(volume: int, ceiling: int) -> None:
    """Gain follows the smaller of both, is never positive, and 0 is silence."""
    gain = gain_db(volume, ceiling)
    assert gain <= 0
    assert gain == gain_db(min(volume, ceiling), 100)
    assert (gain == -math.inf) is (min(volume, ceiling) == 0)


def test_half_the_volume_is_twelve_decibels_less() -> None:
    """50 % is about half as loud to the ear."""
    assert gain_db(50, 100) == pytest.approx(-12.04, abs=0.01)


@given(st.integers(0, 2**52))
def test_instants_survive_being_dates(instant: int) -> None:
    """Microseconds are kept both ways."""
    assert to_instant(to_datetime(instant)) == instant
