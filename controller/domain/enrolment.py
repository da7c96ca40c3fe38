"""One-time codes that give a fresh terminal its place."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from controller.domain.errors import Conflict, ErrorCode
from controller.domain.ids import AreaId

CODE_LIFETIME: Final = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A one-time code, kept as the SHA-256 of its token; `name` is the terminal's to be."""

    id: UUID
    area: AreaId
    name: str
    token_hash: bytes
    created_by: UUID
    created_at: datetime
    expires_at: datetime
    virtual: bool = False
    used_at: datetime | None = None
    terminal: UUID | None = None
    voided_at: datetime | None = None


def require_open(enrolment: Enrolment, now: datetime) -> None:
    """Refuse a code that was used, voided or is too old. Raises Conflict."""
    if enrolment.used_at is not None or enrolment.voided_at is not None:
        raise Conflict(ErrorCode.ENROLMENT_USED)
    if now >= enrolment.expires_at:
        raise Conflict(ErrorCode.ENROLMENT_EXPIRED)
