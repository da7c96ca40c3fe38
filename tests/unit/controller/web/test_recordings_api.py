"""Recordings over HTTP: pieces, ranges, refusals, rights."""

import pytest

from controller.services.recordings import MAX_PIECE_BYTES
from tests.fakes.commune import UPLOAD
from tests.fakes.recordings import speech
from tests.unit.controller.web.browser import Answer, Office, Person


async def announce(office: Office, who: Person, size: int = len(UPLOAD)) -> Answer:
    area = office.town.areas["Xã Bình Minh"].id
    return await who.post("/recordings", {"title": "Loa thôn 🎋", "area_id": area, "size": size})


async def send(who: Person, which: str, offset: int, data: bytes) -> Answer:
    return await who.ask("PUT", f"/recordings/{which}/content?offset={offset}", data=data)


async def uploaded(office: Office, who: Person, data: bytes = UPLOAD) -> str:
    which: str = (await announce(office, who, len(data))).body["id"]
    await send(who, which, 0, data)
    await who.post(f"/recordings/{which}/complete")
    await office.town.ingestion.work_off()
    return which


async def test_an_upload_from_first_to_last_byte(office: Office) -> None:
    """Announced, sent in two pieces, completed, taken in: each answer shows how far it is."""
    operator = office.person("operator")
    announced = await announce(office, operator)
    assert (announced.status, announced.body["state"]) == (201, "receiving")
    which = announced.body["id"]
    half = await send(operator, which, 0, UPLOAD[:500])
    assert (half.status, half.body["received"]) == (200, 500)
    await send(operator, which, 500, UPLOAD[500:])
    completed = await operator.post(f"/recordings/{which}/complete")
    assert (completed.status, completed.body["state"]) == (202, "checking")
    await office.town.ingestion.work_off()
    ready = (await operator.get(f"/recordings/{which}")).body
    assert (ready["state"], ready["progress"], ready["problem"]) == ("ready", 100, None)
    assert (ready["duration_ms"], ready["loudness_lufs"]) == (12_500, -16.0)
    assert len(ready["hash"]) == 64
    assert len(ready["waveform"]) == 200
    assert ready["created_by"] == "Operator"


async def test_a_gap_tells_where_to_go_on(office: Office) -> None:
    """409 with the offset in its detail, and a sentence for the person."""
    operator = office.person("operator")
    which = (await announce(office, operator)).body["id"]
    refused = await send(operator, which, 100, b"x")
    assert (refused.status, refused.code, refused.field) == (
        409, "recording_wrong_offset", "offset",
    )  # fmt: skip
    assert refused.body["error"]["detail"]["offset"] == 0
    early = await operator.post(f"/recordings/{which}/complete")
    assert (early.status, early.code) == (409, "recording_incomplete")


async def test_a_piece_is_at_most_four_mebibytes(office: Office) -> None:
    """A larger body is refused without being kept; one of 4 MiB is taken."""
    operator = office.person("operator")
    which = (await announce(office, operator, 3 * MAX_PIECE_BYTES)).body["id"]
    too_large = await send(operator, which, 0, bytes(MAX_PIECE_BYTES + 1))
    assert (too_large.status, too_large.code) == (422, "recording_too_large")
    whole = await send(operator, which, 0, bytes(MAX_PIECE_BYTES))
    assert whole.body["received"] == MAX_PIECE_BYTES


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": 100 * 1024 * 1024 + 1}, "size"),
        ({"size": "5"}, "size"),
        ({"size": 5, "title": ""}, "title"),
        ({"size": 5, "titel": "x"}, "titel"),
    ],
)
async def test_a_bad_announcement_is_refused_at_its_field(
    office: Office, body: dict[str, object], field: str
) -> None:
    """Zero and too many bytes, wrong types, empty titles and unknown fields are named."""
    area = office.town.areas["Xã Bình Minh"].id
    full = {"title": "x", "area_id": area, **body}
    refused = await office.person("operator").post("/recordings", full)
    assert (refused.status, refused.code, refused.field) == (422, "invalid_field", field)


@pytest.mark.parametrize("offset", ["", "?offset=-1", "?offset=x", "?offset=999999999999"])
async def test_a_bad_offset_is_refused(office: Office, offset: str) -> None:
    """Missing, negative, no number, beyond any file."""
    operator = office.person("operator")
    which = (await announce(office, operator)).body["id"]
    refused = await operator.ask("PUT", f"/recordings/{which}/content{offset}", data=b"x")
    assert (refused.status, refused.code) == (422, "invalid_field")


async def test_listening_serves_ranges(office: Office) -> None:
    """A player asks for parts and gets exactly those of what terminals play."""
    operator = office.person("operator")
    which = await uploaded(office, operator)
    whole = await operator.get(f"/recordings/{which}/sound")
    assert whole.status == 200
    assert whole.response.content_type == "audio/ogg"
    assert whole.response.headers["Accept-Ranges"] == "bytes"
    assert whole.response.headers["X-Content-Type-Options"] == "nosniff"
    part = await operator.get(f"/recordings/{which}/sound", Range="bytes=100-199")
    assert (part.status, part.raw) == (206, whole.raw[100:200])
    last = await operator.get(f"/recordings/{which}/sound", Range="bytes=-10")
    assert last.raw == whole.raw[-10:]
    beyond = await operator.get(f"/recordings/{which}/sound", Range="bytes=999999999-")
    assert beyond.status == 416


async def test_a_refused_recording_says_why_in_words(office: Office) -> None:
    """The code for programs, a sentence in the reader's language for people."""
    which = await uploaded(office, office.person("operator"), b"no sound at all")
    for language, word in (("vi", "mp3"), ("en", "MP3")):
        shown = (await office.person("operator", language).get(f"/recordings/{which}")).body
        assert (shown["state"], shown["problem"]) == ("refused", "unsupported_format")
        assert word.lower() in shown["problem_text"].lower()
    mute = await office.person("operator").get(f"/recordings/{which}/sound")
    assert (mute.status, mute.code) == (409, "recording_not_ready")


async def test_a_doubtful_recording_is_confirmed(office: Office) -> None:
    """It says what is doubtful; hearing it is confirmed with a plain yes and nothing else."""
    operator = office.person("operator")
    which = await uploaded(office, operator, speech(5, doubtful=True))
    shown = (await operator.get(f"/recordings/{which}")).body
    assert (shown["doubtful"], shown["heard"]) == ("cut_off", False)
    half = await operator.post(f"/recordings/{which}/heard", {"heard_to_end": False})
    assert half.status == 422
    whole = await operator.post(f"/recordings/{which}/heard", {"heard_to_end": True})
    assert whole.body["heard"] is True


async def test_renaming_listing_and_deleting(office: Office) -> None:
    """The list is newest first in pages; a deleted recording is gone."""
    operator = office.person("operator")
    old = await uploaded(office, operator)
    office.town.clock.run(office.town.alarm.tick_every)
    new = await uploaded(office, operator, speech(3))
    renamed = await operator.ask("PATCH", f"/recordings/{old}", {"title": "Tin cũ"})
    assert renamed.body["title"] == "Tin cũ"
    first = (await operator.get("/recordings?limit=1")).body
    assert [one["id"] for one in first["items"]] == [new]
    rest = (await operator.get(f"/recordings?limit=1&cursor={first['next']}")).body
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([old], None)
    gone = await operator.ask("DELETE", f"/recordings/{old}")
    assert (gone.status, gone.raw) == (204, b"")
    assert (await operator.get(f"/recordings/{old}")).status == 404
    bad = await operator.get("/recordings?cursor=nonsense")
    assert (bad.status, bad.code) == (422, "bad_cursor")


async def test_nobody_gets_in_without_a_session(office: Office) -> None:
    """Neither reading nor sending; a session alone cannot send without its CSRF token."""
    which = await uploaded(office, office.person("operator"))
    stranger = office.stranger()
    for path in ("/recordings", f"/recordings/{which}", f"/recordings/{which}/sound"):
        assert (await stranger.get(path)).status == 401
    assert (await announce(office, stranger)).status == 401
    careless = office.person("operator")
    del careless.headers["X-CSRF-Token"]
    refused = await announce(office, careless)
    assert (refused.status, refused.code) == (403, "csrf")


async def test_a_program_uploads_with_its_token(office: Office) -> None:
    """A bearer token sends recordings as its owner may."""
    program = await office.program("operator")
    which = await uploaded(office, program)
    assert (await program.get(f"/recordings/{which}")).body["state"] == "ready"
    watcher = await office.program("monitor")
    assert (await announce(office, watcher)).status == 403


async def test_the_neighbour_gets_nothing(office: Office) -> None:
    """Every route answers 404 as for an id that never was, and the list shows nothing."""
    which = await uploaded(office, office.person("operator"))
    them = office.person("neighbour")
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"title": "x"}),
        ("DELETE", "", None),
        ("POST", "/complete", None),
        ("GET", "/sound", None),
        ("POST", "/heard", {"heard_to_end": True}),
    ):
        for item in (which, "00000000-0000-7000-8000-0000000000ff", "nonsense"):
            refused = await them.ask(method, f"/recordings/{item}{path}", body)
            assert (refused.status, refused.code) == (404, "not_found")
    assert (await send(them, which, 0, b"x")).status == 404
    assert (await announce(office, them)).status == 404
    assert (await them.get("/recordings")).body == {"items": [], "next": None}
    foreign = office.town.areas["Xã Bình Minh"].id
    assert (await them.get(f"/recordings?area_id={foreign}")).status == 404


async def test_the_same_key_announces_once(office: Office) -> None:
    """A repeated request with its Idempotency-Key gets the first answer again."""
    operator = office.person("operator")
    operator.headers["Idempotency-Key"] = "upload-1"
    first, again = await announce(office, operator), await announce(office, operator)
    assert first.body == again.body
    assert again.response.headers["Idempotent-Replayed"] == "true"
    other = await announce(office, operator, 5)
    assert (other.status, other.code) == (409, "idempotency_reused")


async def test_a_full_disk_is_said(office: Office) -> None:
    """503 with a code that the screen turns into what to do."""
    office.town.free = 0
    refused = await announce(office, office.person("operator"))
    assert (refused.status, refused.code) == (503, "disk_full")
