"""Composing on a phone: what is cut off goes on, what may not sound says so, twice is once."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.acceptance.town import Town
from tests.browser.conftest import Opener

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(120),
    pytest.mark.needs("espeak-ng", "ffmpeg", "chromium"),
]

SOUND_READY_MS = 30_000
PIECE = re.compile(r"/api/v1/recordings/[^/]+/content\?offset=(\d+)")


async def compose(page: Page, title: str) -> None:
    """Open a new draft and name it."""
    await page.goto("/soan")
    await page.get_by_label("Tên bản tin").fill(title)


async def choose_file(page: Page, file: Path) -> None:
    """Choose the sound file as a person does."""
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="Chọn tệp âm thanh").click()
    await (await choosing.value).set_files(file)


async def test_a_page_closed_in_the_middle_of_an_upload_goes_on_when_it_is_opened_again(
    sign_in: Opener, bulletin: Path
) -> None:
    """No byte that arrived is sent again, and nobody chooses the file again."""
    page = await sign_in("operator")
    passed: list[int] = []

    async def second_is_lost(route: Route) -> None:
        offset = int(PIECE.search(route.request.url)[1])  # type: ignore[index]
        if passed:
            await route.abort()
            return
        passed.append(offset)
        await route.continue_()

    await page.route(PIECE, second_is_lost)
    await compose(page, "Gửi giữa chừng")
    await choose_file(page, bulletin)
    await expect(page.get_by_text("Mất mạng.")).to_be_visible()
    await expect(page.get_by_text("Đã lưu nháp")).to_be_visible()
    address = page.url
    context = page.context
    await page.close()

    again = await context.new_page()
    offsets: list[int] = []
    again.on(
        "request",
        lambda request: (
            offsets.append(int(found[1])) if (found := PIECE.search(request.url)) else None
        ),
    )
    await again.goto(address)
    sound = again.get_by_role("button", name=re.compile("^Nghe "))
    await expect(sound).to_be_visible(timeout=SOUND_READY_MS)
    assert passed == [0]
    assert offsets
    assert min(offsets) > 0
    await expect(again.get_by_label("Tên bản tin")).to_have_value("Gửi giữa chừng")


async def test_a_time_in_quiet_hours_is_refused_beside_its_field(
    sign_in: Opener, bulletin: Path
) -> None:
    """At 03:15 the form says why, and sending goes nowhere."""
    page = await sign_in("operator")
    await compose(page, "Đêm khuya")
    await choose_file(page, bulletin)
    await page.get_by_role("checkbox", name="Thôn Đông").check()
    await page.get_by_text("Hằng ngày").click()
    await page.get_by_label("Giờ phát, giờ").fill("03")
    await page.get_by_label("Giờ phát, phút").fill("15")
    times = page.get_by_role("region", name="3. Phát lúc nào")
    await expect(times.get_by_text("giờ yên lặng")).to_be_visible()
    sound = page.get_by_role("button", name=re.compile("^Nghe "))
    await expect(sound).to_be_visible(timeout=SOUND_READY_MS)
    await page.get_by_role("button", name="Gửi duyệt").click()
    await expect(times.get_by_text("giờ yên lặng")).to_be_in_viewport()
    assert "/soan/" in page.url


async def test_pressing_send_twice_makes_one_announcement(
    town: Town, sign_in: Opener, bulletin: Path
) -> None:
    """A double click leads to one announcement that waits, not two."""
    title = "Bấm đúp"
    page = await sign_in("operator")
    await compose(page, title)
    await choose_file(page, bulletin)
    await page.get_by_role("checkbox", name="Thôn Đoài").check()
    await page.get_by_text("Hằng ngày").click()
    await page.get_by_label("Giờ phát, giờ").fill("18")
    sound = page.get_by_role("button", name=re.compile("^Nghe "))
    await expect(sound).to_be_visible(timeout=SOUND_READY_MS)
    await expect(page.get_by_text("Còn thiếu")).to_be_hidden()
    await page.get_by_role("button", name="Gửi duyệt").dblclick()
    await page.wait_for_url(re.compile("/ban-tin/"))
    async with town.person("monitor") as monitor:
        items = (await monitor.get("/announcements?limit=100"))["items"]
    assert [one["state"] for one in items if one["title"] == title] == ["submitted"]


async def test_what_is_spoken_into_the_microphone_is_kept_until_it_is_used(
    sign_in: Opener,
) -> None:
    """Leaving the screen in the middle of recording loses nothing; then it is heard and used."""
    page = await sign_in("operator")
    await page.context.grant_permissions(["microphone"])
    await page.goto("/soan")
    await page.get_by_role("button", name="Thu bằng micro").click()
    await expect(page.get_by_role("timer")).to_have_text("0:02")
    await page.get_by_role("navigation").get_by_role("link", name="Lịch").click()
    await expect(page.get_by_role("heading", name="Lịch phát")).to_be_visible()
    await page.get_by_role("navigation").get_by_role("link", name="Thu, gửi").click()
    await expect(page.get_by_role("button", name="Nghe bản vừa thu")).to_be_visible()
    await page.get_by_role("button", name="Dùng bản thu này").click()
    sound = page.get_by_role("button", name=re.compile("^Nghe Bản thu "))
    await expect(sound).to_be_visible(timeout=SOUND_READY_MS)
