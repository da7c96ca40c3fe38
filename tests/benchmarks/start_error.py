"""Measure how exactly two terminals begin a scheduled recording, and how far they are apart.

Two processes with the terminal's engine play the same recording at the same wall instants into the
two halves of the rig's PulseAudio; a recorder on its monitor says when each sounded. Card and
server stream are opened afresh for each occurrence, as in the field.
"""

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.benchmarks.rig.compare import Signal, find, known_sound
from tests.benchmarks.rig.player import open_sound
from tests.benchmarks.rig.pulse_server import RATE, SINKS, PulseServer
from tests.benchmarks.rig.recorder import Recorder
from tests.fakes.ogg_opus import recording

OCCURRENCES = 100
EVERY_US = 2_750_123
"""Long enough that card and stream are closed in between; not a whole number of frames."""

SOUND_S = 0.5
ALIKE = 0.9


@dataclass(frozen=True, slots=True)
class Starts:
    """Per occurrence: how late each side began, in ms; missing ones are left out and counted."""

    left_ms: Signal
    right_ms: Signal
    missed: int

    @property
    def errors_ms(self) -> Signal:
        """Absolute start errors of both sides."""
        errors: Signal = np.abs(np.concatenate([self.left_ms, self.right_ms]))
        return errors

    @property
    def skews_ms(self) -> Signal:
        """How far the sides were apart, per occurrence."""
        return np.abs(self.left_ms - self.right_ms)


def measure(folder: Path, occurrences: int = OCCURRENCES) -> Starts:
    """Play `occurrences` times on both sides and find each start in the recording."""
    sound = recording(known_sound(SOUND_S).tobytes())
    file = folder / "sound.opus"
    file.write_bytes(sound)
    with PulseServer(folder) as server:
        recorder = Recorder(server.address)
        recorder.start()
        wall_offset = time.time() - time.monotonic()
        first_us = round((time.time() + 3) * 1e6)
        instants_us = [first_us + number * EVERY_US for number in range(occurrences)]
        players = [_player(server, sink, file, instants_us) for sink in SINKS]
        limit_s = 30 + occurrences * EVERY_US / 1e6
        codes = [player.wait(limit_s) for player in players]
        recorder.stop()
    if any(codes):
        raise RuntimeError(f"a player ended with {codes}")
    known = np.frombuffer(open_sound(sound, 0).read(len(sound) * 100), "<i2").astype(float)
    return _starts(recorder, known, [at / 1e6 - wall_offset for at in instants_us])


def _player(
    server: PulseServer, sink: str, file: Path, instants_us: list[int]
) -> subprocess.Popen[bytes]:
    arguments = ["--sink", sink, "--recording", str(file), "--at", *map(str, instants_us)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.rig.player", *arguments],
        env=server.environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
    )


def _starts(recorder: Recorder, known: Signal, instants_s: list[float]) -> Starts:
    sound = recorder.sound.astype(float)
    begun_s, later_s = recorder.instants_of(np.array([0.0, RATE]))
    late: list[tuple[float, float]] = []
    for at_s in instants_s:
        begin = round(((at_s - begun_s) / (later_s - begun_s) - 0.2) * RATE)
        window = sound[begin : begin + len(known) + round(0.4 * RATE)]
        found = [find(known, window[:, side]) for side in (0, 1)]
        if all(alike > ALIKE for _, alike in found):
            sounded_s = recorder.instants_of(np.array([begin + at for at, _ in found]))
            left_s, right_s = sounded_s - at_s
            late.append((1000 * left_s, 1000 * right_s))
    array = np.array(late).reshape(-1, 2)
    return Starts(array[:, 0], array[:, 1], len(instants_s) - len(late))


def run() -> dict[str, float | str]:
    """Return start error and mutual skew in milliseconds over 100 occurrences."""
    with tempfile.TemporaryDirectory(prefix="rig") as folder:
        starts = measure(Path(folder))
    if not len(starts.left_ms):
        return {"start_error_missed": starts.missed}
    return {
        "start_error_ms_p95": round(float(np.percentile(starts.errors_ms, 95)), 3),
        "start_error_ms_max": round(float(starts.errors_ms.max()), 3),
        "start_skew_ms_p95": round(float(np.percentile(starts.skews_ms, 95)), 3),
        "start_skew_ms_max": round(float(starts.skews_ms.max()), 3),
        "start_error_missed": starts.missed,
    }


if __name__ == "__main__":
    print(run())
