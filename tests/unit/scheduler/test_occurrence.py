"""Expansion: every airing once, with an identity that nothing changes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from dateutil.rrule import DAILY, MO, WEEKLY, rrule, rruleset
from hypothesis import assume, given
from hypothesis import strategies as st

from scheduler.errors import ErrorCode, PlanningError, ScheduleError
from scheduler.occurrence import (
    Occurrence,
    PlannedSchedule,
    expand,
    occurrence_id,
    occurrence_of,
    plan,
    plan_one,
    split,
)
from scheduler.programme import MessageClass, of_announcement
from scheduler.schedule import (
    DEFAULT_ZONE,
    Daily,
    Move,
    Once,
    Rule,
    Schedule,
    Skip,
    Weekday,
    Weekly,
    parse_recurrence_id,
    recurrences,
)
from tests.unit.scheduler.strategies import (
    DURATION_MS,
    FIRST_DAY,
    LAST_DAY,
    airs_on,
    days,
    instants,
    rules,
    schedules,
    series,
)

ID = UUID("5f1c7a52-8a9d-4e55-9d0e-6a1f2b3c4d5e")
BEGIN = datetime(2023, 1, 1, tzinfo=UTC)
END = datetime(2030, 1, 1, tzinfo=UTC)
NEW_YORK = "America/New_York"


def local_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def starts(schedule: Schedule, begin: datetime = BEGIN, end: datetime = END) -> list[datetime]:
    return [one.start for one in expand(schedule, begin, end, DURATION_MS)]


def by_dateutil(rule: Rule, last: date) -> list[datetime]:
    """Let dateutil expand the whole rule from its first day, time by time."""
    if isinstance(rule, Once):
        return [rule.at]
    found = rruleset()
    for at in rule.times:
        weekdays = None
        if isinstance(rule, Weekly):
            weekdays = [tuple(Weekday).index(day) for day in rule.weekdays]
        found.rrule(
            rrule(
                DAILY if isinstance(rule, Daily) else WEEKLY,
                dtstart=datetime.combine(rule.from_date, at),
                until=datetime.combine(rule.until_date or last, time(23, 59, 59)),
                interval=rule.interval,
                wkst=MO,
                byweekday=weekdays,
            )
        )
    return list(found)


@given(rules, days, st.integers(0, 800))
def test_dateutil_gives_the_same_local_times(rule: Rule, first: date, length: int) -> None:
    """A window of a rule is that part of what dateutil makes of the whole rule."""
    last = min(first + timedelta(days=length), LAST_DAY)
    found = [local for _, local in recurrences(rule, first, last)]
    assert found == [one for one in by_dateutil(rule, last) if first <= one.date() <= last]


@given(rules, days)
def test_counting_days_gives_the_same_days(rule: Rule, day: date) -> None:
    """Without any library: the day, the week and the interval decide."""
    found = {local.date() for _, local in recurrences(rule, day, day + timedelta(days=30))}
    expected = {day + timedelta(days=n) for n in range(31)}
    assert found == {one for one in expected if airs_on(rule, one)}


@given(schedules(), instants, instants, instants)
def test_a_window_is_the_sum_of_its_parts(
    schedule: Schedule, a: datetime, b: datetime, c: datetime
) -> None:
    """However a window is cut, its parts hold each occurrence exactly once."""
    first, middle, last = sorted((a, b, c))
    whole = expand(schedule, first, last, DURATION_MS)
    parts = [
        *expand(schedule, first, middle, DURATION_MS),
        *expand(schedule, middle, last, DURATION_MS),
    ]
    assert list(whole) == parts


@given(schedules())
def test_identities_are_unique_stable_and_standard(schedule: Schedule) -> None:
    """An id is the UUIDv5 of schedule and RECURRENCE-ID, and no two airings share one."""
    found = expand(schedule, BEGIN, END, DURATION_MS)
    assert len({one.id for one in found}) == len(found)
    for one in found[:50]:
        name = f"TZID={schedule.zone}:{one.recurrence_id}"
        assert one.id == uuid5(schedule.id, name)
        assert one.id == occurrence_id(schedule.id, schedule.zone, one.recurrence_id)
        assert one.id.version == 5
    assert found == expand(schedule, BEGIN, END, DURATION_MS)


@given(schedules())
def test_nothing_airs_outside_its_days(schedule: Schedule) -> None:
    """Each airing stems from a day that the rule gives, at a time that the rule gives."""
    for one in expand(schedule, BEGIN, END, DURATION_MS):
        local = parse_recurrence_id(one.recurrence_id)
        assert airs_on(schedule.rule, local.date())
        if not isinstance(schedule.rule, Once):
            assert schedule.rule.from_date <= local.date()
            assert schedule.rule.until_date is None or local.date() <= schedule.rule.until_date
            assert local.time() in schedule.rule.times


@given(schedules())
def test_exceptions_change_their_own_occurrence_alone(schedule: Schedule) -> None:
    """A skipped airing is gone, a moved one sounds elsewhere, all others are as before."""
    plain = {
        one.recurrence_id: one
        for one in expand(Schedule(schedule.id, schedule.rule, schedule.zone), BEGIN, END, 1)
    }
    found = {one.recurrence_id: one for one in expand(schedule, BEGIN, END, 1)}
    zone = ZoneInfo(schedule.zone)
    for exception in schedule.exceptions:
        was = plain.pop(exception.recurrence_id)
        if isinstance(exception, Skip):
            assert exception.recurrence_id not in found
        else:
            moved = found.pop(exception.recurrence_id)
            assert moved.id == was.id
            assert moved.start == exception.start.replace(tzinfo=zone).astimezone(UTC)
    assert found == plain


@given(schedules(), instants, instants)
def test_occurrences_start_inside_the_window_in_order(
    schedule: Schedule, a: datetime, b: datetime
) -> None:
    """The window is [start, end), by the start of the airing, and starts rise."""
    first, last = sorted((a, b))
    found = starts(schedule, first, last)
    assert all(first <= start < last for start in found)
    assert found == sorted(found)


@given(schedules())
def test_each_occurrence_can_be_had_by_itself(schedule: Schedule) -> None:
    """Asking for one recurrence id gives what the expansion gives for it."""
    found = {one.recurrence_id: one for one in expand(schedule, BEGIN, END, DURATION_MS)}
    for text, _ in list(recurrences(schedule.rule, FIRST_DAY, LAST_DAY))[:100]:
        assert occurrence_of(schedule, text, DURATION_MS) == found.get(text)
    assert occurrence_of(schedule, "20230101T000000", DURATION_MS) is None


@given(series, st.sampled_from([NEW_YORK, "Australia/Lord_Howe", "Pacific/Apia"]))
def test_clock_changes_follow_the_standard(rule: Daily | Weekly, name: str) -> None:
    """Skipped times sound as much later as the clock jumps, repeated ones the first time."""
    zone = tz.gettz(name)
    found = {one.recurrence_id: one for one in expand(Schedule(ID, rule, name), BEGIN, END, 1)}
    for text, local in list(recurrences(rule, FIRST_DAY, LAST_DAY))[:400]:
        expected = tz.resolve_imaginary(local.replace(tzinfo=zone)).astimezone(UTC)
        assert found[text].start == expected


def test_the_skipped_and_the_repeated_hour() -> None:
    """New York, 2026: 02:30 on 8 March sounds at 03:30, 01:30 on 1 November before the change."""
    spring = Daily((time(2, 30), time(3, 30)), date(2026, 3, 7), date(2026, 3, 9))
    hour = [(start.day, start.hour) for start in starts(Schedule(ID, spring, NEW_YORK))]
    assert hour == [(7, 7), (7, 8), (8, 7), (8, 7), (9, 6), (9, 7)]
    autumn = Daily((time(1, 30),), date(2026, 10, 31), date(2026, 11, 2))
    hour = [(start.day, start.hour) for start in starts(Schedule(ID, autumn, NEW_YORK))]
    assert hour == [(31, 5), (1, 5), (2, 6)]


def test_a_day_that_never_was_loses_nothing() -> None:
    """Samoa left out 30 December 2011: its airing sounds a day of the clock later."""
    rule = Daily((time(10, 0),), date(2011, 12, 29), date(2011, 12, 31))
    schedule = Schedule(ID, rule, "Pacific/Apia")
    early, late = datetime(2011, 1, 1, tzinfo=UTC), datetime(2012, 6, 1, tzinfo=UTC)
    found = expand(schedule, early, late, 1)
    assert [one.recurrence_id[:8] for one in found] == ["20111229", "20111230", "20111231"]
    assert [one.start.day for one in found] == [29, 30, 30]
    cut = datetime(2011, 12, 30, 15, tzinfo=UTC)
    assert expand(schedule, early, cut, 1) + expand(schedule, cut, late, 1) == found


def test_vietnam_has_no_clock_changes() -> None:
    """05:30 in the village is 22:30 UTC of the day before, summer and winter."""
    found = starts(Schedule(ID, Daily((time(5, 30),), date(2026, 1, 1), date(2026, 12, 31))))
    assert len(found) == 365
    assert {(start.hour, start.minute) for start in found} == {(22, 30)}
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(days=1)}


def test_weeks_are_counted_from_the_week_of_the_first_day() -> None:
    """Every second week from a Thursday: its own Monday is before it, the next is skipped."""
    both = frozenset({Weekday.MONDAY, Weekday.THURSDAY})
    rule = Weekly(both, (time(6),), date(2026, 11, 26), date(2026, 12, 27), 2)
    found = [one.recurrence_id[:8] for one in expand(Schedule(ID, rule), BEGIN, END, 1)]
    assert found == ["20261126", "20261207", "20261210", "20261221", "20261224"]


@pytest.mark.parametrize(
    ("begin", "end", "duration_ms", "code"),
    [
        (BEGIN.replace(tzinfo=None), END, 1, ErrorCode.INSTANT_NAIVE),
        (BEGIN, END.replace(tzinfo=None), 1, ErrorCode.INSTANT_NAIVE),
        (END, BEGIN, 1, ErrorCode.WINDOW_REVERSED),
        (BEGIN, END, 0, ErrorCode.DURATION),
        (BEGIN, END, 86_400_001, ErrorCode.DURATION),
    ],
)
def test_windows_that_are_none_are_refused(
    begin: datetime, end: datetime, duration_ms: int, code: ErrorCode
) -> None:
    """A window is two instants in order, an airing has a length."""
    with pytest.raises(PlanningError) as refused:
        expand(Schedule(ID, Once(local_time("2026-11-24T05:30"))), begin, end, duration_ms)
    assert refused.value.code is code


def test_the_ends_of_time_are_no_trouble() -> None:
    """A window far wider than the calendar of rules gives what the rules give."""
    schedule = Schedule(ID, Once(local_time("2026-11-24T05:30")))
    early, late = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    assert len(expand(schedule, early, late, 1)) == 1


PROGRAMME = of_announcement(ID, "a" * 64, DURATION_MS)


def planned(
    schedule: Schedule, active_since: datetime = BEGIN, late_ms: int = 0
) -> PlannedSchedule:
    targets = frozenset({"hamlet"})
    return PlannedSchedule(
        schedule, PROGRAMME, MessageClass.ORDINARY, targets, active_since, late_ms
    )


@given(schedules(), instants, instants, instants)
def test_nothing_is_planned_from_before_the_approval(
    schedule: Schedule, since: datetime, a: datetime, b: datetime
) -> None:
    """A plan holds what the schedule gives in the window and after its approval."""
    first, last = sorted((a, b))
    found = plan(planned(schedule, since), first, last)
    expected = [one for one in expand(schedule, first, last, DURATION_MS) if one.start >= since]
    assert [one.occurrence for one in found] == expected
    for one in found[:20]:
        assert plan_one(planned(schedule, since), one.occurrence.recurrence_id) == one
    early = [one for one in expand(schedule, first, last, DURATION_MS) if one.start < since]
    assert all(plan_one(planned(schedule, since), one.recurrence_id) is None for one in early[:20])


@pytest.mark.parametrize(("late_ms", "expected"), [(0, 0), (20_000, 20), (10**7, 60)])
def test_an_airing_may_begin_late_but_never_after_its_end(late_ms: int, expected: int) -> None:
    """The latest start is the start and what is allowed, at most the whole airing."""
    schedule = Schedule(ID, Once(local_time("2026-11-24T05:30")))
    (one,) = plan(planned(schedule, late_ms=late_ms), BEGIN, END)
    assert one.latest_start - one.start == timedelta(seconds=expected)
    assert one.end - one.start == timedelta(minutes=1)


def test_plans_that_are_none_are_refused() -> None:
    """A plan has somebody to hear it, a real instant of approval, and a sane lateness."""
    schedule = Schedule(ID, Once(local_time("2026-11-24T05:30")))
    for since, targets, late, code in (
        (BEGIN, frozenset[str](), 0, ErrorCode.TARGETS_EMPTY),
        (BEGIN.replace(tzinfo=None), frozenset({"a"}), 0, ErrorCode.INSTANT_NAIVE),
        (BEGIN, frozenset({"a"}), -1, ErrorCode.LATENESS),
    ):
        with pytest.raises(PlanningError) as refused:
            PlannedSchedule(schedule, PROGRAMME, MessageClass.ORDINARY, targets, since, late)
        assert refused.value.code is code


def key(one: Occurrence) -> tuple[str, datetime]:
    return one.recurrence_id, one.start


@st.composite
def cuts(draw: st.DrawFn) -> tuple[Schedule, date, datetime]:
    """Draw a series, a day inside it at which to cut, and a moment at least a day before."""
    schedule = draw(schedules(series))
    assert not isinstance(schedule.rule, Once)
    second = schedule.rule.from_date + timedelta(days=1)
    at = draw(st.dates(second, max(second, schedule.rule.until_date or LAST_DAY)))
    before = datetime.combine(at, time()) - timedelta(days=2)
    now = draw(st.datetimes(before - timedelta(days=300), before, timezones=st.just(UTC)))
    return schedule, at, now


def cut(
    schedule: Schedule, at: date, tail_id: UUID, now: datetime
) -> tuple[Schedule, Schedule] | None:
    """Split; None where the series has no airing on one of the sides."""
    try:
        return split(schedule, at, tail_id, now)
    except ScheduleError as refused:
        if refused.code in (ErrorCode.SPLIT_OUTSIDE, ErrorCode.NEVER_OCCURS):
            return None
        raise


@given(cuts(), st.uuids())
def test_a_split_series_airs_what_it_did(
    case: tuple[Schedule, date, datetime], tail_id: UUID
) -> None:
    """Head and tail together are the series, each airing in one of them."""
    schedule, at, _ = case
    assume(tail_id != schedule.id)
    parts = cut(schedule, at, tail_id, BEGIN)
    assume(parts is not None)
    head, tail = parts or (schedule, schedule)
    first = expand(head, BEGIN, END, DURATION_MS)
    second = expand(tail, BEGIN, END, DURATION_MS)
    assert sorted(map(key, first + second)) == sorted(map(key, expand(schedule, BEGIN, END, 1)))
    assert all(parse_recurrence_id(one.recurrence_id).date() < at for one in first)
    assert all(parse_recurrence_id(one.recurrence_id).date() >= at for one in second)
    before = {one.id for one in expand(schedule, BEGIN, END, DURATION_MS)}
    assert {one.id for one in first} <= before


@given(cuts(), st.uuids())
def test_a_split_never_brings_back_what_started(
    case: tuple[Schedule, date, datetime], tail_id: UUID
) -> None:
    """Nothing in the tail starts before the moment of the split."""
    schedule, at, now = case
    parts = cut(schedule, at, tail_id, now)
    assume(parts is not None)
    _, tail = parts or (schedule, schedule)
    assert all(one.start > now for one in expand(tail, BEGIN, END, DURATION_MS))


def test_an_airing_moved_forward_and_begun_is_skipped_in_the_tail() -> None:
    """Friday's airing, moved to Monday and heard, does not come again on Friday."""
    rule = Daily((time(6),), date(2026, 11, 1))
    move = Move("20261127T060000", local_time("2026-11-23T06:00"))
    now = datetime(2026, 11, 24, tzinfo=ZoneInfo(DEFAULT_ZONE))
    _, tail = split(Schedule(ID, rule, exceptions=(move,)), date(2026, 11, 25), UUID(int=1), now)
    assert tail.exceptions == (Skip("20261127T060000"),)


@pytest.mark.parametrize(
    ("rule", "at", "code"),
    [
        (Once(local_time("2026-12-24T05:30")), "2026-12-24", ErrorCode.SPLIT_OUTSIDE),
        (Daily((time(6),), date(2026, 12, 1)), "2026-12-01", ErrorCode.SPLIT_OUTSIDE),
        (Daily((time(6),), date(2026, 12, 1)), "2026-11-24", ErrorCode.SPLIT_NOT_AHEAD),
        (
            Daily((time(6),), date(2026, 12, 1), date(2026, 12, 9)),
            "2026-12-10",
            ErrorCode.SPLIT_OUTSIDE,
        ),
        (
            Weekly(frozenset({Weekday.FRIDAY}), (time(6),), date(2026, 12, 1)),
            "2026-12-02",
            ErrorCode.NEVER_OCCURS,
        ),
    ],
)
def test_splits_that_leave_one_side_empty_are_refused(rule: Rule, at: str, code: ErrorCode) -> None:
    """A split has airings on both sides and lies after today."""
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with pytest.raises(ScheduleError) as refused:
        split(Schedule(ID, rule), date.fromisoformat(at), UUID(int=1), now)
    assert refused.value.code is code
