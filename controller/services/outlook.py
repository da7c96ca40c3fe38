"""What will happen when an announcement airs as it stands, and what stands in the way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from controller.domain.announcement import Announcement, Content
from controller.domain.area import Area, Level
from controller.domain.errors import ErrorCode
from controller.domain.ids import AreaId, HashText
from controller.domain.policy import effective
from controller.domain.recording import Recording, RecordingState
from controller.domain.terminal import Terminal
from controller.services.context import Context
from controller.services.objections import (
    Caution,
    Dates,
    Place,
    Problem,
    about_days,
    about_overlaps,
    about_rules,
    about_times,
    beside,
    dates_of,
    day_text,
)
from controller.services.ports import Transaction
from edge_agent.wire.precedence import MessageClass
from scheduler.conflict import Overlap
from scheduler.occurrence import Occurrence, PlannedOccurrence
from scheduler.ports import ScheduleRepository
from scheduler.programme import MAX_DURATION_MS, of_announcement
from scheduler.programme import MessageClass as ScheduledClass

SHOWN_AIRINGS: Final = 10
SLOW_LINK_BYTES_S: Final = 8_000
"""64 kbit/s, on which a terminal must still get a recording before its time."""
ORDER_TAKES: Final = timedelta(seconds=20)
_NOBODY: Final = UUID(int=0)
_UNKNOWN_MS: Final = 1
_UNKNOWN_SOUND: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Outlook:
    """An announcement's content in the light of what is there now.

    `places` are the names of the areas and single terminals that are to sound it; `next` its
    first airings; `ends` the first instant after its last one (None: there is none).
    """

    content: Content
    timezone: str
    places: tuple[str, ...]
    terminals: int
    stored: int
    duration_ms: int | None
    hash: HashText | None
    next: tuple[Occurrence, ...]
    dates: Dates
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What was read from the database."""

    area: Area
    content: Content
    recording: Recording | None
    terminals: tuple[Terminal, ...]
    holders: frozenset[UUID]
    size: int
    areas: Mapping[AreaId, Area]
    places: tuple[Place, ...]
    own: frozenset[UUID]
    """Schedules of the announcement itself, as stored."""

    @property
    def duration_ms(self) -> int:
        sound = self.recording.sound if self.recording else None
        return sound.duration_ms if sound else _UNKNOWN_MS


class Outlooks:
    """Looks ahead. `schedules` tells what else is approved to sound."""

    def __init__(self, context: Context, schedules: ScheduleRepository) -> None:
        self._context = context
        self._schedules = schedules

    async def of(
        self, area: Area, content: Content, stored: Announcement | None, *, deciding: bool = False
    ) -> Outlook:
        """Return the outlook of content that `area` owns; `stored` is what is there of it.

        `deciding`: somebody is about to approve it.
        """
        now = self._context.clock.now()
        async with self._context.database.read() as tx:
            facts = await _gather(tx, area, content, stored)
        dates = dates_of(content.schedules, facts.duration_ms, now)
        found = list(_about_content(facts))
        if content.message_class is not MessageClass.EMERGENCY:
            found += about_times(content.schedules, dates, now, deciding=deciding)
            found += about_rules(dates, facts.places, content.message_class, facts.duration_ms)
            found += await self._about_others(facts, dates, now)
        found += _about_notice(facts, dates, now)
        sound = facts.recording.sound if facts.recording else None
        cautions = frozenset(Caution)
        return Outlook(
            content=content,
            timezone=area.timezone,
            places=_names(facts),
            terminals=len(facts.terminals),
            stored=sum(one.id in facts.holders for one in facts.terminals),
            duration_ms=sound.duration_ms if sound else None,
            hash=sound.rendition if sound else None,
            next=dates.airings[:SHOWN_AIRINGS],
            dates=dates,
            problems=tuple(one for one in found if one.code not in cautions),
            warnings=tuple(one for one in found if one.code in cautions),
        )

    async def _about_others(self, facts: _Facts, dates: Dates, now: datetime) -> list[Problem]:
        targets = frozenset(str(one.id) for one in facts.terminals)
        if not dates.airings or not targets or facts.duration_ms > MAX_DURATION_MS:
            return []
        own = [_planned(facts, one, targets) for one in dates.airings]
        plans = [one for one in await self._schedules.plans() if one.schedule.id not in facts.own]
        others = beside(dates, plans, targets, now)
        hindering, yielding = about_overlaps(own, others)
        mine = frozenset(one.id for one in own)
        found = await self._named(hindering, mine, facts, ErrorCode.OVERLAP)
        found += await self._named(yielding, mine, facts, Caution.OTHERS_YIELD)
        return found + list(about_days(own, others, facts.places))

    async def _named(
        self, found: Sequence[Overlap], mine: frozenset[UUID], facts: _Facts, code: str
    ) -> list[Problem]:
        """Return one problem for the first of these overlaps, with the other's title."""
        if not found:
            return []
        first = found[0]
        other = first.first if first.first.id not in mine else first.second
        title = facts.content.title
        if other.id not in mine:
            async with self._context.database.read() as tx:
                owner = await tx.announcements.of_schedule(other.occurrence.schedule_id)
            title = owner.content.title if owner else ""
        local = other.start.astimezone(ZoneInfo(facts.area.timezone))
        detail = {
            "title": title,
            "time": local.strftime("%H:%M"),
            "day": day_text(local),
            "count": len(found),
        }
        return [Problem(code, "schedules", detail)]


async def _gather(
    tx: Transaction, area: Area, content: Content, stored: Announcement | None
) -> _Facts:
    recording = await tx.recordings.find(content.recording) if content.recording else None
    sound = recording.sound if recording else None
    rendition = await tx.renditions.find(sound.rendition) if sound else None
    terminals = await tx.terminals.addressed(content.targets)
    areas = {one.id: one for one in await tx.areas.list(area.id)}
    schedules = (*content.schedules, *(stored.content.schedules if stored else ()))
    return _Facts(
        area=area,
        content=content,
        recording=recording,
        terminals=terminals,
        holders=await tx.renditions.holders(sound.rendition) if sound else frozenset(),
        size=rendition.size if rendition else 0,
        areas=areas,
        places=await _places(tx, area, content, terminals, areas),
        own=frozenset(one.id for one in schedules),
    )


async def _places(
    tx: Transaction,
    area: Area,
    content: Content,
    terminals: Iterable[Terminal],
    areas: Mapping[AreaId, Area],
) -> tuple[Place, ...]:
    """Return the areas with rules that are reached: those of each terminal and target."""
    reached: dict[AreaId, set[str]] = {}
    for target in content.targets.areas:
        if target in areas:
            reached.setdefault(_ruled(areas[target], area, areas).id, set())
    for terminal in terminals:
        if terminal.area in areas:
            home = _ruled(areas[terminal.area], area, areas)
            reached.setdefault(home.id, set()).add(str(terminal.id))
    found = []
    for area_id, inside in sorted(reached.items()):
        chain = await tx.policies.chain(area_id)
        found.append(
            Place(
                area=area_id,
                name=areas[area_id].name,
                timezone=areas[area_id].timezone,
                policy=effective(chain) if chain else None,
                terminals=frozenset(inside),
            )
        )
    return tuple(found)


def _ruled(place: Area, top: Area, areas: Mapping[AreaId, Area]) -> Area:
    """Return the lowest area at or above a place that may have rules: no hamlet has."""
    for area_id in reversed(place.chain):
        one = areas.get(area_id)
        if one is not None and one.level is not Level.HAMLET:
            return one
    return top


def _about_content(facts: _Facts) -> Iterable[Problem]:
    recording = facts.recording
    if recording is None:
        yield Problem(ErrorCode.RECORDING_MISSING, "recording_id")
    elif recording.state is not RecordingState.READY:
        yield Problem(ErrorCode.RECORDING_NOT_READY, "recording_id")
    elif not recording.usable:
        yield Problem(ErrorCode.RECORDING_NOT_HEARD, "recording_id")
    if facts.content.targets.empty:
        yield Problem(ErrorCode.TARGET_EMPTY, "targets")
    elif not facts.terminals:
        yield Problem(ErrorCode.TARGET_WITHOUT_TERMINALS, "targets")
    if facts.content.message_class is MessageClass.EMERGENCY and facts.content.schedules:
        yield Problem(ErrorCode.SCHEDULE_FOR_EMERGENCY, "schedules")


def _about_notice(facts: _Facts, dates: Dates, now: datetime) -> Iterable[Problem]:
    missing = sum(one.id not in facts.holders for one in facts.terminals)
    if not missing or not facts.size or not dates.airings:
        return
    takes = ORDER_TAKES + timedelta(seconds=facts.size / SLOW_LINK_BYTES_S)
    if dates.airings[0].start - now < takes:
        detail = {"seconds": int(takes.total_seconds()), "count": missing}
        yield Problem(Caution.SHORT_NOTICE, "schedules", detail)


def _planned(facts: _Facts, one: Occurrence, targets: frozenset[str]) -> PlannedOccurrence:
    sound = facts.recording.sound if facts.recording else None
    rendition = sound.rendition if sound else _UNKNOWN_SOUND
    return PlannedOccurrence(
        occurrence=one,
        programme=of_announcement(_NOBODY, rendition, facts.duration_ms),
        message_class=ScheduledClass(facts.content.message_class.value),
        targets=targets,
        latest_start=one.start,
    )


def _names(facts: _Facts) -> tuple[str, ...]:
    named = {one.id: one.name for one in facts.terminals}
    areas = [facts.areas[one].name for one in facts.content.targets.areas if one in facts.areas]
    return (*areas, *(named[one] for one in facts.content.targets.terminals if one in named))
