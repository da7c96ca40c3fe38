"""Libraries with the real programs, and something to say."""

from pathlib import Path

import pytest

from media.confinement import Confinement
from media.ffmpeg_program import find_ffmpeg
from tests.integration.media.studio import Studio, open_studio, packaged_ffmpeg
from tests.integration.media.voice import voice, write_wav


@pytest.fixture
async def studio(tmp_path: Path) -> Studio:
    """The ffmpeg that is found, confined without bubblewrap."""
    return await open_studio(tmp_path, find_ffmpeg(), Confinement())


@pytest.fixture(params=["found", "packaged"])
async def any_studio(request: pytest.FixtureRequest, tmp_path: Path) -> Studio:
    """Each ffmpeg in turn."""
    program = find_ffmpeg() if request.param == "found" else packaged_ffmpeg()
    return await open_studio(tmp_path, program, Confinement())


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """Twelve seconds of something like speech."""
    return write_wav(tmp_path / "speech.wav", voice(12))
