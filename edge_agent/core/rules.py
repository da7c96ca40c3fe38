"""May this sound here and now? One table of rules, for rundown items, tests and orders.

Anything doubtful means silence and a reason, never "play the last".
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from typing import Final

from edge_agent.core.airing import MS, Airing, Kind, Reason
from edge_agent.wire.policy import EffectivePolicy, is_quiet, quiet_boundary, to_datetime
from edge_agent.wire.reports import ClockState

PLACES_OCCURRENCES: Final = frozenset({ClockState.TRUSTED, ClockState.HOLDOVER})
"""Clock states in which something scheduled may sound."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A stop as it touches this terminal. `level` is the place of its area in the chain."""

    issued: int
    until: int
    level: int


@dataclass(frozen=True, slots=True)
class Conditions:
    """All that the terminal knows and that decides whether something may sound.

    policy: None until the policies of all areas that the assignment names are held.
    trust_until: when ordinary items end because the trust file is too old.
    rundown_until: until when the rundown counts.
    held: complete, hash-checked renditions. volume: percent, as assigned.
    """

    clock: ClockState = ClockState.UNTRUSTED
    zone: tzinfo = UTC
    policy: EffectivePolicy | None = None
    trust_until: int = 0
    rundown_until: int = 0
    holds: tuple[Hold, ...] = ()
    held: frozenset[bytes] = frozenset()
    ledger_writable: bool = True
    volume: int = 100


@dataclass(frozen=True, slots=True)
class Question:
    """May `airing` sound from `start` to `end`? `day_ms` has sounded on that day already."""

    airing: Airing
    start: int
    end: int
    now: int
    day_ms: int
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class Rule:
    """One ground for silence, whom it binds, and whether it also ends what sounds already."""

    reason: Reason
    binds: frozenset[Kind]
    ends: bool
    text: str
    forbids: Callable[[Question], bool]


def _stopped(question: Question) -> bool:
    airing = question.airing
    if airing.kind is Kind.ORDER:
        return any(
            airing.planned <= hold.issued and hold.level <= airing.level
            for hold in question.conditions.holds
        )
    return any(
        question.start < hold.until and question.end > hold.issued
        for hold in question.conditions.holds
    )


def _quiet(question: Question) -> bool:
    policy, zone = question.conditions.policy, question.conditions.zone
    return policy is not None and is_quiet(
        policy, question.airing.message_class, question.start, question.end, zone
    )


def _too_long(question: Question) -> bool:
    policy = question.conditions.policy
    limit = None if policy is None else policy.max_session_ms
    return limit is not None and question.airing.duration_ms > limit


def _day_full(question: Question) -> bool:
    policy = question.conditions.policy
    limit = None if policy is None else policy.max_day_ms
    return limit is not None and question.day_ms + question.airing.duration_ms > limit


_BOUND = frozenset({Kind.ITEM, Kind.TEST})
_ITEMS = frozenset({Kind.ITEM})
_ALL = frozenset(Kind)

RULES: Final = (
    Rule(
        Reason.CLOCK_NOT_TRUSTED,
        _BOUND,
        ends=True,
        text="the clock is neither trusted nor in holdover",
        forbids=lambda q: q.conditions.clock not in PLACES_OCCURRENCES,
    ),
    Rule(
        Reason.NO_POLICY,
        _BOUND,
        ends=True,
        text="the policy of an area above is not held",
        forbids=lambda q: q.conditions.policy is None,
    ),
    Rule(
        Reason.TRUST_EXPIRED,
        _BOUND,
        ends=True,
        text="the trust file ended more than 30 days ago",
        forbids=lambda q: q.now >= q.conditions.trust_until,
    ),
    Rule(
        Reason.RUNDOWN_ENDED,
        _ITEMS,
        ends=True,
        text="the rundown does not count until the item's end",
        forbids=lambda q: max(q.now, q.end) > q.conditions.rundown_until,
    ),
    Rule(
        Reason.STOPPED,
        _ALL,
        ends=True,
        text="a stop holds for any part of it; an order: a stop of its own or a higher area was "
        "issued after it",
        forbids=_stopped,
    ),
    Rule(
        Reason.QUIET_HOURS,
        _BOUND,
        ends=False,
        text="any part of it touches quiet hours",
        forbids=_quiet,
    ),
    Rule(
        Reason.SESSION_LIMIT,
        _ITEMS,
        ends=False,
        text="it is longer than one item may be",
        forbids=_too_long,
    ),
    Rule(
        Reason.DAY_LIMIT,
        _ITEMS,
        ends=False,
        text="with it the day's sound would be longer than it may be",
        forbids=_day_full,
    ),
    Rule(
        Reason.LEDGER_NOT_WRITABLE,
        _BOUND,
        ends=False,
        text="its start cannot be remembered over a power cut",
        forbids=lambda q: not q.conditions.ledger_writable,
    ),
    Rule(
        Reason.RECORDING_MISSING,
        _ALL,
        ends=False,
        text="its recording is not complete here",
        forbids=lambda q: q.airing.rendition not in q.conditions.held,
    ),
)


def forbidden(question: Question, *, running: bool) -> Reason | None:
    """Return why it may not sound, or None. `running`: only what also ends a running one."""
    for rule in RULES:
        bound = question.airing.kind in rule.binds and (rule.ends or not running)
        if bound and rule.forbids(question):
            return rule.reason
    return None


def quiet_from(airing: Airing, conditions: Conditions, now: int, end: int) -> int | None:
    """Return the first quiet instant from `now` on before `end` for an airing, or None."""
    if airing.kind is Kind.ORDER or conditions.policy is None:
        return None
    return quiet_boundary(conditions.policy, now, end, conditions.zone)


def local_day(instant: int, zone: tzinfo) -> date:
    """Return the date on which an instant falls in `zone`."""
    return to_datetime(instant).astimezone(zone).date()


def end_of(start: int, airing: Airing) -> int:
    """Return where one sounding of the airing from `start` ends."""
    return start + airing.duration_ms * MS


def rule_rows() -> list[tuple[str, str, str, str, str]]:
    """Return rows for the documents: reason, items, tests, emergency orders, what it means."""
    return [
        (
            rule.reason.value,
            _word(rule, Kind.ITEM),
            _word(rule, Kind.TEST),
            _word(rule, Kind.ORDER),
            rule.text,
        )
        for rule in RULES
    ]


def _word(rule: Rule, kind: Kind) -> str:
    if kind not in rule.binds:
        return "passes"
    return "refused, and ended" if rule.ends else "refused"
