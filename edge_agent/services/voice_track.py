"""One voice while it plays: its samples at a position between frames, with its fades."""

from edge_agent.core.drift import between, ramp
from edge_agent.services.play_events import Ending, Voice
from edge_agent.services.sound_ports import NS, RATE, SAMPLE_BYTES, Sound

FADE_FRAMES = RATE * 20 // 1000
"""20 ms, the shortest fade that does not click."""

_ON_A_FRAME = 1e-3


class VoiceTrack:
    """Renders blocks of a voice for the card; frame numbers are the card's."""

    def __init__(self, voice: Voice, sound: Sound) -> None:
        """`sound` is what the voice names, opened; the track closes it."""
        self.voice = voice
        self.sound = sound
        self.playing = False
        self.position = float(voice.position)
        """Frame of the sound (with its fraction) that comes next."""
        self.end_frame: int | None = None
        """Frame of the card from which this voice is silent."""
        self.ending = Ending.FINISHED
        self.apart = 0
        """Blocks in a row in which the voice lay far from its timeline."""
        self._pcm = b""
        self._pcm_at = 0
        self._faded = 0
        self._fade_in = 0
        self._fade_out = FADE_FRAMES

    def position_at(self, instant_ns: float) -> float:
        """Frame of the sound that the timeline has at an instant."""
        return self.voice.position + (instant_ns - self.voice.at_monotonic_ns) * RATE / NS

    def begin(self, position: float) -> None:
        """Play on from `position`, from silence."""
        middle = position >= 1 or self.voice.position > 0
        asked = RATE * self.voice.fade_in_ms // 1000
        self._fade_in = max(asked, FADE_FRAMES) if middle else asked
        self._faded = 0
        self.position = position
        self._pcm, self._pcm_at = b"", max(0, int(position // 1))
        self.sound.seek(self._pcm_at)
        self.playing = True
        self.apart = 0

    def end_at(self, frame: int, fade_frames: int, ending: Ending) -> None:
        """Fade out so that `frame` of the card is the first silent one; the earliest counts."""
        if self.end_frame is None or frame < self.end_frame:
            self.end_frame, self.ending = frame, ending
            self._fade_out = fade_frames

    def render(self, frame: int, count: int, ratio: float) -> bytes:
        """Samples for the card's frames from `frame`; fewer than `count` only at the end."""
        if self.end_frame is not None:
            count = min(count, self.end_frame - frame)
        first = int(self.position // 1)
        part = self.position - first
        pcm = self._frames(first, count, part)
        self.position += len(pcm) // SAMPLE_BYTES * ratio
        return self._shape(pcm, frame)

    def _frames(self, first: int, count: int, part: float) -> bytes:
        """`count` samples from `first` + `part` on; frames before 0 are silent."""
        whole = part < _ON_A_FRAME
        self._load(first, count + (0 if whole else 1))
        silent = min(count, max(0, -first))
        offset = max(0, first - self._pcm_at) * SAMPLE_BYTES
        pcm = bytes(silent * SAMPLE_BYTES) + self._pcm[offset:]
        left = pcm[: count * SAMPLE_BYTES]
        if whole or not left:
            return left
        right = pcm[SAMPLE_BYTES : (count + 1) * SAMPLE_BYTES]
        return between(left, right.ljust(len(left), b"\0"), part)

    def _load(self, first: int, count: int) -> None:
        """Have frames [first, first + count) in hand, as far as the sound goes."""
        keep = max(0, first - self._pcm_at) * SAMPLE_BYTES
        if keep:
            held = len(self._pcm) // SAMPLE_BYTES
            self._pcm = self._pcm[keep:]
            skipped = first - self._pcm_at - held
            if skipped > 0:
                self.sound.read(skipped)
            self._pcm_at = first
        missing = first + count - self._pcm_at - len(self._pcm) // SAMPLE_BYTES
        if missing > 0:
            self._pcm += self.sound.read(missing)

    def _shape(self, pcm: bytes, frame: int) -> bytes:
        """Put the fade-in and the fade-out over a block."""
        if self._faded < self._fade_in:
            head = min(len(pcm) // SAMPLE_BYTES, self._fade_in - self._faded)
            gains = (self._faded / self._fade_in, (self._faded + head) / self._fade_in)
            self._faded += head
            pcm = ramp(pcm[: head * SAMPLE_BYTES], *gains) + pcm[head * SAMPLE_BYTES :]
        if self.end_frame is None:
            return pcm
        count = len(pcm) // SAMPLE_BYTES
        from_frame = max(frame, self.end_frame - self._fade_out)
        whole = (from_frame - frame) * SAMPLE_BYTES
        if from_frame >= frame + count:
            return pcm
        first_gain = (self.end_frame - from_frame) / max(1, self._fade_out)
        last_gain = (self.end_frame - frame - count) / max(1, self._fade_out)
        return pcm[:whole] + ramp(pcm[whole:], first_gain, last_gain)
