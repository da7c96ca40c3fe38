"""Rules, exceptions and their plain data: what is kept, and what is refused with which code."""

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.errors import ErrorCode, ScheduleError
from scheduler.schedule import (
    DEFAULT_ZONE,
    Daily,
    Move,
    Once,
    Schedule,
    Skip,
    Weekday,
    Weekly,
    from_data,
    parse_recurrence_id,
    recurrence_id,
    to_data,
)
from tests.unit.scheduler.strategies import schedules

ID = UUID("5f1c7a52-8a9d-4e55-9d0e-6a1f2b3c4d5e")
MORNING = time(5, 30)
MONDAY = date(2026, 11, 23)
DAILY = Daily((MORNING, time(17, 0)), MONDAY, date(2026, 12, 31), 2)
WEEKLY = Weekly(frozenset({Weekday.FRIDAY, Weekday.MONDAY}), (MORNING,), MONDAY)


def at(text: str) -> datetime:
    """Return a local time."""
    return datetime.fromisoformat(text)


def refusal(make: Callable[[], object]) -> tuple[ErrorCode, str]:
    with pytest.raises(ScheduleError) as refused:
        make()
    return refused.value.code, refused.value.field


@pytest.mark.parametrize(
    ("make", "code", "field"),
    [
        (lambda: Once(datetime(2026, 11, 24, 5, 30, tzinfo=UTC)), "LOCAL_TIME_AWARE", "rule.at"),
        (lambda: Once(at("2026-11-24T05:30:00.5")), "LOCAL_TIME_PRECISION", "rule.at"),
        (lambda: Once(at("1999-12-31T05:30")), "DATE_OUT_OF_RANGE", "rule.at"),
        (lambda: Once(at("2200-01-01T05:30")), "DATE_OUT_OF_RANGE", "rule.at"),
        (lambda: Daily((), MONDAY), "TIMES_EMPTY", "rule.times"),
        (lambda: Daily((MORNING, MORNING), MONDAY), "TIMES_NOT_ASCENDING", "rule.times"),
        (lambda: Daily((time(17), MORNING), MONDAY), "TIMES_NOT_ASCENDING", "rule.times"),
        (lambda: Daily((time(5, tzinfo=UTC),), MONDAY), "LOCAL_TIME_AWARE", "rule.times.0"),
        (lambda: Daily((time(5, 0, 0, 1),), MONDAY), "LOCAL_TIME_PRECISION", "rule.times.0"),
        (
            lambda: Daily(tuple(time(n // 60, n % 60) for n in range(97)), MONDAY),
            "TIMES_TOO_MANY",
            "rule.times",
        ),
        (lambda: Daily((MORNING,), date(1970, 1, 1)), "DATE_OUT_OF_RANGE", "rule.from"),
        (
            lambda: Daily((MORNING,), MONDAY, date(9999, 12, 31)),
            "DATE_OUT_OF_RANGE",
            "rule.until",
        ),
        (
            lambda: Daily((MORNING,), MONDAY, MONDAY - timedelta(days=1)),
            "UNTIL_BEFORE_FROM",
            "rule.until",
        ),
        (lambda: Daily((MORNING,), MONDAY, None, 0), "INTERVAL_OUT_OF_RANGE", "rule.interval"),
        (lambda: Daily((MORNING,), MONDAY, None, 367), "INTERVAL_OUT_OF_RANGE", "rule.interval"),
        (lambda: Weekly(frozenset(), (MORNING,), MONDAY), "WEEKDAYS_EMPTY", "rule.weekdays"),
        (
            lambda: Weekly(frozenset({Weekday.SUNDAY}), (MORNING,), MONDAY, date(2026, 11, 28)),
            "NEVER_OCCURS",
            "rule",
        ),
    ],
)
def test_rules_that_cannot_be_kept_are_refused(
    make: Callable[[], object], code: str, field: str
) -> None:
    """Each wrong rule is refused with its own code and the field it is about."""
    assert refusal(make) == (ErrorCode[code], field)


@pytest.mark.parametrize(
    ("exceptions", "code", "field"),
    [
        ((Skip("20261124T053000"),), "EXCEPTION_WITHOUT_OCCURRENCE", "exceptions.0"),
        ((Skip("20261123T053001"),), "EXCEPTION_WITHOUT_OCCURRENCE", "exceptions.0"),
        ((Skip("20270102T053000"),), "EXCEPTION_WITHOUT_OCCURRENCE", "exceptions.0"),
        ((Skip("2026-11-23T05:30:00"),), "BAD_RECURRENCE_ID", "exceptions.0"),
        ((Skip("20261399T053000"),), "BAD_RECURRENCE_ID", "exceptions.0"),
        ((Skip(""),), "BAD_RECURRENCE_ID", "exceptions.0"),
        (
            (Skip("20261123T053000"), Move("20261123T053000", at("2026-11-24T06:00"))),
            "EXCEPTION_TWICE",
            "exceptions.1",
        ),
        (
            (Move("20261123T053000", at("2026-11-24T06:00:00.1")),),
            "LOCAL_TIME_PRECISION",
            "exceptions.0.start",
        ),
        ((Skip("20261123T053000"),) * 4001, "EXCEPTIONS_TOO_MANY", "exceptions"),
    ],
)
def test_exceptions_that_except_nothing_are_refused(
    exceptions: tuple[Skip | Move, ...], code: str, field: str
) -> None:
    """An exception is to an airing that the rule gives, once, and at a time that is one."""
    assert refusal(lambda: Schedule(ID, DAILY, exceptions=exceptions)) == (ErrorCode[code], field)


@pytest.mark.parametrize(
    "zone",
    ["", "Mars/Phobos", "../../etc/passwd", "/etc/passwd", "localtime", "Asia", "Asia/", "Asia/\0"],
)
def test_only_names_of_the_zone_database_are_zones(zone: str) -> None:
    """A zone that is unknown, a path or the machine's own is refused, not tried."""
    assert refusal(lambda: Schedule(ID, DAILY, zone)) == (ErrorCode.ZONE_UNKNOWN, "zone")


def test_a_single_time_in_the_hour_that_clocks_skip_is_refused() -> None:
    """Nobody can mean 02:30 on the day when 02:00 is followed by 03:00."""
    skipped = at("2026-03-08T02:30")
    zone = "America/New_York"
    code = ErrorCode.LOCAL_TIME_SKIPPED
    assert refusal(lambda: Schedule(ID, Once(skipped), zone)) == (code, "rule.at")
    move = Move("20261123T053000", skipped)
    assert refusal(lambda: Schedule(ID, DAILY, zone, (move,))) == (code, "exceptions.0.start")
    assert Schedule(ID, Once(skipped)).zone == DEFAULT_ZONE


@given(schedules())
def test_plain_data_reads_back_as_the_same_schedule(schedule: Schedule) -> None:
    """What is written as JSON is read back equal, and is written the same way again."""
    text = json.dumps(to_data(schedule))
    again = from_data(json.loads(text))
    assert again == schedule
    assert json.dumps(to_data(again)) == text


def test_plain_data_is_readable() -> None:
    """The stored form says in plain words what a person chose."""
    move = Move("20261127T053000", at("2026-11-28T06:00"))
    assert to_data(Schedule(ID, WEEKLY, exceptions=(Skip("20261123T053000"), move))) == {
        "id": "5f1c7a52-8a9d-4e55-9d0e-6a1f2b3c4d5e",
        "zone": "Asia/Ho_Chi_Minh",
        "rule": {
            "kind": "weekly",
            "weekdays": ["MO", "FR"],
            "times": ["05:30:00"],
            "from": "2026-11-23",
            "until": None,
            "interval": 1,
        },
        "exceptions": [
            {"kind": "skip", "recurrence_id": "20261123T053000"},
            {"kind": "move", "recurrence_id": "20261127T053000", "start": "2026-11-28T06:00:00"},
        ],
    }


GOOD = to_data(Schedule(ID, WEEKLY, exceptions=(Move("20261123T053000", at("2026-11-24T06:00")),)))


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("", [], "WRONG_TYPE"),
        ("", None, "WRONG_TYPE"),
        ("title", "x", "UNKNOWN_FIELD"),
        ("id", ..., "MISSING_FIELD"),
        ("id", 7, "WRONG_TYPE"),
        ("id", "5F1C7A52-8A9D-4E55-9D0E-6A1F2B3C4D5E", "BAD_ID"),
        ("id", "nobody", "BAD_ID"),
        ("zone", None, "WRONG_TYPE"),
        ("zone", "Asia/Saigon/../../..", "ZONE_UNKNOWN"),
        ("rule", "daily", "WRONG_TYPE"),
        ("rule.kind", "yearly", "UNKNOWN_KIND"),
        ("rule.kind", ["weekly"], "UNKNOWN_KIND"),
        ("rule.kind", "daily", "UNKNOWN_FIELD"),
        ("rule.kind", "once", "UNKNOWN_FIELD"),
        ("rule.weekdays", ["MO", "MO"], "BAD_WEEKDAY"),
        ("rule.weekdays", ["monday"], "BAD_WEEKDAY"),
        ("rule.weekdays", [1], "WRONG_TYPE"),
        ("rule.weekdays", "MO", "WRONG_TYPE"),
        ("rule.weekdays", [], "WEEKDAYS_EMPTY"),
        ("rule.times", ["5:30"], "BAD_TIME"),
        ("rule.times", ["05:30"], "BAD_TIME"),
        ("rule.times", ["05:30:00+07:00"], "LOCAL_TIME_AWARE"),
        ("rule.times", ["25:00:00"], "BAD_TIME"),
        ("rule.times", {"05:30:00": 1}, "WRONG_TYPE"),
        ("rule.from", "20261123", "BAD_DATE"),
        ("rule.from", "2026-W48-1", "BAD_DATE"),
        ("rule.from", None, "WRONG_TYPE"),
        ("rule.until", "", "BAD_DATE"),
        ("rule.until", False, "WRONG_TYPE"),
        ("rule.interval", True, "WRONG_TYPE"),
        ("rule.interval", 1.0, "WRONG_TYPE"),
        ("rule.interval", 10**30, "INTERVAL_OUT_OF_RANGE"),
        ("exceptions", {}, "WRONG_TYPE"),
        ("exceptions.0", [], "WRONG_TYPE"),
        ("exceptions.0.kind", "swap", "UNKNOWN_KIND"),
        ("exceptions.0.kind", "skip", "UNKNOWN_FIELD"),
        ("exceptions.0.recurrence_id", 20261123, "WRONG_TYPE"),
        ("exceptions.0.start", "2026-11-24 06:00:00", "BAD_TIME"),
        ("exceptions.0.start", ..., "MISSING_FIELD"),
    ],
)
def test_plain_data_is_read_strictly(path: str, value: object, code: str) -> None:
    """A field that is missing, unknown, of another type or spelling is refused."""
    data: Any = copy.deepcopy(GOOD)
    *parents, last = path.split(".")
    parent = data
    for name in parents:
        parent = parent[int(name) if isinstance(parent, list) else name]
    if not path:
        data = value
    elif value is ...:
        del parent[last]
    else:
        parent[int(last) if isinstance(parent, list) else last] = value
    assert refusal(lambda: from_data(data))[0] is ErrorCode[code]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@given(st.lists(st.tuples(st.sampled_from(["id", "zone", "rule", "exceptions"]), json_values)))
def test_hostile_data_gets_a_code_and_never_a_traceback(changes: list[tuple[str, object]]) -> None:
    """Whatever JSON stands in the fields, the answer is a schedule or a ScheduleError."""
    data = {**GOOD, **dict(changes)}
    schedule: Schedule | None = None
    with suppress(ScheduleError):
        schedule = from_data(data)
    assert schedule is None or to_data(schedule) == data


@given(
    st.datetimes(datetime.fromisoformat("2000-01-01")).map(
        lambda moment: moment.replace(microsecond=0, fold=0)
    )
)
def test_recurrence_ids_name_one_local_time(local: datetime) -> None:
    """A recurrence id is RFC 5545's form of a local time, and reads back as that time."""
    text = recurrence_id(local)
    assert text == local.strftime("%Y%m%dT%H%M%S")
    assert parse_recurrence_id(text) == local
