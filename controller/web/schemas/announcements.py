"""Announcements, their approval, and the dated occurrences they lead to."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from controller.web.schemas.base import (
    Body,
    ClockTime,
    Hash,
    Id,
    LocalDate,
    LocalDateTime,
    Reason,
    Text,
    View,
    Weekday,
)

ClassName = Literal["ordinary", "priority", "emergency"]
StateName = Literal["draft", "submitted", "approved", "returned", "withdrawn"]
OccurrenceState = Literal["planned", "sounding", "aired", "missed", "cancelled"]


class OnceBody(Body, tag_field="kind", tag="once", frozen=True, kw_only=True):
    """One airing."""

    start: LocalDateTime


class DailyBody(Body, tag_field="kind", tag="daily", frozen=True, kw_only=True):
    """Every day (or every n days) at the given times."""

    times: Annotated[list[ClockTime], msgspec.Meta(min_length=1, max_length=24)]
    from_date: LocalDate
    until_date: LocalDate | None = None
    interval: Annotated[int, msgspec.Meta(ge=1, le=366)] = 1


class WeeklyBody(Body, tag_field="kind", tag="weekly", frozen=True, kw_only=True):
    """On some weekdays of every week (or every n weeks)."""

    weekdays: Annotated[list[Weekday], msgspec.Meta(min_length=1, max_length=7)]
    times: Annotated[list[ClockTime], msgspec.Meta(min_length=1, max_length=24)]
    from_date: LocalDate
    until_date: LocalDate | None = None
    interval: Annotated[int, msgspec.Meta(ge=1, le=52)] = 1


ScheduleBody = OnceBody | DailyBody | WeeklyBody


class TargetsBody(Body, frozen=True, kw_only=True):
    """Who is to hear it; both lists empty is refused when sent for approval."""

    area_ids: Annotated[list[Id], msgspec.Meta(max_length=500)] = msgspec.field(
        default_factory=list
    )
    terminal_ids: Annotated[list[Id], msgspec.Meta(max_length=500)] = msgspec.field(
        default_factory=list
    )


class AnnouncementBody(Body, frozen=True, kw_only=True):
    """A draft; anything but title and area may still be missing."""

    title: Text
    area_id: Id
    message_class: ClassName = "ordinary"
    recording_id: Id | None = None
    targets: TargetsBody = TargetsBody()
    schedules: Annotated[list[ScheduleBody], msgspec.Meta(max_length=20)] = msgspec.field(
        default_factory=list
    )


class AnnouncementEdit(AnnouncementBody, frozen=True, kw_only=True):
    """A changed draft; `revision` is the one that was read. Editing voids an approval."""

    revision: int


class PreviewBody(AnnouncementBody, frozen=True, kw_only=True):
    """A draft to look ahead at; `announcement_id` is the one that is being edited."""

    announcement_id: Id | None = None


class SubmitBody(Body, frozen=True, kw_only=True):
    """Sends exactly the revision that was read."""

    revision: int


class ApproveBody(Body, frozen=True, kw_only=True):
    """Approves exactly what was read and heard: revision and hash of the sound."""

    revision: int
    hash: Hash


class ReturnBody(Body, frozen=True, kw_only=True):
    """Sends it back to its author."""

    revision: int
    reason: Reason


class WithdrawBody(Body, frozen=True, kw_only=True):
    """Takes an approval back."""

    reason: Reason


class ProblemView(View, frozen=True, kw_only=True):
    """One thing that stands in the way, or a warning."""

    code: str
    field: str
    text: str


class OccurrenceTime(View, frozen=True, kw_only=True):
    """When one airing begins and ends."""

    start: datetime
    end: datetime


class PreviewView(View, frozen=True, kw_only=True):
    """What will happen, in one sentence, and what stands in the way."""

    sentence: str
    terminals: int
    next: list[OccurrenceTime]
    problems: list[ProblemView]
    warnings: list[ProblemView]


class DeliveryView(View, frozen=True, kw_only=True):
    """How many of the terminals hold the sound."""

    terminals: int
    stored: int


class AnnouncementView(View, frozen=True, kw_only=True):
    """An announcement as it stands."""

    id: Id
    revision: int
    state: StateName
    title: str
    area_id: Id
    area_name: str
    message_class: ClassName
    recording_id: Id | None
    duration_ms: int | None
    hash: str | None
    targets: TargetsBody
    schedules: list[ScheduleBody]
    sentence: str
    author: str
    author_id: Id
    submitted_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    delivery: DeliveryView
    next_start: datetime | None
    may: list[str]
    """Actions open to the reader: edit, submit, approve, return, withdraw, release, delete."""


class AnnouncementPage(View, frozen=True, kw_only=True):
    """Announcements, last changed first."""

    items: list[AnnouncementView]
    next: str | None


class OccurrenceView(View, frozen=True, kw_only=True):
    """One dated airing."""

    id: Id
    announcement_id: Id
    title: str
    message_class: ClassName
    area_id: Id
    start: datetime
    end: datetime
    state: OccurrenceState
    reason: str | None
    terminals: int
    stored: int
    sounded: int
    recording_id: Id | None


class OccurrencePage(View, frozen=True, kw_only=True):
    """Occurrences in order of time."""

    items: list[OccurrenceView]
    next: str | None


class ReleaseBody(Body, frozen=True, kw_only=True):
    """Sounds an approved emergency announcement at once."""

    hash: Hash
    repeats: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    gap_seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 10
    expires_minutes: Annotated[int, msgspec.Meta(ge=1, le=720)] = 60


class EmergencyView(View, frozen=True, kw_only=True):
    """A released emergency."""

    id: Id
    announcement_id: Id
    title: str
    area_id: Id
    issued_at: datetime
    expires_at: datetime
    cancelled_at: datetime | None
    terminals: int
    acknowledged: int
    sounded: int


class StopBody(Body, frozen=True, kw_only=True):
    """Silences an area or one terminal and holds ordinary and priority sound back."""

    area_id: Id
    terminal_id: Id | None = None
    hold_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 10


class StopView(View, frozen=True, kw_only=True):
    """A stop that holds."""

    id: Id
    area_id: Id
    terminal_id: Id | None
    issued_at: datetime
    hold_until: datetime
    issued_by: str
    terminals: int
    acknowledged: int
