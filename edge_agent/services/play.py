"""The play-out engine: one voice at a time leaves the loudspeaker at its exact instant.

A thread of its own feeds the card in blocks of 40 ms, with silence while no voice is on. The card's
own clock, read every fifth block, says when each frame will sound; a voice is placed once by it and
then kept on its timeline by playing imperceptibly faster or slower. Between voices card and
amplifier are off and the thread sleeps.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from edge_agent.core.drift import CardClock, playing_ratio
from edge_agent.services.play_events import Ending, Failed, Interrupted, PlayEvent, Voice
from edge_agent.services.sound_ports import (
    NS,
    RATE,
    SAMPLE_BYTES,
    Amplifier,
    OpenSound,
    SoundCard,
    SoundError,
    SoundFault,
)
from edge_agent.services.tally import Tally
from edge_agent.services.voice_track import FADE_FRAMES, VoiceTrack

_log = logging.getLogger(__name__)

_MS = 1_000_000
_BLOCK = RATE * 40 // 1000
_BLOCKS_PER_READING = 5
_CARD_LEAD_NS = NS  # silence before a voice, in which the card's clock is learnt
_UNSETTLED_NS = 50 * _MS  # readings right after the start are wrong
_LEARNING_NS = 2 * NS
_FIRST_READINGS = 2
_FAR_FRAMES = RATE * 30 // 1000
_FAR_BLOCKS = 3
_STALLED_NS = NS
_RETRY_NS = NS // 2
_SILENCE = bytes(_BLOCK * SAMPLE_BYTES)


@dataclass(frozen=True, slots=True)
class PlaySettings:
    """How long the amplifier is on before the first and after the last frame, in milliseconds."""

    amplifier_lead_ms: int = 1500
    amplifier_tail_ms: int = 1000


class PlayEngine:
    """Plays voices by their timelines.

    All methods may be called from any thread and return at once. `events` is called from the
    engine's own thread and must return quickly (in asyncio: `loop.call_soon_threadsafe`). Each
    started voice gets exactly one `Ended` or `Failed`.
    """

    def __init__(
        self,
        card: SoundCard,
        open_sound: OpenSound,
        amplifier: Amplifier | None,
        monotonic_ns: Callable[[], int],
        events: Callable[[PlayEvent], None],
        settings: PlaySettings | None = None,
    ) -> None:
        """Nothing is opened before the first voice comes near. `amplifier` None = always on."""
        self._card = card
        self._open_sound = open_sound
        self._amplifier = amplifier
        self._now = monotonic_ns
        self._events = events
        settings = settings or PlaySettings()
        self._lead_ns = settings.amplifier_lead_ms * _MS
        self._tail_ns = settings.amplifier_tail_ms * _MS
        self._wake = threading.Event()
        self._commands: deque[Callable[[], None]] = deque()
        self._closing = False
        self._tally = Tally()
        self._waiting: dict[str, VoiceTrack] = {}
        self._active: VoiceTrack | None = None
        self._card_open = False
        self._amplifier_on = False
        self._clock = CardClock(RATE, card.noise_ns)
        self._epoch = 0
        self._drift_known = False
        self._frame = 0
        self._opened_ns = 0
        self._room_seen_ns = 0
        self._retry_ns = 0
        self._last_voice_ns = 0
        self._blocks = 0
        self._marked: str | None = None
        self._thread = threading.Thread(target=self._run, name="play-out", daemon=True)
        self._thread.start()

    def start(self, voice: Voice) -> None:
        """Have a voice sound on its timeline. At its instant it replaces whatever sounds."""
        self._do(lambda: self._add(voice))

    def stop(self, voice_id: str, fade_ms: int = 20) -> None:
        """Fade a voice out now, or drop it before it begins; nothing happens if it is over."""
        self._do(lambda: self._stop(voice_id, fade_ms))

    def set_gain(self, voice_id: str, gain_db: float) -> None:
        """Change a voice's loudness smoothly."""
        self._do(lambda: self._set_gain(voice_id, gain_db))

    def retime(self, voice_id: str, at_monotonic_ns: int) -> None:
        """Move a voice's timeline; small moves are slewed, beyond 30 ms the voice jumps."""
        self._do(lambda: self._retime(voice_id, at_monotonic_ns))

    def close(self) -> None:
        """Silence at once, amplifier off, thread ended."""
        self._closing = True
        self._wake.set()
        self._thread.join()

    def _do(self, command: Callable[[], None]) -> None:
        self._commands.append(command)
        self._wake.set()

    # Everything below runs in the engine's own thread.

    def _run(self) -> None:
        while not self._closing:
            try:
                wait_s = self._turn()
            except SoundError as error:
                wait_s = self._lose_card(error)
            self._wake.wait(wait_s)
            self._wake.clear()
        for track in self._tracks():
            self._tally.finish(track.voice.id, Ending.STOPPED)
            track.sound.close()
        self._waiting.clear()
        self._active = None
        self._close_card()
        self._switch(on=False)

    def _turn(self) -> float | None:
        """One round: commands, amplifier, card. Seconds until the next one, None = no need."""
        while self._commands:
            self._commands.popleft()()
        now = self._now()
        self._switch(on=self._wanted(now, self._lead_ns))
        if not self._wanted(now, max(self._lead_ns, _CARD_LEAD_NS)):
            if self._card_open:
                self._close_card()
            return self._until_next(now)
        if not self._card_open:
            if now < self._retry_ns:
                self._give_up_late(now)
                return (self._retry_ns - now) / NS
            self._open_card(now)
        return self._feed()

    def _tracks(self) -> list[VoiceTrack]:
        return [*self._waiting.values(), *([self._active] if self._active else [])]

    def _wanted(self, now: int, lead_ns: int) -> bool:
        """True when something sounds, will sound within the lead, or has sounded just now."""
        if self._active or self._tally.next_end is not None:
            return True
        if self._last_voice_ns and now < self._last_voice_ns + self._tail_ns:
            return True
        return any(t.voice.at_monotonic_ns - lead_ns <= now for t in self._waiting.values())

    def _until_next(self, now: int) -> float | None:
        if not self._waiting:
            return None
        first = min(track.voice.at_monotonic_ns for track in self._waiting.values())
        return max(0.0, (first - max(self._lead_ns, _CARD_LEAD_NS) - now) / NS)

    # -- commands

    def _add(self, voice: Voice) -> None:
        self._stop(voice.id, 20)
        self._tally.expect(voice.id, voice.position)
        try:
            sound = self._open_sound(voice.source, voice.gain_db)
        except SoundError as error:
            _log.warning("voice cannot be opened", extra={"action": "play", "voice": voice.id})
            self._tally.finish(voice.id, error.fault)
            self._settle()
            return
        self._waiting[voice.id] = VoiceTrack(voice, sound)

    def _stop(self, voice_id: str, fade_ms: int) -> None:
        waiting = self._waiting.pop(voice_id, None)
        if waiting is not None:
            self._finish(waiting, Ending.STOPPED)
        elif self._active and self._active.voice.id == voice_id:
            fade = max(FADE_FRAMES, RATE * fade_ms // 1000)
            self._active.end_at(self._frame + fade, fade, Ending.STOPPED)

    def _set_gain(self, voice_id: str, gain_db: float) -> None:
        for track in self._tracks():
            if track.voice.id == voice_id:
                track.voice = replace(track.voice, gain_db=gain_db)
                track.sound.set_gain(gain_db)

    def _retime(self, voice_id: str, at_monotonic_ns: int) -> None:
        for track in self._tracks():
            if track.voice.id == voice_id:
                track.voice = replace(track.voice, at_monotonic_ns=at_monotonic_ns)

    # -- card and amplifier

    def _open_card(self, now: int) -> None:
        self._retry_ns = now + _RETRY_NS
        self._card.open()
        self._card_open = True
        self._clock = CardClock(
            RATE, self._card.noise_ns, self._clock.drift, learnt=self._drift_known
        )
        self._epoch = self._frame = self._blocks = 0
        self._marked = None
        self._opened_ns = self._room_seen_ns = self._now()

    def _close_card(self) -> None:
        self._drift_known = self._drift_known or self._now() - self._opened_ns > 10 * NS
        self._card.close()
        self._card_open = False
        self._last_voice_ns = 0
        for event in self._tally.forget_unsounded():
            self._events(event)

    def _lose_card(self, error: SoundError) -> float:
        """The card is gone: the voice waits on its timeline for the next one."""
        _log.warning("sound card: %s", error, extra={"action": "play"})
        now = self._now()
        self._settle()
        if self._active:
            self._active.playing = False
            self._waiting[self._active.voice.id] = self._active
            self._active = None
        if self._card_open:
            self._close_card()
        self._retry_ns = now + _RETRY_NS
        for track in self._waiting.values():
            if track.voice.at_monotonic_ns - _CARD_LEAD_NS <= now:
                self._events(Interrupted(track.voice.id, error.fault))
        return _RETRY_NS / NS

    def _give_up_late(self, now: int) -> None:
        """Without a card, a voice whose timeline has ended has failed."""
        for track in list(self._waiting.values()):
            length = track.sound.length
            if length is not None and track.position_at(now) >= length:
                del self._waiting[track.voice.id]
                self._finish(track, SoundFault.CARD_UNAVAILABLE)
        self._settle()

    def _switch(self, *, on: bool) -> None:
        if self._amplifier is None or on == self._amplifier_on:
            return
        self._amplifier_on = on
        try:
            self._amplifier.switch(on=on)
        except OSError:
            _log.exception("amplifier switch", extra={"action": "amplifier"})

    # -- feeding

    def _feed(self) -> float:
        """Fill the card; seconds until it takes the next block."""
        room = self._card.writable()
        now = self._now()
        if room >= _BLOCK:
            self._room_seen_ns = now
        elif now - self._room_seen_ns > _STALLED_NS:
            raise SoundError(SoundFault.CARD_LOST, "it takes no more frames")
        self._read_clock(now)
        while room >= _BLOCK:
            self._write_block()
            room -= _BLOCK
        self._settle()
        if now - self._opened_ns < 300 * _MS:
            return 0.01
        return (_BLOCK - room) / RATE + 0.001

    def _read_clock(self, now: int) -> None:
        age = now - self._opened_ns
        learning = age < _LEARNING_NS
        if age < _UNSETTLED_NS or (not learning and self._blocks % _BLOCKS_PER_READING):
            return
        reading = self._card.reading()
        if reading is None:
            return
        if reading.epoch != self._epoch:
            self._epoch = reading.epoch
            self._settle(everything=True)
            self._clock = CardClock(
                RATE, self._card.noise_ns, self._clock.drift, learnt=self._drift_known
            )
        self._clock.observe(reading.frame, reading.at_ns)

    @property
    def _clock_known(self) -> bool:
        return self._clock.readings >= _FIRST_READINGS or (
            self._clock.readings > 0 and not self._card.noise_ns
        )

    def _write_block(self) -> None:
        """Write the next 40 ms: the voice that is on, the one that begins, silence between."""
        self._blocks += 1
        if self._clock_known and self._clock.instant_of(self._frame) < self._now() - _STALLED_NS:
            raise SoundError(SoundFault.CARD_LOST, "it fell a second behind")
        end = self._frame + _BLOCK
        while self._frame < end:
            following = self._plan(end)
            if self._active is None:
                until = min(end, max(self._frame + 1, following)) if following else end
                self._write(_SILENCE[: (until - self._frame) * SAMPLE_BYTES], None)
            else:
                self._write_voice(self._active, end - self._frame)

    def _plan(self, end: int) -> int | None:
        """Begin the voice that is due; the card frame of the next one that touches this block."""
        if not self._waiting or not self._clock_known:
            return None
        track = min(self._waiting.values(), key=lambda t: t.voice.at_monotonic_ns)
        begins = round(self._clock.frame_at(track.voice.at_monotonic_ns))
        if begins >= end + FADE_FRAMES:
            return None
        if self._active is None and begins <= self._frame:
            del self._waiting[track.voice.id]
            self._begin(track)
            return None
        if self._active is not None:
            cut = max(begins, self._frame + FADE_FRAMES)
            self._active.end_at(cut, FADE_FRAMES, Ending.REPLACED)
        return begins

    def _begin(self, track: VoiceTrack) -> None:
        position = track.position_at(self._clock.instant_of(self._frame))
        if not self._card.noise_ns:
            position = float(round(position))
        try:
            track.begin(position)
        except SoundError as error:
            self._finish(track, error.fault)
            return
        self._active = track

    def _write_voice(self, track: VoiceTrack, count: int) -> None:
        ratio = self._ratio(track)
        position = max(0, round(track.position))
        try:
            pcm = track.render(self._frame, count, ratio)
        except SoundError as error:
            self._active = None
            self._finish(track, error.fault)
            return
        if pcm:
            self._write(pcm, track.voice.id, position)
        if len(pcm) < count * SAMPLE_BYTES:
            self._active = None
            self._finish(track, track.ending)

    def _ratio(self, track: VoiceTrack) -> float:
        """How fast to play so that the voice stays on its timeline."""
        if not self._card.noise_ns and not track.apart:
            ahead = track.position - track.position_at(self._clock.instant_of(self._frame))
            if abs(ahead) < 1:
                return 1.0
        ahead = track.position - track.position_at(self._clock.instant_of(self._frame))
        track.apart = track.apart + 1 if abs(ahead) > _FAR_FRAMES else 0
        if track.apart >= _FAR_BLOCKS:
            track.begin(track.position - ahead)
            ahead = 0.0
        return playing_ratio(ahead, self._clock.drift, RATE)

    def _write(self, pcm: bytes, voice_id: str | None, position: int = 0) -> None:
        if voice_id != self._marked:
            self._card.mark(voice_id)
            self._marked = voice_id
        frames = len(pcm) // SAMPLE_BYTES
        self._card.write(pcm)
        if voice_id is not None:
            lost = int(self._clock.frame_at(self._now())) - self._frame
            self._tally.wrote(voice_id, self._frame, frames, position, max(0, min(frames, lost)))
        self._frame += frames

    def _finish(self, track: VoiceTrack, ending: Ending | SoundFault) -> None:
        self._tally.finish(track.voice.id, ending)
        track.sound.close()

    def _settle(self, *, everything: bool = False) -> None:
        """Tell what has sounded by now."""
        sounded = 0.0
        if self._card_open and self._clock_known:
            sounded = self._frame if everything else self._clock.frame_at(self._now())
        if self._tally.next_end is not None and sounded > 0:
            self._last_voice_ns = self._now()
        for event in self._tally.settle(self._clock, sounded):
            self._events(event)
