"""An emergency in a real browser: held, confirmed, heard, and ended."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.acceptance.town import Town, until
from tests.browser.conftest import Opener

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(120),
    pytest.mark.needs("espeak-ng", "ffmpeg", "chromium"),
]
TITLE = "Nước lũ đang về"


async def prepared(town: Town, bulletin: Path) -> None:
    """Let an emergency for Thôn Đông be written and approved beforehand."""
    async with town.person("operator") as operator, town.person("approver") as approver:
        areas = (await operator.get("/areas"))["items"]
        commune = next(one["id"] for one in areas if one["level"] == "commune")
        hamlet = next(one["id"] for one in areas if one["name"] == "Thôn Đông")
        sound = await operator.upload(bulletin, commune, TITLE)
        draft = await operator.do(
            "POST",
            "/announcements",
            {
                "title": TITLE,
                "area_id": commune,
                "message_class": "emergency",
                "recording_id": sound["id"],
                "targets": {"area_ids": [hamlet], "terminal_ids": []},
            },
        )
        place = f"/announcements/{draft['id']}"
        sent = await operator.do("POST", f"{place}/submit", {"revision": draft["revision"]})
        body = {"revision": sent["revision"], "hash": sent["hash"]}
        await approver.do("POST", f"{place}/approve", body)


async def test_an_emergency_is_held_confirmed_heard_and_cancelled(
    town: Town, sign_in: Opener, bulletin: Path
) -> None:
    """A short press does nothing; holding asks; confirming sounds it; cancelling ends it."""
    await prepared(town, bulletin)
    page = await sign_in("approver")
    await page.goto("/khan-cap")
    hold = page.get_by_role("button", name="Giữ để phát khẩn cấp")
    await hold.click()
    await expect(page.get_by_role("dialog")).to_be_hidden()

    await hold.hover()
    await page.mouse.down()
    dialog = page.get_by_role("dialog", name="Phát khẩn cấp")
    await expect(dialog).to_be_visible()
    await page.mouse.up()
    await expect(dialog.get_by_text(f"Sẽ phát ngay “{TITLE}” trên 2 loa")).to_be_visible()
    await dialog.get_by_role("button", name="Phát khẩn cấp").click()

    running = page.get_by_role("region", name="Đang có hiệu lực")
    await expect(running.get_by_text(TITLE)).to_be_visible()
    await expect(running.get_by_text(re.compile("2 trên 2 loa đã nhận lệnh"))).to_be_visible(
        timeout=20_000
    )
    async with town.person("monitor") as monitor:

        async def on_air() -> bool:
            found = await monitor.get("/terminals?health=on_air")
            return len(found["items"]) == 2

        await until(on_air, 30)
        await running.get_by_role("button", name="Hủy phát khẩn cấp").click()
        asked = page.get_by_role("dialog", name="Hủy phát khẩn cấp")
        await expect(asked.get_by_text("sẽ im ngay trên 2 loa")).to_be_visible()
        await asked.get_by_role("button", name="Hủy phát").click()

        async def silent() -> bool:
            found = await monitor.get("/terminals?health=on_air")
            return len(found["items"]) == 0

        await until(silent, 30)
    await expect(page.get_by_role("region", name="Đã qua").get_by_text(TITLE)).to_be_visible()
