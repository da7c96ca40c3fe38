"""The main line in a real browser, as its people walk it on their phones."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.acceptance import speech
from tests.acceptance.line import began, heard, rendition
from tests.acceptance.town import Town
from tests.browser.conftest import Opener

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(280),
    pytest.mark.needs("espeak-ng", "ffmpeg", "chromium"),
]
TITLE = "Lịch tiêm phòng 🐃"


async def test_an_operator_sends_an_approver_approves_and_the_hamlet_hears(
    town: Town, sign_in: Opener, bulletin: Path
) -> None:
    """From an MP3 on a phone to Thôn Đông's loudspeakers at its minute; the diary shows it."""
    start = (datetime.now(UTC) + timedelta(seconds=90)).replace(second=0, microsecond=0)
    local = start.astimezone(town.zone)
    page = await sign_in("operator")
    await page.get_by_role("main").get_by_role("link", name="Thu và gửi").click()
    await page.get_by_label("Tên bản tin").fill(TITLE)
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="Chọn tệp âm thanh").click()
    await (await choosing.value).set_files(bulletin)
    await expect(page.get_by_role("button", name="Nghe")).to_be_visible(timeout=30_000)
    await page.get_by_role("checkbox", name="Thôn Đông").check()
    await page.get_by_label("Giờ phát, giờ").fill(f"{local:%H}")
    await page.get_by_label("Giờ phát, phút").fill(f"{local:%M}")
    await expect(page.get_by_text(f"Sẽ phát lúc {local:%H:%M}")).to_be_visible()
    await expect(page.get_by_text("trên 2 loa ở Thôn Đông")).to_be_visible()
    await page.get_by_role("button", name="Gửi duyệt").click()
    await expect(page.get_by_text("Chờ duyệt").first).to_be_visible()

    approver = await sign_in("approver")
    await approver.get_by_role("main").get_by_role("link", name=TITLE).first.click()
    await approver.get_by_role("button", name="Duyệt cho phát").click()
    # Nobody listened to it here; the screen asks, and says once more what will happen.
    await approver.get_by_role("button", name="Vẫn duyệt").click()
    await expect(approver.get_by_text("Đã duyệt").first).to_be_visible()
    identity = approver.url.rpartition("/")[2]

    async with town.person("monitor") as monitor:
        rows = await heard(monitor, identity, 2)
        assert [row["outcome"] for row in rows] == ["sounded", "sounded"]
        known = await rendition(monitor, rows[0]["recording_id"], bulletin.parent)
        terminals = (await monitor.get("/terminals"))["items"]
    for one in terminals:
        files = town.captures(one["id"])
        if one["area_name"] != "Thôn Đông":
            assert files == []
            continue
        assert speech.match(known, speech.read_wave(files[-1]))[1] > 0.95
        assert abs(began(files[-1]) - start.timestamp()) < 0.05

    await page.get_by_role("navigation").get_by_role("link", name="Nhật ký").click()
    await expect(page.locator("table").get_by_text("Đã phát đủ")).to_have_count(2)
    seconds = round(rows[0]["asked_s"])
    await expect(page.get_by_text(f"{seconds} / {seconds} giây")).to_have_count(2)
