"""What holds for every test: its tier's mark, and what happens where a program is missing."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent
IN_CI = os.environ.get("CI") == "true"

# Machines that run tests are noisy: time limits are pytest-timeout's business. In CI the drawn
# examples are the same each time, so that a red run can be repeated.
settings.register_profile(
    "loaxa", deadline=None, derandomize=IN_CI, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("loaxa")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its tier, the folder that it lies in."""
    for item in items:
        tier = item.path.relative_to(TESTS).parts[0]
        item.add_marker(getattr(pytest.mark, tier))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test whose programs are missing; in CI that is a failure."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if shutil.which(program, path=path) is None:
                if IN_CI:
                    pytest.fail(f"{program} is not installed, and CI leaves nothing out")
                pytest.skip(f"{program} is not installed")
