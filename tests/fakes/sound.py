"""Fakes of the sound path, in simulated time: a card with its own clock, a sound, an amplifier."""

from dataclasses import dataclass, field
from random import Random

import numpy as np
from numpy.typing import NDArray

from edge_agent.services.play_events import PlayEvent
from edge_agent.services.play_out import PlayOut, PlaySettings
from edge_agent.services.sound_ports import NS, RATE, CardReading, SoundError, SoundFault

SAW = 16_384
"""FakeSound's samples count 1 … SAW and again, so a sample tells its frame."""


class SimulatedClock:
    """A monotonic clock that a test moves."""

    def __init__(self, now_ns: int = 1_000 * NS) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns


@dataclass(slots=True)
class Session:
    """What a card played between open and close."""

    begun_ns: int
    pcm: bytearray = field(default_factory=bytearray)
    owners: list[tuple[int, str | None]] = field(default_factory=list)
    played: int = 0


class FakeCard:
    """A card whose crystal, latency and noise are set by the test; late frames are lost."""

    def __init__(
        self,
        clock: SimulatedClock,
        *,
        ppm: float = 0.0,
        latency_ms: float = 0.0,
        noise_ns: int = 0,
        buffer_ms: int = 120,
        seed: int = 1,
    ) -> None:
        self._clock = clock
        self._frame_ns = NS / RATE * (1 + ppm / 1e6)
        self._latency_ns = latency_ms * 1e6
        self.noise_ns = noise_ns
        self._buffer = RATE * buffer_ms // 1000
        self._random = Random(seed)
        self._written = 0
        self.sessions: list[Session] = []
        self.is_open = False
        self.broken = False
        self.deaf = False
        """A deaf card takes no frames and says nothing."""

    def instant_of(self, frame: float, session: int = -1) -> float:
        """True instant at which a frame of a session leaves the loudspeaker."""
        return self.sessions[session].begun_ns + self._latency_ns + frame * self._frame_ns

    def heard(self, session: int = -1) -> NDArray[np.int16]:
        """Samples of a session that have left the loudspeaker, by frame."""
        if self.is_open:
            self._remember()
        played = self.sessions[session]
        return np.frombuffer(bytes(played.pcm[: played.played * 2]), dtype=np.int16)

    def sample_at(self, frame: int, session: int = -1) -> int:
        """One of them; it must have left."""
        if self.is_open:
            self._remember()
        played = self.sessions[session]
        assert 0 <= frame < played.played
        return int.from_bytes(played.pcm[2 * frame : 2 * frame + 2], "little", signed=True)

    def open(self) -> None:
        assert not self.is_open
        if self.broken:
            raise SoundError(SoundFault.CARD_UNAVAILABLE, "broken")
        self.sessions.append(Session(self._clock()))
        self._written = 0
        self.is_open = True

    def writable(self) -> int:
        self._check()
        if self.deaf:
            return 0
        gone = (self._clock() - self.sessions[-1].begun_ns) / self._frame_ns
        return max(0, int(gone) + self._buffer - self._written)

    def write(self, pcm: bytes) -> None:
        self._check()
        session = self.sessions[-1]
        frames = len(pcm) // 2
        late = max(0, min(frames, self._sounded() - self._written))
        session.pcm += bytes(late * 2) + pcm[late * 2 :]
        self._written += frames

    def reading(self) -> CardReading | None:
        self._check()
        if self.deaf:
            return None
        noise = self._random.gauss(0, self.noise_ns / 4) if self.noise_ns else 0
        return CardReading(self._written, -int(-(self.instant_of(self._written) + noise) // 1))

    def mark(self, voice_id: str | None) -> None:
        self.sessions[-1].owners.append((self._written, voice_id))

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            self._remember()

    def break_down(self) -> None:
        """Lose the card at this instant."""
        self._remember()
        self.broken = True

    def _check(self) -> None:
        assert self.is_open
        if self.broken:
            raise SoundError(SoundFault.CARD_LOST, "broken")

    def _sounded(self) -> int:
        """Frames whose instant has passed, written or not."""
        elapsed = self._clock() - self.sessions[-1].begun_ns - self._latency_ns
        return max(0, int(elapsed // self._frame_ns) + (elapsed % self._frame_ns > 0))

    def _remember(self) -> None:
        if self.sessions and not self.broken:
            self.sessions[-1].played = min(self._written, self._sounded())


PLATEAU = 10_000
"""What a FakeSound without a saw rises to and falls from, in 20 ms each."""


class FakeSound:
    """A saw, in which each sample tells its frame, or a plateau, in which every jump is a click."""

    def __init__(self, length: int, *, saw: bool = True) -> None:
        self._length = length
        self._saw = saw
        self.length = length
        self._at = 0
        self.gains: list[float] = []
        self.closed = False

    def seek(self, position: int) -> None:
        assert not self.closed
        self._at = position

    def read(self, frames: int) -> bytes:
        assert not self.closed
        end = max(self._at, min(self._at + frames, self._length))
        frames_read = np.arange(self._at, end)
        edge = np.minimum(frames_read + 1, self._length - frames_read) / 960
        block = frames_read % SAW + 1 if self._saw else PLATEAU * np.minimum(1, edge)
        self._at = end
        return block.astype(np.int16).tobytes()

    def set_gain(self, gain_db: float) -> None:
        self.gains.append(gain_db)

    def close(self) -> None:
        self.closed = True


class FakeAmplifier:
    """Writes down when it was switched."""

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self.switched: list[tuple[int, bool]] = []
        self.broken = False

    def switch(self, *, on: bool) -> None:
        if self.broken:
            raise OSError("no such pin")
        self.switched.append((self._clock(), on))


class PlayBench:
    """A play-out that runs in simulated time, as fast as the machine can."""

    def __init__(self, card: FakeCard, clock: SimulatedClock, *, saw: bool = True) -> None:
        self._saw = saw
        self.clock = clock
        self.card = card
        self.amplifier = FakeAmplifier(clock)
        self.events: list[PlayEvent] = []
        self.sounds: list[FakeSound] = []
        self.out = PlayOut(
            card,
            self.open_sound,
            self.amplifier,
            clock,
            self.events.append,
            PlaySettings(),
        )

    def open_sound(self, source: str | bytes, gain_db: float) -> FakeSound:
        """`source` is a number of frames, or what is wrong with the recording."""
        text = source if isinstance(source, str) else source.decode()
        if not text.isdigit():
            raise SoundError(SoundFault(text), "asked for")
        self.sounds.append(FakeSound(int(text), saw=self._saw))
        return self.sounds[-1]

    def run_until(self, instant_ns: int, late_ns: int = 50_000) -> None:
        """Let the engine work until an instant; it wakes `late_ns` later than it asked."""
        while self.clock.now_ns < instant_ns:
            wait_s = self.out.turn()
            wake = instant_ns
            if wait_s is not None:
                wake = min(wake, self.clock.now_ns + round(wait_s * NS) + late_ns)
            self.clock.now_ns = wake

    def run_for(self, seconds: float) -> None:
        """Let the engine work for some time."""
        self.run_until(self.clock.now_ns + round(seconds * NS))

    def stall_for(self, seconds: float) -> None:
        """Time passes and the engine does not wake."""
        self.clock.now_ns += round(seconds * NS)
