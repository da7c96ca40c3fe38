"""A library with the real programs, and ears to judge what it made."""

from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from edge_agent.adapters.ogg import OggOpusReader
from edge_agent.adapters.opus import LibOpusDecoder
from edge_agent.services.recording import RecordingSound
from media.av_probe import AvProbe
from media.confinement import Confinement
from media.ffmpeg_transcoder import FfmpegTranscoder
from media.file_store import FileStore
from media.library import Library
from media.pydub_editor import PydubEditor
from tests.integration.media.voice import Signal


@dataclass(slots=True)
class Studio:
    """A library in a folder of its own."""

    folder: Path
    library: Library

    def left(self) -> list[str]:
        """Return all files in the store, those on benches included."""
        store = self.folder / "store"
        return sorted(path.name for path in store.rglob("*") if path.is_file())


def packaged_ffmpeg() -> Path:
    """Return the program that comes in a wheel, on which a machine without apt depends."""
    return Path(imageio_ffmpeg.get_ffmpeg_exe())


async def open_studio(folder: Path, program: Path, confinement: Confinement) -> Studio:
    """Return a library as the controller joins it."""
    store = FileStore(folder / "store")
    await store.open()
    transcoder = FfmpegTranscoder(program, confinement)
    library = Library(store, AvProbe(confinement), transcoder, PydubEditor(confinement))
    return Studio(folder, library)


def sounded(rendition: Path) -> Signal:
    """Decode a rendition as a terminal does: its reader, libopus, 48 kHz."""
    sound = RecordingSound(OggOpusReader(str(rendition)), LibOpusDecoder())
    pieces = []
    try:
        while piece := sound.read(48_000):
            pieces.append(np.frombuffer(piece, "<i2"))
    finally:
        sound.close()
    return np.concatenate(pieces).astype(float) / 32768
