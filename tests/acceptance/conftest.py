"""One running demonstration for all acceptance tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.acceptance import speech
from tests.acceptance.town import Town, running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with running(tmp_path_factory.mktemp("town") / "data") as town:
        yield town


@pytest.fixture(scope="session")
def bulletin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MP3 as an operator brings it."""
    return speech.speak(speech.TEXT, tmp_path_factory.mktemp("speech"))
