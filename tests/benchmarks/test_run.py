"""The program that runs the benchmarks leaves out what failed and leaves nothing running."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks import run
from tests.benchmarks.run import BenchmarkFailed, Plan, machine, measure, modules, run_all

PACKAGE = "measured_for_this_test"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a package of measuring modules, importable here and by what is started."""
    folder = tmp_path / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    yield folder
    sys.modules.pop(PACKAGE, None)


def _module(folder: Path, name: str, body: str) -> None:
    (folder / f"{name}.py").write_text(f'"""x."""\n\n\ndef run():\n    {body}\n', encoding="utf-8")


def _plan(tmp_path: Path) -> Plan:
    return Plan(package=PACKAGE, budget_s=20.0, results=tmp_path / "results.json")


def test_only_modules_that_measure_are_found(package: Path) -> None:
    """A module without run() is not a benchmark."""
    _module(package, "quick", "return {'a': 1.0}")
    (package / "tools.py").write_text("def other():\n    return 1\n", encoding="utf-8")
    assert modules(PACKAGE) == ["quick"]


def test_a_failing_module_is_left_out(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The keys of the good modules are kept, the bad ones are named with their reason."""
    _module(package, "bad", "raise SystemExit(3)")
    _module(package, "good", "return {'a': 1.0, 'peer': 'none'}")
    _module(package, "twice", "return {'a': 2.0}")
    _module(package, "wrong", "return {'b': [1]}")
    keys = run_all(_plan(tmp_path), modules(PACKAGE), time.monotonic)
    assert keys == {"a": 1.0, "peer": "none"}
    said = capsys.readouterr().err
    for reason in ("bad is left out: ended with code 3", "twice is left out", "wrong is left out"):
        assert reason in said


def test_no_module_runs_after_the_budget(package: Path, tmp_path: Path) -> None:
    """When the time is used up, the rest is left out."""
    _module(package, "late", "return {'a': 1.0}")
    times = iter([0.0, 21.0])
    assert run_all(_plan(tmp_path), ["late"], lambda: next(times)) == {}


def test_what_a_module_started_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that takes too long is ended together with the programs it started."""
    monkeypatch.setattr(run, "GRACE_S", 0.5)
    note = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {note}; wait"
    with pytest.raises(BenchmarkFailed, match="no result"):
        measure(["sh", "-c", script], tmp_path / "none.json", limit_s=1.0)
    pid = int(note.read_text(encoding="utf-8"))
    deadline = time.monotonic() + 5
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    """Tell whether the process runs; one that waits to be reaped does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


def test_machine_says_what_was_measured_on() -> None:
    """The line about the machine names its cores and its Python."""
    assert f"{os.cpu_count()} cores" in machine()
    assert "Python 3." in machine()
