"""What is to sound, why less of it sounds than was asked, and where its repeats lie in time.

Instants are UTC microseconds, durations milliseconds; both as on the wire.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from edge_agent.wire.orders import Play, Test
from edge_agent.wire.precedence import Layer, MessageClass, layer_of
from edge_agent.wire.state import RundownItem

MS: Final = 1000
"""Microseconds in a millisecond."""
SECOND: Final = 1_000_000
"""Microseconds in a second."""
LEAST_GAP_MS: Final = 1000
"""An emergency's repeats are at least this far apart, whatever its order says."""


class Kind(StrEnum):
    """Where an airing comes from."""

    ITEM = "item"
    ORDER = "order"
    TEST = "test"


class Reason(StrEnum):
    """Why less sounded than was asked; the play log carries the code."""

    NONE = ""
    LATE = "late"
    RESTARTED = "restarted"
    PREEMPTED = "preempted"
    SHORT = "short"
    CLOCK_NOT_TRUSTED = "clock_not_trusted"
    NO_POLICY = "no_policy"
    TRUST_EXPIRED = "trust_expired"
    RUNDOWN_ENDED = "rundown_ended"
    STOPPED = "stopped"
    QUIET_HOURS = "quiet_hours"
    SESSION_LIMIT = "session_limit"
    DAY_LIMIT = "day_limit"
    LEDGER_NOT_WRITABLE = "ledger_not_writable"
    RECORDING_MISSING = "recording_missing"
    RECORDING_DAMAGED = "recording_damaged"
    CARD_UNAVAILABLE = "card_unavailable"
    CARD_LOST = "card_lost"
    DECODER_UNAVAILABLE = "decoder_unavailable"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LOCAL_STOP = "local_stop"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Airing:
    """One dated item of the rundown, one order, or one test chime.

    planned: the item's start; for an order or a test, when it was issued.
    latest: after this it no longer begins. level: place of the ordering area in the
    terminal's chain, 0 = province. volume: percent, None = the terminal's own.
    """

    id: UUID
    kind: Kind
    announcement: UUID | None
    message_class: MessageClass
    rendition: bytes
    level: int
    planned: int
    duration_ms: int
    latest: int
    repeats: int = 1
    gap_ms: int = 0
    volume: int | None = None

    @property
    def layer(self) -> Layer:
        """The layer in which it sounds; nothing here is live."""
        return layer_of(self.message_class, live=False)

    @property
    def end(self) -> int:
        """Where the timeline of an item ends."""
        return self.planned + self.duration_ms * MS

    def sounds_like(self, other: "Airing") -> bool:
        """Tell whether both ask for the same sound at the same time."""
        return (self.rendition, self.planned, self.duration_ms, self.message_class) == (
            other.rendition,
            other.planned,
            other.duration_ms,
            other.message_class,
        )

    @property
    def period(self) -> int:
        """Microseconds from the beginning of one repeat to that of the next."""
        return (self.duration_ms + max(self.gap_ms, LEAST_GAP_MS)) * MS

    @property
    def asked_ms(self) -> int:
        """How long it is to sound in all."""
        return self.repeats * self.duration_ms


def item_airing(item: RundownItem, chain: tuple[str, ...]) -> Airing:
    """Return the airing of a rundown item."""
    return Airing(
        id=item.occurrence,
        kind=Kind.ITEM,
        announcement=item.announcement,
        message_class=item.message_class,
        rendition=item.rendition,
        level=_level(item.area, chain),
        planned=item.start,
        duration_ms=item.duration,
        latest=item.latest_start,
    )


def order_airing(play: Play, chain: tuple[str, ...]) -> Airing:
    """Return the airing of an emergency order."""
    return Airing(
        id=play.id,
        kind=Kind.ORDER,
        announcement=None,
        message_class=play.message_class,
        rendition=play.rendition,
        level=_level(play.area, chain),
        planned=play.issued,
        duration_ms=play.duration,
        latest=play.expires,
        repeats=play.repeats,
        gap_ms=play.gap,
    )


def chime_airing(test: Test, chime: bytes, duration_ms: int, chain: tuple[str, ...]) -> Airing:
    """Return the airing of a test chime; `chime` is the hash of its sound."""
    return Airing(
        id=test.id,
        kind=Kind.TEST,
        announcement=None,
        message_class=MessageClass.ORDINARY,
        rendition=chime,
        level=_level(test.area, chain),
        planned=test.issued,
        duration_ms=duration_ms,
        latest=test.expires,
        volume=test.volume,
    )


def _level(area: str, chain: tuple[str, ...]) -> int:
    return chain.index(area) if area in chain else len(chain)
