"""May an order be taken? It is fresh, it does not outlive what is remembered of it."""

from typing import Final

from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.orders import Cancel, Play, Test

LONGEST_US: Final = 24 * 3600 * 1_000_000
"""No order acts longer than this after it was issued."""
AHEAD_US: Final = 5 * 60 * 1_000_000
"""An order may seem to come from the future by what a clock in holdover may be wrong."""


def check_order(order: Play | Cancel | Test, now: int | None) -> None:
    """Refuse an order that is over, from the future, or too long-lived. Raises WireError.

    `now` is None while the clock says nothing; then its dates are judged when it is to sound.
    """
    if not order.issued <= order.expires <= order.issued + LONGEST_US:
        raise WireError(Refusal.INCONSISTENT, "an order lives for at most 24 hours")
    if now is None:
        return
    if order.expires <= now:
        raise WireError(Refusal.EXPIRED, str(order.id))
    if order.issued > now + AHEAD_US:
        raise WireError(Refusal.NOT_YET_VALID, str(order.id))


def may_cancel(cancel_area: str, order_area: str, chain: tuple[str, ...]) -> bool:
    """Tell whether an area may cancel another's order: its own, or that of one below it."""
    if cancel_area not in chain or order_area not in chain:
        return False
    return chain.index(cancel_area) <= chain.index(order_area)
