"""What sounds now: the on-air state machine. Pure: time is told, outputs are returned.

Each airing (item, order, test) is in one state of `on_air_table`. Signals are told from outside
(a voice began, ended or failed; the local button) or read off the rules and the timeline
whenever the machine settles. The highest airing that has something to say is heard; lower ones
run on silently and go on where their timeline is. Nothing is shifted and nothing is paused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from edge_agent.core.airing import MS, SECOND, Airing, Kind, Reason
from edge_agent.core.ledger import StartRecord
from edge_agent.core.on_air_table import TABLE, Act, Signal, State
from edge_agent.core.rules import Conditions, quiet_from
from edge_agent.core.run import (
    LEAST_REST_US,
    TOLERANCE_MS,
    Check,
    Output,
    Remember,
    Run,
    SetGain,
    StartVoice,
    StopVoice,
    forgotten,
    resumed,
    run_of,
)
from edge_agent.core.signals import QUIET_MARGIN_US, Leads, Situation
from edge_agent.wire.policy import gain_db
from edge_agent.wire.precedence import Layer
from edge_agent.wire.reports import Outcome

CHECK_AHEAD_US: Final = 120 * SECOND
CHECKPOINT_MS: Final = 10_000
FADE_MS: Final = 300
FADE_ASIDE_MS: Final = 40
"""A lower layer gives way quickly."""
RETRY_US: Final = SECOND
_PASSES: Final = 8
_NEVER: Final = 2**63
_MOST_CLOSED: Final = 4096


@dataclass(slots=True)
class _Voice:
    run: Run
    position_ms: int
    gain_db: float
    sounded_ms: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """What the loudspeaker says now."""

    item: UUID
    layer: Layer
    position_ms: int


class OnAir:
    """Decides what sounds. `now` is UTC microseconds, None while the clock says nothing."""

    def __init__(self, leads: Leads | None = None) -> None:
        self._leads = leads or Leads()
        self._conditions = Conditions()
        self._runs: dict[UUID, Run] = {}
        self._voices: dict[str, _Voice] = {}
        self._records: dict[UUID, StartRecord] = {}
        self._over: dict[UUID, int] = {}
        self._aired: list[tuple[int, int]] = []
        self._number = 0
        self._leaving = False

    # -- what is told

    def remember(self, records: Iterable[StartRecord]) -> None:
        """Take what the ledger says, before anything else."""
        for record in records:
            if not record.over:
                self._records[record.id] = record
                continue
            self._close_for_good(record)

    def set_conditions(self, conditions: Conditions, now: int | None) -> list[Output]:
        """Take new rules, clock state, recordings or volume."""
        self._conditions = conditions
        changed: list[Output] = []
        for name, voice in self._voices.items():
            gain = self._gain(voice.run.airing)
            if gain != voice.gain_db:
                voice.gain_db = gain
                changed.append(SetGain(name, gain))
        return changed + self._settle(now)

    def set_items(self, items: Iterable[Airing], now: int | None) -> list[Output]:
        """Take the items of a new rundown in place of those of the one before."""
        wanted = {item.id: item for item in items}
        for run in list(self._runs.values()):
            if run.airing.kind is not Kind.ITEM or run.state is State.CLOSING:
                continue
            item = wanted.pop(run.airing.id, None)
            if run.state is State.WAITING:
                if item is None:
                    del self._runs[run.airing.id]
                elif item != run.airing:
                    self._runs[item.id] = run_of(item)
            elif item is None or not item.sounds_like(run.airing):
                run.ended_by = Reason.WITHDRAWN
        for item in wanted.values():
            self._add(item)
        return self._settle(now)

    def add(self, airing: Airing, now: int | None) -> list[Output]:
        """Take an order or a test; one that is known changes nothing."""
        self._add(airing)
        return self._settle(now)

    def settle_past(self, now: int | None) -> list[Output]:
        """Close what had begun before a restart and that nobody asks for any more."""
        for record in self._records.values():
            self._runs[record.id] = forgotten(record)
        self._records.clear()
        return self._settle(now)

    def cancel(self, order: UUID, now: int | None) -> list[Output]:
        """End an order."""
        run = self._runs.get(order)
        if run is not None:
            run.ended_by = run.ended_by or Reason.CANCELLED
        return self._settle(now)

    def button(self, now: int | None) -> list[Output]:
        """The local button: cut what is heard; an emergency's next repeat sounds."""
        outputs: list[Output] = []
        for run in list(self._runs.values()):
            if run.state is State.HEARD:
                run.reason = Reason.LOCAL_STOP
                outputs += self._step(run, Signal.BUTTON, now)
        return outputs + self._settle(now)

    def leave(self) -> list[Output]:
        """The program ends: fade out, and leave the ledger so that a restart goes on."""
        self._leaving = True
        return [StopVoice(name, FADE_MS) for name in self._voices]

    def voice_began(self, name: str, at: int | None, now: int | None) -> list[Output]:
        """The first frame of a voice left the loudspeaker at `at`."""
        voice = self._voices.get(name)
        if voice is None or voice.run.voice != name:
            return []
        first = voice.run.began is None
        voice.run.began = voice.run.began if not first else at
        outputs = self._step(voice.run, Signal.BEGAN, now, logged=not first)
        return [*outputs, Remember(voice.run.record()), *self._settle(now)]

    def voice_moved(
        self, name: str, sounded_ms: int, position_ms: int, now: int | None
    ) -> list[Output]:
        """A voice has sounded this much so far and reached `position_ms`."""
        voice = self._voices.get(name)
        if voice is None:
            return []
        run = voice.run
        run.sounded_ms += sounded_ms - voice.sounded_ms
        voice.sounded_ms = sounded_ms
        outputs: list[Output] = []
        if position_ms >= run.position_ms + CHECKPOINT_MS:
            run.position_ms = position_ms
            outputs.append(Remember(run.record()))
        return outputs + self._settle(now)

    def voice_ended(
        self, name: str, sounded_ms: int, position_ms: int, now: int | None, *, finished: bool
    ) -> list[Output]:
        """A voice is over; `finished`: it came to its own end."""
        voice = self._close(name, sounded_ms, position_ms)
        if voice is None:
            return []
        run = voice.run
        asked = run.airing.duration_ms - TOLERANCE_MS
        if finished and not voice.position_ms and sounded_ms >= asked:
            run.heard += 1
        return self._after(run, name, Signal.ENDED, now)

    def voice_failed(
        self, name: str, sounded_ms: int, position_ms: int, reason: Reason, now: int | None
    ) -> list[Output]:
        """A voice is over because of a fault."""
        voice = self._close(name, sounded_ms, position_ms)
        if voice is None:
            return []
        run = voice.run
        run.reason = reason
        if run.voice == name:
            run.joins += 1
            run.retry_at = 0 if now is None else now + RETRY_US
        return self._after(run, name, Signal.FAILED, now)

    def tick(self, now: int | None) -> list[Output]:
        """Time has passed."""
        return self._settle(now)

    # -- what is asked

    @property
    def heard(self) -> Heard | None:
        """What is heard now."""
        for run in self._runs.values():
            voice = self._voices.get(run.voice or "")
            if run.state is State.HEARD and voice is not None:
                at = voice.position_ms + voice.sounded_ms
                return Heard(run.airing.id, run.airing.layer, at)
        return None

    def _situation(self, now: int | None) -> Situation:
        return Situation(
            now=now,
            conditions=self._conditions,
            leads=self._leads,
            runs=tuple(self._runs.values()),
            sounding=frozenset(voice.run.airing.id for voice in self._voices.values()),
            aired=tuple(self._aired),
        )

    @property
    def renditions(self) -> set[bytes]:
        """Renditions of all that may still sound."""
        return {run.airing.rendition for run in self._runs.values()}

    @property
    def orders(self) -> list[Airing]:
        """Orders that may still sound."""
        return [r.airing for r in self._runs.values() if r.airing.kind is Kind.ORDER]

    def wake_at(self, now: int) -> int | None:
        """Instant at which `tick` is due, if nothing else happens."""
        return min((self._due(run, now) for run in self._runs.values()), default=None)

    def _due(self, run: Run, now: int) -> int:
        instants = [now + SECOND]
        if run.state is State.WAITING and run.begin is not None:
            ahead = run.begin - self._leads.ahead * MS
            if now < ahead:
                check = run.begin - CHECK_AHEAD_US
                return ahead if run.checked or now >= check else check
            instants += [run.airing.latest + 1, run.begin]
        elif run.state is State.GAP:
            instants.append(run.next_start(now) - self._leads.ahead * MS)
        elif run.state in (State.ARMED, State.HEARD, State.HIDDEN):
            quiet = quiet_from(
                run.airing, self._conditions, max(now, run.repeat_start()), run.repeat_end()
            )
            if quiet is not None:
                instants.append(quiet - QUIET_MARGIN_US)
            if run.state is State.HIDDEN:
                instants.append(run.repeat_end() - LEAST_REST_US)
        return min((instant for instant in instants if instant > now), default=now + SECOND)

    # -- settling

    def _add(self, airing: Airing) -> None:
        if airing.id in self._runs or airing.planned <= self._over.get(airing.id, -1):
            return
        record = self._records.pop(airing.id, None)
        run = run_of(airing) if record is None else resumed(airing, record)
        self._runs[airing.id] = run

    def _settle(self, now: int | None) -> list[Output]:
        """Apply signals until none is left."""
        outputs: list[Output] = []
        if self._leaving:
            return outputs
        for _ in range(_PASSES):
            top = self._situation(now).top()
            changed = False
            for run in sorted(self._runs.values(), key=lambda run: run is top):
                signal, reason = self._situation(now).signal(run, top)
                state = run.state
                outputs += self._take(run, signal, reason, now)
                changed = changed or run.state is not state
            if not changed:
                break
        return outputs + self._checks(now)

    def _take(
        self, run: Run, signal: Signal | None, reason: Reason, now: int | None
    ) -> list[Output]:
        if signal is Signal.FORBIDDEN:
            run.ended_by = run.ended_by or reason
        elif reason:
            run.blocked = reason
        return [] if signal is None else self._step(run, signal, now)

    def _step(
        self, run: Run, signal: Signal, now: int | None, *, logged: bool = False
    ) -> list[Output]:
        step = TABLE[run.shape].get((run.state, signal))
        if step is None:
            return []
        outputs: list[Output] = []
        if Act.START in step.acts and now is not None:
            outputs += self._start(run, now)
        if signal is Signal.COVERED and step.state is State.HIDDEN:
            run.reason = Reason.PREEMPTED
        run.state = step.state
        if Act.STOP in step.acts and run.voice is not None:
            fade = FADE_ASIDE_MS if signal is Signal.COVERED else FADE_MS
            outputs.append(StopVoice(run.voice, fade))
            run.voice = None
        if Act.LOG_START in step.acts and not logged:
            outputs.append(run.log(Outcome.STARTED))
        if Act.LOG_END in step.acts:
            outputs += [run.log(run.outcome()), Remember(run.record())]
            self._forget(run)
        return outputs

    def _forget(self, run: Run) -> None:
        del self._runs[run.airing.id]
        self._close_for_good(run.record())

    def _close_for_good(self, record: StartRecord) -> None:
        """Never again; only an item that was missed and then moved to later may sound."""
        self._over.pop(record.id, None)
        missed = record.kind is Kind.ITEM and record.began is None and not record.sounded_ms
        self._over[record.id] = record.planned if missed else _NEVER
        while len(self._over) > _MOST_CLOSED:
            del self._over[next(iter(self._over))]
        if record.kind is Kind.ITEM:
            self._aired.append((record.planned, record.sounded_ms))
            del self._aired[:-_MOST_CLOSED]

    def _start(self, run: Run, now: int) -> list[Output]:
        lead = (self._leads.warm if self._voices else self._leads.cold) * MS
        if run.begin is None:
            run.begin = now + lead
        if run.state is State.GAP:
            run.repeat = run.next_repeat(now)
        start = run.repeat_start()
        at = start if start > now else now + lead
        position = max((at - start) // MS, run.position_ms if run.airing.kind is Kind.ITEM else 0)
        at = start + position * MS
        if position and run.state is State.WAITING:
            run.joins += 1
            run.reason = Reason.LATE
        self._number += 1
        name = f"{run.airing.id}/{self._number}"
        gain = self._gain(run.airing)
        run.voice, run.blocked = name, Reason.NONE
        self._voices[name] = _Voice(run, position, gain)
        return [StartVoice(name, run.airing, at, position, gain, run.record())]

    def _close(self, name: str, sounded_ms: int, position_ms: int) -> _Voice | None:
        voice = self._voices.pop(name, None)
        if voice is not None:
            voice.run.sounded_ms += sounded_ms - voice.sounded_ms
            voice.run.position_ms = max(voice.run.position_ms, position_ms)
        return voice

    def _after(self, run: Run, name: str, signal: Signal, now: int | None) -> list[Output]:
        outputs: list[Output] = []
        if run.voice == name:
            run.voice = None
            if not self._leaving:
                outputs += self._step(run, signal, now)
        if run.state is not State.OVER:
            outputs.append(Remember(run.record()))
        return outputs + self._settle(now)

    def _checks(self, now: int | None) -> list[Output]:
        outputs: list[Output] = []
        for run in self._runs.values():
            soon = run.begin is not None and now is not None and now >= run.begin - CHECK_AHEAD_US
            if run.state is State.WAITING and soon and not run.checked:
                run.checked = True
                outputs.append(Check(run.airing.rendition))
        return outputs

    def _gain(self, airing: Airing) -> float:
        """An emergency is as loud as the ceiling allows, whatever the terminal is set to."""
        policy = self._conditions.policy
        ceiling = 100 if policy is None else policy.max_volume
        own = self._conditions.volume if airing.volume is None else airing.volume
        return gain_db(ceiling if airing.kind is Kind.ORDER else own, ceiling)
