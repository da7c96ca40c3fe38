"""The media library without ffmpeg: it takes in what looks like sound, and keeps real files."""

import hashlib
from pathlib import Path

from media.asset import Asset, Doubt, DoubtReason, Ingested, Rendition
from media.audio import AudioFormat, Samples, Sha256, from_seconds
from media.errors import Code, MediaError, SoundRefused, StoreFailed
from media.library import Progress, Stage
from media.loudness import Loudness
from media.ports import Envelope

SPEECH = b"speech "
"""What a file must begin with to be taken in; behind it stands its length in seconds."""
DOUBTFUL = b"speech doubtful "


def speech(seconds: float, *, doubtful: bool = False, more: bytes = b"") -> bytes:
    """Return an upload that is taken in as sound of that length."""
    return (DOUBTFUL if doubtful else SPEECH) + str(seconds).encode() + b"\n" + more


class FakeSounds:
    """services.ports.sound.Sounds. `failing`: what the next attempts raise, in turn."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.failing: list[MediaError] = []
        self.copies = 2000
        """A rendition is made of so many times 32 bytes."""
        self.stages: list[tuple[Stage, float]] = [(stage, 1.0) for stage in Stage]

    async def ingest(self, source: Path, *, envelope: Envelope, progress: Progress) -> Ingested:
        for stage, done in self.stages:
            progress(stage, done)
        if self.failing:
            raise self.failing.pop(0)
        data = source.read_bytes()
        if not data.startswith(SPEECH):
            raise SoundRefused(Code.UNSUPPORTED_FORMAT)
        doubtful = data.startswith(DOUBTFUL)
        text = data.removeprefix(DOUBTFUL if doubtful else SPEECH).split(b"\n")[0]
        duration = from_seconds(float(text))
        made = b"OggS" + hashlib.sha256(data).digest() * self.copies + bytes(envelope.chime)
        return Ingested(
            original=Asset(self._keep(data), len(data), AudioFormat.WAV, "pcm", duration),
            rendition=Rendition(self._keep(made), len(made), duration, "voice"),
            before=Loudness(-23.0, 5.0),
            after=Loudness(-16.0, 5.0, -1.6),
            waveform=(50,) * 200,
            doubt=Doubt(DoubtReason.CUT_OFF, None, Samples(duration)) if doubtful else None,
        )

    async def open_rendition(self, name: Sha256) -> Path:
        path = self._folder / name
        if not path.exists():
            raise StoreFailed(Code.ASSET_UNKNOWN)
        return path

    async def read(self, name: Sha256, offset: int, length: int) -> bytes:
        return (await self.open_rendition(name)).read_bytes()[offset : offset + length]

    async def remove(self, name: Sha256) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def files(self) -> set[str]:
        """Return the names of all files kept."""
        return {path.name for path in self._folder.iterdir()}

    def _keep(self, data: bytes) -> Sha256:
        name = Sha256(hashlib.sha256(data).hexdigest())
        (self._folder / name).write_bytes(data)
        return name
