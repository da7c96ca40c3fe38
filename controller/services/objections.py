"""What stands in the way of an announcement, judged by its dated airings. Pure.

The same checks serve preview, sending and approval; the signer and the terminal check
again by themselves.
"""

import dataclasses
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from controller.domain.errors import ErrorCode
from controller.domain.ids import AreaId
from edge_agent.wire.policy import EffectivePolicy, is_quiet, to_instant
from edge_agent.wire.precedence import MessageClass
from scheduler.conflict import Overlap, overlaps
from scheduler.occurrence import Occurrence, PlannedOccurrence, PlannedSchedule, expand, plan
from scheduler.programme import MessageClass as ScheduledClass
from scheduler.schedule import Once, Schedule

LOOKS_AHEAD: Final = timedelta(days=60)
"""How much of a schedule is judged; a rarer one by its first airings after that."""
FARTHEST: Final = timedelta(days=366)
"""No approval reaches further, and none covers a longer time."""
_RARE: Final = 3
_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
_PRECEDES: Final = (ScheduledClass.PRIORITY, ScheduledClass.ORDINARY)


class Caution(StrEnum):
    """What does not stand in the way, but should be known."""

    SHORT_NOTICE = "short_notice"
    OTHERS_YIELD = "others_yield"
    SOME_TIMES_PAST = "some_times_past"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stands in the way, or a caution; `field` is a path into the body."""

    code: str
    field: str
    detail: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """An area with rules of its own, as far as an announcement reaches it.

    `terminals` are those that are to sound it there.
    """

    area: AreaId
    name: str
    timezone: str
    policy: EffectivePolicy | None
    """None: no rules are set, so that nothing ordinary may sound."""
    terminals: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dates:
    """The airings that are judged, in order of time, and from when to when there are any."""

    airings: tuple[Occurrence, ...]
    ends: datetime | None
    """First instant after the last possible start; None: there is none."""


def dates_of(schedules: Sequence[Schedule], duration_ms: int, now: datetime) -> Dates:
    """Return the airings ahead of `now` that are judged."""
    found: list[Occurrence] = []
    for schedule in schedules:
        ahead = expand(schedule, now, now + LOOKS_AHEAD, duration_ms)
        if not ahead:
            ahead = expand(schedule, now + LOOKS_AHEAD, now + FARTHEST, duration_ms)[:_RARE]
        found += ahead
    ends = [end for one in schedules if (end := _last_start(one)) is not None and end >= now]
    last = max(ends) + _SECOND if ends else None
    return Dates(tuple(sorted(found, key=lambda one: (one.start, one.id))), last)


def _last_start(schedule: Schedule) -> datetime | None:
    """Return an instant that no airing starts after; None: there is no such instant."""
    rule = schedule.rule
    if isinstance(rule, Once):
        local = rule.at
    elif rule.until_date is None:
        return None
    else:
        local = datetime.combine(rule.until_date, rule.times[-1])
    return local.replace(tzinfo=ZoneInfo(schedule.zone)).astimezone(UTC)


def window_of(dates: Dates, now: datetime) -> tuple[datetime, datetime]:
    """Return what an approval given now must cover: [not before, not after)."""
    if dates.ends is None:
        return now, now + FARTHEST
    begins = now if dates.ends - now <= FARTHEST else dates.airings[0].start
    return begins, dates.ends


def about_times(
    schedules: Sequence[Schedule], dates: Dates, now: datetime, *, deciding: bool
) -> Iterator[Problem]:
    """Find times that have passed or lie too far ahead.

    When it is decided on, one passed time among others is no obstacle any more.
    """
    if not schedules:
        yield Problem(ErrorCode.SCHEDULE_MISSING, "schedules")
        return
    alive, near = {one.schedule_id for one in dates.airings}, True
    for number, schedule in enumerate(schedules):
        if schedule.id in alive:
            continue
        last, single = _last_start(schedule), isinstance(schedule.rule, Once)
        if last is None or last > now + FARTHEST:
            part, code = "start" if single else "from_date", str(ErrorCode.TIME_TOO_FAR)
            near = False
        elif deciding and alive:
            part, code = "start" if single else "until_date", str(Caution.SOME_TIMES_PAST)
        else:
            part, code = "start" if single else "until_date", str(ErrorCode.TIME_PAST)
        yield Problem(code, f"schedules.{number}.{part}")
    if dates.airings and near:
        begins, ends = window_of(dates, now)
        if ends - begins > FARTHEST:
            yield Problem(ErrorCode.SCHEDULE_TOO_LONG, "schedules")


def about_rules(
    dates: Dates, places: Iterable[Place], message_class: MessageClass, duration_ms: int
) -> Iterator[Problem]:
    """Find airings in quiet hours and ones that are too long, each once per place."""
    for place in places:
        if place.policy is None:
            yield Problem(ErrorCode.NO_POLICY, "targets", {"area": place.name})
            continue
        most = place.policy.max_session_ms
        if most is not None and duration_ms > most:
            detail = {"area": place.name, "minutes": most // 60_000}
            yield Problem(ErrorCode.SESSION_TOO_LONG, "recording_id", detail)
        quiet = _first_quiet(dates, place.policy, message_class, ZoneInfo(place.timezone))
        if quiet is not None:
            local = quiet.start.astimezone(ZoneInfo(place.timezone))
            detail = {"area": place.name, "time": f"{local:%H:%M}", "day": day_text(local)}
            yield Problem(ErrorCode.QUIET_HOURS, "schedules", detail)


def _first_quiet(
    dates: Dates, policy: EffectivePolicy, message_class: MessageClass, zone: ZoneInfo
) -> Occurrence | None:
    judged: set[tuple[object, ...]] = set()
    for one in dates.airings:
        local = one.start.astimezone(zone)
        # Windows are by weekday and minute: the same again a week later tells nothing new.
        key = (local.weekday(), local.time(), local.utcoffset())
        if key in judged:
            continue
        judged.add(key)
        if is_quiet(policy, message_class, to_instant(one.start), to_instant(one.end), zone):
            return one
    return None


def beside(
    dates: Dates, others: Iterable[PlannedSchedule], targets: Collection[str], now: datetime
) -> tuple[PlannedOccurrence, ...]:
    """Return what else the same terminals are to sound around those airings."""
    hearers = frozenset(targets)
    spans = [(now - _DAY, now + LOOKS_AHEAD)]
    spans += [
        (one.start - _DAY, one.end) for one in dates.airings if one.start >= now + LOOKS_AHEAD
    ]
    found: dict[UUID, PlannedOccurrence] = {}
    for other in others:
        if hearers.isdisjoint(other.targets):
            continue
        for start, end in spans:
            found |= {one.id: one for one in plan(other, start, end)}
    return tuple(found.values())


def about_overlaps(
    own: Sequence[PlannedOccurrence], others: Sequence[PlannedOccurrence]
) -> tuple[tuple[Overlap, ...], tuple[Overlap, ...]]:
    """Return the overlaps that stand in the way, and those in which the other yields.

    `own` are one announcement's airings, all for the same terminals.
    """
    hindering, yielding = list(overlaps(own)), []
    for one, other in _meetings(own, others):
        first, second = sorted((one, other), key=lambda side: (side.start, side.id))
        if (one.message_class, other.message_class) == _PRECEDES:
            yielding.append(Overlap(first, second))
        else:
            hindering.append(Overlap(first, second))
    return tuple(hindering), tuple(yielding)


def _meetings(
    own: Iterable[PlannedOccurrence], others: Iterable[PlannedOccurrence]
) -> Iterator[tuple[PlannedOccurrence, PlannedOccurrence]]:
    """Yield each of ours with each other that shares time and a terminal with it.

    What others have among themselves is left aside: in a province that is nearly everything.
    """
    ordered = sorted(others, key=lambda one: one.start)
    starts = [one.start for one in ordered]
    longest = max((one.end - one.start for one in ordered), default=timedelta())
    for one in own:
        near = ordered[bisect_right(starts, one.start - longest) : bisect_left(starts, one.end)]
        for other in near:
            if other.end > one.start and not one.targets.isdisjoint(other.targets):
                yield one, other


def about_days(
    own: Sequence[PlannedOccurrence], others: Iterable[PlannedOccurrence], places: Iterable[Place]
) -> Iterator[Problem]:
    """Find days on which a terminal would sound longer than its rules allow."""
    beside_own = tuple(others)
    for place in places:
        most = place.policy.max_day_ms if place.policy else None
        if most is None:
            continue
        zone = ZoneInfo(place.timezone)
        days = {one.start.astimezone(zone).date() for one in own}
        sums: dict[tuple[date, str], int] = defaultdict(int)
        for one in (*own, *beside_own):
            day = one.start.astimezone(zone).date()
            if day in days:
                for terminal in one.targets & place.terminals:
                    sums[day, terminal] += one.occurrence.duration_ms
        over = [day for (day, _), total in sums.items() if total > most]
        if over:
            minutes = most // 60_000
            detail = {"area": place.name, "day": day_text(min(over)), "minutes": minutes}
            yield Problem(ErrorCode.DAY_TOO_LONG, "schedules", detail)


def day_text(day: date) -> str:
    """Return a local day as people here write it."""
    return day.strftime("%d/%m/%Y")
