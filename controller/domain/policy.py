"""Rules of an area as administrators set them; the stricter of each value holds.

How quiet hours and limits are judged is written once, in edge_agent.wire.policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from controller.domain.errors import ErrorCode, Invalid
from controller.domain.ids import AreaId
from edge_agent.wire.policy import EffectivePolicy, combine, to_instant
from edge_agent.wire.state import Policy, QuietWindow

MAX_WINDOWS: Final = 20
_DAY_MS: Final = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """The own rules of one area. None = no limit of its own; durations in milliseconds."""

    area: AreaId
    quiet: tuple[QuietWindow, ...]
    changed_at: datetime
    changed_by: UUID
    max_volume: int = 100
    max_session_ms: int | None = None
    max_day_ms: int | None = None
    author_may_approve: bool = False

    def to_wire(self, version: int = 1) -> Policy:
        """The part that terminals hold; the signer gives the real version."""
        return Policy(
            area=self.area,
            version=version,
            issued=to_instant(self.changed_at),
            quiet=self.quiet,
            max_volume=self.max_volume,
            max_session=self.max_session_ms,
            max_day=self.max_day_ms,
        )


def effective(chain: Sequence[PolicySettings]) -> EffectivePolicy:
    """Return what holds where all of these settings apply."""
    return combine(settings.to_wire() for settings in chain)


def author_may_approve(chain: Sequence[PolicySettings]) -> bool:
    """True when every area of the chain that has rules lets authors approve, and one has."""
    return bool(chain) and all(settings.author_may_approve for settings in chain)


def check(settings: PolicySettings, above: Sequence[PolicySettings]) -> None:
    """Refuse rules that cannot be kept or that are looser than those of the areas above.

    Raises Invalid: quiet_window, volume, limit, policy_looser (field names the value).
    """
    _check_own(settings)
    if not above:
        return
    held = effective(above)
    if settings.max_volume > held.max_volume:
        _looser("max_volume", allowed=held.max_volume)
    for field, own, most in (
        ("max_session_minutes", settings.max_session_ms, held.max_session_ms),
        ("max_day_minutes", settings.max_day_ms, held.max_day_ms),
    ):
        if own is not None and most is not None and own > most:
            _looser(field, allowed=most // 60_000)
    if settings.author_may_approve and not author_may_approve(above):
        _looser("author_may_approve", allowed=False)


def _check_own(settings: PolicySettings) -> None:
    if len(settings.quiet) > MAX_WINDOWS:
        raise Invalid(ErrorCode.QUIET_WINDOW, field="quiet", detail={"most": MAX_WINDOWS})
    for number, window in enumerate(settings.quiet):
        # Structs made in Python are not checked by msgspec, so their bounds are checked here.
        fits = 0 <= window.start < 1440 and 0 <= window.end <= 1440 and 1 <= window.weekdays <= 127
        if not fits or window.start == window.end:
            raise Invalid(ErrorCode.QUIET_WINDOW, field=f"quiet.{number}")
    if not 0 <= settings.max_volume <= 100:
        raise Invalid(ErrorCode.VOLUME, field="max_volume")
    for field, limit in (
        ("max_session_minutes", settings.max_session_ms),
        ("max_day_minutes", settings.max_day_ms),
    ):
        if limit is not None and not 0 < limit <= _DAY_MS:
            raise Invalid(ErrorCode.LIMIT, field=field)


def _looser(field: str, *, allowed: object) -> None:
    raise Invalid(ErrorCode.POLICY_LOOSER, field=field, detail={"allowed": allowed})
