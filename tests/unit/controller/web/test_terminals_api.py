"""Terminals, codes, stops, emergencies and tests over HTTP, with terminals that answer."""

import base64
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from controller.domain.pace import Pace
from controller.web import keys
from controller.web.problems import known_problems
from edge_agent.services.sound_ports import SoundFault
from edge_agent.wire.codec import from_json, to_json
from edge_agent.wire.enrolment import EnrolAnswer, read_code
from edge_agent.wire.precedence import MessageClass
from tests.fakes.commune import Town
from tests.fakes.terminal import LightTerminal, enrol_request, new_key
from tests.unit.controller.services.terminal_rig import Field, until
from tests.unit.controller.web.browser import Office, opened


@dataclass
class Site:
    """The application, and the terminals behind it."""

    office: Office
    field: Field

    @property
    def town(self) -> Town:
        return self.office.town


@pytest.fixture
async def site(settled_town: Town, tmp_path: Path) -> AsyncIterator[Site]:
    town = await settled_town.copied_to(tmp_path)
    try:
        async with Field(town, time.monotonic, Pace()).running() as field:
            services: dict[Any, object] = {
                keys.TERMINALS: field.service,
                keys.ENROLMENTS: field.enrolments,
                keys.STOPS: field.stops,
                keys.EMERGENCIES: field.emergencies,
                keys.SOUND_TESTS: field.sound_tests,
            }
            async with opened(town, services) as office:
                yield Site(office, field)
    finally:
        await town.close()


async def enrolled(site: Site, name: str = "Loa mới", area: str = "Thôn Đông") -> LightTerminal:
    """Enrol a terminal through the API, as a technician and the box would."""
    admin = site.office.person("admin")
    made = await admin.post("/enrolments", {"area_id": site.town.areas[area].id, "name": name})
    assert made.status == 201
    code, key = read_code(made.body["code"]), new_key()
    redeemed = await site.office.stranger().ask(
        "POST",
        "/enrolments/redeem",
        data=to_json(enrol_request(code, key)),
        headers={"Content-Type": "application/json"},
    )
    assert redeemed.status == 201
    answer = from_json(EnrolAnswer, redeemed.raw)
    link = site.field.broker.messenger(str(answer.terminal), answer.mqtt_password)
    terminal = LightTerminal(answer, key, link, code.root)
    site.field.terminals[name] = terminal
    return terminal


async def test_a_box_enrols_and_appears_with_its_state(site: Site) -> None:
    """Code with a QR picture, redeemed once by the box itself; then the terminal is listed."""
    terminal = await enrolled(site)
    admin = site.office.person("admin")
    (code,) = (await admin.get("/enrolments")).body["items"]
    assert code["terminal_id"] == str(terminal.id)
    assert code["used_at"]
    assert "token" not in json.dumps(code)
    await site.field.connect(terminal)
    await terminal.status(site.field.now_us(), problems=("disk_full",), volume=70)
    await until(lambda: terminal.id in site.field.side.fleet._latest, "the heartbeat")
    await site.field.side.fleet.statuses.settled()
    shown = (await site.office.person("operator").get(f"/terminals/{terminal.id}")).body
    assert shown["health"] == "faulty"
    assert shown["problems"] == ["disk_full"]
    assert shown["problem_texts"][0].startswith("Bộ nhớ của loa đã đầy")
    assert shown["agent"] == "loaxa-light"
    assert shown["captures"] is False
    listed = await site.office.person("operator").get("/terminals?health=faulty")
    assert [one["id"] for one in listed.body["items"]] == [str(terminal.id)]


async def test_the_code_is_shown_once_with_a_picture(site: Site) -> None:
    """The answer to its making holds text and picture; no listing does."""
    admin = site.office.person("admin")
    body = {"area_id": site.town.areas["Thôn Đông"].id, "name": "Loa 😀 Đình"}
    made = await admin.post("/enrolments", body)
    assert made.body["code"].startswith("LX1.")
    assert made.body["qr_svg"].startswith("<svg")
    assert made.body["enrolment"]["name"] == "Loa 😀 Đình"
    again = await admin.get("/enrolments")
    assert made.body["code"] not in again.raw.decode()
    voided = await admin.ask("DELETE", f"/enrolments/{made.body['enrolment']['id']}")
    assert voided.status == 204
    refused = await site.office.stranger().ask(
        "POST",
        "/enrolments/redeem",
        data=to_json(enrol_request(read_code(made.body["code"]), new_key())),
    )
    assert (refused.status, refused.code) == (409, "enrolment_used")


@pytest.mark.parametrize(
    "change",
    [
        {"public_key": base64.b64encode(bytes(31)).decode()},
        {"proof": "%%%"},
        {"token": "x" * 1000},
        {"hardware": "x" * 10_000},
        {"token": 5},
        {"extra": 1},
    ],
)
async def test_a_damaged_redemption_is_refused_plainly(
    site: Site, change: dict[str, object]
) -> None:
    """Wrong lengths, types and fields: 422 with a code, and the code stays good."""
    made = await site.office.person("admin").post(
        "/enrolments", {"area_id": site.town.areas["Thôn Đông"].id, "name": "Loa mới"}
    )
    code, key = read_code(made.body["code"]), new_key()
    good = json.loads(to_json(enrol_request(code, key)))
    refused = await site.office.stranger().post("/enrolments/redeem", good | change)
    assert refused.status == 422
    assert refused.code == "invalid_field"
    assert (await site.office.stranger().post("/enrolments/redeem", good)).status == 201


async def test_a_terminal_is_changed_moved_and_retired(site: Site) -> None:
    """Name and volume, another hamlet, then out of service for good."""
    terminal = await enrolled(site)
    await site.field.connect(terminal)
    admin = site.office.person("admin")
    path = f"/terminals/{terminal.id}"
    changed = await admin.ask("PATCH", path, {"name": "Loa gốc đa", "volume": 40})
    assert (changed.body["name"], changed.body["volume"]) == ("Loa gốc đa", 40)
    moved = await admin.ask("PATCH", path, {"area_id": site.town.areas["Thôn Thượng"].id})
    assert moved.body["area_name"] == "Thôn Thượng"
    assert (await site.office.person("operator").get(path)).status == 404
    assert (await site.office.person("neighbour").get(path)).status == 200
    gone = await admin.post(f"{path}/retire")
    assert gone.body["health"] == "retired"
    assert gone.body["retired_at"]
    again = await admin.post(f"{path}/retire")
    assert (again.status, again.code) == (409, "terminal_retired")


async def test_a_test_is_answered_by_the_terminal(site: Site) -> None:
    """The answer tells that it was taken; in quiet hours a chime is refused with a sentence."""
    terminal = await enrolled(site)
    await site.field.connect(terminal)
    operator = site.office.person("operator")
    path = f"/terminals/{terminal.id}/test"
    sent = await operator.post(path, {"kind": "chime", "volume": 20})
    assert (sent.status, sent.body["acknowledged"]) == (202, True)
    rules = {
        "quiet": [{"start": "08:00", "end": "09:00", "weekdays": [1, 2, 3, 4, 5, 6, 7]}],
        "max_volume": 100, "max_session_minutes": None, "max_day_minutes": None,
        "author_may_approve": False,
    }  # fmt: skip
    commune = site.town.areas["Xã Bình Minh"].id
    set_rules = await site.office.person("admin").ask("PUT", f"/areas/{commune}/policy", rules)
    assert set_rules.status == 200
    refused = await operator.post(path, {"kind": "chime", "volume": 20})
    assert (refused.status, refused.code) == (422, "quiet_hours")
    assert refused.body["error"]["message"]


async def test_stop_and_lift_over_http(site: Site) -> None:
    """A stop is listed while it holds, with who has heard it; lifted it is gone."""
    terminal = await enrolled(site)
    await site.field.connect(terminal)
    operator = site.office.person("operator")
    area = site.town.areas["Xã Bình Minh"].id
    made = await operator.post("/stops", {"area_id": area, "hold_minutes": 5})
    assert made.status == 201
    await until(lambda: terminal.stops, "the stop")
    await site.field.side.dispatch.words.settled()
    (held,) = (await operator.get("/stops")).body["items"]
    assert held["id"] == made.body["id"]
    assert held["acknowledged"] == 1
    assert held["issued_by"] == "Operator"
    assert (await site.office.person("neighbour").post(f"/stops/{held['id']}/lift")).status == 404
    assert (await operator.post(f"/stops/{held['id']}/lift")).status == 200
    assert (await operator.get("/stops")).body["items"] == []
    assert (await operator.post(f"/stops/{held['id']}/lift")).code == "already_lifted"


async def test_the_same_key_stops_once(site: Site) -> None:
    """A repeated request with the same idempotency key is answered, not done again."""
    operator = site.office.person("operator")
    body = {"area_id": site.town.areas["Thôn Đông"].id}
    first = await operator.post("/stops", body, **{"Idempotency-Key": "k-1"})
    again = await operator.post("/stops", body, **{"Idempotency-Key": "k-1"})
    assert first.body["id"] == again.body["id"]
    assert len((await operator.get("/stops")).body["items"]) == 1


async def test_an_emergency_over_http(site: Site) -> None:
    """Released with the hash that was heard, listed with its counts, cancelled."""
    terminal = await enrolled(site)
    await site.field.connect(terminal)
    shown = await site.town.approved(
        message_class=MessageClass.EMERGENCY, targets=("Xã Bình Minh",), title="Lũ về"
    )
    assert shown.recording is not None
    assert shown.recording.sound is not None
    approver = site.office.person("approver")
    path = f"/announcements/{shown.announcement.id}/release"
    wrong = await approver.post(path, {"hash": "ab" * 32})
    assert (wrong.status, wrong.code) == (409, "hash_changed")
    made = await approver.post(path, {"hash": shown.recording.sound.rendition})
    assert made.status == 201
    await until(lambda: terminal.orders, "the order")
    await site.field.side.dispatch.words.settled()
    (listed,) = (await approver.get("/emergencies")).body["items"]
    assert (listed["title"], listed["acknowledged"]) == ("Lũ về", 1)
    assert (await site.office.person("neighbour").get("/emergencies")).body["items"] == []
    done = await approver.post(f"/emergencies/{listed['id']}/cancel")
    assert done.body["cancelled_at"]
    twice = await approver.post(f"/emergencies/{listed['id']}/cancel")
    assert (twice.status, twice.code) == (409, "already_cancelled")


async def test_a_program_may_stop_but_neither_release_nor_manage(site: Site) -> None:
    """A bearer token makes silent; it does not sound emergencies, enrol, move or retire."""
    terminal = await enrolled(site)
    program = await site.office.program("operator")
    area = site.town.areas["Thôn Đông"].id
    assert (await program.post("/stops", {"area_id": area})).status == 201
    path = f"/terminals/{terminal.id}"
    for method, route, body in (
        ("POST", f"/announcements/{terminal.id}/release", {"hash": "ab" * 32}),
        ("POST", "/enrolments", {"area_id": area, "name": "x"}),
        ("PATCH", path, {"name": "x"}),
        ("POST", f"{path}/retire", None),
    ):
        assert (await program.ask(method, route, body)).code == "session_needed"


async def test_captures_are_listed_and_heard_in_ranges(site: Site, tmp_path: Path) -> None:
    """A virtual terminal's sound is listed and served, whole and in parts; other names are not."""
    admin = site.office.person("admin")
    new = await site.field.enrolments.create(
        site.town.actor("admin"), site.town.areas["Thôn Đông"].id, "Loa ảo", virtual=True
    )
    code = read_code(new.text)
    answer = await site.field.enrolments.redeem(enrol_request(code, new_key()), "203.0.113.9")
    home = site.town.folder / "terminals" / "01"
    (home / "captures").mkdir(parents=True)
    (home / "identity").write_text(json.dumps({"terminal": str(answer.terminal)}), encoding="utf-8")
    sound = b"RIFF" + bytes(range(200))
    name = f"1795000000000000-{UUID(int=7)}_1"
    (home / "captures" / f"{name}.wav").write_bytes(sound)
    facts = {"voice": f"{UUID(int=7)}/1", "first_sample_wall_us": 1795000000000000,
             "frames": 48_000, "rate": 48_000}  # fmt: skip
    (home / "captures" / f"{name}.json").write_text(json.dumps(facts), encoding="utf-8")
    path = f"/terminals/{answer.terminal}/captures"
    (listed,) = (await admin.get(path)).body["items"]
    assert (listed["name"], listed["duration_ms"]) == (f"{name}.wav", 1000)
    whole = await admin.get(f"{path}/{name}.wav")
    assert (whole.raw, whole.response.content_type) == (sound, "audio/wav")
    part = await admin.get(f"{path}/{name}.wav", Range="bytes=4-9")
    assert (part.status, part.raw) == (206, sound[4:10])
    for odd in ("../identity", "%2e%2e%2fidentity", f"{name}.json", "identity"):
        assert (await admin.get(f"{path}/{odd}")).status in {404, 405}
    assert (await site.office.person("neighbour").get(path)).status == 404
    assert (await site.office.person("neighbour").get(f"{path}/{name}.wav")).status == 404
    real = await enrolled(site, "Loa thật")
    assert (await admin.get(f"/terminals/{real.id}/captures")).code == "capture_missing"


def test_every_fault_of_sound_has_a_sentence() -> None:
    """What the terminal's own list of faults names, the screens can explain."""
    assert {fault.value for fault in SoundFault} <= known_problems()
