"""Taking a recording in: recognise, decode, measure, treat, encode, listen again, keep.

What comes out is a rendition that terminals can play and a person can approve by its hash,
or a `MediaError` with a stable code; either way nothing else is left behind.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final

from media.asset import Asset, Doubt, DoubtReason, Ingested, Rendition, Waveform
from media.audio import Hertz, LoudnessUnits, Samples, Sha256, from_seconds, seconds
from media.encoding import VOICE, EncodingProfile
from media.errors import Code, MediaError, SoundRefused, WorkFailed
from media.loudness import (
    SPEECH,
    Approach,
    LoudnessTarget,
    gap,
    is_silent,
)
from media.ports import (
    AssetStore,
    Bench,
    Decoded,
    Editor,
    Envelope,
    Heard,
    Kept,
    Pcm,
    Probed,
    Prober,
    Tones,
    Transcoder,
)


class Stage(StrEnum):
    """The steps of taking a recording in, in their order. A step may come again."""

    QUEUE = "queue"
    RECOGNISE = "recognise"
    DECODE = "decode"
    ARRANGE = "arrange"
    ENCODE = "encode"
    LISTEN = "listen"
    KEEP = "keep"


Progress = Callable[[Stage, float], None]
"""Is told the stage and how much of it is done, 0 to 1. It must neither wait nor raise."""


_HALF_A_SECOND: Final = from_seconds(0.5)
_AN_HOUR: Final = from_seconds(60 * 60)


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """What is taken in. The defaults are the product's; an area's policy may be stricter.

    `refused_below`: a file that decodes to less than this share of the length it declares is
    no recording any more; above it, it is taken with a doubt. Below `min_duration` loudness
    has no meaning (EBU R 128 measures blocks of 400 ms).
    """

    max_bytes: int = 100 * 1024 * 1024
    min_duration: Samples = _HALF_A_SECOND
    max_duration: Samples = _AN_HOUR
    max_channels: int = 8
    min_rate: Hertz = 8_000
    max_rate: Hertz = 192_000
    refused_below: float = 0.25


Keep = Callable[[Path, Path, Waveform], Awaitable[tuple[Kept, Kept]]]
"""Keeps an original and its rendition, both or none."""

DEFAULT_LIMITS: Final = IngestLimits()
NO_ENVELOPE: Final = Envelope()

_TONES_SOFTER: Final[LoudnessUnits] = 1.0
"""A little softer than the speech, a chime opens ears and does not startle."""

_TRIALS: Final = 4
_ENCODINGS: Final = 4
_LENGTH_TOLERANCE_S: Final = 0.5
_LENGTH_TOLERANCE: Final = 0.01


def _tell_nobody(_stage: Stage, _done: float) -> None:
    """Take progress that nobody asked for."""


class Library:
    """Recordings as sound: takes them in and gives out what terminals play.

    `at_once` recordings are worked on at a time and `waiting` more may wait, the next is
    refused as media_busy. Urgent ones have a place of their own.
    """

    def __init__(
        self,
        store: AssetStore,
        prober: Prober,
        transcoder: Transcoder,
        editor: Editor,
        *,
        at_once: int = 1,
        waiting: int = 50,
    ) -> None:
        self._store = store
        self._tools = _Tools(prober, transcoder, editor)
        self._ordinary = _Queue(at_once, waiting)
        self._urgent = _Queue(1, waiting)
        self._keeping = asyncio.Lock()

    async def ingest(
        self,
        source: Path,
        *,
        profile: EncodingProfile = VOICE,
        target: LoudnessTarget = SPEECH,
        limits: IngestLimits = DEFAULT_LIMITS,
        envelope: Envelope = NO_ENVELOPE,
        progress: Progress = _tell_nobody,
        urgent: bool = False,
    ) -> Ingested:
        """Take a file in; it stays where it is.

        Raises SoundRefused, StoreFailed or WorkFailed. When the task is cancelled, programs
        are killed and the store is as it was before.
        """
        progress(Stage.QUEUE, 0.0)
        queue = self._urgent if urgent else self._ordinary
        async with queue.turn(), self._store.bench(source) as bench:
            job = _Job(self._tools, bench, profile, target, limits, progress)
            return await job.run(envelope, self._keep)

    async def waveform(self, name: Sha256) -> Waveform:
        """Return the peaks of a rendition. Raises StoreFailed (asset_unknown)."""
        return await self._store.waveform(name)

    async def open_rendition(self, name: Sha256) -> Path:
        """Return a rendition's file, to be read only. Raises StoreFailed (asset_unknown)."""
        return await self._store.path(name)

    async def read(self, name: Sha256, offset: int, length: int) -> bytes:
        """Return a range of a rendition's bytes, fewer at its end. Raises StoreFailed."""
        return await self._store.read(name, offset, length)

    async def remove(self, name: Sha256) -> None:
        """Remove a file that nothing refers to any more."""
        async with self._keeping:
            await self._store.remove(name)

    async def _keep(self, source: Path, rendition: Path, waveform: Waveform) -> tuple[Kept, Kept]:
        """Keep an original and its rendition, both or none.

        One at a time: else undoing one could take away what the other has just found there.
        """
        kept: list[Kept] = []
        async with self._keeping:
            try:
                for path in (source, rendition):
                    kept.append(await self._store.keep(path))  # noqa: PERF401 - undone in part
                await self._store.keep_waveform(kept[1].hash, waveform)
            except (MediaError, asyncio.CancelledError):
                for done in kept:
                    if done.new:
                        await asyncio.shield(self._store.remove(done.hash))
                raise
        return kept[0], kept[1]


class _Queue:
    """So many at work, so many waiting, the next is refused."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._room = at_once + waiting
        self._inside = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn. Raises WorkFailed media_busy when too many wait already."""
        if self._inside >= self._room:
            raise WorkFailed(Code.BUSY)
        self._inside += 1
        try:
            async with self._free:
                yield
        finally:
            self._inside -= 1


@dataclass(frozen=True, slots=True)
class _Tools:
    """What a job works with."""

    prober: Prober
    transcoder: Transcoder
    editor: Editor


@dataclass(frozen=True, slots=True)
class _Job:
    """One recording on its way in."""

    tools: _Tools
    bench: Bench
    profile: EncodingProfile
    target: LoudnessTarget
    limits: IngestLimits
    progress: Progress

    async def run(self, envelope: Envelope, keep: Keep) -> Ingested:
        """Take it through all stages."""
        probed = await self._recognise()
        decoded = await self._decode(probed)
        doubt = self._doubt(probed, decoded)
        self.progress(Stage.ARRANGE, 0.0)
        approach = await self._approach(decoded)
        tones_level = approach.treatment.level_before(self.target.integrated - _TONES_SOFTER)
        parts = await self.tools.editor.arrange(
            self.bench, decoded.sound, decoded.loudness.integrated, Tones(envelope, tones_level)
        )
        file, heard = await self._encode(parts, approach)
        self.progress(Stage.KEEP, 0.0)
        original, rendition = await keep(self.bench.source, file, heard.waveform)
        self.progress(Stage.KEEP, 1.0)
        return Ingested(
            original=Asset(
                original.hash,
                original.size,
                probed.container,
                probed.codec,
                decoded.sound.duration,
            ),
            rendition=Rendition(rendition.hash, rendition.size, heard.duration, self.profile.name),
            before=decoded.loudness,
            after=heard.loudness,
            waveform=heard.waveform,
            doubt=doubt,
        )

    async def _recognise(self) -> Probed:
        self.progress(Stage.RECOGNISE, 0.0)
        limits, size = self.limits, self.bench.size
        if size == 0:
            raise SoundRefused(Code.EMPTY_FILE)
        if size > limits.max_bytes:
            raise SoundRefused(Code.FILE_TOO_LARGE, bytes=size, allowed=limits.max_bytes)
        probed = await self.tools.prober.probe(self.bench)
        if not 1 <= probed.channels <= limits.max_channels:
            raise SoundRefused(Code.TOO_MANY_CHANNELS, channels=probed.channels)
        if not limits.min_rate <= probed.rate <= limits.max_rate:
            raise SoundRefused(Code.BAD_SAMPLE_RATE, rate=probed.rate)
        if probed.declared is not None and probed.declared > 2 * limits.max_duration:
            # Only a declaration, but decoding an hour to prove it helps nobody.
            raise self._too_long(probed.declared)
        return probed

    async def _decode(self, probed: Probed) -> Decoded:
        limits = self.limits
        decoded = await self.tools.transcoder.decode(
            self.bench,
            probed.container,
            self.profile,
            Samples(limits.max_duration + from_seconds(1)),
            probed.guessed or limits.max_duration,
            partial(self.progress, Stage.DECODE),
        )
        duration = decoded.sound.duration
        if duration > limits.max_duration:
            raise self._too_long(max(duration, probed.declared or duration))
        if probed.declared is not None and duration < probed.declared * limits.refused_below:
            raise SoundRefused(
                Code.CUT_SHORT, declared_s=seconds(probed.declared), decoded_s=seconds(duration)
            )
        if duration < limits.min_duration:
            raise SoundRefused(Code.TOO_SHORT, decoded_s=seconds(duration))
        if is_silent(decoded.loudness, self.target):
            raise SoundRefused(Code.SILENT)
        return decoded

    def _too_long(self, duration: Samples) -> SoundRefused:
        allowed = seconds(self.limits.max_duration)
        return SoundRefused(Code.TOO_LONG, duration_s=seconds(duration), allowed_s=allowed)

    def _doubt(self, probed: Probed, decoded: Decoded) -> Doubt | None:
        duration, declared = decoded.sound.duration, probed.declared
        if declared is not None:
            tolerance = max(_LENGTH_TOLERANCE_S, seconds(declared) * _LENGTH_TOLERANCE)
            if seconds(declared) - seconds(duration) > tolerance:
                return Doubt(DoubtReason.SHORTER_THAN_DECLARED, declared, duration)
        if probed.cut:
            return Doubt(DoubtReason.CUT_OFF, declared, duration)
        if decoded.faults:
            return Doubt(DoubtReason.DAMAGED, declared, duration)
        return None

    async def _approach(self, decoded: Decoded) -> Approach:
        """Try treatments on the speech, before it is encoded, until one will do."""
        approach = Approach(decoded.loudness, self.target, self.profile.expected_loss)
        speech = (decoded.sound,)
        for _ in range(_TRIALS):
            tried = await self.tools.transcoder.measure(self.bench, speech, approach.treatment)
            if approach.tried(tried):
                break
        return approach

    async def _encode(self, parts: tuple[Pcm, ...], approach: Approach) -> tuple[Path, Heard]:
        """Encode and listen until it is right; return the best of what was made."""
        expected = Samples(sum(part.duration for part in parts))
        best: tuple[float, Path, Heard] | None = None
        for number in range(_ENCODINGS):
            made = await self.tools.transcoder.encode(
                self.bench,
                parts,
                approach.treatment,
                self.profile,
                partial(self.progress, Stage.ENCODE),
            )
            heard = await self.tools.transcoder.listen(
                self.bench, made, self.profile, expected, partial(self.progress, Stage.LISTEN)
            )
            distance = gap(heard.loudness, self.target)
            if best is None or distance < best[0]:
                best = distance, await asyncio.to_thread(_set_aside, made, number), heard
            if approach.encoded(heard.loudness):
                break
        if best is None:
            raise AssertionError("at least one encoding was made")
        return best[1:]


def _set_aside(made: Path, number: int) -> Path:
    """Rename a rendition, so that the next does not overwrite it."""
    return made.rename(made.with_stem(f"{made.stem}-{number}"))
