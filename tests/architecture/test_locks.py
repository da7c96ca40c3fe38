"""Lock files: exact, hashed, consistent with each other, and free of addresses."""

import json
import re
import tomllib

import pytest

from tests.architecture.tree import ROOT

REQUIREMENTS = ROOT / "requirements"
PACKAGE_LOCK = ROOT / "controller" / "ui" / "package-lock.json"
NAMES = ["terminal", "controller", "dev", "build", "node"]


def _pins(name: str) -> dict[str, str]:
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))


def _entries(name: str) -> list[str]:
    """Return one string per locked package, with its hashes."""
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", NAMES)
def test_every_package_is_pinned_by_hash(name: str) -> None:
    """Each line of a lock names one version and at least one SHA-256."""
    pattern = re.compile(r"^[a-z0-9._-]+==[^\s;]+( ;[^-]+(-[^-]+)*)? +--hash=sha256:[0-9a-f]{64}")
    entries = _entries(name)
    assert entries
    assert [entry[:60] for entry in entries if not pattern.match(entry)] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_lock_has_an_address(name: str) -> None:
    """Where packages come from is the machine's setting, not the lock's."""
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    assert (
        re.findall(r"\S*://\S*|^-.*index.*|^--find-links.*|^--trusted.*", text, re.MULTILINE) == []
    )


@pytest.mark.parametrize(("inner", "outer"), [("terminal", "controller"), ("controller", "dev")])
def test_locks_contain_each_other(inner: str, outer: str) -> None:
    """The terminal's packages are part of the server's, those of the developers', same versions."""
    assert _pins(inner).items() <= _pins(outer).items()


def test_build_tools_do_not_clash() -> None:
    """A package that building and developing share has one version."""
    build, dev = _pins("build"), _pins("dev")
    assert {
        name: build[name] for name in build.keys() & dev.keys() if build[name] != dev[name]
    } == {}


def test_terminal_is_lean() -> None:
    """The terminal's lock has no package of the server, and fewer than a dozen in all."""
    pins = _pins("terminal")
    assert {"aiomqtt", "cryptography", "msgspec"} <= pins.keys()
    assert pins.keys() & {"aiohttp", "sqlalchemy", "apscheduler", "av", "numpy", "pydub"} == set()
    assert len(pins) < 12


def test_locks_hold_what_the_project_asks_for() -> None:
    """Each dependency named in pyproject.toml is in the lock that serves it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {
        "terminal": project["project"]["dependencies"],
        "controller": project["project"]["optional-dependencies"]["controller"],
        "dev": project["dependency-groups"]["dev"],
    }
    missing = {
        (lock, name)
        for lock, lines in asked.items()
        for line in lines
        if (name := re.split(r"[<>=!~;\[ ]", line)[0].lower()) not in _pins(lock)
    }
    assert missing == set()


def test_package_lock_has_no_address() -> None:
    """The lock of the screens names versions and hashes and no address to fetch them from."""
    text = PACKAGE_LOCK.read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    addressed = [name for name, entry in packages.items() if "resolved" in entry]
    unhashed = [
        name
        for name, entry in packages.items()
        if name and not entry.get("link") and "integrity" not in entry
    ]
    assert (addressed, unhashed) == ([], [])


def test_front_end_lock_holds_every_platform() -> None:
    """Whatever a locked package may need on any platform is locked too, as `npm ci` asks."""
    packages = json.loads(PACKAGE_LOCK.read_text(encoding="utf-8"))["packages"]
    asked = {
        (place, name)
        for place, entry in packages.items()
        for name in entry.get("optionalDependencies", {})
    }
    assert asked
    missing = [
        name
        for place, name in sorted(asked)
        if f"node_modules/{name}" not in packages and f"{place}/node_modules/{name}" not in packages
    ]
    assert missing == []
