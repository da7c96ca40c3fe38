"""A stage on which the on-air machine acts."""

import pytest

from tests.fakes.stage import Stage
from tests.unit.edge_agent.core.airings import NOON, OPEN


@pytest.fixture
def stage() -> Stage:
    return Stage(NOON, OPEN)
