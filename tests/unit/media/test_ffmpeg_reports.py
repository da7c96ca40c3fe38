"""What ffmpeg says while it works."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.asset import WAVEFORM_PEAKS
from media.audio import CLOCK, Samples
from media.ffmpeg_reports import Faults, Progress, read_blocks


def blocks(*levels: str) -> str:
    return "".join(
        f"frame:{n} pts:0 pts_time:0\nlavfi.astats.Overall.Peak_level={level}\n"
        for n, level in enumerate(levels)
    )


def test_progress_becomes_a_fraction() -> None:
    """Times become shares of the whole, each told once, never falling and never above one."""
    told: list[float] = []
    progress = Progress(Samples(CLOCK * 10), told.append)
    for line in ("frame=1", "out_time_us=N/A", "out_time_us=-5", "out_time_us=2500000"):
        progress.line(line)
    for line in ("out_time_us=2500000", "out_time_us=1000000", "out_time_us=20000000"):
        progress.line(line)
    assert told == [0.25, 1.0]


@given(st.lists(st.text(max_size=40)))
def test_any_line_may_come(lines: list[str]) -> None:
    """No line makes reading fail."""
    progress, faults = Progress(Samples(0), lambda _done: None), Faults()
    for line in lines:
        progress.line(line)
        faults.line(line)


def test_complaints_are_counted() -> None:
    """Errors and corrupt packets count; what a whitelist turned away is no fault of the sound."""
    faults = Faults()
    faults.line("[mp3float @ 0x1] [error] Header missing")
    faults.line("[in] [warning] corrupt input packet in stream 0")
    faults.line("[mov] [error] Codec not on whitelist 'aac'")
    faults.line("[info] Stream #0:0: Audio")
    assert faults.count == 2


def test_a_waveform_is_drawn() -> None:
    """Full scale is 100, half of it 50, silence 0; the rest of the picture is empty."""
    seen = read_blocks(blocks("0.0", "-6.0206", "-inf", "-120.0"))
    assert seen.waveform[:5] == (100, 50, 0, 0, 0)
    assert len(seen.waveform) == WAVEFORM_PEAKS
    assert seen.peak == pytest.approx(0.0)


def test_a_block_too_many_joins_the_last() -> None:
    """A sound a little longer than expected still has as many peaks as every other."""
    seen = read_blocks(blocks(*["-20.0"] * WAVEFORM_PEAKS, "-6.0206"))
    assert seen.waveform[-1] == 50
    assert len(seen.waveform) == WAVEFORM_PEAKS


def test_peaks_above_full_scale_are_told() -> None:
    """The picture ends at 100, the peak does not."""
    seen = read_blocks(blocks("-3.0", "1.5"))
    assert seen.peak == pytest.approx(1.5)
    assert max(seen.waveform) == 100
