"""Quiet hours, limits and volume ceiling: one set of rules for form, API, signer and terminal."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import Policy, QuietWindow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EffectivePolicy:
    """What holds where several policies apply: the stricter of each value."""

    quiet: tuple[QuietWindow, ...]
    max_volume: int
    max_session_ms: int | None
    max_day_ms: int | None


def combine(policies: Iterable[Policy]) -> EffectivePolicy:
    """Join the policies of a chain of areas; each value is the strictest one."""
    held = tuple(policies)
    return EffectivePolicy(
        quiet=tuple(window for policy in held for window in policy.quiet),
        max_volume=min((policy.max_volume for policy in held), default=100),
        max_session_ms=_least(policy.max_session for policy in held),
        max_day_ms=_least(policy.max_day for policy in held),
    )


def is_quiet(
    policy: EffectivePolicy, message_class: MessageClass, start: int, end: int, zone: tzinfo
) -> bool:
    """Tell whether any part of [start, end) falls into quiet hours; never for emergency.

    `start` and `end` are UTC microseconds; windows are local to `zone`.
    """
    if message_class is MessageClass.EMERGENCY:
        return False
    return quiet_boundary(policy, start, end, zone) is not None


def quiet_boundary(policy: EffectivePolicy, start: int, end: int, zone: tzinfo) -> int | None:
    """Return the first instant in [start, end) that is quiet, or None. UTC microseconds.

    An empty span counts as the one instant `start`.
    """
    last = max(end, start + 1)
    first_day = to_datetime(start).astimezone(zone).date() - timedelta(days=1)
    final_day = to_datetime(last).astimezone(zone).date()
    hits: list[int] = []
    for window in policy.quiet:
        day = first_day
        while day <= final_day:
            if window.weekdays >> day.weekday() & 1:
                begins, ends = _window_on(window, day, zone)
                if begins < last and ends > start:
                    hits.append(max(begins, start))
            day += timedelta(days=1)
    return min(hits, default=None)


def gain_db(volume: int, ceiling: int) -> float:
    """Return the gain of a volume in percent, never above the ceiling; 0 is silence.

    40·log10: half the volume is -12 dB, which the ear takes as about half as loud.
    """
    effective = min(volume, ceiling, 100)
    return -math.inf if effective <= 0 else 40 * math.log10(effective / 100)


def to_datetime(instant: int) -> datetime:
    """Return UTC microseconds as an aware datetime."""
    return _EPOCH + timedelta(microseconds=instant)


def to_instant(moment: datetime) -> int:
    """Return an aware datetime as UTC microseconds."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _window_on(window: QuietWindow, day: date, zone: tzinfo) -> tuple[int, int]:
    # Arithmetic on a zoned datetime moves the wall clock, which is what a window means.
    midnight = datetime.combine(day, time(), zone)
    end = window.end if window.end > window.start else window.end + 1440
    begins = midnight + timedelta(minutes=window.start)
    return to_instant(begins), to_instant(midnight + timedelta(minutes=end))


def _least(values: Iterable[int | None]) -> int | None:
    return min((value for value in values if value is not None), default=None)
