"""Stops and orders as the controller keeps them beside their signed documents."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from controller.domain.announcement import Targets
from controller.domain.errors import Conflict, ErrorCode, Invalid
from controller.domain.ids import AreaId, HashText

MAX_HOLD: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of an area, or of one terminal in it. It holds until `hold_until`."""

    id: UUID
    area: AreaId
    terminal: UUID | None
    issued_at: datetime
    hold_until: datetime
    issued_by: UUID
    issued_by_name: str
    lifted_at: datetime | None = None
    lifted_by: UUID | None = None

    def holds_at(self, now: datetime) -> bool:
        """True while ordinary and priority sound is refused."""
        return self.lifted_at is None and now < self.hold_until


class OrderKind(StrEnum):
    """What an order asks for."""

    PLAY = "play"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Order:
    """An emergency or a test that was sent. Its cancellation is kept with it.

    `announcement`, `approval` and `rendition` are None for tests.
    """

    id: UUID
    kind: OrderKind
    area: AreaId
    targets: Targets
    title: str
    issued_at: datetime
    expires_at: datetime
    issued_by: UUID
    issued_by_name: str
    announcement: UUID | None = None
    approval: UUID | None = None
    rendition: HashText | None = None
    duration_ms: int = 0
    repeats: int = 1
    gap_ms: int = 0
    cancel: UUID | None = None
    """Id of the cancelling order."""
    cancelled_at: datetime | None = None
    cancelled_by: UUID | None = None

    def open_at(self, now: datetime) -> bool:
        """True while terminals may still act on it."""
        return self.cancelled_at is None and now < self.expires_at


def check_hold(hold: timedelta) -> None:
    """Refuse a hold that is negative or above 24 h. Raises Invalid `hold_too_long`."""
    if not timedelta() <= hold <= MAX_HOLD:
        raise Invalid(ErrorCode.HOLD_TOO_LONG, field="hold_minutes")


def require_not_cancelled(order: Order) -> None:
    """Refuse an order that was cancelled. Raises Conflict `already_cancelled`."""
    if order.cancelled_at is not None:
        raise Conflict(ErrorCode.ALREADY_CANCELLED)
