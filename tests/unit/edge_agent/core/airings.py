"""What the tests of the on-air machine share: a commune's noon, airings, what was heard."""

from datetime import UTC
from uuid import UUID, uuid5

from edge_agent.core.airing import SECOND, Airing, Kind, Reason
from edge_agent.core.rules import Conditions
from edge_agent.wire.policy import EffectivePolicy
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.reports import ClockState, Outcome
from tests.fakes.stage import Stage

NOON = 1_795_521_600 * SECOND
HASH = b"r" * 32
MINUTE = 60 * SECOND
NAMES = UUID(int=7)

OPEN = Conditions(
    clock=ClockState.TRUSTED,
    zone=UTC,
    policy=EffectivePolicy((), 100, None, None),
    trust_until=NOON + 10**15,
    rundown_until=NOON + 10**12,
    held=frozenset({HASH}),
    volume=80,
)


def item(start: int, seconds: int = 60, name: str = "a", latest: int | None = None) -> Airing:
    return Airing(
        id=uuid5(NAMES, name),
        kind=Kind.ITEM,
        announcement=uuid5(NAMES, "said"),
        message_class=MessageClass.ORDINARY,
        rendition=HASH,
        level=1,
        planned=start,
        duration_ms=seconds * 1000,
        latest=start + seconds * SECOND if latest is None else latest,
    )


def order(issued: int, seconds: int = 10, name: str = "e", level: int = 1, **more: int) -> Airing:
    return Airing(
        id=uuid5(NAMES, name),
        kind=Kind.ORDER,
        announcement=None,
        message_class=MessageClass.EMERGENCY,
        rendition=HASH,
        level=level,
        planned=issued,
        duration_ms=seconds * 1000,
        latest=issued + more.get("expires_s", 600) * SECOND,
        repeats=more.get("repeats", 1),
        gap_ms=more.get("gap_ms", 1000),
    )


def chime(issued: int) -> Airing:
    return Airing(
        id=uuid5(NAMES, "chime"),
        kind=Kind.TEST,
        announcement=None,
        message_class=MessageClass.ORDINARY,
        rendition=HASH,
        level=1,
        planned=issued,
        duration_ms=2000,
        latest=issued + MINUTE,
        volume=30,
    )


def spans(stage: Stage) -> list[tuple[float, float, float]]:
    """What was heard: begin and end in seconds after noon, position in the sound."""
    return [
        ((h.start - NOON) / SECOND, (h.end - NOON) / SECOND, h.position_ms / 1000)
        for h in stage.heard
    ]


def outcomes(stage: Stage) -> list[tuple[Outcome, Reason]]:
    return [(line.outcome, line.reason) for line in stage.log]


def program(stage: Stage, *items: Airing) -> None:
    stage.do(stage.machine.set_items(items, stage.clock))
