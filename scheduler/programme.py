"""A programme: the ordered items that sound one after the other at an occurrence."""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from scheduler.errors import ErrorCode, ProgrammeError

MAX_ITEMS = 100
"""More items than any session needs; it bounds what hostile input can ask for."""

MAX_DURATION_MS = 24 * 60 * 60 * 1000
"""No programme is longer than a day."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class MessageClass(StrEnum):
    """The classes a schedule may have (TT 39/2020).

    The third class, emergency, is an order that sounds at once; it is never scheduled and
    never in a rundown, so it has no member here.
    """

    ORDINARY = "ordinary"
    PRIORITY = "priority"


class ItemKind(StrEnum):
    """What an item is for. A chime may only open, a closing may only end a programme."""

    CHIME = "chime"
    ANNOUNCEMENT = "announcement"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class ProgrammeItem:
    """One recording as terminals play it; refused when it is not one (ProgrammeError).

    ``rendition`` is the SHA-256 (64 lower-case hexadecimal digits) of the bytes that
    terminals play, ``duration_ms`` its length in milliseconds. ``announcement_id`` names
    the announcement it renders; chime and closing have none.
    """

    kind: ItemKind
    rendition: str
    duration_ms: int
    announcement_id: UUID | None = None

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.rendition):
            raise ProgrammeError(ErrorCode.RENDITION_HASH, "not a SHA-256 in hex", "rendition")
        if not 0 < self.duration_ms <= MAX_DURATION_MS:
            raise ProgrammeError(ErrorCode.DURATION, f"{self.duration_ms} ms", "duration_ms")
        if (self.announcement_id is not None) != (self.kind is ItemKind.ANNOUNCEMENT):
            raise ProgrammeError(
                ErrorCode.PROGRAMME_ANNOUNCEMENT_ID,
                "exactly the announcements name an announcement",
                "announcement_id",
            )


@dataclass(frozen=True, slots=True)
class Programme:
    """Items in the order they sound: at most one chime first, at most one closing last."""

    items: tuple[ProgrammeItem, ...]

    def __post_init__(self) -> None:
        kinds = [item.kind for item in self.items]
        if ItemKind.ANNOUNCEMENT not in kinds:
            raise ProgrammeError(ErrorCode.PROGRAMME_EMPTY, "nothing is announced", "items")
        if len(kinds) > MAX_ITEMS or self.duration_ms > MAX_DURATION_MS:
            raise ProgrammeError(ErrorCode.PROGRAMME_TOO_LONG, f"{len(kinds)} items", "items")
        if ItemKind.CHIME in kinds[1:] or ItemKind.CLOSING in kinds[:-1]:
            raise ProgrammeError(
                ErrorCode.PROGRAMME_ORDER, "chime only first, closing only last", "items"
            )

    @property
    def duration_ms(self) -> int:
        """Whole length in milliseconds: the items follow each other without a gap."""
        return sum(item.duration_ms for item in self.items)

    @property
    def renditions(self) -> frozenset[str]:
        """The hashes of every recording a terminal needs to play it."""
        return frozenset(item.rendition for item in self.items)


def of_announcement(announcement_id: UUID, rendition: str, duration_ms: int) -> Programme:
    """Return the plain programme of one announcement's rendition."""
    item = ProgrammeItem(ItemKind.ANNOUNCEMENT, rendition, duration_ms, announcement_id)
    return Programme((item,))
