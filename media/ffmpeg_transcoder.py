"""The only user of ffmpeg-python and of the ffmpeg program: decode, measure, encode, listen.

Graphs are built with ffmpeg-python and run as confined programs without a shell. Strangers'
bytes are decoded once, by the one reader and the few decoders they may reach, into plain
samples; everything after that works on those. One processor core, sound never in memory.
"""

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import ffmpeg

from media.asset import WAVEFORM_PEAKS
from media.audio import CLOCK, DECODERS, AudioFormat, Samples, seconds
from media.confinement import Access, Confinement, Limits
from media.encoding import EncodingProfile
from media.errors import Code, SoundRefused, StoreFailed, WorkFailed
from media.ffmpeg_reports import Faults, Progress, read_blocks
from media.framing import opus_length
from media.loudness import Loudness, Treatment, read_ebur128
from media.ports import Bench, Decoded, Fraction, Heard, Pcm
from media.worker import Finished, ignore, run

Stream: TypeAlias = Any
"""A node of ffmpeg-python, which has no types of its own."""

log = logging.getLogger(__name__)

_PCM: Final = "s32le"
_PCM_BYTES: Final = 4
_HEADROOM_DB: Final = -6.0
"""Lossy decoders give peaks above full scale; whole numbers would clip them."""

_FADE_S: Final = 0.02
_RENDITION: Final = "rendition.opus"
_SPARE_BYTES: Final = 1024 * 1024


class FfmpegTranscoder:
    """Transcodes with the given ffmpeg program behind the given confinement."""

    def __init__(self, program: Path, confinement: Confinement) -> None:
        self._program = program
        self._confinement = confinement

    async def decode(
        self,
        bench: Bench,
        container: AudioFormat,
        profile: EncodingProfile,
        at_most: Samples,
        expected: Samples,
        progress: Fraction,
    ) -> Decoded:
        """Decode the source to mono PCM with its low tones out, and measure that."""
        into = bench.scratch / "speech.pcm"
        source = ffmpeg.input(
            f"file:{bench.source}",
            format=container.demuxer,
            protocol_whitelist="file",
            format_whitelist=container.demuxer,
            codec_whitelist=DECODERS,
            err_detect="crccheck",
            t=seconds(at_most),
            vn=None,
            sn=None,
            dn=None,
        )["a:0"]
        shaped = (
            # `async` fills holes that lost packets left; `rematrix_maxval` keeps several
            # channels from adding up above full scale.
            source.filter("aresample", profile.rate, rematrix_maxval=1, **{"async": 1})
            .filter("aformat", sample_fmts="flt", channel_layouts="mono")
            .filter("highpass", f=profile.high_pass)
            .filter("volume", f"{_HEADROOM_DB}dB")
            .asplit()
        )
        graph = ffmpeg.merge_outputs(_pcm_output(shaped[0], into), _heard(_metered(shaped[1])))
        faults, shown = Faults(), Progress(expected, progress)
        bound = math.ceil(seconds(at_most) * profile.rate) * _PCM_BYTES + _SPARE_BYTES
        finished = await self._run(
            graph, bench, at_most, file_bytes=bound, progress=shown, log=faults.line
        )
        count = await asyncio.to_thread(_size, into) // _PCM_BYTES
        if finished.status != 0 or count == 0:
            raise SoundRefused(Code.UNDECODABLE, step="decode")
        return Decoded(Pcm(into, profile.rate, 0, count), _loudness(finished), faults.count)

    async def measure(self, bench: Bench, parts: tuple[Pcm, ...], treatment: Treatment) -> Loudness:
        """Measure the parts, joined and treated, without encoding them."""
        graph = _heard(_metered(_treated(_joined(parts), treatment)))
        finished = await self._run(graph, bench, _duration(parts))
        return _loudness(_succeeded(finished))

    async def encode(
        self,
        bench: Bench,
        parts: tuple[Pcm, ...],
        treatment: Treatment,
        profile: EncodingProfile,
        progress: Fraction,
    ) -> Path:
        """Join, treat and encode the parts; return the Ogg Opus file in the scratch folder."""
        into = bench.scratch / _RENDITION
        graph = ffmpeg.output(
            _treated(_joined(parts), treatment),
            f"file:{into}",
            format="ogg",
            acodec="libopus",
            audio_bitrate=profile.bits_per_second,
            application=profile.use.value,
            compression_level=profile.effort,
            frame_duration=profile.frame_ms,
            map_metadata=-1,
            # The same sound gives the same bytes, and so the same name in the store.
            fflags="+bitexact",
            **{"flags:a": "+bitexact"},
        )
        length = _duration(parts)
        bound = int(seconds(length) * profile.bits_per_second / 8 * 4) + _SPARE_BYTES
        shown = Progress(length, progress)
        finished = await self._run(graph, bench, length, file_bytes=bound, progress=shown)
        _succeeded(finished)
        return into

    async def listen(
        self,
        bench: Bench,
        rendition: Path,
        profile: EncodingProfile,
        expected: Samples,
        progress: Fraction,
    ) -> Heard:
        """Decode a rendition and measure it, block by block for the waveform.

        Its true peak is the highest sample at a rate so high that no peak of a tone the
        profile can hold hides between samples (at most 0.7 dB of it, as BS.1770 allows).
        """
        blocks = bench.scratch / "blocks.txt"
        oversampling = 2 if profile.rate <= CLOCK // 2 else 4
        block = max(math.ceil(expected / WAVEFORM_PEAKS), 1) * oversampling
        heard = ffmpeg.input(
            f"file:{rendition}",
            format="ogg",
            acodec="libopus",
            protocol_whitelist="file",
            format_whitelist="ogg",
        )["a:0"].asplit()
        peaks = (
            heard[1]
            .filter("aresample", CLOCK * oversampling)
            .filter("asetnsamples", n=block, p=0)
            .filter(
                "astats",
                metadata=1,
                reset=1,
                measure_perchannel="none",
                measure_overall="Peak_level",
            )
            .filter("ametadata", mode="print", file=str(blocks))
        )
        graph = ffmpeg.merge_outputs(_heard(_metered(heard[0])), _heard(peaks))
        shown = Progress(expected, progress)
        finished = await self._run(graph, bench, expected, file_bytes=_SPARE_BYTES, progress=shown)
        loudness = _loudness(_succeeded(finished))
        duration = opus_length(await asyncio.to_thread(rendition.read_bytes))
        if duration is None:
            raise WorkFailed(Code.TOOL_FAILED, program="ffmpeg", step="listen")
        seen = read_blocks(await asyncio.to_thread(blocks.read_text, "ascii"))
        return Heard(duration, replace(loudness, true_peak=seen.peak), seen.waveform)

    async def _run(
        self,
        graph: Stream,
        bench: Bench,
        length: Samples,
        *,
        file_bytes: int = 0,
        progress: Progress | None = None,
        log: Callable[[str], None] | None = None,
    ) -> Finished:
        """Run a graph over `length` of sound; the limits follow from that length."""
        graph = graph.global_args(
            *("-nostdin", "-hide_banner", "-nostats", "-loglevel", "repeat+level+info"),
            *("-progress", "pipe:1", "-stats_period", "0.25", "-filter_complex_threads", "1"),
        )
        command = ffmpeg.compile(graph, cmd=str(self._program), overwrite_output=True)
        # Four times real time is twenty times slower than the slowest machine that was tried.
        allowed = 30 + seconds(length) / 4
        limits = Limits(wall_s=2 * allowed, cpu_s=math.ceil(allowed), file_bytes=file_bytes)
        access = Access((bench.source.parent,), bench.scratch)
        finished = await run(
            command,
            self._confinement,
            limits,
            access,
            output=progress.line if progress else ignore,
            log=log or ignore,
        )
        if "No space left on device" in finished.log:
            raise StoreFailed(Code.STORAGE_FULL)
        return finished


def _pcm_output(stream: Stream, into: Path) -> Stream:
    return ffmpeg.output(stream, f"file:{into}", format=_PCM, acodec=f"pcm_{_PCM}")


def _heard(stream: Stream) -> Stream:
    """Run a stream to its end for what filters say of it, and throw the sound away."""
    return ffmpeg.output(stream, "-", format="null")


def _metered(stream: Stream) -> Stream:
    return stream.filter("ebur128", framelog="verbose", peak="none")


def _joined(parts: tuple[Pcm, ...]) -> Stream:
    """Put parts one behind the other, each faded in and out over 20 ms."""
    streams = []
    for part in parts:
        length = (part.end - part.first) / part.rate
        pcm = ffmpeg.input(
            f"file:{part.path}", format=_PCM, ar=part.rate, ac=1, protocol_whitelist="file,pipe"
        )
        streams.append(
            pcm.audio.filter("atrim", start_sample=part.first, end_sample=part.end)
            .filter("asetpts", "PTS-STARTPTS")
            .filter("afade", t="in", d=_FADE_S)
            .filter("afade", t="out", st=max(length - _FADE_S, 0), d=_FADE_S)
        )
    return streams[0] if len(streams) == 1 else ffmpeg.concat(*streams, v=0, a=1)


def _treated(stream: Stream, treatment: Treatment) -> Stream:
    if treatment.levelling is not None:
        stream = stream.filter(
            "acompressor",
            threshold=max(_linear(treatment.levelling.threshold), 0.001),
            ratio=treatment.levelling.ratio,
            attack=100,
            release=1500,
            knee=4,
        )
    return stream.filter("volume", f"{treatment.gain:.2f}dB").filter(
        "alimiter",
        limit=_linear(treatment.ceiling),
        attack=5,
        release=20,
        level=0,
        latency=1,
    )


def _linear(level: float) -> float:
    return float(round(10 ** (level / 20), 6))


def _duration(parts: tuple[Pcm, ...]) -> Samples:
    return Samples(sum(part.duration for part in parts))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _succeeded(finished: Finished) -> Finished:
    if finished.status != 0:
        log.error("ffmpeg failed", extra={"action": "transcode", "status": finished.status})
        raise WorkFailed(Code.TOOL_FAILED, program="ffmpeg", status=finished.status)
    return finished


def _loudness(finished: Finished) -> Loudness:
    loudness = read_ebur128(finished.log)
    if loudness is None:
        raise WorkFailed(Code.TOOL_FAILED, program="ffmpeg", status=finished.status)
    return loudness
