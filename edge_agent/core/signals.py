"""What the rules and the timeline say about each airing at one instant."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from edge_agent.core.airing import MS, SECOND, Airing, Kind, Reason
from edge_agent.core.on_air_table import Signal, State
from edge_agent.core.rules import Conditions, Question, end_of, forbidden, local_day, quiet_from
from edge_agent.core.run import LEAST_REST_US, MOST_JOINS, Run
from edge_agent.wire.precedence import Layer

HELD_GAP_US: Final = 30 * SECOND
"""A gap between repeats of an emergency up to this long stays silent; longer ones do not."""
QUIET_MARGIN_US: Final = 700 * MS
"""Fading begins this much before quiet hours: the fade, and what the card still holds."""

Reading = tuple[Signal | None, Reason]
_NOTHING: Final[Reading] = (None, Reason.NONE)


@dataclass(frozen=True, slots=True)
class Leads:
    """How long before its first frame a voice is handed over, in milliseconds.

    ahead: an item, before its start. cold: something that sounds at once, with amplifier and
    card off. warm: the same while something sounds already.
    """

    ahead: int = 4000
    cold: int = 500
    warm: int = 150


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that signals are read off.

    sounding: airings with a voice in the engine. aired: start and sounded milliseconds of
    items that are over.
    """

    now: int | None
    conditions: Conditions
    leads: Leads
    runs: tuple[Run, ...]
    sounding: frozenset[UUID]
    aired: tuple[tuple[int, int], ...]

    def top(self) -> Run | None:
        """The emergency that has something to say now; it covers everything else."""
        claims = [
            run
            for run in self.runs
            if run.airing.layer >= Layer.EMERGENCY_STORED and self._claims(run)
        ]
        return max(claims, key=lambda run: run.key, default=None)

    def signal(self, run: Run, top: Run | None) -> Reading:
        """What there is to tell this airing, and the reason for it or for its waiting."""
        if run.state is State.CLOSING:
            return (None if run.airing.id in self.sounding else Signal.SILENT), Reason.NONE
        if run.ended_by:
            return Signal.FORBIDDEN, run.ended_by
        if run.state is not State.WAITING:
            ended = self._ended(run)
            if ended:
                return Signal.FORBIDDEN, ended
        covered = top is not None and top is not run
        if run.active:
            return (Signal.COVERED if covered else None), Reason.NONE
        if self.now is None:
            return self._without_time(run)
        if run.state is State.HIDDEN:
            return self._hidden(run, self.now, covered=covered)
        if run.state is State.GAP:
            return self._gap(run, self.now, covered=covered)
        return self._waiting(run, self.now, covered=covered)

    def _without_time(self, run: Run) -> Reading:
        """Stops hold even before the time is known."""
        if run.airing.kind is Kind.ORDER:
            ended = forbidden(self._question(run.airing, 0, 0, 0), running=True)
            if ended:
                return Signal.FORBIDDEN, ended
        return None, Reason.CLOCK_NOT_TRUSTED

    def _ended(self, run: Run) -> Reason:
        """Why something begun may not go on."""
        now, airing = self.now or 0, run.airing
        start = run.repeat_start()
        ended = forbidden(self._question(airing, start, end_of(start, airing), now), running=True)
        if ended:
            return ended
        if self.now is None:
            return Reason.NONE
        quiet = quiet_from(airing, self.conditions, max(now, start), end_of(start, airing))
        if quiet is not None and now >= quiet - QUIET_MARGIN_US:
            return Reason.QUIET_HOURS
        return Reason.NONE

    def _hidden(self, run: Run, now: int, *, covered: bool) -> Reading:
        if run.airing.kind is Kind.ORDER and run.heard >= run.airing.repeats:
            return Signal.EXHAUSTED, Reason.NONE
        spent = run.airing.kind is Kind.ITEM and run.joins > MOST_JOINS
        if spent or run.repeat_end() - now < self._least_rest():
            return Signal.PASSED, Reason.NONE
        if covered or now < run.retry_at or not self._reached(run, now):
            return _NOTHING
        if run.airing.rendition not in self.conditions.held:
            return None, Reason.RECORDING_MISSING
        return Signal.CLEAR, Reason.NONE

    def _gap(self, run: Run, now: int, *, covered: bool) -> Reading:
        if run.exhausted(now):
            return Signal.EXHAUSTED, Reason.NONE
        if covered or run.next_start(now) - self._ahead() > now or now < run.retry_at:
            return _NOTHING
        if run.airing.rendition not in self.conditions.held:
            return None, Reason.RECORDING_MISSING
        return Signal.CLEAR, Reason.NONE

    def _waiting(self, run: Run, now: int, *, covered: bool) -> Reading:
        airing = run.airing
        start = run.begin if run.begin is not None else now + self._lead()
        if now < start - max(self._ahead(), self._lead()):
            return _NOTHING
        refused = forbidden(
            self._question(airing, start, end_of(start, airing), now), running=False
        )
        if airing.kind is Kind.TEST and not refused and (covered or self._busy(run, start)):
            refused = Reason.BUSY
        if refused and airing.kind is Kind.TEST:
            return Signal.FORBIDDEN, refused
        if self._too_late(run, now):
            return Signal.LATE, refused or run.blocked
        if refused:
            due = now >= start or airing.kind is Kind.ORDER
            return None, refused if due else Reason.NONE
        if covered:
            return (Signal.COVERED if now >= start else None), Reason.NONE
        return Signal.CLEAR, Reason.NONE

    def _too_late(self, run: Run, now: int) -> bool:
        airing = run.airing
        if airing.kind is not Kind.ITEM:
            return now >= airing.latest
        rest = airing.end - now < min(self._least_rest(), airing.duration_ms * MS)
        return now > airing.planned and (now > airing.latest or rest)

    def _claims(self, run: Run) -> bool:
        """Whether an emergency has something to say now, or a short gap of its own to keep."""
        now, airing = self.now, run.airing
        if run.ended_by or run.state is State.CLOSING:
            return False
        if run.active or now is None:
            return run.active
        if airing.rendition not in self.conditions.held:
            return False
        if run.state is State.WAITING:
            question = self._question(airing, now, end_of(now, airing), now)
            return now < airing.latest and forbidden(question, running=False) is None
        if now < run.retry_at:
            return False
        if run.state is State.HIDDEN:
            inside = run.repeat_end() - now >= self._least_rest()
            return inside and run.heard < airing.repeats
        return not run.exhausted(now) and run.next_start(now) - now <= HELD_GAP_US

    def _busy(self, run: Run, start: int) -> bool:
        """Whether something else sounds, or is about to, where a test chime would."""
        end = end_of(start, run.airing) + self._ahead()
        return any(
            other.state not in (State.WAITING, State.CLOSING)
            or (other.begin is not None and other.begin < end and other.airing.end > start)
            for other in self.runs
            if other is not run
        )

    def _question(self, airing: Airing, start: int, end: int, now: int) -> Question:
        return Question(airing, start, end, now, self._day_ms(airing), self.conditions)

    def _day_ms(self, airing: Airing) -> int:
        """What sounded, or is sounding, on the local day of an item, without the item itself."""
        if airing.kind is not Kind.ITEM or self.conditions.policy is None:
            return 0
        if self.conditions.policy.max_day_ms is None:
            return 0
        zone = self.conditions.zone
        day = local_day(airing.planned, zone)
        over = sum(ms for start, ms in self.aired if local_day(start, zone) == day)
        running = sum(
            run.airing.duration_ms
            for run in self.runs
            if run.airing.kind is Kind.ITEM
            and run.airing.id != airing.id
            and run.state is not State.WAITING
            and local_day(run.airing.planned, zone) == day
        )
        return over + running

    def _reached(self, run: Run, now: int) -> bool:
        """Whether the timeline is past the furthest place that has sounded."""
        return now + self._lead() >= run.repeat_start() + run.position_ms * MS or (
            run.airing.kind is Kind.ORDER
        )

    def _ahead(self) -> int:
        return self.leads.ahead * MS

    def _lead(self) -> int:
        return (self.leads.warm if self.sounding else self.leads.cold) * MS

    def _least_rest(self) -> int:
        return LEAST_REST_US + self._lead()
