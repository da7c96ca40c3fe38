"""Dated airings as the controller keeps them, and rows of the diary."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from controller.domain.errors import Conflict, ErrorCode
from controller.domain.ids import AreaId, HashText
from edge_agent.wire.precedence import MessageClass
from scheduler.occurrence import Occurrence as Dated
from scheduler.occurrence import PlannedOccurrence
from scheduler.programme import MessageClass as MessageClassOfSchedule
from scheduler.programme import of_announcement


class OccurrenceState(StrEnum):
    """How far an occurrence is, over all terminals that were asked."""

    PLANNED = "planned"
    SOUNDING = "sounding"
    AIRED = "aired"
    """At least one terminal sounded it; the diary tells which did not."""
    MISSED = "missed"
    """No terminal sounded it."""
    CANCELLED = "cancelled"


OPEN_STATES: Final = frozenset({OccurrenceState.PLANNED, OccurrenceState.SOUNDING})


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One dated airing. Unique: (`schedule`, `recurrence_id`); `id` is derived from both."""

    id: UUID
    schedule: UUID
    recurrence_id: str
    announcement: UUID
    revision: int
    approval: UUID
    area: AreaId
    """The area that ordered it."""
    message_class: MessageClass
    title: str
    rendition: HashText
    start: datetime
    duration_ms: int
    latest_start: datetime
    state: OccurrenceState = OccurrenceState.PLANNED
    reason: str | None = None

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return self.start + timedelta(milliseconds=self.duration_ms)


def require_ahead(occurrence: Occurrence, now: datetime) -> None:
    """Refuse what has begun or is over. Raises Conflict `occurrence_begun`."""
    if occurrence.state is not OccurrenceState.PLANNED or now >= occurrence.start:
        raise Conflict(ErrorCode.OCCURRENCE_BEGUN)


def to_planned(occurrence: Occurrence, terminals: Iterable[UUID]) -> PlannedOccurrence:
    """Return the occurrence in the scheduler's terms; its targets are terminals' ids."""
    return PlannedOccurrence(
        occurrence=Dated(
            id=occurrence.id,
            schedule_id=occurrence.schedule,
            recurrence_id=occurrence.recurrence_id,
            start=occurrence.start,
            duration_ms=occurrence.duration_ms,
        ),
        programme=of_announcement(
            occurrence.announcement, occurrence.rendition, occurrence.duration_ms
        ),
        message_class=MessageClassOfSchedule(occurrence.message_class.value),
        targets=frozenset(str(terminal) for terminal in terminals),
        latest_start=occurrence.latest_start,
    )


class DiaryOutcome(StrEnum):
    """How an airing went on one terminal, as far as is known."""

    WAITING = "waiting"
    """Asked, and no word from the terminal yet."""
    STARTED = "started"
    SOUNDED = "sounded"
    CUT = "cut"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class AskedItem:
    """What an occurrence or an emergency order asks terminals to sound."""

    item: UUID
    announcement: UUID | None
    title: str
    message_class: MessageClass
    area: AreaId
    """The area that ordered it."""
    planned_at: datetime
    asked_ms: int
    approval: UUID | None
    rendition: HashText | None


@dataclass(frozen=True, slots=True)
class DiaryRow:
    """One airing (occurrence or emergency order) on one terminal: asked, sounded, why not."""

    item: UUID
    announcement: UUID | None
    title: str
    message_class: MessageClass
    area: AreaId
    """The terminal's area when it was asked."""
    terminal: UUID
    terminal_name: str
    planned_at: datetime
    began_at: datetime | None
    asked_ms: int
    sounded_ms: int
    outcome: DiaryOutcome
    reason: str | None
    approval: UUID | None
    rendition: HashText | None


@dataclass(frozen=True, slots=True)
class DiaryTotals:
    """Sums over a part of the diary."""

    rows: int
    asked_ms: int
    sounded_ms: int
    sounded: int
    cut: int
    missed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many terminals were asked for an item, hold its sound, sounded it, missed it."""

    asked: int = 0
    stored: int = 0
    started: int = 0
    sounded: int = 0
    missed: int = 0
