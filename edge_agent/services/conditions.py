"""What the on-air machine must know, put together from documents, clock and disk."""

from collections.abc import Iterable
from datetime import UTC, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge_agent.core.airing import MS, Airing
from edge_agent.core.clock_trust import Judgement
from edge_agent.core.rules import Conditions
from edge_agent.core.signals import Leads
from edge_agent.core.stops import holds_of
from edge_agent.services import chime
from edge_agent.services.holdings import Holdings
from edge_agent.services.play import SOONEST_MS
from edge_agent.wire.authority import TRUST_GRACE_US
from edge_agent.wire.policy import EffectivePolicy, combine
from edge_agent.wire.reports import ClockState

_LONGEST_LEAD_MS: Final = 20_000
_HANDING_OVER_MS: Final = 2500
MOST_COLD_MS: Final = 1000
"""An emergency's first word may be lost to a slow amplifier; its first second may not be late."""


def conditions_of(
    holdings: Holdings, judgement: Judgement, held: frozenset[bytes], *, ledger_writable: bool
) -> Conditions:
    """Return what holds now; without trust or assignment nothing may sound."""
    if not holdings.ready:
        return Conditions(clock=judgement.state)
    assignment = holdings.assignment
    zone = zone_of(assignment.timezone)
    rundown = holdings.rundown
    return Conditions(
        clock=judgement.state if zone is not None else ClockState.UNTRUSTED,
        zone=zone or UTC,
        policy=policy_of(holdings) if zone is not None else None,
        trust_until=holdings.trust.expires + TRUST_GRACE_US,
        rundown_until=0 if rundown is None else rundown.message.valid_until,
        holds=holds_of((stop.message for stop in holdings.stops.values()), assignment.chain),
        held=held | {chime.HASH},
        ledger_writable=ledger_writable,
        volume=assignment.volume,
    )


def needs(
    holdings: Holdings, orders: Iterable[Airing], now: int | None
) -> tuple[dict[bytes, int], frozenset[bytes]]:
    """Return which renditions are needed and when, and which are never given up.

    What is kept for emergencies is needed as soon as the rundown that says so was made.
    """
    needed: dict[bytes, int] = {}

    def note(rendition: bytes, instant: int) -> None:
        needed[rendition] = min(instant, needed.get(rendition, instant))

    for airing in orders:
        note(airing.rendition, airing.planned)
    if holdings.rundown is None:
        return needed, frozenset()
    rundown = holdings.rundown.message
    for rendition in rundown.keep:
        note(rendition, rundown.issued)
    for item in rundown.items:
        if now is None or item.start + item.duration * MS > now:
            note(item.rendition, item.start)
    return needed, frozenset(rundown.keep)


def policy_of(holdings: Holdings) -> EffectivePolicy | None:
    """Return the rules that hold, None until those of all named areas are held."""
    if any(area not in holdings.policies for area in holdings.assignment.policies):
        return None
    # A policy that is held counts even where the assignment does not name its area.
    return combine(policy.message for policy in holdings.policies.values())


@cache
def zone_of(name: str) -> tzinfo | None:
    """Return a time zone by its name, None when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def amplifier_lead_of(holdings: Holdings) -> int:
    """How long the amplifier is on before the first frame, in milliseconds."""
    return min(_LONGEST_LEAD_MS, holdings.assignment.amplifier_lead)


def leads_for(holdings: Holdings, *, switched: bool) -> Leads:
    """How early voices are handed over: the amplifier and the card's clock need their time.

    What sounds at once waits for the amplifier as well, but never longer than a second.
    """
    lead = amplifier_lead_of(holdings) if holdings.ready else 0
    return Leads(
        ahead=max(Leads().ahead, lead + _HANDING_OVER_MS),
        cold=min(MOST_COLD_MS, max(SOONEST_MS, lead)) if switched else SOONEST_MS,
    )
