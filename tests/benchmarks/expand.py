"""Measure how long a year of 1,000 schedules takes to become dated occurrences."""

from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from time import perf_counter
from uuid import UUID

from scheduler.occurrence import expand
from scheduler.schedule import Daily, Once, Rule, Schedule, Weekday, Weekly

REPEATS = 5
DURATION_MS = 5 * 60 * 1000
YEAR_START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_END = datetime(2027, 1, 1, tzinfo=UTC)
WORKING_DAYS = tuple(Weekday)[:5]


def schedules(count: int = 1000) -> list[Schedule]:
    """Return as many one-off as daily and as weekly schedules, of one commune's habits.

    Times, first days, weekdays and intervals vary: the daily ones air each day or each
    second day, the weekly ones on one to five weekdays.
    """
    return [Schedule(UUID(int=number + 1), _rule(number)) for number in range(count)]


def _rule(number: int) -> Rule:
    at = time(5 + number % 13, number * 5 % 60)
    begins = date(2024, 1, 1) + timedelta(days=number % 500)
    turn = number // 3
    if number % 3 == 0:
        return Once(datetime.combine(date(2026, 1, 1) + timedelta(days=turn % 365), at))
    if number % 3 == 1:
        return Daily((at,), begins, interval=1 + (turn % 4 == 0))
    return Weekly(frozenset(WORKING_DAYS[: 1 + turn % 5]), (at,), begins)


def every_day(count: int = 1000) -> list[Schedule]:
    """Return the hardest year of as many schedules: each of them airs every day."""
    rules = (Daily((time(5 + n % 13, n * 5 % 60),), date(2024, 1, 1)) for n in range(count))
    return [Schedule(UUID(int=number + 1), rule) for number, rule in enumerate(rules)]


def run() -> dict[str, float | str]:
    """Return the medians in seconds, and how many occurrences each made."""
    mixed, mixed_count = _measure(schedules())
    daily, daily_count = _measure(every_day())
    return {
        "expand_year_1000_s": round(mixed, 3),
        "expand_year_1000_occurrences": mixed_count,
        "expand_year_1000_daily_s": round(daily, 3),
        "expand_year_1000_daily_occurrences": daily_count,
    }


def _measure(year: list[Schedule]) -> tuple[float, int]:
    seconds = []
    count = 0
    for _ in range(REPEATS):
        began = perf_counter()
        count = sum(len(expand(one, YEAR_START, YEAR_END, DURATION_MS)) for one in year)
        seconds.append(perf_counter() - began)
    return median(seconds), count


if __name__ == "__main__":
    print(run())
