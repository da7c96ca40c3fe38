"""What the play-out engine is asked for, and what it tells."""

from dataclasses import dataclass
from enum import StrEnum

from edge_agent.services.sound_ports import SoundFault


@dataclass(frozen=True, slots=True)
class Voice:
    """One sound and the timeline on which it lies.

    Frame `position` of `source` (a path, or the bytes of an Ogg Opus file) leaves the loudspeaker
    at `at_monotonic_ns`, and every other frame accordingly. A voice that is late begins with the
    frame that its timeline has reached. It fades in over `fade_in_ms`, and over at least 20 ms when
    it begins in the middle of the sound.
    """

    id: str
    source: str | bytes
    at_monotonic_ns: int
    position: int = 0
    gain_db: float = 0.0
    fade_in_ms: int = 0


class Ending(StrEnum):
    """Why a voice is over."""

    FINISHED = "finished"
    STOPPED = "stopped"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Started:
    """A voice is on air: frame `position` left the loudspeaker at `at_monotonic_ns`.

    Told after that instant has passed, once per voice.
    """

    id: str
    at_monotonic_ns: int
    position: int


@dataclass(frozen=True, slots=True)
class Progress:
    """At least each second: frames that sounded so far, and the frame that was reached."""

    id: str
    frames_sounded: int
    position: int


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The voice cannot be heard just now; the engine keeps trying while its timeline lasts."""

    id: str
    fault: SoundFault


@dataclass(frozen=True, slots=True)
class Ended:
    """The last frame has left the loudspeaker (0 frames: it never began)."""

    id: str
    frames_sounded: int
    position: int
    ending: Ending


@dataclass(frozen=True, slots=True)
class Failed:
    """The voice is over before its end because of `fault`; `frames_sounded` were heard."""

    id: str
    fault: SoundFault
    frames_sounded: int
    position: int


PlayEvent = Started | Progress | Interrupted | Ended | Failed
