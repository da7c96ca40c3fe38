"""What virtual terminals have sounded is listed, and no other file can be named."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.adapters.captures import CaptureFolders
from controller.domain.errors import NotFound

TERMINAL = UUID("018f0000-0000-7000-8000-000000000001")
ITEM = UUID("018f0000-0000-5000-8000-000000000002")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    home = tmp_path / "terminals" / "01"
    (home / "captures").mkdir(parents=True)
    (home / "identity").write_text(json.dumps({"terminal": str(TERMINAL)}), encoding="utf-8")
    (tmp_path / "terminals" / "secret.wav").write_bytes(b"secret")
    return tmp_path / "terminals"


def capture(root: Path, began_us: int, frames: int = 96_000, voice: str = f"{ITEM}/1") -> str:
    name = f"{began_us}-{voice.replace('/', '_')}"
    folder = root / "01" / "captures"
    (folder / f"{name}.wav").write_bytes(b"RIFF" + bytes(40))
    facts = {
        "voice": voice,
        "first_sample_wall_us": began_us,
        "frames": frames,
        "rate": 48_000,
        "complete": True,
    }
    (folder / f"{name}.json").write_text(json.dumps(facts), encoding="utf-8")
    return f"{name}.wav"


async def test_captures_are_listed_newest_first(root: Path) -> None:
    """With their instant, length, and what sounded."""
    old, new = capture(root, 1_000_000), capture(root, 2_000_000, 48_000)
    found = await CaptureFolders(root).list(TERMINAL)
    assert [one.name for one in found] == [new, old]
    assert [one.duration_ms for one in found] == [1000, 2000]
    assert {one.item for one in found} == {ITEM}
    assert found[1].began_at.isoformat() == "1970-01-01T00:00:01+00:00"


async def test_a_terminal_elsewhere_has_none(root: Path) -> None:
    """Nor does one whose folder appears only later, until it does."""
    folders = CaptureFolders(root)
    other = uuid4()
    assert await folders.list(other) == ()
    home = root / "02"
    (home / "captures").mkdir(parents=True)
    (home / "identity").write_text(json.dumps({"terminal": str(other)}), encoding="utf-8")
    assert await folders.list(other) == ()
    with pytest.raises(NotFound):
        await folders.path(other, "1-a.wav")
    assert await CaptureFolders(root / "nothing").list(TERMINAL) == ()


async def test_damaged_descriptions_are_passed_over(root: Path) -> None:
    """A half-written, huge or nonsensical description hides its capture, not the others."""
    good = capture(root, 3_000_000)
    folder = root / "01" / "captures"
    for number, text in enumerate(
        (
            "{",
            "[]",
            "null",
            json.dumps({"first_sample_wall_us": 1, "frames": 1, "rate": 0}),
            json.dumps({"first_sample_wall_us": 2**80, "frames": 1, "rate": 1}),
            json.dumps({"first_sample_wall_us": "1", "frames": 1, "rate": 1}),
            "x" * 20_000,
        )
    ):
        (folder / f"{number}-odd.json").write_text(text, encoding="utf-8")
    (root / "03").mkdir()
    (root / "03" / "identity").write_text("no json", encoding="utf-8")
    assert [one.name for one in await CaptureFolders(root).list(TERMINAL)] == [good]


async def test_a_capture_is_a_file_of_its_folder(root: Path) -> None:
    """Its path is given; a link or a folder of a fitting name is not followed."""
    name = capture(root, 1_000_000)
    folders = CaptureFolders(root)
    path = await folders.path(TERMINAL, name)
    assert path.read_bytes()[:4] == b"RIFF"
    folder = root / "01" / "captures"
    (folder / "5-link.wav").symlink_to(root / "secret.wav")
    (folder / "6-folder.wav").mkdir()
    for odd in ("5-link.wav", "6-folder.wav", "7-missing.wav"):
        with pytest.raises(NotFound) as refused:
            await folders.path(TERMINAL, odd)
        assert refused.value.code == "capture_missing"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.sampled_from(
            [
                "../../secret.wav",
                "..%2F..%2Fsecret.wav",
                "1-../../../secret.wav",
                "/etc/passwd",
                "1-a.wav/../../identity",
                "identity",
                "1-a.json",
                "1-a.wav\n",
                "1-a.wav\0",
            ]
        ),
        st.text(max_size=40).map(lambda text: f"../{text}"),
        st.text(max_size=40).map(lambda text: f"1-{text}.wav"),
    )
)
async def test_no_name_leads_out_of_the_folder(root: Path, name: str) -> None:
    """Whatever is asked for, what is given lies in the terminal's own folder, or nothing is."""
    folder = root / "01" / "captures"
    try:
        path = await CaptureFolders(root).path(TERMINAL, name)
    except NotFound:
        return
    assert path.resolve().parent == folder.resolve()
