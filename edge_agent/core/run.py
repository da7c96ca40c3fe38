"""How far one airing has got, and what the on-air machine asks for."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from edge_agent.core.airing import MS, SECOND, Airing, Kind, Reason
from edge_agent.core.ledger import StartRecord
from edge_agent.core.on_air_table import Shape, State
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.reports import Outcome

TOLERANCE_MS: Final = 300
"""Sound within this of what was asked counts as whole."""
LEAST_REST_US: Final = SECOND
"""Nothing begins for the sake of less than a second."""
MOST_JOINS: Final = 2
"""How often an item begins in its middle: late, after a restart, after a fault."""


@dataclass(frozen=True, slots=True)
class StartVoice:
    """Have `airing` sound: `position_ms` of it leaves the loudspeaker at instant `at`.

    `record` must be durable before the first frame, unless it is an emergency.
    """

    voice: str
    airing: Airing
    at: int
    position_ms: int
    gain_db: float
    record: StartRecord


@dataclass(frozen=True, slots=True)
class StopVoice:
    """Fade a voice out now, or drop it before it begins."""

    voice: str
    fade_ms: int


@dataclass(frozen=True, slots=True)
class SetGain:
    """Change the loudness of a voice."""

    voice: str
    gain_db: float


@dataclass(frozen=True, slots=True)
class Remember:
    """Write a record into the ledger."""

    record: StartRecord


@dataclass(frozen=True, slots=True)
class Log:
    """Write a line into the play log, before any record that closes the airing."""

    outcome: Outcome
    item: UUID
    announcement: UUID | None
    message_class: MessageClass
    rendition: bytes
    planned: int
    began: int | None
    asked_ms: int
    sounded_ms: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Check:
    """A rendition will be needed soon: check its hash while it can still be fetched again."""

    rendition: bytes


Output = StartVoice | StopVoice | SetGain | Remember | Log | Check


@dataclass(slots=True)
class Run:
    """The progress of one airing.

    begin: where the timeline lies, None for an order or a test that never began.
    repeat: the repeat that sounds, or sounded last. voice: its voice in the engine.
    reason: why less sounds than was asked. blocked: what keeps it from beginning now.
    ended_by: what ended it for good. retry_at: not to begin again before this.
    """

    airing: Airing
    begin: int | None
    state: State = State.WAITING
    repeat: int = 0
    voice: str | None = None
    began: int | None = None
    joins: int = 0
    heard: int = 0
    position_ms: int = 0
    sounded_ms: int = 0
    reason: Reason = Reason.NONE
    blocked: Reason = Reason.NONE
    ended_by: Reason = Reason.NONE
    retry_at: int = 0
    checked: bool = False

    @property
    def shape(self) -> Shape:
        """Whether it repeats."""
        return Shape.REPEATED if self.airing.kind is Kind.ORDER else Shape.ONCE

    @property
    def active(self) -> bool:
        """True while a voice of it is handed over or heard."""
        return self.state in (State.ARMED, State.HEARD)

    @property
    def key(self) -> tuple[int, int, int]:
        """Sort key; see wire.precedence.heard_first."""
        return (self.airing.layer, -self.airing.level, -self.airing.planned)

    def repeat_start(self) -> int:
        """Instant at which the present repeat starts; `begin` must be known."""
        return (self.begin or 0) + self.repeat * self.airing.period

    def repeat_end(self) -> int:
        """Instant at which the present repeat ends."""
        return self.repeat_start() + self.airing.duration_ms * MS

    def next_repeat(self, now: int) -> int:
        """Number of the next repeat that has not started yet."""
        passed = -(-(now - (self.begin or 0)) // self.airing.period)
        return max(self.repeat + 1, passed)

    def next_start(self, now: int) -> int:
        """Instant at which the next repeat starts."""
        return (self.begin or 0) + self.next_repeat(now) * self.airing.period

    def exhausted(self, now: int) -> bool:
        """True when enough repeats were heard whole, or the next would be past the expiry."""
        return self.heard >= self.airing.repeats or self.next_start(now) >= self.airing.latest

    def record(self) -> StartRecord:
        """Return what the ledger is to remember."""
        airing = self.airing
        return StartRecord(
            id=airing.id,
            kind=airing.kind,
            message_class=airing.message_class,
            announcement=airing.announcement,
            rendition=airing.rendition,
            planned=airing.planned,
            begin=airing.planned if self.begin is None else self.begin,
            began=self.began,
            duration_ms=airing.duration_ms,
            repeats=airing.repeats,
            heard=self.heard,
            position_ms=self.position_ms,
            sounded_ms=self.sounded_ms,
            joins=min(self.joins, 255),
            over=self.state is State.OVER,
        )

    def log(self, outcome: Outcome) -> Log:
        """Return a line of the play log."""
        airing = self.airing
        return Log(
            outcome=outcome,
            item=airing.id,
            announcement=airing.announcement,
            message_class=airing.message_class,
            rendition=airing.rendition,
            planned=airing.planned,
            began=self.began,
            asked_ms=airing.asked_ms,
            sounded_ms=self.sounded_ms,
            reason=Reason.NONE if outcome is Outcome.STARTED else self._last_reason(),
        )

    def outcome(self) -> Outcome:
        """Return how it went, once it is over."""
        if self.began is None and self.sounded_ms <= 0:
            return Outcome.MISSED
        return Outcome.SOUNDED if self._whole() else Outcome.CUT

    def _whole(self) -> bool:
        if self.shape is Shape.REPEATED:
            expired = self.heard > 0 and self.ended_by is Reason.NONE
            return self.heard >= self.airing.repeats or expired
        return self.sounded_ms >= self.airing.duration_ms - TOLERANCE_MS

    def _last_reason(self) -> Reason:
        if self.shape is Shape.REPEATED:
            done = self.heard >= self.airing.repeats
            default = Reason.EXPIRED
        else:
            done = self._whole()
            default = Reason.SHORT if self.sounded_ms > 0 else Reason.LATE
        if done:
            return Reason.NONE
        return self.ended_by or self.reason or self.blocked or default


def run_of(airing: Airing) -> Run:
    """Return the run of an airing that is new to this terminal."""
    return Run(airing, airing.planned if airing.kind is Kind.ITEM else None)


def resumed(airing: Airing, record: StartRecord) -> Run:
    """Return the run of an airing that had begun before the program was restarted."""
    run = Run(
        airing,
        begin=record.begin,
        state=State.HIDDEN,
        began=record.began,
        joins=record.joins + 1,
        heard=record.heard,
        position_ms=record.position_ms if airing.kind is not Kind.ORDER else 0,
        sounded_ms=record.sounded_ms,
        reason=Reason.RESTARTED,
    )
    same = (airing.rendition, airing.planned, airing.duration_ms) == (
        record.rendition,
        record.planned,
        record.duration_ms,
    )
    if not same or airing.kind is Kind.TEST:
        run.ended_by = Reason.WITHDRAWN
    return run


def forgotten(record: StartRecord) -> Run:
    """Return the closing run of a record whose airing nobody asks for any more."""
    airing = Airing(
        id=record.id,
        kind=record.kind,
        announcement=record.announcement,
        message_class=record.message_class,
        rendition=record.rendition,
        level=0,
        planned=record.planned,
        duration_ms=record.duration_ms,
        latest=record.planned,
        repeats=record.repeats,
    )
    run = resumed(airing, record)
    run.state = State.CLOSING
    run.ended_by = Reason.RESTARTED
    return run
