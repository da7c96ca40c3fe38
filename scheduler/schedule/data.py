"""Schedules as plain JSON-able data, written in one way and read strictly."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import TypeVar
from uuid import UUID

from scheduler.errors import ErrorCode, ScheduleError
from scheduler.schedule.rule import WEEK, Daily, Once, Rule, Weekday, Weekly
from scheduler.schedule.schedule import Move, Schedule, Skip

_T = TypeVar("_T")
_SERIES = ("times", "from", "until", "interval")


def to_data(schedule: Schedule) -> dict[str, object]:
    """Return ``schedule`` as plain JSON-able data that :func:`from_data` reads back."""
    return {
        "id": str(schedule.id),
        "zone": schedule.zone,
        "rule": _rule_data(schedule.rule),
        "exceptions": [
            {"kind": "skip", "recurrence_id": exception.recurrence_id}
            if isinstance(exception, Skip)
            else {
                "kind": "move",
                "recurrence_id": exception.recurrence_id,
                "start": _to_seconds(exception.start),
            }
            for exception in schedule.exceptions
        ],
    }


def _rule_data(rule: Rule) -> dict[str, object]:
    if isinstance(rule, Once):
        return {"kind": "once", "at": _to_seconds(rule.at)}
    series: dict[str, object] = {
        "times": [_to_seconds(at) for at in rule.times],
        "from": rule.from_date.isoformat(),
        "until": rule.until_date and rule.until_date.isoformat(),
        "interval": rule.interval,
    }
    if isinstance(rule, Daily):
        return {"kind": "daily", **series}
    return {"kind": "weekly", "weekdays": sorted(rule.weekdays, key=WEEK.index), **series}


def from_data(data: object) -> Schedule:
    """Read what :func:`to_data` wrote: every field, no other field, no other spelling.

    :raises ScheduleError: with the code and the path of the first thing that is wrong.
    """
    fields = _fields(data, "", "id", "zone", "rule", "exceptions")
    return Schedule(
        id=_parsed(fields["id"], "id", ErrorCode.BAD_ID, UUID, str),
        rule=_rule(fields["rule"]),
        zone=_typed(fields["zone"], str, "zone"),
        exceptions=tuple(
            _exception(item, f"exceptions.{number}")
            for number, item in enumerate(_typed(fields["exceptions"], list, "exceptions"))
        ),
    )


def _rule(data: object) -> Rule:
    match _kind(data, "rule"):
        case "once":
            return Once(_local(_fields(data, "rule", "kind", "at")["at"], "rule.at"))
        case "daily":
            return Daily(*_series(_fields(data, "rule", "kind", *_SERIES)))
        case "weekly":
            fields = _fields(data, "rule", "kind", "weekdays", *_SERIES)
            names = _typed(fields["weekdays"], list, "rule.weekdays")
            path = "rule.weekdays"
            days = [_parsed(name, path, ErrorCode.BAD_WEEKDAY, Weekday, str) for name in names]
            if len(set(days)) != len(days):
                raise ScheduleError(ErrorCode.BAD_WEEKDAY, "a day named twice", path)
            return Weekly(frozenset(days), *_series(fields))
        case unknown:
            raise ScheduleError(ErrorCode.UNKNOWN_KIND, repr(unknown)[:80], "rule.kind")


def _series(fields: Mapping[str, object]) -> tuple[tuple[time, ...], date, date | None, int]:
    times = tuple(
        _parsed(at, "rule.times", ErrorCode.BAD_TIME, time.fromisoformat, _to_seconds)
        for at in _typed(fields["times"], list, "rule.times")
    )
    until = fields["until"]
    return (
        times,
        _day(fields["from"], "rule.from"),
        None if until is None else _day(until, "rule.until"),
        _typed(fields["interval"], int, "rule.interval"),
    )


def _exception(data: object, path: str) -> Skip | Move:
    match _kind(data, path):
        case "skip":
            fields = _fields(data, path, "kind", "recurrence_id")
            return Skip(_typed(fields["recurrence_id"], str, path))
        case "move":
            fields = _fields(data, path, "kind", "recurrence_id", "start")
            start = _local(fields["start"], f"{path}.start")
            return Move(_typed(fields["recurrence_id"], str, path), start)
        case unknown:
            raise ScheduleError(ErrorCode.UNKNOWN_KIND, repr(unknown)[:80], f"{path}.kind")


def _kind(data: object, path: str) -> object:
    return _typed(data, dict, path).get("kind")


def _fields(data: object, path: str, *names: str) -> Mapping[str, object]:
    fields = _typed(data, dict, path)
    for name in fields:
        if name not in names:
            raise ScheduleError(ErrorCode.UNKNOWN_FIELD, repr(name)[:80], path)
    for name in names:
        if name not in fields:
            raise ScheduleError(ErrorCode.MISSING_FIELD, name, path)
    return fields


def _typed(value: object, kind: type[_T], path: str) -> _T:
    # A bool is an int to isinstance, and no number to a person.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ScheduleError(ErrorCode.WRONG_TYPE, f"{kind.__name__} is needed", path)
    return value


def _parsed(
    value: object, path: str, code: ErrorCode, parse: Callable[[str], _T], show: Callable[[_T], str]
) -> _T:
    """Return what the text means, when it is the one way to write it."""
    try:
        found = parse(_typed(value, str, path))
    except ValueError as error:
        raise ScheduleError(code, repr(value)[:80], path) from error
    if show(found) != value:
        raise ScheduleError(code, repr(value)[:80], path)
    return found


def _day(value: object, path: str) -> date:
    return _parsed(value, path, ErrorCode.BAD_DATE, date.fromisoformat, date.isoformat)


def _local(value: object, path: str) -> datetime:
    return _parsed(value, path, ErrorCode.BAD_TIME, datetime.fromisoformat, _to_seconds)


def _to_seconds(value: datetime | time) -> str:
    return value.isoformat(timespec="seconds")
