"""The wheel that people install: what is in it, and what the terminal needs of it."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts.environment import FETCH, PIP_PLACES

ROOT = Path(__file__).parents[2]
PACKAGES = ("controller", "edge_agent", "media", "scheduler")


def _run(*command: str | Path, cwd: Path = ROOT) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in {*PIP_PLACES, "PYTHONPATH"}}
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel once."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    (built,) = folder.glob("loaxa-*.whl")
    return built


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    """Four packages and the metadata: no tests, no scripts, no sources of screens."""
    tops = {name.partition("/")[0] for name in _names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert [name for name in _names(wheel) if "/ui/" in name or "node_modules" in name] == []


def test_wheel_holds_every_module(wheel: Path) -> None:
    """Each module of the tree is in the wheel."""
    there = set(_names(wheel))
    modules = [
        file.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        if "ui" not in file.parts
    ]
    assert [name for name in modules if name not in there] == []


def test_wheel_carries_its_licence(wheel: Path) -> None:
    """Licence and notice travel with the program."""
    names = {name.rpartition("/")[2] for name in _names(wheel) if ".dist-info/licenses" in name}
    assert {"LICENSE", "NOTICE"} <= names


def test_wheel_carries_the_screens(wheel: Path) -> None:
    """The built screens are in the wheel: whoever installs it needs no Node.js."""
    static = [name for name in _names(wheel) if name.startswith("controller/web/static/")]
    assert "controller/web/static/index.html" in static
    assert any(name.endswith(".js") for name in static)
    assert [name for name in static if name.endswith(".map")] == []


@pytest.mark.timeout(240)
def test_base_install_runs_the_terminal(wheel: Path, tmp_path: Path) -> None:
    """With the terminal's locked packages alone, every module of the terminal is importable."""
    python = tmp_path / "venv" / "bin" / "python"
    _run(sys.executable, "-m", "venv", tmp_path / "venv")
    lock = ROOT / "requirements" / "terminal.txt"
    fetch = [option for option in FETCH if option not in {"--use-pep517", "--no-binary=nkeys"}]
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    _run(*pip, *fetch, f"--requirement={lock}")
    _run(*pip, "--no-deps", "--no-index", wheel)
    _run(python, "-m", "pip", "check")
    modules = [
        re.sub(r"(/__init__)?\.py$", "", name).replace("/", ".")
        for name in _names(wheel)
        if name.startswith("edge_agent/") and not name.endswith("/__main__.py")
    ]
    optional = {"edge_agent.adapters.amplifier"}  # the pins' library is an extra of its own
    imports = "; ".join(f"import {module}" for module in modules if module not in optional)
    _run(python, "-W", "error", "-c", imports, cwd=tmp_path)
    help_text = _run(tmp_path / "venv" / "bin" / "loaxa-agent", "--help", cwd=tmp_path)
    assert "loaxa-agent" in help_text
