"""Recordings: from the first uploaded byte to what terminals play."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from controller.domain.errors import Conflict, ErrorCode, Invalid
from controller.domain.ids import AreaId, HashText

MAX_UPLOAD_BYTES: Final = 100 * 1024 * 1024


class RecordingState(StrEnum):
    """How far a recording is."""

    RECEIVING = "receiving"
    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"


_S = RecordingState
NEXT_STATES: Final[dict[RecordingState, frozenset[RecordingState]]] = {
    _S.RECEIVING: frozenset({_S.RECEIVING, _S.CHECKING, _S.REFUSED}),
    _S.CHECKING: frozenset({_S.CHECKING, _S.READY, _S.REFUSED}),
    _S.READY: frozenset(),
    _S.REFUSED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Sound:
    """What measuring and encoding gave. `waveform` holds peaks 0..100 for drawing."""

    rendition: HashText
    duration_ms: int
    loudness_lufs: float
    true_peak_dbtp: float
    waveform: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """An uploaded recording.

    `problem` is the code of why it was refused; `doubtful` the code of why a person must
    hear it to its end before it is sent for approval, and `heard_by` who did.
    """

    id: UUID
    area: AreaId
    title: str
    size: int
    created_by: UUID
    created_at: datetime
    chime: bool = True
    closing: bool = True
    state: RecordingState = RecordingState.RECEIVING
    received: int = 0
    progress: int = 0
    problem: str | None = None
    doubtful: str | None = None
    heard_by: UUID | None = None
    heard_at: datetime | None = None
    sound: Sound | None = None

    @property
    def usable(self) -> bool:
        """True when it may be sent for approval."""
        return self.state is _S.READY and (self.doubtful is None or self.heard_at is not None)


@dataclass(frozen=True, slots=True)
class Rendition:
    """The exact bytes that terminals play, content-addressed, and how they are cut.

    `samples` is the length at 48 kHz; `blocks` the SHA-256 of each block of `block_size`.
    """

    hash: HashText
    area: AreaId
    recording: UUID | None
    size: int
    samples: int
    block_size: int
    blocks: tuple[bytes, ...]
    created_at: datetime

    @property
    def duration_ms(self) -> int:
        """Length in whole milliseconds, never shorter than the sound."""
        return -(-self.samples // 48)


def receive(recording: Recording, offset: int, length: int) -> Recording:
    """Return the recording with one more piece. Raises Conflict, Invalid."""
    if recording.state is not _S.RECEIVING:
        raise Conflict(ErrorCode.RECORDING_WRONG_STATE)
    if offset != recording.received:
        detail = {"offset": recording.received}
        raise Conflict(ErrorCode.RECORDING_WRONG_OFFSET, field="offset", detail=detail)
    received = offset + length
    if received > recording.size:
        raise Invalid(ErrorCode.RECORDING_TOO_LARGE, detail={"size": recording.size})
    return replace(recording, received=received, progress=100 * received // recording.size)


def begin_checks(recording: Recording) -> Recording:
    """Return the recording on its way to being checked; all bytes must be there."""
    if recording.received != recording.size:
        detail = {"offset": recording.received}
        raise Conflict(ErrorCode.RECORDING_INCOMPLETE, detail=detail)
    return replace(_to(recording, _S.CHECKING), progress=0)


def accept(recording: Recording, sound: Sound, doubtful: str | None) -> Recording:
    """Return the recording ready to be used."""
    return replace(_to(recording, _S.READY), sound=sound, doubtful=doubtful, progress=100)


def refuse(recording: Recording, problem: str) -> Recording:
    """Return the recording refused for a reason (stable code)."""
    return replace(_to(recording, _S.REFUSED), problem=problem, progress=100)


def heard(recording: Recording, by: UUID, at: datetime) -> Recording:
    """Return the doubtful recording confirmed as heard to its end."""
    if recording.state is not _S.READY:
        raise Conflict(ErrorCode.RECORDING_NOT_READY)
    return replace(recording, heard_by=by, heard_at=at)


def _to(recording: Recording, state: RecordingState) -> Recording:
    if state is recording.state or state not in NEXT_STATES[recording.state]:
        raise Conflict(ErrorCode.RECORDING_WRONG_STATE)
    return replace(recording, state=state)
