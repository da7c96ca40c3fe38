"""A town with all its services, for tests of use cases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.commune import Town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = await Town.found(tmp_path)
    try:
        await town.settle()
        yield town
    finally:
        await town.close()
