"""The package's exceptions: one tree, each leaf with a code that never changes meaning.

A code is part of the product's contract: it reaches the API, the screens (which hold the
sentence for it) and the log. Codes are added, never renamed or reused.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Every reason this package gives for refusing something."""

    # The shape of the plain data a schedule or programme is read from.
    NOT_AN_OBJECT = "schedule.not_an_object"
    UNKNOWN_FIELD = "schedule.unknown_field"
    MISSING_FIELD = "schedule.missing_field"
    WRONG_TYPE = "schedule.wrong_type"
    UNKNOWN_KIND = "schedule.unknown_kind"
    BAD_ID = "schedule.bad_id"
    BAD_DATE = "schedule.bad_date"
    BAD_TIME = "schedule.bad_time"
    BAD_WEEKDAY = "schedule.bad_weekday"
    BAD_RECURRENCE_ID = "schedule.bad_recurrence_id"

    # The meaning of a schedule.
    ZONE_UNKNOWN = "schedule.zone_unknown"
    LOCAL_TIME_AWARE = "schedule.local_time_aware"
    LOCAL_TIME_PRECISION = "schedule.local_time_precision"
    LOCAL_TIME_SKIPPED = "schedule.local_time_skipped"
    DATE_OUT_OF_RANGE = "schedule.date_out_of_range"
    TIMES_EMPTY = "schedule.times_empty"
    TIMES_TOO_MANY = "schedule.times_too_many"
    TIMES_NOT_ASCENDING = "schedule.times_not_ascending"
    WEEKDAYS_EMPTY = "schedule.weekdays_empty"
    UNTIL_BEFORE_FROM = "schedule.until_before_from"
    INTERVAL_OUT_OF_RANGE = "schedule.interval_out_of_range"
    NEVER_OCCURS = "schedule.never_occurs"
    EXCEPTIONS_TOO_MANY = "schedule.exceptions_too_many"
    EXCEPTION_TWICE = "schedule.exception_twice"
    EXCEPTION_WITHOUT_OCCURRENCE = "schedule.exception_without_occurrence"
    SPLIT_NOT_AHEAD = "schedule.split_not_ahead"
    SPLIT_OUTSIDE = "schedule.split_outside"

    # A programme.
    PROGRAMME_EMPTY = "programme.empty"
    PROGRAMME_TOO_LONG = "programme.too_long"
    PROGRAMME_ORDER = "programme.order"
    PROGRAMME_ANNOUNCEMENT_ID = "programme.announcement_id"
    RENDITION_HASH = "programme.rendition_hash"
    DURATION = "programme.duration"

    # Planning.
    INSTANT_NAIVE = "planning.instant_naive"
    WINDOW_REVERSED = "planning.window_reversed"
    TARGETS_EMPTY = "planning.targets_empty"
    LATENESS = "planning.lateness"
    RUNDOWN_OVERLAP = "planning.rundown_overlap"


class SchedulerError(Exception):
    """Root of the tree.

    ``code`` is stable; ``field`` names the part of the input it is about (dotted path, ""
    when it is about the whole); the text is for developers and logs, never for screens.
    """

    def __init__(self, code: ErrorCode, detail: str, field: str = "") -> None:
        """Keep ``code`` and ``field`` beside the developers' text."""
        super().__init__(f"{code.value}: {detail}" + (f" (at {field})" if field else ""))
        self.code = code
        self.detail = detail
        self.field = field


class ScheduleError(SchedulerError):
    """A schedule, its rule or an exception to it says something that cannot be kept."""


class ProgrammeError(SchedulerError):
    """A programme's items do not make a programme."""


class PlanningError(SchedulerError):
    """Occurrences, windows or rundowns were asked for in a way that has no answer."""
