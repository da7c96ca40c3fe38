"""At 03:15 the screen's preview and the API refuse an ordinary item, each by itself.

The signer refuses it in tests/unit/controller/signer, the terminal in tests/integration/agent.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.line import area_named
from tests.acceptance.town import Town

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(120),
    pytest.mark.needs("espeak-ng", "ffmpeg"),
]


async def test_nobody_can_plan_for_a_quarter_past_three(town: Town, bulletin: Path) -> None:
    """Preview says so beside the times, sending is refused with the same code, nothing airs."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).astimezone(town.zone)
    async with town.person("operator") as operator:
        commune = await area_named(operator, "Xã Bình Minh")
        hamlet = await area_named(operator, "Thôn Đông")
        recording = await operator.upload(bulletin, commune["id"], "Giữa đêm")
        body = {
            "title": "Giữa đêm",
            "area_id": commune["id"],
            "recording_id": recording["id"],
            "targets": {"area_ids": [hamlet["id"]]},
            "schedules": [{"kind": "once", "start": tomorrow.strftime("%Y-%m-%dT03:15")}],
        }
        preview = await operator.do("POST", "/announcements/preview", body)
        (problem,) = preview["problems"]
        assert (problem["code"], problem["field"].split(".")[0]) == ("quiet_hours", "schedules")
        assert "yên lặng" in problem["text"]
        draft = await operator.do("POST", "/announcements", body)
        sent = await operator.ask(
            "POST", f"/announcements/{draft['id']}/submit", {"revision": draft["revision"]}
        )
        assert (sent.status, sent.code) == (422, "quiet_hours")
        assert (await operator.get(f"/announcements/{draft['id']}"))["state"] == "draft"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"schedules": [{"kind": "once", "start": "2020-01-01T10:00"}]}, "time_past"),
        ({"targets": {"area_ids": []}}, "target_empty"),
        ({"schedules": []}, "schedule_missing"),
        ({"recording_id": None}, "recording_missing"),
    ],
)
async def test_what_is_missing_or_past_is_named(
    town: Town, bulletin: Path, part: dict[str, object], code: str
) -> None:
    """A past time, an empty target, no time, no sound: preview and sending name it."""
    at = (datetime.now(UTC) + timedelta(hours=2)).astimezone(town.zone)
    async with town.person("operator") as operator:
        commune = await area_named(operator, "Xã Bình Minh")
        recordings = (await operator.get("/recordings"))["items"]
        ready = next((one for one in recordings if one["state"] == "ready"), None)
        recording = ready or await operator.upload(bulletin, commune["id"], "Thử")
        body = {
            "title": "Thiếu 🐃 một điều",
            "area_id": commune["id"],
            "recording_id": recording["id"],
            "targets": {"area_ids": [commune["id"]]},
            "schedules": [{"kind": "once", "start": at.strftime("%Y-%m-%dT%H:%M")}],
            **part,
        }
        preview = await operator.do("POST", "/announcements/preview", body)
        assert code in [problem["code"] for problem in preview["problems"]]
        draft = await operator.do("POST", "/announcements", body)
        sent = await operator.ask(
            "POST", f"/announcements/{draft['id']}/submit", {"revision": draft["revision"]}
        )
        assert (sent.status, sent.code) == (422, code)
        twice = await operator.ask("POST", f"/announcements/{draft['id']}/submit", {"revision": 99})
        assert (twice.status, twice.code) == (409, "changed_meanwhile")
