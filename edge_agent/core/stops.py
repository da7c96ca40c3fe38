"""The stops that this terminal holds, each by its id."""

from collections.abc import Iterable

from edge_agent.core.rules import Hold
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.state import Stop

LONGEST_HOLD_US = 24 * 3600 * 1_000_000
KEPT_US = 25 * 3600 * 1_000_000
"""How long after its issue a stop is kept: its hold, and an hour against replays."""


def check_stop(stop: Stop, now: int | None) -> None:
    """Refuse a stop that holds too long or is too old to matter. Raises WireError."""
    if stop.hold_until > stop.issued + LONGEST_HOLD_US:
        raise WireError(Refusal.INCONSISTENT, "a stop holds for at most 24 hours")
    if now is not None and stop.issued + KEPT_US <= now:
        raise WireError(Refusal.EXPIRED, str(stop.id))


def kept(stop: Stop, now: int | None) -> bool:
    """Tell whether a stop must still be remembered."""
    return now is None or stop.issued + KEPT_US > now


def holds_of(stops: Iterable[Stop], chain: tuple[str, ...]) -> tuple[Hold, ...]:
    """Return what stops mean for a terminal in this chain of areas."""
    return tuple(
        Hold(stop.issued, stop.hold_until, chain.index(stop.area))
        for stop in stops
        if stop.area in chain
    )


def stopped_until(holds: Iterable[Hold], now: int | None) -> int | None:
    """Return until when ordinary and priority items are refused, None if they are not."""
    ends = [hold.until for hold in holds if now is None or hold.issued <= now < hold.until]
    return max(ends, default=None)
