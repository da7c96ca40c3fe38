"""Names of topics on the broker.

A terminal reads only its own `down` topic and the topics of its groups, and writes only
below its own `up`; groups are areas and zones.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID


class Lane(StrEnum):
    """What a group topic carries."""

    ORDER = "order"
    BLOB = "blob"
    LIVE = "live"


class UpKind(StrEnum):
    """Last segment of a terminal's own `up` topic."""

    HELLO = "hello"
    ACK = "ack"
    STATUS = "status"
    TELEMETRY = "telemetry"
    LOG = "log"
    WANT = "want"
    REFUSED = "refused"
    TIME = "time"


ALL_UP: Final = "t/+/up/+"
"""Filter by which the controller hears every terminal."""

_UP = re.compile(r"\At/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/up/([a-z]{1,20})\Z")


_KINDS: Final = frozenset(kind.value for kind in UpKind)


@dataclass(frozen=True, slots=True)
class UpTopic:
    """A parsed `up` topic."""

    terminal: UUID
    kind: UpKind


def down(terminal: UUID) -> str:
    """Topic on which one terminal hears the controller."""
    return f"t/{terminal}/down"


def up(terminal: UUID, kind: UpKind) -> str:
    """Topic on which one terminal reports."""
    return f"t/{terminal}/up/{kind.value}"


def group(group_id: str, lane: Lane) -> str:
    """Topic that all terminals of an area or zone hear."""
    return f"g/{group_id}/{lane.value}"


def parse_up(topic: str) -> UpTopic | None:
    """Read an `up` topic; None for any other."""
    match = _UP.match(topic)
    if match is None or match[2] not in _KINDS:
        return None
    return UpTopic(UUID(match[1]), UpKind(match[2]))
