"""A schedule: a rule, the zone whose wall clock it means, and the exceptions to it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduler.errors import ErrorCode, ScheduleError
from scheduler.schedule.rule import Once, Rule, check_local, parse_recurrence_id, recurs

DEFAULT_ZONE = "Asia/Ho_Chi_Minh"
MAX_EXCEPTIONS = 4000
"""More than one a day for ten years."""

_ZONE = re.compile(r"UTC|[A-Za-z]+(/[A-Za-z0-9_+-]+){1,2}")


@dataclass(frozen=True, slots=True)
class Skip:
    """The occurrence ``recurrence_id`` does not air."""

    recurrence_id: str


@dataclass(frozen=True, slots=True)
class Move:
    """The occurrence ``recurrence_id`` airs at the local time ``start`` instead.

    It stays the same occurrence: its identity comes from the recurrence id.
    """

    recurrence_id: str
    start: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something airs: a rule in the local time of ``zone``, and exceptions to it.

    A recurrence id is the local time that the rule itself gives, in RFC 5545's form
    ``20261124T053000``. ``zone`` is a name of the IANA database. Exceptions to occurrences
    that the rule does not give are refused, so none can be left over unnoticed.
    """

    id: UUID
    rule: Rule
    zone: str = DEFAULT_ZONE
    exceptions: tuple[Skip | Move, ...] = ()

    def __post_init__(self) -> None:
        zone = load_zone(self.zone)
        if isinstance(self.rule, Once):
            _check_exists(self.rule.at, zone, "rule.at")
        if len(self.exceptions) > MAX_EXCEPTIONS:
            count = len(self.exceptions)
            raise ScheduleError(ErrorCode.EXCEPTIONS_TOO_MANY, f"{count}", "exceptions")
        seen = set()
        for number, exception in enumerate(self.exceptions):
            path = f"exceptions.{number}"
            if exception.recurrence_id in seen:
                raise ScheduleError(ErrorCode.EXCEPTION_TWICE, exception.recurrence_id, path)
            seen.add(exception.recurrence_id)
            if not recurs(self.rule, parse_recurrence_id(exception.recurrence_id, path)):
                raise ScheduleError(
                    ErrorCode.EXCEPTION_WITHOUT_OCCURRENCE, exception.recurrence_id, path
                )
            if isinstance(exception, Move):
                check_local(exception.start, f"{path}.start")
                _check_exists(exception.start, zone, f"{path}.start")


def load_zone(name: str) -> ZoneInfo:
    """Return the zone of that IANA name, or refuse it."""
    try:
        if not _ZONE.fullmatch(name):
            raise ValueError(name)
        return ZoneInfo(name)
    except (TypeError, KeyError, ValueError, OSError) as error:
        raise ScheduleError(ErrorCode.ZONE_UNKNOWN, repr(name)[:80], "zone") from error


def _check_exists(local: datetime, zone: ZoneInfo, field: str) -> None:
    """Refuse the hour that clocks jump over: nobody can mean it."""
    aware = local.replace(tzinfo=zone)
    if aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise ScheduleError(ErrorCode.LOCAL_TIME_SKIPPED, f"{local} in {zone.key}", field)
