"""A town behind its real web application."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.commune import Town
from tests.unit.controller.web.browser import Office, opened


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
async def office(settled_town: Town, tmp_path: Path) -> AsyncIterator[Office]:
    town = await settled_town.copied_to(tmp_path)
    try:
        async with opened(town) as office:
            yield office
    finally:
        await town.close()
