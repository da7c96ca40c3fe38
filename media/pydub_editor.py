"""The only user of pydub, in a confined process of its own: trims, fades, joins.

pydub holds all of a sound in memory several times over, so only what is short goes through
it. Of a long speech it sees both ends, to find where silence stops, and it makes the chime
and the closing tone that are then joined to the speech by a graph that holds nothing.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from media.audio import Hertz, Lufs
from media.chime import CHIME, CLOSING, LEVEL, Note, render
from media.confinement import Access, Confinement, Limits, python_access, python_child
from media.errors import Code, StoreFailed, WorkFailed
from media.ports import Bench, Pcm, Tones
from media.worker import run

Segment: TypeAlias = Any
"""An `AudioSegment` of pydub, which has no types of its own."""

_LIMITS: Final = Limits(wall_s=60, cpu_s=30, file_bytes=64 * 1024 * 1024)
_SHORT_BYTES: Final = 2 * 60 * 16_000 * 4
"""Two minutes at the rate of the voice profile."""

_END_S: Final = 20
"""How much of each end is searched for where silence stops."""

_SILENCE_BELOW: Final = 32.0
"""Decibels under the speech's loudness from which on it counts as silence."""

_KEPT_SILENCE_MS: Final = 200
_PAUSE_MS: Final = 500
_FADE_MS: Final = 20
_BYTES: Final = 4


class PydubEditor:
    """Arranges announcements with pydub behind the given confinement."""

    def __init__(self, confinement: Confinement) -> None:
        self._confinement = confinement

    async def arrange(
        self, bench: Bench, speech: Pcm, level: Lufs, tones: Tones
    ) -> tuple[Pcm, ...]:
        """Trim silence off both ends and add the tones that are asked for."""
        order = json.dumps(
            {
                "speech": str(speech.path),
                "rate": speech.rate,
                "first": speech.first,
                "end": speech.end,
                "level": level,
                "tones_level": tones.level,
                "chime": tones.envelope.chime,
                "closing": tones.envelope.closing,
                "into": str(bench.scratch),
            }
        )
        access = Access(python_access().reads, bench.scratch)
        finished = await run(python_child(__name__, order), self._confinement, _LIMITS, access)
        if "No space left on device" in finished.log:
            raise StoreFailed(Code.STORAGE_FULL)
        if finished.status != 0:
            raise WorkFailed(Code.TOOL_FAILED, program="editor", status=finished.status)
        return tuple(
            Pcm(Path(path), speech.rate, first, end)
            for path, first, end in json.loads(finished.output)
        )


@dataclass(frozen=True, slots=True)
class _Order:
    """What the child is asked for."""

    speech: str
    rate: Hertz
    first: int
    end: int
    level: Lufs
    tones_level: Lufs
    chime: bool
    closing: bool
    into: str


def main() -> None:
    """Arrange what the command line says and print the parts (the child's side)."""
    parts = _arrange(_Order(**json.loads(sys.argv[1])))
    sys.stdout.write(json.dumps(parts))


def _arrange(order: _Order) -> list[tuple[str, int, int]]:
    first, end = _without_silence(order)
    into = Path(order.into)
    before = _tone(CHIME, order) if order.chime else None
    after = _tone(CLOSING, order) if order.closing else None
    if before is None and after is None:
        return [(order.speech, first, end)]
    if (end - first) * _BYTES <= _SHORT_BYTES:
        whole = _read(order, first, end).fade_in(_FADE_MS).fade_out(_FADE_MS)
        if before is not None:
            whole = before + _pause(order) + whole
        if after is not None:
            whole = whole + _pause(order) + after
        return [_write(whole, into / "whole.pcm")]
    parts = [(order.speech, first, end)]
    if before is not None:
        parts.insert(0, _write(before + _pause(order), into / "chime.pcm"))
    if after is not None:
        parts.append(_write(_pause(order) + after, into / "closing.pcm"))
    return parts


def _without_silence(order: _Order) -> tuple[int, int]:
    """Return where the speech begins and ends, a breath of silence left on each side."""
    from pydub.silence import detect_leading_silence

    window = min(order.end - order.first, _END_S * order.rate)
    threshold = order.level - _SILENCE_BELOW
    ends = []
    for sound in (
        _read(order, order.first, order.first + window),
        _read(order, order.end - window, order.end).reverse(),
    ):
        silence = detect_leading_silence(sound, silence_threshold=threshold)
        ends.append(max(silence - _KEPT_SILENCE_MS, 0) * order.rate // 1000)
    first, end = order.first + ends[0], order.end - ends[1]
    return (first, end) if first < end else (order.first, order.end)


def _read(order: _Order, first: int, end: int) -> Segment:
    with Path(order.speech).open("rb") as file:
        file.seek(first * _BYTES)
        return _segment(file.read((end - first) * _BYTES), order.rate)


def _segment(samples: bytes, rate: Hertz) -> Segment:
    from pydub import AudioSegment

    return AudioSegment(data=samples, sample_width=_BYTES, frame_rate=rate, channels=1)


def _tone(notes: Sequence[Note], order: _Order) -> Segment:
    sound = _segment(render(notes, order.rate), order.rate)
    return sound.apply_gain(order.tones_level - LEVEL).fade_out(_FADE_MS)


def _pause(order: _Order) -> Segment:
    from pydub import AudioSegment

    return AudioSegment.silent(_PAUSE_MS, order.rate).set_sample_width(_BYTES)


def _write(sound: Segment, path: Path) -> tuple[str, int, int]:
    path.write_bytes(sound.raw_data)
    return str(path), 0, len(sound.raw_data) // _BYTES
