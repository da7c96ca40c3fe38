"""Which ffmpeg program is used."""

import shutil
import subprocess
from pathlib import Path

from media.errors import Code, WorkFailed


def find_ffmpeg() -> Path:
    """Return an ffmpeg that has what we need: the system's, else the one in imageio-ffmpeg.

    Raises WorkFailed (tool_missing) when there is none.
    """
    for candidate in (_system_ffmpeg, _packaged_ffmpeg):
        program = candidate()
        if program is not None and _is_able(program):
            return program
    raise WorkFailed(Code.TOOL_MISSING, program="ffmpeg")


def _system_ffmpeg() -> Path | None:
    found = shutil.which("ffmpeg")
    return Path(found).resolve() if found else None


def _packaged_ffmpeg() -> Path | None:
    try:
        import imageio_ffmpeg

        return Path(imageio_ffmpeg.get_ffmpeg_exe()).resolve()
    except (ImportError, RuntimeError):
        return None


def _is_able(program: Path) -> bool:
    """True when it runs, encodes Opus and has a limiter that keeps its delay to itself (5.1)."""
    for what, expected in (("encoder=libopus", "Encoder libopus"), ("filter=alimiter", "latency")):
        command = [str(program), "-hide_banner", "-h", what]
        try:
            help_text = subprocess.run(
                command, capture_output=True, text=True, timeout=20, check=False
            ).stdout
        except (OSError, subprocess.SubprocessError):
            return False
        if expected not in help_text:
            return False
    return True
