"""The command line answers mistakes with one line and the right exit code."""

import socket
from pathlib import Path

import pytest

from edge_agent.adapters.vitals import MachineVitals, SystemdSupervisor
from edge_agent.cli import FAILED, NOT_ENROLLED, UNUSABLE, main


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run"], NOT_ENROLLED, "loaxa-agent enrol CODE"),
        (["run", "--broker", "nowhere"], UNUSABLE, "broker is not host:port"),
        (["run", "--config", "missing.toml"], UNUSABLE, "cannot be read"),
        (["run", "--parent", "1"], UNUSABLE, "not the parent"),
        (["enrol", "LX1.xx"], FAILED, "not an enrolment code"),
    ],
)
def test_mistakes_get_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    """No traceback, one sentence on standard error."""
    assert main([*arguments, "--data", str(tmp_path / "data")]) == code
    err = capsys.readouterr().err
    assert err.startswith("loaxa-agent: ")
    assert err.count("\n") == 1
    assert words in err


def test_a_folder_that_cannot_be_made_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file where the folder should be: one line."""
    (tmp_path / "data").write_text("in the way")
    assert main(["run", "--data", str(tmp_path / "data")]) == FAILED
    assert capsys.readouterr().err.count("\n") == 1


def test_a_damaged_identity_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An identity that cannot be read means not enrolled, not a traceback."""
    (tmp_path / "identity").write_text("{}")
    assert main(["run", "--data", str(tmp_path), "--sound", "null"]) == NOT_ENROLLED
    assert "cannot be read" in capsys.readouterr().err


def test_doctor_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not enrolled is a problem, the null output is well; exit code 1 while anything is wrong."""
    assert main(["doctor", "--data", str(tmp_path), "--sound", "null"]) == FAILED
    out = capsys.readouterr().out
    assert "PROBLEM not enrolled" in out
    assert "ok      sound by null" in out


def test_signs_of_life_reach_the_service_manager(tmp_path: Path) -> None:
    """A line arrives on the notify socket; without one, or with nobody there, nothing happens."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind(address)
        door.settimeout(5)
        SystemdSupervisor(address).tell("READY=1")
        assert door.recv(100) == b"READY=1"
    SystemdSupervisor(address).tell("WATCHDOG=1")
    SystemdSupervisor(None).tell("WATCHDOG=1")


def test_figures_of_this_machine_are_plausible() -> None:
    """Memory of this program in KiB, and time since the machine's start."""
    reading = MachineVitals().read()
    assert reading.memory_kib is not None
    assert 5_000 < reading.memory_kib < 4_000_000
    assert reading.uptime_ms is not None
    assert reading.uptime_ms > 0
