"""The schedule: a rule in a village's local time, and the exceptions to it.

Local times are naive ``datetime``, ``date`` and ``time`` values: what a wall clock in the
schedule's zone shows. They become instants only in :mod:`scheduler.occurrence`. Nothing a
person gave is changed silently: what cannot be kept as it is, is refused with a code.
"""

from scheduler.schedule.data import from_data, to_data
from scheduler.schedule.rule import (
    EARLIEST,
    LATEST,
    Daily,
    Once,
    Rule,
    Weekday,
    Weekly,
    parse_recurrence_id,
    recurrence_id,
    recurrences,
    recurs,
)
from scheduler.schedule.schedule import DEFAULT_ZONE, Move, Schedule, Skip, load_zone

__all__ = [
    "DEFAULT_ZONE",
    "EARLIEST",
    "LATEST",
    "Daily",
    "Move",
    "Once",
    "Rule",
    "Schedule",
    "Skip",
    "Weekday",
    "Weekly",
    "from_data",
    "load_zone",
    "parse_recurrence_id",
    "recurrence_id",
    "recurrences",
    "recurs",
    "to_data",
]
