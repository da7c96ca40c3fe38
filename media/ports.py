"""What the library needs from outside: a probe, a transcoder, an editor, a store."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from media.asset import Waveform
from media.audio import AudioFormat, Hertz, Lufs, Samples, Sha256, samples_at
from media.encoding import EncodingProfile
from media.loudness import Loudness, Treatment

Fraction = Callable[[float], None]
"""Is told how much of a step is done, 0 to 1, never falling."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A place to work on one file: the file, alone in a folder, and a folder to write to."""

    source: Path
    size: int
    scratch: Path


@dataclass(frozen=True, slots=True)
class Probed:
    """What the file says of itself and of its first stream of sound.

    `declared` None = it tells no length. `guessed` is what follows from its bit rate, good
    enough for showing progress. `cut` = its bytes show that it ended too early.
    """

    container: AudioFormat
    codec: str
    channels: int
    rate: Hertz
    declared: Samples | None
    guessed: Samples | None
    cut: bool


@dataclass(frozen=True, slots=True)
class Pcm:
    """Decoded sound on disk: mono, signed 32 bit, little-endian, without any header.

    `first` and `end` bound the samples (at `rate`) that are meant.
    """

    path: Path
    rate: Hertz
    first: int
    end: int

    @property
    def duration(self) -> Samples:
        """Its length."""
        return samples_at(self.rate, self.end - self.first)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded file. `faults` counts what the decoder complained of."""

    sound: Pcm
    loudness: Loudness
    faults: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A rendition, decoded again."""

    duration: Samples
    loudness: Loudness
    waveform: Waveform


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an announcement is wrapped in."""

    chime: bool = False
    closing: bool = False


@dataclass(frozen=True, slots=True)
class Tones:
    """The same for the editor, who has to know how loud the tones must be (LUFS)."""

    envelope: Envelope
    level: Lufs


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store. `new` is False when the same bytes were there before."""

    hash: Sha256
    size: int
    new: bool


class Prober(Protocol):
    """Looks at a file without trusting it."""

    async def probe(self, bench: Bench) -> Probed:
        """Recognise the source by its bytes and read what it says of itself.

        Raises SoundRefused (unsupported_format, no_audio, undecodable), WorkFailed.
        """
        ...


class Transcoder(Protocol):
    """Decodes, measures and encodes. Every method raises SoundRefused or WorkFailed."""

    async def decode(
        self,
        bench: Bench,
        container: AudioFormat,
        profile: EncodingProfile,
        at_most: Samples,
        expected: Samples,
        progress: Fraction,
    ) -> Decoded:
        """Decode the source to mono PCM with its low tones out, and measure that.

        Stops after `at_most`; the length that came out then says that there was more.
        `expected` is about how long it should be, for `progress`.
        """
        ...

    async def measure(self, bench: Bench, parts: tuple[Pcm, ...], treatment: Treatment) -> Loudness:
        """Measure the parts, joined and treated, without encoding them."""
        ...

    async def encode(
        self,
        bench: Bench,
        parts: tuple[Pcm, ...],
        treatment: Treatment,
        profile: EncodingProfile,
        progress: Fraction,
    ) -> Path:
        """Join, treat and encode the parts; return the Ogg Opus file in the scratch folder."""
        ...

    async def listen(
        self,
        bench: Bench,
        rendition: Path,
        profile: EncodingProfile,
        expected: Samples,
        progress: Fraction,
    ) -> Heard:
        """Decode a rendition and measure it. `expected` is about how long it should be."""
        ...


class Editor(Protocol):
    """Puts an announcement together."""

    async def arrange(
        self, bench: Bench, speech: Pcm, level: Lufs, tones: Tones
    ) -> tuple[Pcm, ...]:
        """Trim silence off both ends and add the tones that are asked for.

        `level` is how loud the speech is. Returns the parts in the order they sound in, all
        at the speech's rate. Raises WorkFailed.
        """
        ...


class AssetStore(Protocol):
    """Keeps files by the SHA-256 of their bytes."""

    def bench(self, source: Path) -> AbstractAsyncContextManager[Bench]:
        """Lay a file out to be worked on; all of the place is gone when the context ends.

        Raises StoreFailed.
        """
        ...

    async def keep(self, path: Path) -> Kept:
        """Take a file into the store; durable when this returns. Raises StoreFailed.

        When cancelled it leaves nothing that was not there before.
        """
        ...

    async def keep_waveform(self, name: Sha256, waveform: Waveform) -> None:
        """Keep a stored file's waveform beside it. Raises StoreFailed."""
        ...

    async def waveform(self, name: Sha256) -> Waveform:
        """Return a stored file's waveform. Raises StoreFailed (asset_unknown)."""
        ...

    async def path(self, name: Sha256) -> Path:
        """Return where a stored file is, to be read only. Raises StoreFailed (asset_unknown)."""
        ...

    async def read(self, name: Sha256, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset` (fewer at the end). Raises StoreFailed."""
        ...

    async def remove(self, name: Sha256) -> None:
        """Remove a file and its waveform; nothing happens when it is not there."""
        ...
