"""An approved recording sounds on a hamlet's loudspeakers at its time, and nowhere else."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.acceptance import meter, speech
from tests.acceptance.line import aired, area_named, asked, began, heard, rendition
from tests.acceptance.town import Town

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(240),
    pytest.mark.needs("espeak-ng", "ffmpeg"),
]


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
