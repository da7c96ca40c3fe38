"""What the media library's refusals mean to the person who sent the recording."""

from typing import Final

from controller.domain.errors import (
    Conflict,
    DomainError,
    ErrorCode,
    Invalid,
    NotFound,
    TooMany,
    Unavailable,
)
from media.errors import Code, MediaError

_ANSWERS: Final[dict[Code, tuple[type[DomainError], ErrorCode]]] = {
    Code.UPLOAD_UNKNOWN: (Conflict, ErrorCode.RECORDING_WRONG_OFFSET),
    Code.UPLOAD_OFFSET: (Conflict, ErrorCode.RECORDING_WRONG_OFFSET),
    Code.UPLOAD_OVERRUN: (Invalid, ErrorCode.RECORDING_TOO_LARGE),
    Code.UPLOAD_INCOMPLETE: (Conflict, ErrorCode.RECORDING_INCOMPLETE),
    Code.ASSET_UNKNOWN: (NotFound, ErrorCode.NOT_FOUND),
    Code.STORAGE_FULL: (Unavailable, ErrorCode.DISK_FULL),
    Code.STORAGE_FAILED: (Unavailable, ErrorCode.STORAGE_FAILED),
    Code.BUSY: (TooMany, ErrorCode.TOO_MANY_REQUESTS),
}


def refusal_of(error: MediaError) -> DomainError:
    """Return the controller's error for one of the library's; codes without one keep theirs."""
    kind, code = _ANSWERS.get(error.code, (Invalid, error.code.value))
    field = "offset" if code is ErrorCode.RECORDING_WRONG_OFFSET else None
    return kind(code, field=field, detail=error.detail)
