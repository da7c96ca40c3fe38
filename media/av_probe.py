"""The only user of PyAV, in a confined process of its own: reads what a file says of itself.

The parent starts this module's `main` as a child, which answers with one line of JSON.
"""

import json
import os
import sys
from contextlib import closing
from typing import Any, Final

from media.audio import (
    DECODERS,
    HEAD_BYTES,
    AudioFormat,
    Samples,
    from_seconds,
    mp3_frame,
    recognise,
    tag_length,
)
from media.confinement import Access, Confinement, Limits, python_access, python_child
from media.errors import Code, SoundRefused, WorkFailed
from media.framing import is_cut
from media.ports import Bench, Probed
from media.worker import run

_LIMITS: Final = Limits(wall_s=60, cpu_s=30)
_MOST_TAGS: Final = 4
_REFUSALS: Final = (Code.UNSUPPORTED_FORMAT, Code.NO_AUDIO, Code.UNDECODABLE, Code.CUT_SHORT)


class AvProbe:
    """Probes files with PyAV behind the given confinement."""

    def __init__(self, confinement: Confinement) -> None:
        self._confinement = confinement

    async def probe(self, bench: Bench) -> Probed:
        """Recognise the source by its bytes and read what it says of itself."""
        access = Access((*python_access().reads, bench.source.parent))
        command = python_child(__name__, str(bench.source))
        finished = await run(command, self._confinement, _LIMITS, access)
        if finished.status != 0:
            # It died of the file: out of memory, or a fault in a demuxer.
            raise SoundRefused(Code.UNDECODABLE, step="probe")
        return _read_answer(finished.output)


def _read_answer(text: str) -> Probed:
    try:
        answer = json.loads(text)
        if "refused" in answer:
            raise SoundRefused(_REFUSALS[_REFUSALS.index(answer["refused"])])
        declared, guessed = answer["declared"], answer["guessed"]
        return Probed(
            container=AudioFormat(answer["container"]),
            codec=str(answer["codec"]),
            channels=int(answer["channels"]),
            rate=int(answer["rate"]),
            declared=None if declared is None else Samples(int(declared)),
            guessed=None if guessed is None else Samples(int(guessed)),
            cut=bool(answer["cut"]),
        )
    except (ValueError, KeyError, TypeError) as problem:
        raise WorkFailed(Code.TOOL_FAILED, program="probe") from problem


class _Window:
    """A file's bytes, read in windows, so that a walk through it holds little of it."""

    _SIZE = 64 * 1024

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._length = os.fstat(descriptor).st_size
        self._at, self._bytes = 0, b""

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: slice) -> bytes:
        first, end, _ = index.indices(self._length)
        if first < self._at or end > self._at + len(self._bytes):
            self._at = first
            self._bytes = os.pread(self._descriptor, max(self._SIZE, end - first), first)
        return self._bytes[first - self._at : end - self._at]

    def rfind(self, sub: bytes, start: int = 0, /) -> int:
        """Return where `sub` stands for the last time, -1 if not in the last two windows."""
        first = max(start, self._length - 2 * self._SIZE)
        found = self[first : self._length].rfind(sub)
        return found if found < 0 else first + found


def main() -> None:
    """Probe the file named on the command line and print the answer (the child's side)."""
    descriptor = os.open(sys.argv[1], os.O_RDONLY)
    try:
        answer = _answer(sys.argv[1], _Window(descriptor))
    finally:
        os.close(descriptor)
    sys.stdout.write(json.dumps(answer))


def _answer(path: str, data: _Window) -> dict[str, Any]:
    start = _behind_tags(data)
    container = recognise(data[start : start + HEAD_BYTES])
    if container is None:
        return {"refused": Code.UNSUPPORTED_FORMAT}
    cut = is_cut(container, data, start)
    answer = _described(path, container)
    if cut and answer.get("refused") is Code.UNDECODABLE:
        return {"refused": Code.CUT_SHORT}
    tells = _tells_its_length(container, data, start)
    declared = answer.get("guessed") if tells else None
    return {**answer, "container": container, "declared": declared, "cut": cut}


def _behind_tags(data: _Window) -> int:
    """Return where the sound begins: behind ID3v2 tags, and the zeros some writers leave there."""
    start = 0
    for _ in range(_MOST_TAGS):
        length = tag_length(data[start : start + 10])
        if not length:
            break
        start += length
        head = data[start : start + HEAD_BYTES]
        start += len(head) - len(head.lstrip(b"\0"))
    return start


def _described(path: str, container: AudioFormat) -> dict[str, Any]:
    import av

    options = {
        "protocol_whitelist": "file",
        "format_whitelist": container.demuxer,
        "codec_whitelist": DECODERS,
    }
    try:
        source = av.open(f"file:{path}", format=container.demuxer, options=options)
    except av.FFmpegError:
        return {"refused": Code.UNDECODABLE}
    with closing(source):
        if not source.streams.audio:
            return {"refused": Code.NO_AUDIO}
        stream = source.streams.audio[0]
        context = stream.codec_context
        length = stream.duration and float(stream.duration * (stream.time_base or 0))
        length = length or (source.duration and source.duration / av.time_base)
        return {
            "codec": context.name,
            "channels": context.channels,
            "rate": context.sample_rate,
            "guessed": from_seconds(length) if length and length > 0 else None,
        }


def _tells_its_length(container: AudioFormat, data: _Window, start: int) -> bool:
    """MP3 only by its Xing, Info or VBRI header; others of these formats never do.

    What libavformat gives for them comes from a bit rate or the last page, so it always fits.
    """
    if container is AudioFormat.MP3:
        first = data[start : start + max(mp3_frame(data[start : start + 4]), 200)]
        return any(mark in first for mark in (b"Xing", b"Info", b"VBRI"))
    return container not in (AudioFormat.AAC, AudioFormat.AMR, AudioFormat.OGG, AudioFormat.WAV)
