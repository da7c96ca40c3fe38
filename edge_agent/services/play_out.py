"""When card and amplifier are on, and what becomes of voices without a card. No thread, no sleep.

Whoever drives it calls `turn` again after the time that it returns, or earlier when something was
asked for.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from edge_agent.services.deck import Deck
from edge_agent.services.play_events import Ending, Interrupted, PlayEvent, Voice
from edge_agent.services.sound_ports import (
    NS,
    RATE,
    Amplifier,
    OpenSound,
    SoundCard,
    SoundError,
    SoundFault,
)
from edge_agent.services.voice_track import VoiceTrack

_log = logging.getLogger(__name__)

_MS = 1_000_000
_CARD_LEAD_NS = NS  # silence before a voice, in which the card's clock is learnt
_RETRY_NS = NS // 2
_LAST_FADE_NS = NS // 2


@dataclass(frozen=True, slots=True)
class PlaySettings:
    """How long the amplifier is on before the first and after the last frame, in milliseconds."""

    amplifier_lead_ms: int = 1500
    amplifier_tail_ms: int = 1000


class PlayOut:
    """Voices, the deck they sound on, and the amplifier behind it. For one thread."""

    def __init__(
        self,
        card: SoundCard,
        open_sound: OpenSound,
        amplifier: Amplifier | None,
        monotonic_ns: Callable[[], int],
        events: Callable[[PlayEvent], None],
        settings: PlaySettings,
    ) -> None:
        """Nothing is opened before the first voice comes near. `amplifier` None = always on."""
        self._deck = Deck(card, monotonic_ns, events)
        self._open_sound = open_sound
        self._amplifier = amplifier
        self._amplifier_on = False
        self._now = monotonic_ns
        self._tell = events
        self.set_amplifier_lead(settings.amplifier_lead_ms)
        self._tail_ns = settings.amplifier_tail_ms * _MS
        self._retry_ns: int | None = None
        self._leaving_ns: int | None = None

    # -- what is asked for

    def start(self, voice: Voice) -> None:
        """Have a voice sound on its timeline; one of the same id ends."""
        self.stop(voice.id, 0)
        count = self._deck.tally.expect(voice.id, voice.position)
        try:
            sound = self._open_sound(voice.source, voice.gain_db)
        except SoundError as error:
            _log.warning("%s cannot be opened: %s", voice.id, error, extra={"action": "play"})
            count.ending = error.fault
            self._deck.settle()
            return
        self._deck.waiting.append(VoiceTrack(voice, sound, count))

    def stop(self, voice_id: str, fade_ms: int) -> None:
        """Fade a voice out now, or drop it before it begins."""
        for track in self._tracks_of(voice_id):
            self._deck.stop(track, RATE * fade_ms // 1000)
        self._deck.settle()

    def set_gain(self, voice_id: str, gain_db: float) -> None:
        """Change a voice's loudness smoothly."""
        for track in self._tracks_of(voice_id):
            track.voice = replace(track.voice, gain_db=gain_db)
            track.sound.set_gain(gain_db)

    def retime(self, voice_id: str, at_monotonic_ns: int) -> None:
        """Move a voice's timeline."""
        for track in self._tracks_of(voice_id):
            track.voice = replace(track.voice, at_monotonic_ns=at_monotonic_ns)

    def set_amplifier_lead(self, lead_ms: int) -> None:
        """Change how long the amplifier is on before the first frame."""
        self._amplifier_lead_ns = lead_ms * _MS
        self._card_lead_ns = max(self._amplifier_lead_ns, _CARD_LEAD_NS)

    def leave(self) -> None:
        """Fade everything out; `left` will be True soon."""
        self._leaving_ns = self._now()
        for track in self._deck.tracks:
            self._deck.stop(track, 0)

    @property
    def left(self) -> bool:
        """True once all is silent after `leave`, or half a second after it at the latest."""
        if self._leaving_ns is None:
            return False
        return not self._deck.busy or self._now() > self._leaving_ns + _LAST_FADE_NS

    def close(self) -> None:
        """Let card and sounds go, amplifier off."""
        self._deck.close()
        for track in self._deck.tracks:
            self._deck.finish(track, Ending.STOPPED)
        self._deck.waiting.clear()
        self._deck.settle()
        self._switch(on=False)

    def abandon(self) -> None:
        """Fail every voice and start afresh, after an error that nobody foresaw."""
        for track in self._deck.tracks:
            self._deck.finish(track, SoundFault.PLAY_OUT_FAILED)
        self._deck.waiting.clear()
        self._deck.active = None
        self._deck.close()
        self._deck.settle()

    def _tracks_of(self, voice_id: str) -> list[VoiceTrack]:
        return [track for track in self._deck.tracks if track.voice.id == voice_id]

    # -- going on

    def turn(self) -> float | None:
        """Do what is due; seconds until there is more to do, None = nothing is foreseen."""
        now = self._now()
        self._switch(on=self._wanted(now, self._amplifier_lead_ns))
        try:
            if not self._wanted(now, self._card_lead_ns):
                self._deck.close()
                return self._until_next(now)
            if not self._deck.is_open:
                if self._retry_ns is not None:
                    self._give_up_late(now)
                    if now < self._retry_ns:
                        return (self._retry_ns - now) / NS
                self._deck.open()
                self._retry_ns = None
            return self._deck.feed()
        except SoundError as error:
            return self._lose_card(error)

    def _wanted(self, now: int, lead_ns: int) -> bool:
        """True when something sounds, will sound within the lead, or has sounded just now."""
        deck = self._deck
        if deck.busy:
            return True
        if deck.quiet_since_ns is not None and now < deck.quiet_since_ns + self._tail_ns:
            return True
        return any(track.voice.at_monotonic_ns - lead_ns <= now for track in deck.waiting)

    def _until_next(self, now: int) -> float | None:
        if not self._deck.waiting:
            return None
        first = min(track.voice.at_monotonic_ns for track in self._deck.waiting)
        return max(0.0, (first - self._card_lead_ns - now) / NS)

    def _switch(self, *, on: bool) -> None:
        if self._amplifier is None or on == self._amplifier_on:
            return
        self._amplifier_on = on
        try:
            self._amplifier.switch(on=on)
        except OSError:
            _log.exception("the amplifier does not switch", extra={"action": "amplifier"})

    def _lose_card(self, error: SoundError) -> float:
        """The card is gone or cannot be had: voices go on along their timelines, unheard."""
        level = logging.WARNING if self._retry_ns is None else logging.DEBUG
        _log.log(level, "sound card: %s", error, extra={"action": "play"})
        self._deck.close()
        now = self._now()
        self._retry_ns = now + _RETRY_NS
        for track in self._deck.waiting:
            if not track.interrupted and track.voice.at_monotonic_ns - self._card_lead_ns <= now:
                track.interrupted = True
                self._tell(Interrupted(track.voice.id, error.fault))
        return _RETRY_NS / NS

    def _give_up_late(self, now: int) -> None:
        """Without a card, a voice whose timeline has ended has failed."""
        for track in list(self._deck.waiting):
            length = track.sound.length
            if length is not None and track.position_at(now) >= length:
                self._deck.waiting.remove(track)
                self._deck.finish(track, SoundFault.CARD_UNAVAILABLE)
        self._deck.settle()
