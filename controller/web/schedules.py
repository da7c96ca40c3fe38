"""Schedules between the API's bodies and the scheduler's rules."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from controller.domain.announcement import Targets
from controller.domain.errors import ErrorCode, Invalid
from controller.domain.ids import read_area_id, read_id
from controller.services.drafts import Draft
from controller.web.schemas.announcements import (
    AnnouncementBody,
    DailyBody,
    OnceBody,
    ScheduleBody,
    TargetsBody,
    WeeklyBody,
)
from edge_agent.wire.precedence import MessageClass
from scheduler.errors import ScheduleError
from scheduler.schedule import Daily, Once, Rule, Schedule, Weekday, Weekly

_WEEK: Final = tuple(Weekday)


def read_announcement(body: AnnouncementBody) -> Draft:
    """Return what a person filled in. Raises NotFound, Invalid `schedule_invalid`."""
    targets = body.targets
    return Draft(
        title=body.title,
        area_id=read_area_id(body.area_id),
        message_class=MessageClass(body.message_class),
        recording=read_id(body.recording_id, "recording_id") if body.recording_id else None,
        targets=Targets(
            areas=tuple(targets.area_ids),
            terminals=tuple(
                _terminal(text, number) for number, text in enumerate(targets.terminal_ids)
            ),
        ),
        rules=tuple(_read_rule(one, number) for number, one in enumerate(body.schedules)),
    )


def schedule_bodies(schedules: Sequence[Schedule]) -> list[ScheduleBody]:
    """Return schedules as the API shows them."""
    return [_body(one.rule) for one in schedules]


def targets_body(targets: Targets) -> TargetsBody:
    """Return targets as the API shows them."""
    return TargetsBody(
        area_ids=list(targets.areas), terminal_ids=[str(one) for one in targets.terminals]
    )


def _terminal(text: str, number: int) -> UUID:
    field = f"targets.terminal_ids.{number}"
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(ErrorCode.TARGET_FOREIGN, field=field) from error


def _read_rule(body: ScheduleBody, number: int) -> Rule:
    try:
        return _rule(body)
    except ScheduleError as error:
        part = error.field.removeprefix("rule").removeprefix(".")
        field = ".".join(["schedules", str(number), *([part] if part else [])])
        detail = {"reason": error.code.value}
        raise Invalid(ErrorCode.SCHEDULE_INVALID, field=field, detail=detail) from error
    except ValueError as error:
        # A date that no calendar has, like 31 February.
        field = f"schedules.{number}"
        raise Invalid(ErrorCode.SCHEDULE_INVALID, field=field) from error


def _rule(body: ScheduleBody) -> Rule:
    if isinstance(body, OnceBody):
        return Once(datetime.fromisoformat(body.start))
    times = tuple(sorted({time.fromisoformat(text) for text in body.times}))
    first = date.fromisoformat(body.from_date)
    last = date.fromisoformat(body.until_date) if body.until_date else None
    if isinstance(body, DailyBody):
        return Daily(times, first, last, body.interval)
    weekdays = frozenset(_WEEK[day - 1] for day in body.weekdays)
    return Weekly(weekdays, times, first, last, body.interval)


def _body(rule: Rule) -> ScheduleBody:
    if isinstance(rule, Once):
        exact = "seconds" if rule.at.second else "minutes"
        return OnceBody(start=rule.at.isoformat(timespec=exact))
    times = [at.strftime("%H:%M") for at in rule.times]
    first = rule.from_date.isoformat()
    last = rule.until_date.isoformat() if rule.until_date else None
    if isinstance(rule, Daily):
        return DailyBody(times=times, from_date=first, until_date=last, interval=rule.interval)
    weekdays = sorted(_WEEK.index(day) + 1 for day in rule.weekdays)
    return WeeklyBody(
        weekdays=weekdays, times=times, from_date=first, until_date=last, interval=rule.interval
    )
