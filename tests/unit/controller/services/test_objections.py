"""Properties of the checks: what they pass over is really free of objections."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from controller.services.objections import (
    FARTHEST,
    LOOKS_AHEAD,
    Place,
    about_overlaps,
    about_rules,
    about_times,
    dates_of,
    window_of,
)
from edge_agent.wire.policy import EffectivePolicy, is_quiet, to_instant
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import QuietWindow
from scheduler.occurrence import Occurrence, PlannedOccurrence, expand
from scheduler.programme import MessageClass as ScheduledClass
from scheduler.programme import of_announcement
from scheduler.schedule import Daily, Once, Rule, Schedule, Weekday, Weekly

ZONE = "Asia/Ho_Chi_Minh"
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
TODAY = date(2026, 11, 23)
CLOCK_TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
DAYS = st.integers(-20, 100).map(lambda days: TODAY + timedelta(days=days))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    first = draw(DAYS)
    if draw(st.booleans()):
        return Once(datetime.combine(first, draw(CLOCK_TIMES)))
    times = tuple(sorted(draw(st.sets(CLOCK_TIMES, min_size=1, max_size=3))))
    last = first + timedelta(days=draw(st.integers(40, 300)))
    interval = draw(st.integers(1, 3))
    if draw(st.booleans()):
        return Daily(times, first, last, interval)
    days = frozenset(draw(st.sets(st.sampled_from(list(Weekday)), min_size=1, max_size=3)))
    return Weekly(days, times, first, last, interval)


WINDOWS = st.builds(
    QuietWindow,
    start=st.integers(0, 1439),
    end=st.integers(0, 1440),
    weekdays=st.integers(1, 127),
).filter(lambda window: window.start != window.end)


@given(rule=rules(), quiet=st.lists(WINDOWS, max_size=3), minutes=st.integers(1, 300))
def test_quiet_hours_are_found_as_by_looking_at_every_airing(
    rule: Rule, quiet: list[QuietWindow], minutes: int
) -> None:
    """The shortcut by weekday and minute says the same as judging each airing ahead."""
    schedule = Schedule(UUID(int=1), rule, ZONE)
    duration_ms = minutes * 60_000
    policy = EffectivePolicy(tuple(quiet), 100, None, None)
    dates = dates_of([schedule], duration_ms, NOW)
    place = Place("c-1", "Xã", ZONE, policy, frozenset())
    found = list(about_rules(dates, [place], MessageClass.ORDINARY, duration_ms))
    expected = any(
        is_quiet(
            policy,
            MessageClass.ORDINARY,
            to_instant(one.start),
            to_instant(one.end),
            ZoneInfo(ZONE),
        )
        for one in expand(schedule, NOW, NOW + LOOKS_AHEAD, duration_ms)
    )
    if expected:
        assert [one.code for one in found] == ["quiet_hours"]
    elif expand(schedule, NOW, NOW + LOOKS_AHEAD, duration_ms):
        assert found == []


@given(several=st.lists(rules(), min_size=1, max_size=4))
def test_the_window_holds_every_airing(several: list[Rule]) -> None:
    """What passes the check of times can be approved: each airing lies in the window."""
    schedules = [Schedule(UUID(int=n), rule, ZONE) for n, rule in enumerate(several, 1)]
    dates = dates_of(schedules, 60_000, NOW)
    if list(about_times(schedules, dates, NOW, deciding=False)):
        return
    begins, ends = window_of(dates, NOW)
    assert begins < ends <= begins + FARTHEST
    for schedule in schedules:
        ahead = expand(schedule, NOW, NOW + 3 * FARTHEST, 60_000)
        assert ahead
        assert all(begins <= one.start < ends for one in ahead)


def planned(number: int, minute: int, length: int, group: int, kind: str) -> PlannedOccurrence:
    start = NOW + timedelta(minutes=minute)
    one = Occurrence(UUID(int=number), UUID(int=number), "x", start, length * 60_000)
    return PlannedOccurrence(
        one,
        of_announcement(UUID(int=number), "0" * 64, length * 60_000),
        ScheduledClass(kind),
        frozenset({str(group)}),
        start,
    )


AIRINGS = st.lists(
    st.tuples(
        st.integers(0, 120),
        st.integers(1, 40),
        st.integers(0, 1),
        st.sampled_from(["ordinary", "priority"]),
    ),
    max_size=6,
)


@given(own=AIRINGS, others=AIRINGS)
def test_overlaps_are_those_on_a_shared_loudspeaker(
    own: list[tuple[int, int, int, str]], others: list[tuple[int, int, int, str]]
) -> None:
    """Each pair with one of ours, shared time and a shared loudspeaker is found, and no other."""
    # One announcement's airings are all for the same loudspeakers.
    mine = [planned(n, minute, length, 0, kind) for n, (minute, length, _, kind) in enumerate(own)]
    theirs = [planned(100 + n, *one) for n, one in enumerate(others)]
    hindering, yielding = about_overlaps(mine, theirs)
    expected = {
        frozenset({one.id, other.id})
        for position, one in enumerate(mine)
        for other in (*mine[position + 1 :], *theirs)
        if one.start < other.end and other.start < one.end and one.targets & other.targets
    }
    assert {one.pair for one in (*hindering, *yielding)} == expected
    for overlap in yielding:
        kinds = {
            side.id.int < 100: side.message_class.value for side in (overlap.first, overlap.second)
        }
        assert kinds == {True: "priority", False: "ordinary"}
