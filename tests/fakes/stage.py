"""A play-out engine in imagined time, and a ledger: what the on-air machine speaks to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from edge_agent.core.airing import MS, Airing, Reason
from edge_agent.core.ledger import StartRecord
from edge_agent.core.on_air import OnAir
from edge_agent.core.rules import Conditions
from edge_agent.core.run import Check, Log, Output, Remember, SetGain, StartVoice, StopVoice
from edge_agent.core.signals import Leads


@dataclass(slots=True)
class Sounding:
    """One voice: frame `position_ms` of its airing sounds at `at`."""

    start: StartVoice
    began: bool = False
    told: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """A span of true time in which an airing was heard, and where in it that was."""

    airing: Airing
    start: int
    end: int
    position_ms: int


@dataclass(slots=True)
class Stage:
    """Runs the machine through imagined time. `now` is the true time; `skew` the clock's error.

    A voice replaces the one that sounds at its instant, as the engine does.
    """

    now: int
    conditions: Conditions
    leads: Leads = field(default_factory=Leads)
    machine: OnAir = field(init=False)
    heard: list[Heard] = field(default_factory=list)
    log: list[Log] = field(default_factory=list)
    ledger: dict[object, StartRecord] = field(default_factory=dict)
    checked: list[bytes] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)
    knows_time: bool = True
    skew: int = 0
    _voices: dict[str, Sounding] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.boot()

    @property
    def clock(self) -> int | None:
        """What the terminal takes for the time."""
        return self.now + self.skew if self.knows_time else None

    def boot(self) -> None:
        """Start the program (again), with nothing but the ledger."""
        self._voices.clear()
        self.machine = OnAir(self.leads)
        self.machine.remember(self.ledger.values())
        self.do(self.machine.set_conditions(self.conditions, self.clock))

    def crash(self) -> None:
        """End without a word: what sounds falls silent."""
        for voice in list(self._voices.values()):
            if voice.began:
                self._note(voice, self.now)
        self._voices.clear()

    def change(self, conditions: Conditions) -> None:
        """Let other conditions hold."""
        self.conditions = conditions
        self.do(self.machine.set_conditions(conditions, self.clock))

    def do(self, outputs: Iterable[Output]) -> None:
        """Carry out what the machine asks for."""
        for output in outputs:
            match output:
                case StartVoice():
                    self.ledger[output.record.id] = output.record
                    self.gains.append(output.gain_db)
                    self._voices[output.voice] = Sounding(output)
                case StopVoice():
                    self._end(output.voice, self.now, finished=False)
                case Remember():
                    self.ledger[output.record.id] = output.record
                case Log():
                    self.log.append(output)
                case SetGain():
                    self.gains.append(output.gain_db)
                case Check():
                    self.checked.append(output.rendition)

    def run_until(self, end: int) -> None:
        """Let time pass, event by event."""
        while True:
            moment, act = self._next(end)
            self.now = max(self.now, moment)
            if act is None:
                return
            act()

    def fail(self, reason: Reason) -> None:
        """What sounds, fails."""
        for name in [n for n, voice in self._voices.items() if voice.began]:
            voice = self._voices.pop(name)
            sounded, position = self._note(voice, self.now)
            self.do(self.machine.voice_failed(name, sounded, position, reason, self.clock))

    def _next(self, end: int) -> tuple[int, Callable[[], None] | None]:
        choices: list[tuple[int, Callable[[], None] | None]] = [(end, None)]
        for name, voice in self._voices.items():
            if voice.began:
                choices.append((self._finish(voice), partial(self._end_naturally, name)))
                choices.append((voice.told + 1_000_000, partial(self._move, name)))
            else:
                at = max(self.now, voice.start.at - self.skew)
                choices.append((at, partial(self._begin, name)))
        clock = self.clock
        wake = None if clock is None else self.machine.wake_at(clock)
        if wake is not None:
            choices.append((wake - self.skew, self._tick))
        else:
            choices.append((self.now + 1_000_000, self._tick))
        return min(choices, key=lambda choice: (choice[0], choice[1] is None))

    def _tick(self) -> None:
        self.do(self.machine.tick(self.clock))

    def _finish(self, voice: Sounding) -> int:
        rest = voice.start.airing.duration_ms - voice.start.position_ms
        return voice.start.at - self.skew + max(0, rest) * MS

    def _begin(self, name: str) -> None:
        for other, sounding in list(self._voices.items()):
            if sounding.began and other != name:
                self._end(other, self.now, finished=False)
        voice = self._voices.get(name)
        if voice is None:
            return
        voice.began, voice.told = True, self.now
        self.do(self.machine.voice_began(name, self.clock, self.clock))

    def _move(self, name: str) -> None:
        voice = self._voices[name]
        voice.told = self.now
        sounded = max(0, self.now + self.skew - voice.start.at) // MS
        position = voice.start.position_ms + sounded
        self.do(self.machine.voice_moved(name, sounded, position, self.clock))

    def _end_naturally(self, name: str) -> None:
        self._end(name, self.now, finished=True)

    def _end(self, name: str, at: int, *, finished: bool) -> None:
        voice = self._voices.pop(name, None)
        if voice is None:
            return
        sounded, position = self._note(voice, at) if voice.began else (0, voice.start.position_ms)
        self.do(self.machine.voice_ended(name, sounded, position, self.clock, finished=finished))

    def _note(self, voice: Sounding, at: int) -> tuple[int, int]:
        start = voice.start.at - self.skew
        end = min(at, self._finish(voice))
        sounded = max(0, end - start) // MS
        if sounded:
            self.heard.append(Heard(voice.start.airing, start, end, voice.start.position_ms))
        return sounded, voice.start.position_ms + sounded
