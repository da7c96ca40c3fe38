"""Long recordings, small disks, missing programs."""

import os
import subprocess
import threading
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from media.confinement import Confinement
from media.errors import Code, SoundRefused, StoreFailed, WorkFailed
from media.ffmpeg_program import find_ffmpeg
from media.library import IngestLimits, Stage
from tests.integration.media.studio import Studio, open_studio, packaged_ffmpeg
from tests.integration.media.voice import convert, voice, write_wav

RATE = 8_000
MIB = 1024 * 1024


def long_wav(path: Path, minutes: int) -> Path:
    """Write minutes of 8-bit sound, the same minute again and again."""
    minute = (voice(60, rate=RATE) * 127 + 128).astype(np.uint8).tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        for _ in range(minutes):
            file.writeframes(minute)
    return path


def _memory(pid: int) -> int:
    """Bytes in memory of all children of a process, and of theirs.

    A child that still is a copy of its parent, and shares its memory, does not count.
    """
    total = 0
    try:
        ours = Path(f"/proc/{pid}/cmdline").read_bytes()
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        for child in " ".join((task / "children").read_text() for task in tasks).split():
            if Path(f"/proc/{child}/cmdline").read_bytes() not in (ours, b""):
                pages = Path(f"/proc/{child}/statm").read_text().split()[1]
                total += int(pages) * os.sysconf("SC_PAGE_SIZE") + _memory(int(child))
    except OSError:
        return total  # It ended meanwhile.
    return total


@contextmanager
def most_memory() -> Iterator[list[int]]:
    """Watch what programs started from here take; the list holds the most of it."""
    most, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            most[0] = max(most[0], _memory(os.getpid()))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


@pytest.mark.timeout(240)
async def test_memory_does_not_grow_with_length(any_studio: Studio) -> None:
    """Ten minutes take no more memory than one, and neither takes 64 MiB."""
    taken = []
    for minutes in (1, 10):
        source = long_wav(any_studio.folder / f"{minutes}.wav", minutes)
        with most_memory() as most:
            await any_studio.library.ingest(source)
        taken.append(most[0])
    assert 10 * MIB < taken[0] < 64 * MIB
    assert taken[1] < taken[0] + 8 * MIB  # its samples alone are 38
    assert taken[1] < 64 * MIB


async def test_two_hours_are_refused_in_bounded_memory(studio: Studio) -> None:
    """The answer names how long it may be, and comes without decoding all of it."""
    source = long_wav(studio.folder / "two-hours.wav", 120)
    with most_memory() as most, pytest.raises(SoundRefused) as refused:
        await studio.library.ingest(source)
    assert refused.value.code is Code.TOO_LONG
    assert refused.value.detail["allowed_s"] == 3600
    assert most[0] < 64 * MIB
    assert studio.left() == []


async def test_an_area_may_allow_less(studio: Studio) -> None:
    """A stricter limit is kept to the second."""
    source = long_wav(studio.folder / "minutes.wav", 2)
    limits = IngestLimits(max_duration=IngestLimits().max_duration // 60)  # type: ignore[arg-type]
    with pytest.raises(SoundRefused) as refused:
        await studio.library.ingest(source, limits=limits)
    assert refused.value.code is Code.TOO_LONG


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("step", ["decoding", "encoding"])
@pytest.mark.parametrize("program", [find_ffmpeg, packaged_ffmpeg])
async def test_a_full_disk_is_told_and_left_clean(
    small_disk: Path, program: Callable[[], Path], step: str
) -> None:
    """Whatever fills the disk, the answer is a full disk, and afterwards there is room again."""
    studio = await open_studio(small_disk, program(), Confinement())
    # The samples of 45 seconds leave 85 kB, and the rendition takes 135.
    seconds = 90 if step == "decoding" else 45
    source = write_wav(small_disk.parent / "long.wav", voice(seconds))
    source = convert(source, small_disk.parent / "long.mp3", "-b:a", "32k")
    reached: list[Stage] = []
    with pytest.raises(StoreFailed) as failed:
        await studio.library.ingest(source, progress=lambda stage, _done: reached.append(stage))
    assert failed.value.code is Code.STORAGE_FULL
    assert reached[-1] is (Stage.DECODE if step == "decoding" else Stage.ENCODE)
    assert studio.left() == []
    await studio.library.ingest(write_wav(small_disk.parent / "short.wav", voice(5)))


def test_the_packaged_program_serves_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without ffmpeg, the one from the wheel is found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_ffmpeg() == packaged_ffmpeg().resolve()


@pytest.mark.parametrize("answer", ["exit 1", "echo something else", "sleep 0; kill -9 $$"])
def test_an_ffmpeg_that_cannot_do_it_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """A program called ffmpeg that is broken or has no Opus is not used."""
    broken = tmp_path / "ffmpeg"
    broken.write_text(f"#!/bin/sh\n{answer}\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_ffmpeg() == packaged_ffmpeg().resolve()


def test_without_any_ffmpeg_there_is_a_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither system nor wheel has one: the answer says what is missing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "nothing"))
    with pytest.raises(WorkFailed) as failed:
        find_ffmpeg()
    assert failed.value.code is Code.TOOL_MISSING
    assert failed.value.detail["program"] == "ffmpeg"
