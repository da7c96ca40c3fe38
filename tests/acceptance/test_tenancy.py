"""A commune sees and commands nothing of its neighbour's, by any route."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from controller.web.endpoints import ENDPOINTS, Door, Endpoint
from tests.acceptance.line import aired, area_named
from tests.acceptance.town import Json, Person, Town

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(200),
    pytest.mark.needs("espeak-ng", "ffmpeg"),
]

SECRET = "Bí mật của Bình Minh"
"""Stands in every title of the commune that is spied on."""

BODIES: dict[str, Json] = {
    "change_account": {"display_name": "x"},
    "change_area": {"name": "x"},
    "set_policy": {"quiet": []},
    "change_recording": {"title": "x"},
    "recording_heard": {"heard_to_end": True},
    "edit_announcement": {"title": "x", "area_id": "c-90002", "revision": 1},
    "submit_announcement": {"revision": 1},
    "return_announcement": {"revision": 1, "reason": "x"},
    "withdraw_announcement": {"reason": "x"},
    "approve_announcement": {"revision": 1, "hash": "0" * 64},
    "release_emergency": {"hash": "0" * 64},
    "change_terminal": {"name": "x"},
    "test_terminal": {"kind": "silent"},
}


@dataclass
class Neighbour:
    """The ids of everything that Xã Bình Minh has."""

    ids: dict[str, str]
    announcement: Json


async def _member(admin: Person, town: Town, role: str) -> str:
    """Make somebody of Xã An Hòa with that role; returns the user name."""
    area = await area_named(admin, "Xã An Hòa")
    name = f"spy.{role}.{uuid4().hex[:6]}"
    made = await admin.do(
        "POST",
        "/accounts",
        {"username": name, "display_name": "Người xã bên", "role": role, "area_id": area["id"]},
    )
    token = made["link"].rpartition("/")[2]
    await admin.do("POST", f"/invitations/{token}", {"password": "mot cau that dai 123"})
    town.passwords[name] = "mot cau that dai 123"
    return name


@pytest.fixture(scope="module")
def kept() -> dict[str, Neighbour]:
    return {}


async def _neighbour(town: Town, bulletin: Path, kept: dict[str, Neighbour]) -> Neighbour:
    if "it" in kept:
        return kept["it"]
    async with (
        town.person("operator") as operator,
        town.person("approver") as approver,
        town.person("admin") as admin,
    ):
        approved = await aired(
            town, operator, approver, bulletin, "Thôn Đoài", timedelta(hours=3), title=SECRET
        )
        commune = await area_named(operator, "Xã Bình Minh")
        terminals = (await admin.get(f"/terminals?area_id={commune['id']}"))["items"]
        accounts = (await admin.get(f"/accounts?area_id={commune['id']}"))["items"]
        code = await admin.do(
            "POST", "/enrolments", {"area_id": commune["id"], "name": f"Loa {uuid4().hex[:4]}"}
        )
        stop = await admin.do("POST", "/stops", {"area_id": commune["id"], "hold_minutes": 1})
        occurrences = (await operator.get("/occurrences"))["items"]
        kept["it"] = Neighbour(
            {
                "account_id": accounts[0]["id"],
                "area_id": commune["id"],
                "recording_id": approved["recording_id"],
                "announcement_id": approved["id"],
                "occurrence_id": next(
                    one["id"] for one in occurrences if one["announcement_id"] == approved["id"]
                ),
                "terminal_id": terminals[0]["id"],
                "enrolment_id": code["enrolment"]["id"],
                "stop_id": stop["id"],
                "emergency_id": str(uuid4()),
                "token_id": str(uuid4()),
                "name": "x.wav",
            },
            approved,
        )
        await admin.do("POST", f"/stops/{stop['id']}/lift")
    return kept["it"]


ADDRESSED = [one for one in ENDPOINTS if "{" in one.path and one.door is not Door.PUBLIC]
LISTS = [
    one
    for one in ENDPOINTS
    if one.method == "GET" and "{" not in one.path and one.door is not Door.PUBLIC
]


@pytest.mark.parametrize("role", ["operator", "approver", "administrator", "monitor"])
async def test_no_route_gives_the_neighbour_away(
    town: Town, bulletin: Path, kept: dict[str, Neighbour], role: str
) -> None:
    """Each route with the neighbour's ids answers as if there were nothing; nothing changes."""
    neighbour = await _neighbour(town, bulletin, kept)
    async with town.person("admin") as admin, town.person("operator") as operator:
        place = f"/announcements/{neighbour.announcement['id']}"
        before = await operator.get(place)
        spy_name = await _member(admin, town, role)
        async with town.person(spy_name) as spy:
            for endpoint in ADDRESSED:
                answer = await spy.ask(
                    endpoint.method, _path(endpoint, neighbour), BODIES.get(endpoint.name)
                )
                assert answer.status in {403, 404, 422}, (endpoint.name, answer.status)
                assert SECRET not in answer.body.decode(errors="replace"), endpoint.name
                if answer.status == 422:
                    assert endpoint.name == "upload_piece", (endpoint.name, answer.body)
            for endpoint in LISTS:
                if endpoint.name == "events":
                    continue
                await _list_gives_nothing(spy, endpoint, neighbour)
        after = await operator.get(place)
        assert (after["state"], after["revision"]) == (before["state"], before["revision"])
        terminal = await operator.get(f"/terminals/{neighbour.ids['terminal_id']}")
        assert terminal["name"] != "x"
        assert terminal["retired_at"] is None


async def _list_gives_nothing(spy: Person, endpoint: Endpoint, neighbour: Neighbour) -> None:
    path = endpoint.path.removeprefix("/api/v1")
    for query in ("", f"?area_id={neighbour.ids['area_id']}"):
        if query and endpoint.query is None:
            continue
        answer = await spy.ask("GET", path + query)
        text = answer.body.decode(errors="replace")
        assert SECRET not in text, (path, query)
        assert "Bình Minh" not in text, (path, query)
        for name, identity in neighbour.ids.items():
            if name not in {"name", "emergency_id", "token_id", "area_id"}:
                assert identity not in text, (path, query, name)
        if query:
            assert answer.status in {403, 404}, (path, query, answer.status)


async def test_targets_of_the_neighbour_are_refused(
    town: Town, bulletin: Path, kept: dict[str, Neighbour]
) -> None:
    """An operator cannot aim at the neighbour's hamlets, loudspeakers or recordings."""
    neighbour = await _neighbour(town, bulletin, kept)
    async with town.person("admin") as admin:
        name = await _member(admin, town, "operator")
    async with town.person(name) as spy:
        own = await area_named(spy, "Xã An Hòa")
        foreign: dict[str, dict[str, Json]] = {
            "area_id": {"area_id": neighbour.ids["area_id"]},
            "area": {"targets": {"area_ids": [neighbour.ids["area_id"]]}},
            "terminal": {"targets": {"terminal_ids": [neighbour.ids["terminal_id"]]}},
            "recording": {"recording_id": neighbour.ids["recording_id"]},
        }
        for what, part in foreign.items():
            body = {"title": "x", "area_id": own["id"], **part}
            for path in ("/announcements", "/announcements/preview"):
                answer = await spy.ask("POST", path, body)
                assert answer.status in {403, 404, 422}, (what, path, answer.body)


def _path(endpoint: Endpoint, neighbour: Neighbour) -> str:
    path = endpoint.path.removeprefix("/api/v1")
    path = re.sub(r"{(\w+)}", lambda part: neighbour.ids[part[1]], path)
    return f"{path}?offset=0" if endpoint.name == "upload_piece" else path
