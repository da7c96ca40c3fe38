"""Recordings: uploaded in pieces, checked, made into what terminals play."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from controller.web.schemas.base import Body, Id, Text, View

MAX_UPLOAD_BYTES = 100 * 1024 * 1024


class RecordingBody(Body, frozen=True, kw_only=True):
    """Announces an upload; the pieces follow with PUT …/content?offset=."""

    title: Text
    area_id: Id
    size: Annotated[int, msgspec.Meta(ge=1, le=MAX_UPLOAD_BYTES)]
    chime: bool = True
    closing: bool = True


class RecordingChange(Body, frozen=True, kw_only=True):
    """A new title."""

    title: Text


class PieceQuery(Body, frozen=True, kw_only=True):
    """Where a piece belongs: the number of bytes received so far."""

    offset: Annotated[int, msgspec.Meta(ge=0, le=MAX_UPLOAD_BYTES)]


class HeardBody(Body, frozen=True, kw_only=True):
    """The whole doubtful recording was heard by the person who says so."""

    heard_to_end: Literal[True]


class RecordingView(View, frozen=True, kw_only=True):
    """A recording and how far it is."""

    id: Id
    title: str
    area_id: Id
    state: Literal["receiving", "checking", "ready", "refused"]
    progress: Annotated[int, msgspec.Meta(ge=0, le=100)]
    """Percent of the present state's work."""
    size: int
    received: int
    problem: str | None
    """Stable code of why it was refused."""
    problem_text: str | None
    doubtful: str | None
    """Stable code of why it must be heard to its end before it can be sent for approval."""
    heard: bool
    duration_ms: int | None
    loudness_lufs: float | None
    hash: str | None
    waveform: list[int]
    """Peaks 0..100, for drawing; empty until ready."""
    created_at: datetime
    created_by: str


class RecordingPage(View, frozen=True, kw_only=True):
    """Recordings, newest first."""

    items: list[RecordingView]
    next: str | None
