"""What a virtual terminal has sounded, as a file that can be listened to."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from controller.domain.errors import ErrorCode, NotFound

_NAME: Final = re.compile(r"[0-9]{1,20}-[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}\.wav")


@dataclass(frozen=True, slots=True)
class Capture:
    """One file. `item` is the occurrence, order or test that sounded, where it is known."""

    name: str
    began_at: datetime
    duration_ms: int
    item: UUID | None


def read_name(text: str) -> str:
    """Return a file name as virtual terminals write it.

    Raises NotFound `capture_missing` for any other, so that no path can be named.
    """
    if not _NAME.fullmatch(text):
        raise NotFound(ErrorCode.CAPTURE_MISSING, field="name")
    return text
