"""One voice while it plays: its samples at a position between frames, with its fades."""

from edge_agent.core.drift import between, mix, ramp
from edge_agent.services.play_events import Ending, Voice
from edge_agent.services.sound_ports import NS, RATE, SAMPLE_BYTES, Sound
from edge_agent.services.tally import Count

FADE_FRAMES = RATE * 20 // 1000
"""20 ms, the shortest fade that does not click."""

_ON_A_FRAME = 1e-3


class VoiceTrack:
    """Renders blocks of a voice for the card; frame numbers are the card's."""

    def __init__(self, voice: Voice, sound: Sound, count: Count) -> None:
        """`sound` is what the voice names, opened; `count` keeps what of it has sounded."""
        self.voice = voice
        self.sound = sound
        self.count = count
        self.position = float(voice.position)
        """Frame of the sound (with its fraction) that comes next."""
        self.end_frame: int | None = None
        """Frame of the card from which this voice is silent."""
        self.ending = Ending.FINISHED
        self.interrupted = False
        """True while the card is lost and that has been told."""
        self._pcm = b""
        self._pcm_at = 0
        self._fade_in = self._faded = 0
        self._fade_out = FADE_FRAMES
        self._leaving = b""

    def position_at(self, instant_ns: float) -> float:
        """Frame of the sound that the timeline has at an instant."""
        return self.voice.position + (instant_ns - self.voice.at_monotonic_ns) * RATE / NS

    def begin(self, position: float) -> None:
        """Play on from `position`, from silence; SoundError when the sound has no such place."""
        asked = RATE * self.voice.fade_in_ms // 1000
        middle = position >= 1
        self._fade_in = max(asked, FADE_FRAMES) if middle else asked
        self._go_to(position)
        self._leaving = b""
        self.end_frame = None
        self.interrupted = False

    def jump(self, position: float) -> None:
        """Go on from another place, crossing from one to the other in 20 ms."""
        first = int(self.position // 1)
        self._leaving = ramp(self._frames(first, FADE_FRAMES, 0.0), 1.0, 0.0)
        self._fade_in = FADE_FRAMES
        self._go_to(position)

    def end_at(self, frame: int, fade_frames: int, ending: Ending) -> None:
        """Fade out so that `frame` of the card is the first silent one; the earliest counts."""
        if self.end_frame is None or frame < self.end_frame:
            self.end_frame, self.ending, self._fade_out = frame, ending, fade_frames

    def stretch(self, count: int, ratio: float) -> tuple[int, bool]:
        """How many of the next `count` frames are alike, and whether they are heard.

        A voice that was moved to begin later is silent, and not heard, until it begins.
        """
        leaving = len(self._leaving) // SAMPLE_BYTES
        if leaving:
            return min(count, leaving), True
        silent = int(-self.position // ratio)
        return (min(count, silent), False) if silent > 0 else (count, True)

    def render(self, frame: int, count: int, ratio: float) -> bytes:
        """Samples for the card's frames from `frame`; fewer than `count` only at the end."""
        if self.end_frame is not None:
            count = max(0, min(count, self.end_frame - frame))
        first = int(self.position // 1)
        pcm = self._frames(first, count, self.position - first)
        self.position += len(pcm) // SAMPLE_BYTES * ratio
        return self._faded_out(self._crossed(self._faded_in(pcm)), frame)

    def _go_to(self, position: float) -> None:
        self._faded = 0
        self.position = position
        self._pcm, self._pcm_at = b"", max(0, int(position // 1))
        self.sound.seek(self._pcm_at)

    def _frames(self, first: int, count: int, part: float) -> bytes:
        """`count` samples from `first` + `part` on; frames before 0 are silent."""
        whole = part < _ON_A_FRAME
        self._load(first, count + (0 if whole else 1))
        silent = max(0, self._pcm_at - first)
        pcm = bytes(silent * SAMPLE_BYTES) + self._pcm if silent else self._pcm
        left = pcm[: count * SAMPLE_BYTES]
        if whole or not left:
            return left
        right = pcm[SAMPLE_BYTES : (count + 1) * SAMPLE_BYTES]
        return between(left, right.ljust(len(left), b"\0"), part)

    def _load(self, first: int, count: int) -> None:
        """Have frames [first, first + count) in hand, as far as the sound goes."""
        passed = first - self._pcm_at
        if passed > 0:
            held = len(self._pcm) // SAMPLE_BYTES
            if passed > held:
                self.sound.read(passed - held)
            self._pcm = self._pcm[passed * SAMPLE_BYTES :]
            self._pcm_at = first
        missing = first + count - self._pcm_at - len(self._pcm) // SAMPLE_BYTES
        if missing > 0:
            self._pcm += self.sound.read(missing)

    def _faded_in(self, pcm: bytes) -> bytes:
        if self._faded >= self._fade_in:
            return pcm
        head = min(len(pcm) // SAMPLE_BYTES, self._fade_in - self._faded)
        gains = (self._faded / self._fade_in, (self._faded + head) / self._fade_in)
        self._faded += head
        return ramp(pcm[: head * SAMPLE_BYTES], *gains) + pcm[head * SAMPLE_BYTES :]

    def _crossed(self, pcm: bytes) -> bytes:
        if not self._leaving:
            return pcm
        head = min(len(pcm), len(self._leaving))
        mixed = mix(pcm[:head], self._leaving[:head])
        self._leaving = self._leaving[head:]
        return mixed + pcm[head:]

    def _faded_out(self, pcm: bytes, frame: int) -> bytes:
        if self.end_frame is None:
            return pcm
        end = frame + len(pcm) // SAMPLE_BYTES
        fade_from = max(frame, self.end_frame - self._fade_out)
        if fade_from >= end:
            return pcm
        kept = (fade_from - frame) * SAMPLE_BYTES
        gains = [(self.end_frame - at) / max(1, self._fade_out) for at in (fade_from, end)]
        return pcm[:kept] + ramp(pcm[kept:], *gains)
