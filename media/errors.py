"""The package's errors: one tree, each with a code that never changes meaning.

The class says what kind of answer it is (the web maps it to a status); the code reaches API,
screens (which hold the sentence for it) and log. Codes are added, never renamed or reused.
"""

from collections.abc import Mapping
from enum import StrEnum


class Code(StrEnum):
    """Every reason this package gives."""

    # The sound itself (`SoundRefused`).
    EMPTY_FILE = "empty_file"
    FILE_TOO_LARGE = "file_too_large"
    UNSUPPORTED_FORMAT = "unsupported_format"
    NO_AUDIO = "no_audio"
    TOO_MANY_CHANNELS = "too_many_channels"
    BAD_SAMPLE_RATE = "bad_sample_rate"
    UNDECODABLE = "undecodable"
    CUT_SHORT = "cut_short"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    SILENT = "silent"

    # Sending it in pieces (`UploadRefused`).
    UPLOAD_UNKNOWN = "upload_unknown"
    UPLOAD_OFFSET = "upload_offset"
    UPLOAD_OVERRUN = "upload_overrun"
    UPLOAD_INCOMPLETE = "upload_incomplete"
    HASH_DIFFERS = "hash_differs"

    # Keeping it (`StoreFailed`).
    ASSET_UNKNOWN = "asset_unknown"
    ASSET_DAMAGED = "asset_damaged"
    STORAGE_FULL = "storage_full"
    STORAGE_FAILED = "storage_failed"

    # Working on it (`WorkFailed`).
    BUSY = "media_busy"
    TOOL_MISSING = "tool_missing"
    TOOL_FAILED = "tool_failed"
    TOOL_TIMED_OUT = "tool_timed_out"
    TOOL_OUT_OF_BOUNDS = "tool_out_of_bounds"


class MediaError(Exception):
    """Base of everything this package raises on purpose.

    `code` is stable; `detail` holds numbers and words for the sentence that a screen makes of
    it, and never a path, a title or anything else a stranger could have written.
    """

    def __init__(self, code: Code, **detail: str | float) -> None:
        super().__init__(f"{code.value}: {detail}" if detail else code.value)
        self.code = code
        self.detail: Mapping[str, str | float] = detail


class SoundRefused(MediaError):
    """The file is not a sound that may be broadcast; another file is needed."""


class UploadRefused(MediaError):
    """This piece does not fit the upload; `detail["offset"]`, if there, says where to go on."""


class StoreFailed(MediaError):
    """The recording store has no such thing, or could not read or write."""


class WorkFailed(MediaError):
    """The sound may be good, but it could not be worked on: too busy, program missing, failed."""
