"""Speed of taking a recording in, beside ffmpeg's own two-pass loudnorm in the same run.

Fifteen minutes of speech, from WAV to a checked rendition in the store; the peer measures with
`loudnorm`, then applies it linearly and encodes the same Opus. Each runs three times in turn.
"""

import asyncio
import json
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
import wave
from pathlib import Path

from media.audio import seconds
from media.av_probe import AvProbe
from media.confinement import detect_confinement
from media.encoding import VOICE
from media.ffmpeg_program import find_ffmpeg
from media.ffmpeg_transcoder import FfmpegTranscoder
from media.file_store import FileStore
from media.library import Library
from media.loudness import SPEECH
from media.pydub_editor import PydubEditor
from tests.acceptance.speech import TEXT

MINUTES = 15
RUNS = 3


def run() -> dict[str, float | str]:
    """Measure; needs espeak-ng for speech that was not made by us."""
    folder = Path(tempfile.mkdtemp())
    try:
        source = _speech(folder)
        with wave.open(str(source)) as opened:
            length = opened.getnframes() / opened.getframerate()
        ours, peer, errors = [], [], []
        for number in range(RUNS):
            started = time.perf_counter()
            errors.append(asyncio.run(_ingest(source, folder / f"store-{number}")))
            ours.append(length / (time.perf_counter() - started))
            started = time.perf_counter()
            _two_passes(source, folder / "peer.opus")
            peer.append(length / (time.perf_counter() - started))
        child_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        return {
            "transcode_x_realtime": round(statistics.median(ours), 1),
            "transcode_ffmpeg_2pass_x_realtime": round(statistics.median(peer), 1),
            "transcode_x_vs_ffmpeg_2pass": round(
                statistics.median(one / other for one, other in zip(ours, peer, strict=True)), 2
            ),
            "transcode_lufs_error": round(max(errors), 2),
            "transcode_rss_mib": round(child_mib, 1),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _ingest(source: Path, root: Path) -> float:
    """Take the file in as the controller does; return how far its loudness is off."""
    confinement = detect_confinement()
    store = FileStore(root)
    await store.open()
    library = Library(
        store,
        AvProbe(confinement),
        FfmpegTranscoder(find_ffmpeg(), confinement),
        PydubEditor(confinement),
    )
    taken = await library.ingest(source)
    if seconds(taken.rendition.duration) < MINUTES * 60 * 0.9:
        raise RuntimeError("not all of it was taken in")
    return abs(taken.after.integrated - SPEECH.integrated)


def _two_passes(source: Path, into: Path) -> None:
    target = f"loudnorm=I={SPEECH.integrated}:TP={SPEECH.max_true_peak}:LRA={SPEECH.max_range}"
    program = [str(find_ffmpeg()), "-hide_banner", "-nostdin", "-y", "-i", str(source)]
    first = subprocess.run(
        [*program, "-af", f"{target}:print_format=json", "-f", "null", "-"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found = re.search(r"\{[^{}]*\}\s*$", first.stderr)
    if found is None:
        raise RuntimeError("loudnorm measured nothing")
    measured = json.loads(found[0])
    second = (
        f"{target}:measured_I={measured['input_i']}:measured_TP={measured['input_tp']}"
        f":measured_LRA={measured['input_lra']}:measured_thresh={measured['input_thresh']}"
        f":offset={measured['target_offset']}:linear=true"
    )
    encoding = ["-ac", "1", "-c:a", "libopus", "-b:a", str(VOICE.bits_per_second)]
    subprocess.run([*program, "-af", second, *encoding, str(into)], check=True, capture_output=True)


def _speech(folder: Path) -> Path:
    """Return a WAV of a quarter of an hour in which the same text is read again and again."""
    once = folder / "once.wav"
    subprocess.run(["espeak-ng", "-v", "vi", "-w", str(once), TEXT], check=True)
    whole = folder / "speech.wav"
    with wave.open(str(once)) as source, wave.open(str(whole), "wb") as into:
        into.setparams(source.getparams())
        frames = source.readframes(source.getnframes())
        for _ in range(MINUTES * 60 * source.getframerate() // source.getnframes() + 1):
            into.writeframes(frames)
    return whole
