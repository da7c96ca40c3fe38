"""A town with all its services, for tests of use cases."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.commune import Town


async def _settled(folder: Path) -> Town:
    town = await Town.found(folder)
    await town.settle()
    await town.close()
    return town


@pytest.fixture(scope="session")
def settled_town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town that is copied for each test."""
    return asyncio.run(_settled(tmp_path_factory.mktemp("town")))


@pytest.fixture
async def town(settled_town: Town, tmp_path: Path) -> AsyncIterator[Town]:
    town = await settled_town.copied_to(tmp_path)
    try:
        yield town
    finally:
        await town.close()
