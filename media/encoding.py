"""How sound is encoded for terminals."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from media.audio import CLOCK, Hertz


class OpusUse(StrEnum):
    """What libopus tunes itself for (its `application`)."""

    VOICE = "voip"
    MUSIC = "audio"


@dataclass(frozen=True, slots=True)
class EncodingProfile:
    """One way of making renditions: Ogg Opus, mono, 20 ms frames in pages of about a second.

    `rate` is the rate that sound is worked on and encoded at; a player decodes at 48 kHz
    whatever it is. `high_pass` is the corner (12 dB an octave) below which tones are taken
    out. `effort` is libopus's complexity, 0 to 10. `expected_loss` is how many loudness units
    the encoder usually takes away; it only saves a second encoding.
    """

    name: str
    use: OpusUse
    bits_per_second: int
    rate: Hertz
    high_pass: Hertz
    expected_loss: float
    effort: int = 5
    frame_ms: int = 20


VOICE: Final = EncodingProfile(
    name="voice",
    use=OpusUse.VOICE,
    bits_per_second=24_000,
    # Horns end at 6 to 8 kHz. Encoded at 16 kHz, all 24 kbit/s serve what they can sound:
    # speech scores higher than with full bandwidth at the same effort, in half the time.
    rate=16_000,
    # A horn turns what is below its cut-off (250 to 300 Hz for most) into heat and travel of
    # the diaphragm. 200 Hz takes wind, hum and handling noise out and leaves the voice its
    # body where the same rendition feeds a column loudspeaker or an FM transmitter.
    high_pass=200,
    expected_loss=0.3,
)

MUSIC: Final = EncodingProfile(
    name="music",
    use=OpusUse.MUSIC,
    bits_per_second=48_000,
    rate=CLOCK,
    high_pass=150,
    expected_loss=0.0,
)
