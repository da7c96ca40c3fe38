"""The deck: an open sound card, its clock, and the voices that are on it or wait for it.

Everything is placed by the card's own clock: the frame to be written next will sound at an instant
that the clock names, so it holds what the voice's timeline has at that instant. A voice is placed
once, to a fraction of a frame, and then kept in step by playing imperceptibly faster or slower.
"""

import math
from collections.abc import Callable, Iterable

from edge_agent.core.drift import CardClock, playing_ratio
from edge_agent.services.play_events import Ending, PlayEvent
from edge_agent.services.sound_ports import (
    NS,
    RATE,
    SAMPLE_BYTES,
    SoundCard,
    SoundError,
    SoundFault,
)
from edge_agent.services.tally import Tally
from edge_agent.services.voice_track import FADE_FRAMES, VoiceTrack

_MS = 1_000_000
_BLOCK = RATE * 40 // 1000
_SILENCE = bytes(_BLOCK * SAMPLE_BYTES)
_BLOCKS_PER_READING = 5
_UNSETTLED_NS = 50 * _MS  # what a card says right after its start is wrong
_LEARNING_NS = 2 * NS  # a reading with each block while the clock is being learnt
_FIRST_READINGS = 2
_HASTE_NS = 300 * _MS  # look often right after opening: somebody may wait for the first sound
_FAR_FRAMES = RATE * 30 // 1000  # beyond it slewing would take too long …
_FAR_BLOCKS = 3  # … if it is true, which one odd reading does not make it
_STALLED_NS = NS
_DRIFT_LEARNT_NS = 10 * NS


class Deck:
    """Feeds a card with what sounds. Used by one thread only; methods may raise SoundError."""

    def __init__(
        self,
        card: SoundCard,
        monotonic_ns: Callable[[], int],
        tell: Callable[[PlayEvent], None],
    ) -> None:
        """Closed, with no voices. `tell` gets every event."""
        self._card = card
        self._exact = card.noise_ns == 0
        self._now = monotonic_ns
        self._tell = tell
        self._clock = CardClock(RATE, card.noise_ns)
        self._drift_learnt = False
        self._epoch = self._frame = self._blocks = self._far = 0
        self._opened_ns = self._took_ns = 0
        self._marked: VoiceTrack | None = None
        self.tally = Tally()
        self.waiting: list[VoiceTrack] = []
        self.active: VoiceTrack | None = None
        self.is_open = False
        self.quiet_since_ns: int | None = None
        """Since when nothing has sounded after a voice; None before the first one."""

    @property
    def tracks(self) -> list[VoiceTrack]:
        """The voices that are not over."""
        return [*self.waiting, *([self.active] if self.active else [])]

    @property
    def busy(self) -> bool:
        """True while a voice is on or its last frames wait for their instant."""
        return self.active is not None or self.tally.waiting

    def open(self) -> None:
        """Start the card."""
        self._card.open()
        self.is_open = True
        self._new_clock()
        self._epoch = self._frame = self._blocks = 0
        self._marked = None
        self._opened_ns = self._took_ns = self._now()

    def close(self) -> None:
        """Let the card go; a voice that was on waits for the next one on its timeline."""
        if not self.is_open:
            return
        self.settle()
        self._drift_learnt |= self._took_ns - self._opened_ns > _DRIFT_LEARNT_NS
        self._card.close()
        self.is_open = False
        self.quiet_since_ns = None
        if self.active:
            self.waiting.append(self.active)
            self.active = None
        self._tell_all(self.tally.forget_unsounded())

    def stop(self, track: VoiceTrack, fade_frames: int) -> None:
        """Fade a voice out, or drop it before it begins."""
        if track is self.active:
            fade = max(FADE_FRAMES, fade_frames)
            track.end_at(self._frame + fade, fade, Ending.STOPPED)
        elif track in self.waiting:
            self.waiting.remove(track)
            self.finish(track, Ending.STOPPED)

    def finish(self, track: VoiceTrack, ending: Ending | SoundFault) -> None:
        """No more frames of this voice will come."""
        track.count.ending = ending
        track.sound.close()

    def feed(self) -> float:
        """Fill the card; seconds until it takes the next block."""
        room = self._card.writable()
        now = self._now()
        if room >= _BLOCK:
            self._took_ns = now
        elif now - self._took_ns > _STALLED_NS:
            raise SoundError(SoundFault.CARD_LOST, "it takes no more frames")
        self._read_clock(now - self._opened_ns)
        while room >= _BLOCK:
            self._write_block()
            room -= _BLOCK
        self.settle()
        if now - self._opened_ns < _HASTE_NS:
            return 0.01
        return (_BLOCK - room) / RATE + 0.001

    def settle(self, *, everything: bool = False) -> None:
        """Tell what has sounded by now, as far as the card is known to be alive."""
        sounded = 0.0
        if self.is_open and self._clock_known:
            alive_ns = min(self._now(), self._took_ns + _STALLED_NS // 5)
            sounded = self._frame if everything else self._clock.frame_at(alive_ns)
        waited = self.tally.waiting
        self._tell_all(self.tally.settle(self._clock, sounded))
        if waited and not self.busy:
            self.quiet_since_ns = self._now()

    def _tell_all(self, events: Iterable[PlayEvent]) -> None:
        for event in events:
            self._tell(event)

    # -- the card's clock

    def _new_clock(self) -> None:
        noise, drift = self._card.noise_ns, self._clock.drift
        self._clock = CardClock(RATE, noise, drift, learnt=self._drift_learnt)

    @property
    def _clock_known(self) -> bool:
        return self._clock.readings >= (1 if self._exact else _FIRST_READINGS)

    def _read_clock(self, age_ns: int) -> None:
        if age_ns < _UNSETTLED_NS and not self._exact:
            return
        if age_ns > _LEARNING_NS and self._blocks % _BLOCKS_PER_READING:
            return
        reading = self._card.reading()
        if reading is None:
            return
        if reading.epoch != self._epoch:
            self._epoch = reading.epoch
            self.settle(everything=True)  # a card that starts again has emptied its buffer
            self._new_clock()
        self._clock.observe(reading.frame, reading.at_ns)

    # -- writing

    def _write_block(self) -> None:
        """Write the next 40 ms: the voice that is on, the one that begins, silence between."""
        self._blocks += 1
        end = self._frame + _BLOCK
        if not self._clock_known:
            self._write(_SILENCE, None)
            return
        if self._clock.instant_of(self._frame) < self._now() - _STALLED_NS:
            raise SoundError(SoundFault.CARD_LOST, "it fell a second behind")
        while self._frame < end:
            following = self._plan(end)
            if self.active:
                self._write_voice(self.active, end - self._frame)
            else:
                until = min(end, following)
                self._write(_SILENCE[: (until - self._frame) * SAMPLE_BYTES], None)

    def _plan(self, end: int) -> int:
        """Begin the voice that is due, cut one for it; where silence ends if none is on."""
        starts = sorted(
            (round(self._clock.frame_at(track.voice.at_monotonic_ns)), number)
            for number, track in enumerate(self.waiting)
        )
        due = [self.waiting[number] for at, number in starts if at <= self._frame]
        if due and self.active is None:
            for track in due:
                self.waiting.remove(track)
            for track in due[:-1]:
                self.finish(track, Ending.REPLACED)
            self._begin(due[-1])
            return self._frame
        if not starts:
            return end
        first = starts[0][0]
        if self.active and first < end + FADE_FRAMES:
            cut = max(first, self._frame + FADE_FRAMES)
            self.active.end_at(cut, FADE_FRAMES, Ending.REPLACED)
        return max(first, self._frame)

    def _begin(self, track: VoiceTrack) -> None:
        position = track.position_at(self._clock.instant_of(self._frame))
        if self._exact:
            position = float(round(position))
        try:
            track.begin(position)
        except SoundError as error:
            self.finish(track, error.fault)
            return
        self._far = 0
        self.active = track

    def _write_voice(self, track: VoiceTrack, count: int) -> None:
        try:
            ratio = self._keep_in_step(track)
            count, heard = track.stretch(count, ratio)
            position = max(0, round(track.position))
            pcm = track.render(self._frame, count, ratio)
        except SoundError as error:
            self.active = None
            self.finish(track, error.fault)
            return
        if pcm:
            self._write(pcm, track, position, heard=heard)
        if len(pcm) < count * SAMPLE_BYTES:
            self.active = None
            self.finish(track, track.ending)

    def _keep_in_step(self, track: VoiceTrack) -> float:
        """How fast to play so that the voice stays on its timeline; jumps when it is far off."""
        ahead = track.position - track.position_at(self._clock.instant_of(self._frame))
        if self._exact and abs(ahead) < 1:
            return 1.0
        self._far = self._far + 1 if abs(ahead) > _FAR_FRAMES else 0
        if self._far >= _FAR_BLOCKS:
            self._far = 0
            track.jump(track.position - ahead)
            ahead = 0.0
        return playing_ratio(ahead, self._clock.drift, RATE)

    def _write(
        self, pcm: bytes, track: VoiceTrack | None, position: int = 0, *, heard: bool = True
    ) -> None:
        if track is not self._marked:
            self._card.mark(track.voice.id if track else None)
            self._marked = track
        frames = len(pcm) // SAMPLE_BYTES
        late = math.ceil(self._clock.frame_at(self._now())) - self._frame
        self._card.write(pcm)
        if track is not None and heard:
            lost = max(0, min(frames, late))
            self.tally.wrote(track.count, self._frame, frames, position, lost)
        self._frame += frames
