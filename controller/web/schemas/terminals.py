"""Terminals, their enrolment and state; the diary; the provincial overview."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from controller.web.schemas.base import Body, Id, Percent, Text, View

HealthName = Literal["on_air", "ready", "silent", "faulty", "unknown", "retired"]


class NowSounding(View, frozen=True, kw_only=True):
    """What is heard on a terminal now."""

    id: Id
    title: str
    message_class: str
    since: datetime | None


class TerminalView(View, frozen=True, kw_only=True):
    """A terminal and its last reported state; `reported_at` gives the age of every figure."""

    id: Id
    name: str
    area_id: Id
    area_name: str
    health: HealthName
    reported_at: datetime | None
    sounding: NowSounding | None
    volume: int
    clock: str | None
    clock_reason: str | None
    stopped_until: datetime | None
    problems: list[str]
    problem_texts: list[str]
    renditions_held: int
    renditions_wanted: int
    agent: str | None
    enrolled_at: datetime
    retired_at: datetime | None
    captures: bool
    """A virtual terminal whose sound can be listened to."""
    temperature_c: float | None
    bytes_month: int
    next_start: datetime | None
    next_title: str | None


class TerminalPage(View, frozen=True, kw_only=True):
    """Terminals in order of name."""

    items: list[TerminalView]
    next: str | None


class TerminalChange(Body, frozen=True, kw_only=True):
    """Fields left out stay as they are."""

    name: Text | None = None
    area_id: Id | None = None
    volume: Percent | None = None


class TestBody(Body, frozen=True, kw_only=True):
    """Silent: checks all but the sound. Chime: a short tone; quiet hours hold."""

    kind: Literal["silent", "chime"] = "chime"
    volume: Percent = 30


class TestView(View, frozen=True, kw_only=True):
    """A test that was sent."""

    id: Id
    terminal_id: Id
    acknowledged: bool
    outcome: str | None


class CaptureView(View, frozen=True, kw_only=True):
    """One piece of sound that a virtual terminal made."""

    name: str
    began_at: datetime
    duration_ms: int
    title: str | None


class EnrolmentBody(Body, frozen=True, kw_only=True):
    """Asks for a one-time code for one new terminal."""

    area_id: Id
    name: Text


class EnrolmentView(View, frozen=True, kw_only=True):
    """An open or used one-time code, without the code itself."""

    id: Id
    area_id: Id
    name: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    terminal_id: Id | None


class NewEnrolmentView(View, frozen=True, kw_only=True):
    """The code as text and as a QR picture (SVG), shown once."""

    enrolment: EnrolmentView
    code: str
    qr_svg: str


class DiaryRow(View, frozen=True, kw_only=True):
    """One airing on one terminal: asked, sounded, and why not."""

    occurrence_id: Id
    announcement_id: Id | None
    title: str
    message_class: str
    area_id: Id
    area_name: str
    terminal_id: Id
    terminal_name: str
    planned_at: datetime
    began_at: datetime | None
    asked_s: float
    sounded_s: float
    outcome: Literal["waiting", "started", "sounded", "cut", "missed"]
    reason: str | None
    reason_text: str | None
    approved_by: str | None
    recording_id: Id | None


class DiaryPage(View, frozen=True, kw_only=True):
    """Diary rows, newest first."""

    items: list[DiaryRow]
    next: str | None


class DiaryQuery(Body, frozen=True, kw_only=True):
    """Which part of the diary."""

    since: datetime | None = None
    until: datetime | None = None
    area_id: Id | None = None
    terminal_id: Id | None = None
    outcome: Literal["waiting", "started", "sounded", "cut", "missed"] | None = None
    cursor: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100


class CommuneRow(View, frozen=True, kw_only=True):
    """One commune in the provincial overview."""

    area_id: Id
    name: str
    code: str
    terminals: int
    on_air: int
    ready: int
    silent: int
    faulty: int
    unknown: int
    sounding: list[str]
    """Titles that sound now."""
    planned_today: int
    missed_today: int
    last_report_at: datetime | None
    stopped_until: datetime | None


class OverviewView(View, frozen=True, kw_only=True):
    """All communes below the reader's area."""

    at: datetime
    communes: list[CommuneRow]
