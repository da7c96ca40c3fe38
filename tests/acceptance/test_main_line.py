"""An approved recording sounds on a hamlet's loudspeakers at its time, and nowhere else."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance import meter, speech
from tests.acceptance.town import Json, Person, Town, until

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(240),
    pytest.mark.needs("espeak-ng", "ffmpeg"),
]


async def area_named(person: Person, name: str) -> Json:
    areas = (await person.get("/areas"))["items"]
    return next(area for area in areas if area["name"] == name)


async def aired(
    town: Town, operator: Person, approver: Person, sound: Path, hamlet: str, ahead: timedelta
) -> Json:
    """Upload, send and approve; returns the approved announcement."""
    commune = await area_named(operator, "Xã Bình Minh")
    target = await area_named(operator, hamlet)
    recording = await operator.upload(sound, commune["id"], "Tiêm phòng 🐃 ở thôn")
    assert recording["state"] == "ready", recording
    draft = await operator.do(
        "POST",
        "/announcements",
        {
            "title": "Tiêm phòng 🐃 ở thôn",
            "area_id": commune["id"],
            "recording_id": recording["id"],
            "targets": {"area_ids": [target["id"]]},
            "schedules": [{"kind": "once", "start": town.local(ahead)}],
        },
    )
    place = f"/announcements/{draft['id']}"
    await operator.do("POST", f"{place}/submit", {"revision": draft["revision"]})
    seen = await approver.get(place)
    return await approver.do(
        "POST", f"{place}/approve", {"revision": seen["revision"], "hash": seen["hash"]}
    )


async def heard(monitor: Person, announcement: str, rows: int) -> list[Any]:
    """Wait until the diary knows how it went on so many loudspeakers."""

    async def settled() -> list[Any]:
        items = (await monitor.get("/diary"))["items"]
        mine = [row for row in items if row["announcement_id"] == announcement]
        ended = [row for row in mine if row["outcome"] in {"sounded", "cut", "missed"}]
        return ended if len(ended) == rows else []

    found: list[Any] = await until(settled, 120)
    return found


async def test_a_recording_sounds_in_its_hamlet_and_nowhere_else(
    town: Town, bulletin: Path
) -> None:
    """Both loudspeakers of Thôn Đông sound it in step, Thôn Đoài is silent, the diary says so."""
    async with (
        town.person("operator") as operator,
        town.person("approver") as approver,
        town.person("monitor") as monitor,
    ):
        approved = await aired(
            town, operator, approver, bulletin, "Thôn Đông", timedelta(seconds=25)
        )
        assert approved["state"] == "approved"
        rows = await heard(monitor, approved["id"], 2)
        assert [row["outcome"] for row in rows] == ["sounded", "sounded"]
        for row in rows:
            assert row["asked_s"] == pytest.approx(approved["duration_ms"] / 1000, abs=0.1)
            assert row["sounded_s"] == pytest.approx(row["asked_s"], abs=0.1)
        terminals = (await monitor.get("/terminals"))["items"]
        known = await rendition(monitor, approved["recording_id"], bulletin.parent)
        silent = [one for one in terminals if one["area_name"] != "Thôn Đông"]
        assert len(silent) == 4
        for one in silent:
            assert town.captures(one["id"]) == []
        for one in terminals:
            if one in silent:
                continue
            file = town.captures(one["id"])[-1]
            assert speech.match(known, speech.read_wave(file))[1] > 0.95
            assert abs(began(file) - asked(approved)) < 0.05


async def test_loudness_is_right_by_another_meter(town: Town, bulletin: Path) -> None:
    """A meter of our own finds the rendition within 1 LU of the target, its peak below."""
    async with town.person("operator") as operator:
        commune = await area_named(operator, "Xã Bình Minh")
        recording = await operator.upload(bulletin, commune["id"], "Đo âm lượng")
        sound = await rendition(operator, recording["id"], bulletin.parent)
        assert meter.integrated(sound, speech.RATE) == pytest.approx(-16, abs=1)
        assert abs(sound).max() < 10 ** (-1 / 20)


async def rendition(person: Person, recording: str, folder: Path) -> speech.Signal:
    """Return what terminals play of a recording, as anybody may listen to it."""
    answer = await person.ask("GET", f"/recordings/{recording}/sound")
    assert answer.status == 200
    file = folder / f"{recording}.opus"
    await asyncio.to_thread(file.write_bytes, answer.body)
    return await asyncio.to_thread(speech.decode, file)


def began(capture: Path) -> float:
    """The wall instant of a capture's first sample, from its name."""
    return int(capture.name.split("-")[0]) / 1e6


def asked(announcement: Json) -> float:
    return datetime.fromisoformat(announcement["next_start"]).timestamp()
