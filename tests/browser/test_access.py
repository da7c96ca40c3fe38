"""Every screen can be used by everybody: axe finds nothing, nothing runs off a phone's edge."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Opener

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(200),
    pytest.mark.needs("chromium"),
]

AXE = Path(__file__).parents[2] / "controller/ui/node_modules/axe-core/axe.min.js"
OPERATOR = ["/", "/soan", "/ban-tin", "/lich", "/loa", "/nhat-ky", "/khan-cap", "/mat-khau"]
ADMINISTRATOR = [
    "/",
    "/loa",
    "/toan-tinh",
    "/quan-tri",
    "/quan-tri/tai-khoan",
    "/quan-tri/quy-dinh",
]
FIND = """async () => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})).violations.map(v => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`)"""


async def faults(page: Page, path: str) -> list[str]:
    """Open a screen and return what axe finds, and whether it is wider than the window."""
    await page.goto(path)
    await page.get_by_role("heading", level=1).first.wait_for()
    await page.locator(".mantine-Skeleton-root").first.wait_for(state="detached")
    found = [f"{path} {one}" for one in await page.evaluate(FIND)]
    wide = await page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [*found, f"{path} is {wide} px too wide"] if wide > 0 else found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize(
    ("username", "paths"), [("operator", OPERATOR), ("admin", ADMINISTRATOR)], ids=["op", "admin"]
)
async def test_no_screen_shuts_anybody_out(
    sign_in: Opener, username: str, paths: list[str], size: dict[str, int], scheme: str
) -> None:
    """No violation by axe on any screen, in both themes, at both widths."""
    page = await sign_in(username, size)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.add_init_script(path=AXE)
    found = [one for path in paths for one in await faults(page, path)]
    assert found == []
