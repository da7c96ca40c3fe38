"""A sound card that writes down what would have sounded: one WAV and one JSON file per airing.

A frame reaches the disk when its instant has passed, and the header is kept right once a second,
so a terminal killed at any moment leaves files that can be heard and that tell no lie.
"""

import json
import re
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edge_agent.adapters.sound_card.paced import PacedTimeline
from edge_agent.services.sound_ports import (
    RATE,
    SAMPLE_BYTES,
    CardReading,
    SoundError,
    SoundFault,
)

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def _header(frames: int) -> bytes:
    size = frames * SAMPLE_BYTES
    riff = (b"RIFF", size + _HEADER.size - 8, b"WAVE")
    form = (b"fmt ", 16, 1, 1, RATE, RATE * SAMPLE_BYTES, SAMPLE_BYTES, 8 * SAMPLE_BYTES)
    return _HEADER.pack(*riff, *form, b"data", size)


@dataclass(frozen=True, slots=True)
class WavFolder:
    """Where airings are kept, and how many: the oldest go when a bound is passed."""

    path: Path
    keep_files: int = 50
    keep_bytes: int = 500_000_000

    def prepare(self) -> None:
        """Make the folder and repair what a killed terminal left; OSError when it cannot."""
        self.path.mkdir(parents=True, exist_ok=True)
        for wav in self.path.glob("*.wav"):
            frames = max(0, wav.stat().st_size - _HEADER.size) // SAMPLE_BYTES
            with wav.open("r+b") as file:
                if file.read(_HEADER.size) != _header(frames):
                    file.seek(0)
                    file.write(_header(frames))

    def trim(self) -> None:
        """Remove the oldest airings beyond the bounds (names begin with their instant)."""
        total = 0
        for count, wav in enumerate(sorted(self.path.glob("*.wav"), reverse=True)):
            total += wav.stat().st_size
            if count >= self.keep_files or total > self.keep_bytes:
                wav.unlink(missing_ok=True)
                wav.with_suffix(".json").unlink(missing_ok=True)


class _Airing:
    """One WAV file being written, with its JSON beside it."""

    def __init__(self, folder: Path, voice_id: str, first_frame: int, wall_us: int) -> None:
        name = f"{wall_us}-{_UNSAFE.sub('_', voice_id)[:80]}"
        self.path = folder / f"{name}.wav"
        self._voice_id = voice_id
        self._wall_us = wall_us
        self.first_frame = first_frame
        self._frames = 0
        self._told = 0
        self._file: BinaryIO = self.path.open("w+b")
        self._file.write(_header(0))
        self._describe(complete=False)

    def append(self, pcm: bytes) -> None:
        self._file.write(pcm)
        self._frames += len(pcm) // SAMPLE_BYTES
        if self._frames - self._told >= RATE:
            self._tell()

    def finish(self) -> None:
        try:
            self._tell()
            self._describe(complete=True)
        finally:
            self._file.close()

    def _tell(self) -> None:
        """Make the header say what is in the file, and hand both to the system."""
        self._file.seek(0)
        self._file.write(_header(self._frames))
        self._file.seek(0, 2)
        self._file.flush()
        self._told = self._frames

    def _describe(self, *, complete: bool) -> None:
        facts = {
            "voice": self._voice_id,
            "first_sample_wall_us": self._wall_us,
            "frames": self._frames,
            "rate": RATE,
            "complete": complete,
        }
        fresh = self.path.with_suffix(".json.new")
        fresh.write_text(json.dumps(facts) + "\n", encoding="utf-8")
        fresh.replace(self.path.with_suffix(".json"))


class WavCard:
    """Output of a virtual terminal, paced in real time by the monotonic clock."""

    noise_ns = 0

    def __init__(
        self,
        folder: WavFolder,
        monotonic_ns: Callable[[], int],
        wall_ns: Callable[[], int],
        buffer_ms: int = 120,
    ) -> None:
        """Write into `folder`; `wall_ns` names the instant of an airing's first sample."""
        self._folder = folder
        self._timeline = PacedTimeline(monotonic_ns, buffer_ms)
        self._monotonic_ns = monotonic_ns
        self._wall_ns = wall_ns
        self._queue: deque[tuple[int, bytes, _Airing]] = deque()
        self._airing: _Airing | None = None
        self._ended: list[_Airing] = []

    def open(self) -> None:
        """Start; frame 0 sounds now. The folder is made and repaired."""
        try:
            self._folder.prepare()
        except OSError as error:
            raise SoundError(SoundFault.CARD_UNAVAILABLE, str(error)) from error
        self._timeline.start()

    def writable(self) -> int:
        """Frames that the buffer takes now."""
        self._settle(self._timeline.due())
        return self._timeline.writable()

    def write(self, pcm: bytes) -> None:
        """Take frames; those whose instant has passed are lost, as on any card."""
        frame = self._timeline.written
        self._timeline.written += len(pcm) // SAMPLE_BYTES
        if self._airing is not None:
            late = max(0, self._timeline.due() - frame) * SAMPLE_BYTES
            heard = bytes(min(late, len(pcm))) + pcm[late:]
            self._queue.append((frame, heard, self._airing))

    def reading(self) -> CardReading:
        """The exact clock of this card."""
        return self._timeline.reading()

    def mark(self, voice_id: str | None) -> None:
        """Begin a new file with the next frame, or none."""
        if self._airing is not None:
            self._ended.append(self._airing)
            self._airing = None
        if voice_id is None:
            return
        frame = self._timeline.written
        ahead_ns = self._timeline.instant_of(frame) - self._monotonic_ns()
        try:
            self._airing = _Airing(
                self._folder.path, voice_id, frame, (self._wall_ns() + ahead_ns) // 1000
            )
            self._folder.trim()
        except OSError as error:
            raise SoundError(SoundFault.CARD_LOST, str(error)) from error

    def close(self) -> None:
        """Keep what has sounded so far and finish the files."""
        with suppress(SoundError):
            self._settle(self._timeline.due())
        self._queue.clear()
        if self._airing is not None:
            self._ended.append(self._airing)
            self._airing = None
        self._finish_ended()

    def _settle(self, due: int) -> None:
        """Write down the frames whose instant has passed."""
        try:
            while self._queue and self._queue[0][0] < due:
                frame, pcm, airing = self._queue.popleft()
                count = due - frame
                airing.append(pcm[: count * SAMPLE_BYTES])
                if len(pcm) > count * SAMPLE_BYTES:
                    self._queue.appendleft((due, pcm[count * SAMPLE_BYTES :], airing))
        except OSError as error:
            raise SoundError(SoundFault.CARD_LOST, str(error)) from error
        self._finish_ended()

    def _finish_ended(self) -> None:
        waiting = {id(airing) for _, _, airing in self._queue}
        for airing in [done for done in self._ended if id(done) not in waiting]:
            self._ended.remove(airing)
            with suppress(OSError):
                airing.finish()
