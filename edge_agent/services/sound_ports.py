"""Ports of the sound path: card, amplifier, decoder, recording.

Sound is mono, 48 kHz, signed 16 bit little endian. Positions and counts are
samples ("frames") at 48 kHz; instants are nanoseconds of the monotonic clock that the play-out
engine was given.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

RATE = 48_000
"""Frames per second, everywhere between the decoder and the sound card."""

SAMPLE_BYTES = 2
"""Bytes of one mono frame, little endian."""

NS = 1_000_000_000
"""Nanoseconds in a second."""


class SoundFault(StrEnum):
    """Stable code of what went wrong on the way from a recording to the loudspeaker."""

    AMPLIFIER_UNAVAILABLE = "amplifier_unavailable"
    CARD_UNAVAILABLE = "card_unavailable"
    CARD_LOST = "card_lost"
    DECODER_UNAVAILABLE = "decoder_unavailable"
    PLAY_OUT_FAILED = "play_out_failed"
    RECORDING_MISSING = "recording_missing"
    RECORDING_DAMAGED = "recording_damaged"


class SoundError(Exception):
    """Sound cannot go on; `fault` is the stable code, the text says more in plain English."""

    def __init__(self, fault: SoundFault, detail: str = "") -> None:
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class CardReading:
    """One look at the card's clock: frame number `frame` leaves the loudspeaker at `at_ns`.

    Frames are counted from `open()`. `epoch` rises when the card lost the thread (an underrun that
    moved its timeline): readings of different epochs say nothing about each other.
    """

    frame: int
    at_ns: int
    epoch: int = 0


class SoundCard(Protocol):
    """An output that takes frames and says when each of them sounds. Used by one thread only."""

    @property
    def noise_ns(self) -> int:
        """Standard deviation to expect of `reading()`; 0 = the card runs by the engine's clock."""

    def open(self) -> None:
        """Start the output; frames count from 0. SoundError(CARD_UNAVAILABLE) when it cannot."""

    def writable(self) -> int:
        """Frames the card takes now without blocking. SoundError(CARD_LOST) when it is gone."""

    def write(self, pcm: bytes) -> None:
        """Hand over whole frames, at most `writable()` of them."""

    def reading(self) -> CardReading | None:
        """The newest reading of the card's clock; None while there is none to trust."""

    def mark(self, voice_id: str | None) -> None:
        """What is written from here on belongs to this voice; None = silence between voices."""

    def close(self) -> None:
        """Stop at once and let go; never raises, may be called twice, `open()` may follow."""


class Amplifier(Protocol):
    """The electric switch of the power amplifier."""

    def switch(self, *, on: bool) -> None:
        """Switch; OSError when the hardware refuses."""


class Sound(Protocol):
    """Something that can be heard: an announcement's samples by position."""

    @property
    def length(self) -> int | None:
        """Frames of the whole sound, None when nobody knows before its end."""

    def seek(self, position: int) -> None:
        """The next `read` begins at frame `position` (≥ 0)."""

    def read(self, frames: int) -> bytes:
        """The next frames; fewer than asked only at the end. Never blocks on a network."""

    def set_gain(self, gain_db: float) -> None:
        """Change the loudness from here on, smoothly, without a click."""

    def close(self) -> None:
        """Let files and memory go; may be called twice."""


class OpenSound(Protocol):
    """Opens what a voice names."""

    def __call__(self, source: str | bytes, gain_db: float) -> Sound:
        """Open a recording: a path, or the bytes themselves. SoundError when it cannot be."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One Opus packet and where it lies: its first frame sounds at `position`.

    Positions before 0 are the decoder's run-up (pre-skip) and are never heard.
    """

    data: bytes
    position: int
    frames: int


class PacketReader(Protocol):
    """The packets of one recording in order."""

    @property
    def length(self) -> int | None:
        """Frames of the whole recording, None when its end cannot be read."""

    @property
    def header_gain_db(self) -> float:
        """Gain that the recording itself asks for."""

    def seek(self, position: int) -> None:
        """Go on at or before `position`, early enough for the decoder to settle (80 ms)."""

    def read(self) -> Packet | None:
        """The next packet, None at the end. SoundError(RECORDING_DAMAGED) beyond repair."""

    def close(self) -> None:
        """Let the file go; may be called twice."""


class OpusDecoder(Protocol):
    """Opus to mono PCM at 48 kHz."""

    def set_gain(self, gain_db: float) -> None:
        """Loudness of what is decoded from here on; clipped softly, never wrapped."""

    def decode(self, packet: bytes | None, frames: int) -> bytes:
        """PCM of one packet of `frames` frames; None conceals a lost one.

        A damaged packet gives silence of the same length.
        """

    def reset(self) -> None:
        """Forget the past, as after a jump in the recording."""

    def close(self) -> None:
        """Free it; may be called twice."""
