"""The import rules of pyproject.toml hold, and each of them bites."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.architecture.tree import PACKAGES, ROOT


class Broken(NamedTuple):
    """A line that must not be added to a module, and the rule that forbids it."""

    module: str
    line: str
    rule: str


BROKEN = [
    Broken("scheduler/occurrence.py", "import media", "The controller uses the scheduler"),
    Broken("media/asset.py", "import edge_agent.wire", "The controller uses the scheduler"),
    Broken("edge_agent/wire/envelope.py", "import controller", "The controller uses the scheduler"),
    Broken("controller/cli.py", "import edge_agent.core", "The controller sees nothing"),
    Broken("controller/services/access.py", "import edge_agent.services", "The controller sees"),
    Broken("controller/domain/errors.py", "import controller.services", "Inside the controller"),
    Broken("controller/services/access.py", "import controller.adapters", "Inside the controller"),
    Broken("edge_agent/core/on_air.py", "import edge_agent.services", "Inside the edge agent"),
    Broken("edge_agent/wire/envelope.py", "import edge_agent.core", "Inside the edge agent"),
    Broken("scheduler/programme.py", "import scheduler.occurrence", "Only the alarm touches"),
    Broken("media/asset.py", "import media.library", "Only adapters touch ffmpeg"),
    Broken("edge_agent/core/on_air.py", "import time", "The pure modules"),
    Broken("controller/domain/errors.py", "import logging", "The pure modules"),
    Broken("scheduler/horizon.py", "import asyncio", "The pure modules"),
    Broken("edge_agent/services/ports.py", "import sqlalchemy", "The edge agent never needs"),
    Broken("controller/services/access.py", "import aiomqtt", "One door to aiomqtt"),
    Broken("scheduler/engine.py", "import apscheduler", "One door to apscheduler"),
    Broken("media/library.py", "import ffmpeg", "One door to ffmpeg"),
    Broken("media/library.py", "import pydub", "One door to pydub"),
    Broken("controller/services/access.py", "import aiohttp", "One door to aiohttp"),
    Broken("controller/web/app.py", "import sqlalchemy", "One door to SQLAlchemy"),
    Broken("edge_agent/services/ports.py", "import msgspec", "One door to msgspec"),
    Broken("edge_agent/services/ports.py", "import gpiozero", "One door to gpiozero"),
    Broken(
        "edge_agent/adapters/vitals.py", "import edge_agent.adapters.disk", "Adapters and routes"
    ),
]


def _modules() -> list[Path]:
    return [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [str(program), "--no-logo", "--no-cache", "--config", str(ROOT / "pyproject.toml")],
        cwd=folder,
        env=os.environ | {"COLUMNS": "300"},  # names of rules on one line
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )


def test_rules_hold() -> None:
    """Every import in the packages follows the rules."""
    result = _lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the rules say of a copy of the packages with every wrong line added at once."""
    folder = tmp_path_factory.mktemp("tree")
    for module in _modules():
        copy = folder / module.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(module.read_bytes())
    for case in BROKEN:
        with (folder / case.module).open("a", encoding="utf-8") as lines:
            lines.write(f"\n{case.line}\n")
    result = _lint(folder)
    return result.stdout + result.stderr


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case.module}: {case.line}")
def test_a_broken_rule_is_found(case: Broken, report: str) -> None:
    """A wrong line is refused by the rule that forbids it."""
    broken = re.findall(r"^(.+) BROKEN$", report, re.MULTILINE)
    rule = next((name for name in broken if name.startswith(case.rule)), None)
    assert rule is not None, report
    reasons = report.partition("Broken contracts")[2]
    about = reasons.partition(rule)[2]
    importer = case.module.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    assert re.search(rf"{re.escape(importer)} -> {re.escape(case.line.split()[1])}\b", about), about
