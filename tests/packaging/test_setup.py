"""scripts/setup and scripts/environment.py: clear refusals, and no trust in half-done work."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts import environment
from scripts.environment import SetupError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a small checkout that scripts/environment.py takes for its own."""
    for name in ("build", "controller", "dev", "node"):
        lock = tmp_path / "requirements" / f"{name}.txt"
        lock.parent.mkdir(exist_ok=True)
        lock.write_text("one==1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "FRONT_END", tmp_path / "controller" / "ui")
    monkeypatch.setattr(environment, "STATIC", tmp_path / "controller" / "web" / "static")
    monkeypatch.setattr(environment, "FRONT_END_STAMP", tmp_path / "build" / "front-end.json")
    return tmp_path


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what pip is asked to install instead of installing it."""
    asked: list[str] = []

    def note(_place: Path, arguments: list[str]) -> None:
        asked.append(arguments[-1].rpartition("/")[2])

    monkeypatch.setattr(environment, "pip", note)
    monkeypatch.setattr(environment, "CREATE", (*environment.CREATE, "--without-pip"))
    return asked


def _tools(folder: Path, python: str) -> dict[str, str]:
    """Return an environment whose PATH has a python3 of ours and nothing else of Python."""
    folder.mkdir()
    program = folder / "python3"
    program.write_text(f"#!/bin/sh\n{python}\n", encoding="utf-8")
    program.chmod(0o755)
    for name in ("sh", "dirname"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return {"PATH": str(folder)}


def _setup(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / "setup", "controller"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_an_old_python_is_refused(tmp_path: Path) -> None:
    """A Python before 3.11 gets one line that names the version found, and a failure."""
    answer = 'case "$2" in *version_info*) exit 1;; *print*) echo 3.9.2;; esac'
    result = _setup(_tools(tmp_path / "bin", answer))
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "Python 3.11 or newer is needed (found: 3.9.2)" in result.stderr


def test_no_python_is_refused(tmp_path: Path) -> None:
    """Without any Python the line says so."""
    tools = _tools(tmp_path / "bin", "exit 127")
    (tmp_path / "bin" / "python3").unlink()
    result = _setup(tools)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert "found: none" in result.stderr


def test_a_python_without_venv_is_refused(tmp_path: Path) -> None:
    """A Python whose venv module was split off gets the name of the package to install."""
    result = _setup(_tools(tmp_path / "bin", 'case "$2" in *ensurepip*) exit 1;; esac'))
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert "python3-venv" in result.stderr


def test_no_write_right_is_refused(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A checkout that must not be written to gets one line and a failure."""
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    assert environment.main(["controller"]) == 1
    assert capsys.readouterr().err == f"loaxa: no right to write in {checkout}\n"


def test_an_unknown_profile_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Only the profiles that exist are accepted."""
    assert environment.main(["production"]) == 2
    assert "controller or dev" in capsys.readouterr().err


def test_the_second_run_installs_nothing(checkout: Path, installs: list[str]) -> None:
    """When nothing changed, pip is not asked again, so that no network is needed."""
    assert environment.main(["controller"]) == 0
    assert installs == ["build.txt", "controller.txt", checkout.name]
    installs.clear()
    assert environment.main(["controller"]) == 0
    assert installs == []


def test_an_interrupted_run_is_not_trusted(
    checkout: Path, installs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an interrupted run left behind is thrown away by the next."""
    working = environment.pip

    def interrupted(place: Path, arguments: list[str]) -> None:
        del arguments
        (place / "half").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "pip", interrupted)
    assert environment.main(["controller"]) == 130
    assert (checkout / ".venv" / "half").exists()
    monkeypatch.setattr(environment, "pip", working)
    assert environment.main(["controller"]) == 0
    assert not (checkout / ".venv" / "half").exists()
    assert "controller.txt" in installs


def test_a_changed_lock_is_installed(checkout: Path, installs: list[str]) -> None:
    """A lock that changed is installed into the environment that exists."""
    environment.main(["controller"])
    kept = checkout / ".venv" / "kept"
    kept.touch()
    installs.clear()
    (checkout / "requirements" / "controller.txt").write_text("one==2\n", encoding="utf-8")
    assert environment.main(["controller"]) == 0
    assert "controller.txt" in installs
    assert kept.exists()


def test_settings_of_tools_install_nothing(checkout: Path, installs: list[str]) -> None:
    """A change of a tool's settings in pyproject.toml is no reason to install anew."""
    environment.main(["controller"])
    installs.clear()
    with (checkout / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write("\n[tool.other]\nvalue = 1\n")
    environment.main(["controller"])
    assert installs == []


def test_running_keeps_a_developers_environment(checkout: Path, installs: list[str]) -> None:
    """Running after testing does not take the tools of tests away."""
    environment.main(["dev"])
    installs.clear()
    assert environment.main(["controller"]) == 0
    assert installs == []
    assert environment.read_stamp(checkout / ".venv" / environment.STAMP)["profile"] == "dev"


def test_a_damaged_stamp_counts_for_nothing(checkout: Path, installs: list[str]) -> None:
    """A stamp that cannot be read leads to a new environment."""
    environment.main(["controller"])
    (checkout / ".venv" / environment.STAMP).write_bytes(b"\xff{")
    installs.clear()
    assert environment.main(["controller"]) == 0
    assert "controller.txt" in installs


def _venv_that_prints(place: Path, script: str) -> Path:
    program = place / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return place


def test_pip_settings_are_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How to fetch is the person's setting; into which folder is not."""
    seen = tmp_path / "seen"
    place = _venv_that_prints(tmp_path / "venv", f"env > {seen}")
    monkeypatch.setenv("PIP_PROXY", "localhost:1")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    environment.pip(place, ["one"])
    names = {line.partition("=")[0] for line in seen.read_text(encoding="utf-8").splitlines()}
    assert "PIP_PROXY" in names
    assert "PIP_TARGET" not in names


def test_a_failing_pip_is_one_line(tmp_path: Path) -> None:
    """When pip fails, its last error is the reason."""
    place = _venv_that_prints(tmp_path / "venv", "echo 'ERROR: No space left on device'; exit 1")
    with pytest.raises(SetupError, match="No space left on device"):
        environment.pip(place, ["one"])


@pytest.mark.parametrize(
    ("version", "serves"),
    [
        ("v18.20.4", False),
        ("v20.18.9", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.19.0", True),
        ("", False),
    ],
)
def test_node_must_be_new_enough(version: str, serves: bool) -> None:
    """Node.js serves from 20.19 and 22.12 on, and 21 not at all."""
    assert environment.node_serves(version) is serves


@pytest.fixture
def screens(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give sources of screens, and an npm that notes its calls and builds one page."""
    for name in ("package.json", "package-lock.json", "src/main.tsx"):
        file = checkout / "controller" / "ui" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}", encoding="utf-8")
    calls = checkout / "calls"
    static = checkout / "controller" / "web" / "static"
    build = f"if [ $1 = run ]; then mkdir -p {static}; touch {static}/index.html; fi"
    tools = checkout / "tools"
    tools.mkdir()
    for name, script in (
        ("npm", f'echo "$1" >> {calls}; {build}'),
        ("node", "echo v24.0.0"),
    ):
        (tools / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    return calls


def test_screens_are_built_once(checkout: Path, screens: Path) -> None:
    """Screens are built when their sources changed, and not else."""
    environment.build_front_end()
    environment.build_front_end()
    assert screens.read_text(encoding="utf-8").split() == ["ci", "run"]
    (checkout / "controller" / "ui" / "src" / "main.tsx").write_text("1", encoding="utf-8")
    environment.build_front_end()
    assert screens.read_text(encoding="utf-8").split() == ["ci", "run", "run"]


def test_missing_screens_are_built_again(checkout: Path, screens: Path) -> None:
    """Screens that somebody removed are built again though no source changed."""
    environment.build_front_end()
    shutil.rmtree(checkout / "controller" / "web")
    environment.build_front_end()
    assert screens.read_text(encoding="utf-8").split() == ["ci", "run", "run"]


def test_a_failed_build_is_tried_again(checkout: Path, screens: Path) -> None:
    """A build that failed is not taken for done."""
    npm = checkout / "tools" / "npm"
    works = npm.read_text(encoding="utf-8")
    npm.write_text("#!/bin/sh\n[ $1 = ci ]\n", encoding="utf-8")
    with pytest.raises(SetupError, match="could not be built"):
        environment.build_front_end()
    npm.write_text(works, encoding="utf-8")
    environment.build_front_end()
    assert screens.read_text(encoding="utf-8").split() == ["run"]
