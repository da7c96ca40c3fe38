"""A running demonstration and a real Chromium."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.acceptance import speech
from tests.acceptance.town import Town, running

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}

# A microphone that beeps, and nobody to ask whether it may be used.
_MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]

Opener = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with running(tmp_path_factory.mktemp("town") / "data") as town:
        yield town


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[*_MICROPHONE, *(["--no-sandbox"] if os.geteuid() == 0 else [])],
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def sign_in(town: Town, chromium: Browser) -> AsyncIterator[Opener]:
    """Opens a signed-in page; what a page logs as an error fails the test."""
    complaints: list[str] = []
    async with AsyncExitStack() as stack:

        async def opened(username: str, size: dict[str, int] | None = None) -> Page:
            context = await chromium.new_context(
                viewport=size or PHONE,  # type: ignore[arg-type]
                locale="vi-VN",
                base_url=town.base,
            )
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "console",
                lambda line: (
                    complaints.append(line.text) if "Content Security Policy" in line.text else None
                ),
            )
            await page.goto("/dang-nhap")
            await page.get_by_label("Tên đăng nhập").fill(username)
            await page.get_by_label("Mật khẩu", exact=True).fill(town.passwords[username])
            await page.get_by_role("button", name="Đăng nhập").click()
            await page.get_by_role("heading", name="Chào").wait_for()
            return page

        yield opened
    assert complaints == []


@pytest.fixture(scope="session")
def bulletin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MP3 as an operator brings it."""
    return speech.speak(speech.TEXT, tmp_path_factory.mktemp("speech"))
