"""What the store holds: the file as it came in, and what terminals play of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from media.audio import AudioFormat, Samples, Sha256
from media.loudness import Loudness

WAVEFORM_PEAKS: Final = 200

Waveform = tuple[int, ...]
"""`WAVEFORM_PEAKS` peaks of equal stretches of the sound, 0 to 100 (full scale), for drawing."""


@dataclass(frozen=True, slots=True)
class Asset:
    """An uploaded file as it came in. `size` is in bytes, `duration` what truly decoded."""

    hash: Sha256
    size: int
    format: AudioFormat
    codec: str
    duration: Samples


@dataclass(frozen=True, slots=True)
class Rendition:
    """The exact file that terminals play: Ogg Opus, mono.

    `hash` is the SHA-256 of its bytes, `size` counts them, `duration` is what a player sounds
    of it (pre-skip and end trimming taken off).
    """

    hash: Sha256
    size: int
    duration: Samples
    profile: str


class DoubtReason(StrEnum):
    """Why a person must hear a sound to its end before it may be approved (stable codes)."""

    SHORTER_THAN_DECLARED = "shorter_than_declared"
    CUT_OFF = "cut_off"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Doubt:
    """The file may not be all that was recorded. `declared` is None where no length is told."""

    reason: DoubtReason
    declared: Samples | None
    decoded: Samples


@dataclass(frozen=True, slots=True)
class Ingested:
    """An accepted sound.

    `before` was measured on the file as it came in (mono, low tones taken out), `after` on the
    rendition decoded again.
    """

    original: Asset
    rendition: Rendition
    before: Loudness
    after: Loudness
    waveform: Waveform
    doubt: Doubt | None

    @property
    def doubtful(self) -> bool:
        """True when it must be heard to its end before it is sent for approval."""
        return self.doubt is not None
