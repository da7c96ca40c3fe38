"""Hypothesis strategies for schedules, and the plainest possible oracle for their days."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from scheduler.occurrence import Occurrence, PlannedOccurrence
from scheduler.programme import MessageClass, Programme, of_announcement
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
    recurrences,
)

FIRST_DAY = date(2024, 1, 1)
LAST_DAY = date(2028, 12, 31)
DURATION_MS = 60_000
ZONES = (DEFAULT_ZONE, "UTC", "America/New_York", "Australia/Lord_Howe")
"""Lord Howe's clocks change by half an hour."""

days = st.dates(FIRST_DAY, LAST_DAY)
times_of_day = st.times().map(lambda at: at.replace(microsecond=0, fold=0))
day_times = st.lists(times_of_day, min_size=1, max_size=4, unique=True).map(
    lambda times: tuple(sorted(times))
)
lengths = st.none() | st.integers(60, 900)


def _until(begins: date, length: int | None) -> date | None:
    return None if length is None else begins + timedelta(days=length)


@st.composite
def daily(draw: st.DrawFn) -> Daily:
    begins = draw(days)
    return Daily(draw(day_times), begins, _until(begins, draw(lengths)), draw(st.integers(1, 40)))


@st.composite
def weekly(draw: st.DrawFn) -> Weekly:
    begins = draw(days)
    return Weekly(
        draw(st.frozensets(st.sampled_from(Weekday), min_size=1)),
        draw(day_times),
        begins,
        _until(begins, draw(lengths)),
        draw(st.integers(1, 7)),
    )


series = daily() | weekly()
once = st.builds(datetime.combine, days, st.just(time(12, 0))).map(Once)
rules: st.SearchStrategy[Rule] = once | series


@st.composite
def schedules(draw: st.DrawFn, rules: st.SearchStrategy[Rule] = rules) -> Schedule:
    """Draw a schedule with up to five exceptions to airings that its rule gives."""
    rule = draw(rules)
    given = [text for text, _ in recurrences(rule, FIRST_DAY, LAST_DAY)][:200]
    excepted = draw(st.lists(st.sampled_from(given), max_size=5, unique=True)) if given else []
    exceptions = [
        Move(text, datetime.combine(draw(days), time(12, 30)))
        if draw(st.booleans())
        else Skip(text)
        for text in excepted
    ]
    return Schedule(draw(st.uuids()), rule, draw(st.sampled_from(ZONES)), tuple(exceptions))


instants = st.datetimes(datetime(2023, 6, 1), datetime(2029, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001


def airs_on(rule: Rule, day: date) -> bool:
    """Say by counting days, without dateutil, whether ``rule`` has airings on ``day``."""
    if isinstance(rule, Once):
        return rule.at.date() == day
    if day < rule.from_date or (rule.until_date is not None and day > rule.until_date):
        return False
    if isinstance(rule, Daily):
        return (day - rule.from_date).days % rule.interval == 0
    monday = rule.from_date - timedelta(days=rule.from_date.weekday())
    week = (day - monday).days // 7
    return week % rule.interval == 0 and tuple(Weekday)[day.weekday()] in rule.weekdays


def planned(
    occurrence: Occurrence,
    message_class: MessageClass = MessageClass.ORDINARY,
    programme: Programme | None = None,
    targets: frozenset[str] = frozenset({"hamlet"}),
) -> PlannedOccurrence:
    """Return ``occurrence`` with something to play, which may begin until its end."""
    programme = programme or of_announcement(
        occurrence.schedule_id, f"{occurrence.schedule_id.int:064x}", occurrence.duration_ms
    )
    return PlannedOccurrence(occurrence, programme, message_class, targets, occurrence.end)
