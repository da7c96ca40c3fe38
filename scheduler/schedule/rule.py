"""Rules of recurrence: once, daily, weekly, in local time.

A new kind of rule is a new class in ``Rule``, one more case in :func:`recurrences` and in
the plain-data reader and writer; identity, exceptions and expansion stay as they are.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, assert_never

from dateutil.rrule import DAILY, MO, WEEKLY, rrule

from scheduler.errors import ErrorCode, ScheduleError

EARLIEST = date(2000, 1, 1)
LATEST = date(2199, 12, 31)
MAX_TIMES = 96
"""Airings of one schedule in a day: one each quarter of an hour."""
MAX_INTERVAL = 366


class Weekday(StrEnum):
    """Days of the week by their RFC 5545 names; the week starts on Monday.

    Named, never numbered: cron, ISO and dateutil disagree about which day is 1.
    """

    MONDAY = "MO"
    TUESDAY = "TU"
    WEDNESDAY = "WE"
    THURSDAY = "TH"
    FRIDAY = "FR"
    SATURDAY = "SA"
    SUNDAY = "SU"


WEEK = tuple(Weekday)
"""The days in the order of the week."""


@dataclass(frozen=True, slots=True)
class Once:
    """One airing at the local time ``at``."""

    at: datetime

    def __post_init__(self) -> None:
        check_local(self.at, "rule.at")


@dataclass(frozen=True, slots=True)
class Daily:
    """At each of ``times``, on ``from_date`` and every ``interval`` days after it.

    ``until_date`` is the last day on which it may air; None means it has no end.
    """

    times: tuple[time, ...]
    from_date: date
    until_date: date | None = None
    interval: int = 1

    def __post_init__(self) -> None:
        _check_series(self)


@dataclass(frozen=True, slots=True)
class Weekly:
    """At each of ``times`` on the given ``weekdays`` of every ``interval``-th week.

    Weeks run Monday to Sunday and are counted from the one that holds ``from_date``. No
    airing lies before ``from_date`` or after ``until_date`` (None: no end).
    """

    weekdays: frozenset[Weekday]
    times: tuple[time, ...]
    from_date: date
    until_date: date | None = None
    interval: int = 1

    def __post_init__(self) -> None:
        if not self.weekdays:
            raise ScheduleError(ErrorCode.WEEKDAYS_EMPTY, "no weekday", "rule.weekdays")
        _check_series(self)


Rule = Once | Daily | Weekly


def recurrence_id(local: datetime) -> str:
    """Return the RFC 5545 form of a local time, for example ``20261124T053000``."""
    return local.isoformat(timespec="seconds").replace("-", "").replace(":", "")


def parse_recurrence_id(text: str, field: str = "recurrence_id") -> datetime:
    """Return the local time that :func:`recurrence_id` wrote as ``text``."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        local = None
    if local is None or recurrence_id(local) != text:
        raise ScheduleError(ErrorCode.BAD_RECURRENCE_ID, repr(text)[:80], field)
    return local


def recurrences(rule: Rule, first: date, last: date) -> Iterator[tuple[str, datetime]]:
    """Return each (recurrence id, local time) of ``rule`` from ``first`` to ``last``, rising.

    Both days are included. Exceptions are not applied.
    """
    match rule:
        case Once(local):
            airs = first <= local.date() <= last
            return iter([(recurrence_id(local), local)] if airs else [])
        case Daily():
            return _each(rule, _daily(rule, first, last))
        case Weekly():
            return _each(rule, _weekly(rule, first, last))
        case _:
            assert_never(rule)


def recurs(rule: Rule, local: datetime) -> bool:
    """Tell whether ``rule`` itself gives the local time ``local``."""
    return any(at == local for _, at in recurrences(rule, local.date(), local.date()))


def check_local(local: datetime, field: str) -> None:
    """Refuse a local time that carries a zone, a fraction of a second or a far date."""
    if local.tzinfo is not None:
        raise ScheduleError(ErrorCode.LOCAL_TIME_AWARE, "the zone belongs to the schedule", field)
    if local.microsecond or local.fold:
        raise ScheduleError(ErrorCode.LOCAL_TIME_PRECISION, "whole seconds only", field)
    _check_date(local.date(), field)


def _check_date(day: date, field: str) -> None:
    if not EARLIEST <= day <= LATEST:
        raise ScheduleError(ErrorCode.DATE_OUT_OF_RANGE, day.isoformat(), field)


def _check_series(rule: Daily | Weekly) -> None:
    if not rule.times:
        raise ScheduleError(ErrorCode.TIMES_EMPTY, "no time of day", "rule.times")
    if len(rule.times) > MAX_TIMES:
        raise ScheduleError(ErrorCode.TIMES_TOO_MANY, f"{len(rule.times)} times", "rule.times")
    for number, at in enumerate(rule.times):
        check_local(datetime.combine(EARLIEST, at), f"rule.times.{number}")
    if any(a >= b for a, b in zip(rule.times, rule.times[1:], strict=False)):
        raise ScheduleError(ErrorCode.TIMES_NOT_ASCENDING, "rising, none twice", "rule.times")
    if not 1 <= rule.interval <= MAX_INTERVAL:
        raise ScheduleError(ErrorCode.INTERVAL_OUT_OF_RANGE, f"{rule.interval}", "rule.interval")
    _check_date(rule.from_date, "rule.from")
    if rule.until_date is None:
        return
    _check_date(rule.until_date, "rule.until")
    if rule.until_date < rule.from_date:
        raise ScheduleError(ErrorCode.UNTIL_BEFORE_FROM, f"{rule.until_date}", "rule.until")
    if next(recurrences(rule, rule.from_date, rule.until_date), None) is None:
        raise ScheduleError(ErrorCode.NEVER_OCCURS, "no such day from first to last", "rule")


def _each(rule: Daily | Weekly, days: tuple[date, ...]) -> Iterator[tuple[str, datetime]]:
    begin = bisect_left(days, rule.from_date)
    end = len(days) if rule.until_date is None else bisect_right(days, rule.until_date)
    times = [(at.strftime("T%H%M%S"), at) for at in rule.times]
    for day in days[begin:end]:
        text = day.isoformat().replace("-", "")
        for suffix, at in times:
            yield text + suffix, datetime.combine(day, at)


def _daily(rule: Daily, first: date, last: date) -> tuple[date, ...]:
    """Return the days in step with the rule, as if the series had always run."""
    start = first + timedelta(days=(rule.from_date - first).days % rule.interval)
    return _days(DAILY, rule.interval, None, start, last)


def _weekly(rule: Weekly, first: date, last: date) -> tuple[date, ...]:
    """Return the days in weeks in step with the rule, as if the series had always run."""
    anchor = rule.from_date - timedelta(days=rule.from_date.weekday())
    monday = first - timedelta(days=first.weekday())
    start = monday + timedelta(weeks=(anchor - monday).days // 7 % rule.interval)
    days = _days(WEEKLY, rule.interval, rule.weekdays, start, last)
    return days[bisect_left(days, first) :]


@lru_cache(maxsize=256)
def _days(
    frequency: Literal[2, 3],
    interval: int,
    weekdays: frozenset[Weekday] | None,
    start: date,
    last: date,
) -> tuple[date, ...]:
    """Let dateutil list the days, from ``start``, which is in step, to ``last``.

    A start beside the window instead of years ago keeps old series as fast as new ones,
    and lets all series of one rhythm share one answer.
    """
    found = rrule(
        frequency,
        dtstart=datetime.combine(start, time()),
        until=datetime.combine(last, time()),
        interval=interval,
        wkst=MO,
        byweekday=None if weekdays is None else [WEEK.index(day) for day in weekdays],
    )
    return tuple(moment.date() for moment in found)
