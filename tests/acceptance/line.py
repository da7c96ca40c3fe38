"""Steps of the main line, as people take them through the API."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.acceptance import speech
from tests.acceptance.town import Json, Person, Town, until


async def area_named(person: Person, name: str) -> Json:
    areas = (await person.get("/areas"))["items"]
    return next(area for area in areas if area["name"] == name)


async def aired(
    town: Town,
    operator: Person,
    approver: Person,
    sound: Path,
    hamlet: str,
    ahead: timedelta,
    *,
    title: str = "Tiêm phòng 🐃 ở thôn",
) -> Json:
    """Upload, send and approve; returns the approved announcement."""
    commune = await area_named(operator, "Xã Bình Minh")
    target = await area_named(operator, hamlet)
    recording = await operator.upload(sound, commune["id"], title)
    assert recording["state"] == "ready", recording
    draft = await operator.do(
        "POST",
        "/announcements",
        {
            "title": title,
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
