"""May a rundown be held? It is taken whole or not at all."""

from itertools import pairwise

from edge_agent.core.airing import MS
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.policy import to_datetime
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import Rundown

LONGEST_US = 8 * 24 * 3600 * 1_000_000
"""No rundown counts longer than this after it was issued."""


def check_rundown(rundown: Rundown, now: int | None) -> None:
    """Refuse a rundown that is over, reaches too far, or contradicts itself.

    `now` is None while the clock says nothing. Raises WireError: expired, inconsistent,
    wrong_class.
    """
    if now is not None and rundown.valid_until <= now:
        raise WireError(Refusal.EXPIRED, f"rundown until {to_datetime(rundown.valid_until)}")
    if not rundown.issued <= rundown.valid_until <= rundown.issued + LONGEST_US:
        raise WireError(Refusal.INCONSISTENT, "valid for longer than 8 days")
    if len({item.occurrence for item in rundown.items}) != len(rundown.items):
        raise WireError(Refusal.INCONSISTENT, "an occurrence stands in it twice")
    for item in rundown.items:
        if item.message_class is MessageClass.EMERGENCY:
            raise WireError(Refusal.WRONG_CLASS, "emergency in a rundown")
        if item.duration <= 0 or item.latest_start < item.start:
            raise WireError(Refusal.INCONSISTENT, f"times of {item.occurrence}")
    for before, after in pairwise(rundown.items):
        if after.start < before.start + before.duration * MS:
            raise WireError(Refusal.INCONSISTENT, f"{after.occurrence} overlaps or is unordered")
