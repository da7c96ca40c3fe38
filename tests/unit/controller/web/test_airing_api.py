"""Airings, diary and overview over HTTP."""

import csv
import io
from datetime import timedelta

import pytest

from edge_agent.wire.reports import Outcome
from tests.fakes.commune import Town, once
from tests.unit.controller.web.browser import Office

SPAN = "since=2026-11-22T00:00:00Z&until=2026-11-30T00:00:00Z"


async def aired(town: Town, title: str = "Tiêm chủng") -> str:
    """Have one airing sound on one of two loudspeakers; returns its id."""
    shown = await town.approved(once(23, 9), title=title)
    async with town.database.read() as tx:
        (one,) = await tx.occurrences.of_announcement(shown.announcement.id, town.clock.now())
    town.clock.run(timedelta(hours=2))
    await town.report("Loa đình làng", one.id, Outcome.SOUNDED)
    await town.report("Loa nhà văn hóa", one.id, Outcome.MISSED, reason="quiet_hours")
    return str(one.id)


async def test_airings_of_a_week_are_listed(office: Office) -> None:
    """From now for seven days by default, or the span that is asked for."""
    await office.town.approved(once(23, 17), once(24, 17))
    operator = office.person("operator")
    week = (await operator.get("/occurrences")).body
    assert [one["start"] for one in week["items"]] == [
        "2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z",
    ]  # fmt: skip
    first = week["items"][0]
    assert (first["terminals"], first["stored"], first["sounded"]) == (2, 0, 0)
    day = "since=2026-11-24T00:00:00%2B07:00&until=2026-11-25T00:00:00%2B07:00"
    one_day = (await operator.get(f"/occurrences?{day}")).body["items"]
    assert [one["start"] for one in one_day] == ["2026-11-24T10:00:00Z"]


@pytest.mark.parametrize("span", ["since=yesterday", "until=2026-11-24T00:00:00", "limit=0"])
async def test_bad_spans_are_refused(office: Office, span: str) -> None:
    """No instant, one without an offset, a page of nothing."""
    refused = await office.person("operator").get(f"/occurrences?{span}")
    assert refused.status == 422


async def test_one_airing_is_left_out(office: Office) -> None:
    """It is cancelled with its reason in words; a monitor may not."""
    await office.town.approved(once(23, 17))
    operator = office.person("operator")
    (one,) = (await operator.get("/occurrences")).body["items"]
    path = f"/occurrences/{one['id']}/skip"
    assert (await office.person("monitor").post(path)).status == 403
    assert (await office.person("neighbour").post(path)).status == 404
    gone = await operator.post(path)
    assert (gone.status, gone.body["state"]) == (200, "cancelled")
    assert gone.body["reason"]
    assert gone.body["reason"] != "skipped"


async def test_the_diary_shows_seconds_and_reasons(office: Office) -> None:
    """Asked and sounded seconds per loudspeaker, and why one of them was silent."""
    item = await aired(office.town)
    rows = (await office.person("operator").get(f"/diary?{SPAN}")).body["items"]
    by_name = {row["terminal_name"]: row for row in rows}
    sounded, missed = by_name["Loa đình làng"], by_name["Loa nhà văn hóa"]
    assert (sounded["asked_s"], sounded["sounded_s"], sounded["outcome"]) == (60, 60, "sounded")
    assert (missed["sounded_s"], missed["outcome"]) == (0, "missed")
    assert (missed["reason"], missed["occurrence_id"]) == ("quiet_hours", item)
    assert missed["reason_text"] != "quiet_hours"
    assert sounded["approved_by"] == "Approver"
    only = await office.person("operator").get(f"/diary?{SPAN}&outcome=missed")
    assert [row["outcome"] for row in only.body["items"]] == ["missed"]


async def test_the_diary_is_exported_for_a_spreadsheet(office: Office) -> None:
    """UTF-8 with BOM, Vietnamese heads, local times, and no cell that is a formula."""
    await aired(office.town, title='=HYPERLINK("http://evil")')
    answer = await office.person("operator").get(f"/diary.csv?{SPAN}")
    assert answer.response.content_type == "text/csv"
    assert "attachment" in answer.response.headers["Content-Disposition"]
    assert answer.raw.startswith(b"\xef\xbb\xbf")
    heads, *rows = csv.reader(io.StringIO(answer.raw.decode("utf-8-sig"), newline=""))
    assert heads[:3] == ["Ngày", "Giờ đặt", "Bản tin"]
    table = [dict(zip(heads, row, strict=True)) for row in rows]
    assert {row["Giờ đặt"] for row in table} == {"09:00:00"}
    assert {row["Bản tin"] for row in table} == {'\'=HYPERLINK("http://evil")'}
    assert {(row["Loa"], row["Đã phát (giây)"], row["Kết quả"]) for row in table} == {
        ("Loa đình làng", "60.0", "Đã phát đủ"),
        ("Loa nhà văn hóa", "0.0", "Không phát"),
    }
    english = await office.person("operator", "en").get(f"/diary.csv?{SPAN}")
    assert english.raw.decode("utf-8-sig").startswith("Date,Planned")


async def test_an_empty_diary_is_a_file_with_heads(office: Office) -> None:
    """Nothing sounded: the file says so by having no rows."""
    answer = await office.person("operator").get("/diary.csv")
    assert len(answer.raw.decode("utf-8-sig").splitlines()) == 1


async def test_a_foreign_diary_is_not_found(office: Office) -> None:
    """Neither as a page nor as a file, neither by area nor by loudspeaker."""
    await aired(office.town)
    them = office.person("neighbour")
    area = office.town.areas["Xã Bình Minh"].id
    terminal = office.town.terminals["Loa đình làng"]
    for query in (f"area_id={area}", f"terminal_id={terminal}"):
        for path in ("/diary", "/diary.csv"):
            refused = await them.get(f"{path}?{query}")
            assert (refused.status, refused.code) == (404, "not_found")
    assert (await them.get(f"/diary?{SPAN}")).body["items"] == []


async def test_the_overview_shows_each_commune(office: Office) -> None:
    """A monitor sees all communes with their figures; a commune sees itself."""
    await aired(office.town)
    communes = (await office.person("monitor").get("/overview")).body["communes"]
    by_name = {one["name"]: one for one in communes}
    here = by_name["Xã Bình Minh"]
    assert (here["planned_today"], here["missed_today"]) == (2, 1)
    assert (here["terminals"], here["unknown"], here["last_report_at"]) == (3, 3, None)
    assert by_name["Xã An Hòa"]["planned_today"] == 0
    own = (await office.person("neighbour").get("/overview")).body["communes"]
    assert [one["name"] for one in own] == ["Xã An Hòa"]


async def test_nobody_reads_without_a_session(office: Office) -> None:
    """Airings, diary, its file and the overview all ask who is there."""
    for path in ("/occurrences", "/diary", "/diary.csv", "/overview"):
        assert (await office.stranger().get(path)).status == 401
