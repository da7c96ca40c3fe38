"""Announcements over HTTP: preview, sending, deciding, rights."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.fakes.commune import Town, once
from tests.unit.controller.web.browser import Answer, Office, Person

ONCE = {"kind": "once", "start": "2026-11-23T17:00"}
NIGHT = {"kind": "once", "start": "2026-11-24T03:15"}


async def form(town: Town, *schedules: Mapping[str, object], **more: object) -> dict[str, Any]:
    """Return what an operator's form sends."""
    return {
        "title": "Tiêm chủng 💉",
        "area_id": town.areas["Xã Bình Minh"].id,
        "recording_id": str(await town.recording()),
        "targets": {"area_ids": [town.areas["Thôn Đông"].id]},
        "schedules": list(schedules),
        **more,
    }


async def sent(office: Office, *schedules: Mapping[str, object]) -> dict[str, Any]:
    """Have the operator save and send; returns the announcement."""
    operator = office.person("operator")
    saved = (await operator.post("/announcements", await form(office.town, *schedules))).body
    answer = await operator.post(f"/announcements/{saved['id']}/submit", {"revision": 1})
    body: dict[str, Any] = answer.body
    return body


async def approve(who: Person, one: dict[str, Any], **more: object) -> Answer:
    body = {"revision": one["revision"], "hash": one["hash"], **more}
    return await who.post(f"/announcements/{one['id']}/approve", body)


async def test_the_preview_says_one_sentence(office: Office) -> None:
    """When, on how many loudspeakers, where, until when; in both languages."""
    body = await form(office.town, ONCE)
    shown = (await office.person("operator").post("/announcements/preview", body)).body
    assert shown["sentence"] == (
        "Sẽ phát lúc 17:00 thứ Hai 23/11/2026, trên 2 loa ở Thôn Đông, đến hết 17:01."
    )
    assert shown["next"] == [{"start": "2026-11-23T10:00:00Z", "end": "2026-11-23T10:01:00Z"}]
    assert (shown["terminals"], shown["problems"], shown["warnings"]) == (2, [], [])
    english = (await office.person("operator", "en").post("/announcements/preview", body)).body
    assert english["sentence"] == (
        "Will sound at 17:00 on Monday 23/11/2026, on 2 loudspeakers in Thôn Đông, until 17:01."
    )


async def test_three_fifteen_is_refused_by_form_and_api(office: Office) -> None:
    """The preview names the problem, and sending it all the same is refused with the code."""
    operator = office.person("operator")
    body = await form(office.town, NIGHT)
    (problem,) = (await operator.post("/announcements/preview", body)).body["problems"]
    assert (problem["code"], problem["field"]) == ("quiet_hours", "schedules")
    assert "03:15" in problem["text"]
    saved = (await operator.post("/announcements", body)).body
    refused = await operator.post(f"/announcements/{saved['id']}/submit", {"revision": 1})
    assert (refused.status, refused.code, refused.field) == (422, "quiet_hours", "schedules")
    assert refused.body["error"]["detail"]["problems"] == [
        {"code": "quiet_hours", "field": "schedules"}
    ]


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        ({"kind": "once", "start": "2026-02-31T05:30"}, "schedules.0"),
        ({"kind": "once", "start": "1999-12-31T05:30"}, "schedules.0.at"),
        (
            {"kind": "daily", "times": ["05:30"], "from_date": "2026-12-01",
             "until_date": "2026-11-30"},
            "schedules.0.until",
        ),
    ],
)  # fmt: skip
async def test_impossible_dates_are_refused(
    office: Office, schedule: Mapping[str, object], field: str
) -> None:
    """31 February, the last century, an end before the beginning: refused at the field."""
    body = await form(office.town, schedule)
    for path in ("/announcements", "/announcements/preview"):
        refused = await office.person("operator").post(path, body)
        assert (refused.status, refused.code, refused.field) == (422, "schedule_invalid", field)


@pytest.mark.parametrize(
    "schedule",
    [
        {"kind": "hourly"},
        {"start": "2026-11-23T17:00"},
        {"kind": "once", "start": "soon"},
        {"kind": "daily", "times": [], "from_date": "2026-12-01"},
        {"kind": "weekly", "weekdays": [8], "times": ["05:30"], "from_date": "2026-12-01"},
    ],
)
async def test_malformed_schedules_are_refused(
    office: Office, schedule: Mapping[str, object]
) -> None:
    """What is no schedule at all never reaches a service."""
    refused = await office.person("operator").post(
        "/announcements", await form(office.town, schedule)
    )
    assert (refused.status, refused.code) == (422, "invalid_field")


async def test_the_whole_way_to_an_airing(office: Office) -> None:
    """Saved, sent, approved; each answer tells the state and what the reader may do next."""
    one = await sent(office, ONCE)
    assert (one["state"], one["author"], one["may"]) == ("submitted", "Operator", ["edit"])
    approver = office.person("approver")
    waiting = (await approver.get("/announcements?state=submitted")).body["items"]
    assert [item["id"] for item in waiting] == [one["id"]]
    assert waiting[0]["may"] == ["edit", "approve", "return"]
    approved = await approve(approver, one)
    assert (approved.status, approved.body["state"]) == (200, "approved")
    assert approved.body["decided_by"] == "Approver"
    assert approved.body["next_start"] == "2026-11-23T10:00:00Z"
    assert approved.body["delivery"] == {"terminals": 2, "stored": 0}
    (airing,) = (await approver.get("/occurrences")).body["items"]
    assert (airing["announcement_id"], airing["state"]) == (one["id"], "planned")


async def test_what_was_saved_comes_back(office: Office) -> None:
    """Schedules and targets return as they were written, times in order."""
    schedules: list[dict[str, Any]] = [
        ONCE,
        {"kind": "daily", "times": ["17:00", "05:30"], "from_date": "2026-12-01",
         "until_date": "2026-12-24", "interval": 2},
        {"kind": "weekly", "weekdays": [7, 1], "times": ["06:00"], "from_date": "2026-12-01",
         "until_date": "2027-02-01", "interval": 1},
    ]  # fmt: skip
    body = await form(office.town, *schedules)
    saved = (await office.person("operator").post("/announcements", body)).body
    schedules[1]["times"] = ["05:30", "17:00"]
    schedules[2]["weekdays"] = [1, 7]
    assert saved["schedules"] == schedules
    assert saved["targets"] == {**body["targets"], "terminal_ids": []}
    assert saved["title"] == "Tiêm chủng 💉"


async def test_editing_takes_the_revision_that_was_read(office: Office) -> None:
    """A second editor with the old revision is refused and told the present one."""
    operator = office.person("operator")
    body = await form(office.town, ONCE)
    one = (await operator.post("/announcements", body)).body
    path = f"/announcements/{one['id']}"
    changed = await operator.ask("PUT", path, {**body, "title": "Mới", "revision": 1})
    assert (changed.body["title"], changed.body["revision"]) == ("Mới", 2)
    late = await operator.ask("PUT", path, {**body, "title": "Cũ", "revision": 1})
    assert (late.status, late.code) == (409, "changed_meanwhile")
    assert late.body["error"]["detail"]["revision"] == 2


async def test_the_preview_of_an_edit_leaves_itself_out(office: Office) -> None:
    """With its own id the announcement that is edited does not stand in its own way."""
    one = await sent(office, ONCE)
    await approve(office.person("approver"), one)
    body = await form(office.town, ONCE)
    operator = office.person("operator")
    own = await operator.post("/announcements/preview", {**body, "announcement_id": one["id"]})
    assert own.body["problems"] == []
    other = await operator.post("/announcements/preview", body)
    assert [problem["code"] for problem in other.body["problems"]] == ["overlap"]
    assert "Tiêm chủng" in other.body["problems"][0]["text"]


async def test_approval_needs_a_person_and_what_was_heard(office: Office) -> None:
    """No token approves; another hash is refused; so is a hash that is none."""
    one = await sent(office, ONCE)
    program = await office.program("approver")
    refused = await approve(program, one)
    assert (refused.status, refused.code) == (403, "session_needed")
    approver = office.person("approver")
    other = await approve(approver, one, hash="0" * 64)
    assert (other.status, other.code) == (409, "hash_changed")
    nonsense = await approve(approver, one, hash="xyz")
    assert (nonsense.status, nonsense.field) == (422, "hash")
    own = await approve(office.person("operator"), one)
    assert (own.status, own.code) == (403, "forbidden")


async def test_a_cookie_without_its_ticket_approves_nothing(office: Office) -> None:
    """A session stolen from the database has no ticket, and the signer no reason to sign."""
    one = await sent(office, ONCE)
    approver = office.person("approver")
    approver.headers["Cookie"] = approver.headers["Cookie"].partition(".")[0]
    refused = await approve(approver, one)
    assert (refused.status, refused.code) == (401, "sign_in_needed")
    approver.headers["Cookie"] += ".forged"
    assert (await approve(approver, one)).status == 401
    assert (await approver.get(f"/announcements/{one['id']}")).body["state"] == "submitted"


async def test_returning_and_withdrawing_give_reasons(office: Office) -> None:
    """The reason is asked for and shown."""
    approver = office.person("approver")
    one = await sent(office, ONCE)
    path = f"/announcements/{one['id']}"
    mute = await approver.post(f"{path}/return", {"revision": 1, "reason": ""})
    assert (mute.status, mute.field) == (422, "reason")
    back = await approver.post(f"{path}/return", {"revision": 1, "reason": "Sai ngày"})
    assert (back.body["state"], back.body["reason"]) == ("returned", "Sai ngày")
    again = (await office.person("operator").post(f"{path}/submit", {"revision": 1})).body
    await approve(approver, again)
    gone = await approver.post(f"{path}/withdraw", {"reason": "Hoãn"})
    assert (gone.body["state"], gone.body["next_start"]) == ("withdrawn", None)


async def test_a_draft_is_deleted(office: Office) -> None:
    """204, then it is not found; an approved one stays."""
    operator = office.person("operator")
    draft = (await operator.post("/announcements", await form(office.town))).body
    path = f"/announcements/{draft['id']}"
    assert (await operator.ask("DELETE", path)).status == 204
    assert (await operator.get(path)).status == 404
    one = await sent(office, ONCE)
    await approve(office.person("approver"), one)
    kept = await operator.ask("DELETE", f"/announcements/{one['id']}")
    assert (kept.status, kept.code) == (409, "action_not_open")


async def test_the_neighbour_gets_nothing(office: Office) -> None:
    """Each route answers 404 as for an id that never was; its targets are refused."""
    one = await sent(office, ONCE)
    them = office.person("stranger")
    body = await form(office.town, ONCE)
    item = f"/announcements/{one['id']}"
    for method, path, sends in (
        ("GET", item, None),
        ("PUT", item, {**body, "revision": 1}),
        ("DELETE", item, None),
        ("POST", f"{item}/submit", {"revision": 1}),
        ("POST", f"{item}/approve", {"revision": 1, "hash": one["hash"]}),
        ("POST", f"{item}/return", {"revision": 1, "reason": "x"}),
        ("POST", f"{item}/withdraw", {"reason": "x"}),
        ("POST", "/announcements", body),
        ("POST", "/announcements/preview", body),
        ("GET", f"/announcements?area_id={body['area_id']}", None),
    ):
        refused = await them.ask(method, path, sends)
        assert (refused.status, refused.code) == (404, "not_found"), (method, path)
    own = {**body, "area_id": office.town.areas["Xã An Hòa"].id}
    aimed = await them.post("/announcements", {**own, "recording_id": None})
    assert (aimed.code, aimed.field) == ("target_foreign", "targets.area_ids.0")
    used = await them.post("/announcements", {**own, "targets": {}})
    assert (used.code, used.field) == ("recording_missing", "recording_id")


async def test_the_sentence_of_a_listing_is_in_the_readers_language(office: Office) -> None:
    """What the API says in words follows Accept-Language."""
    await office.town.approved(once(23, 17))
    english = (await office.person("monitor", "en").get("/announcements")).body["items"]
    assert english[0]["sentence"].startswith("Will sound at 17:00")
