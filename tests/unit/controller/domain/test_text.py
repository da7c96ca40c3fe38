"""Text that people write, identities, names and pages."""

import unicodedata
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.domain.account import read_username
from controller.domain.capture import read_name
from controller.domain.errors import Invalid, NotFound
from controller.domain.ids import read_area_id, read_hash, read_id
from controller.domain.paging import PageRequest
from controller.domain.text import MAX_TITLE, read_reason, read_title

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@given(st.text(max_size=300))
def test_a_title_is_clean_or_refused(text: str) -> None:
    """What is kept is short, composed, without control or invisible marks, and stays itself."""
    refused, kept = None, ""
    try:
        kept = read_title(text)
    except Invalid as error:
        refused = error.code
    assert refused in {None, "text_empty", "text_too_long", "text_control_character"}
    if refused:
        return
    assert 0 < len(kept) <= MAX_TITLE
    assert kept == unicodedata.normalize("NFC", kept) == " ".join(kept.split())
    assert read_title(kept) == kept
    assert "\0" not in kept
    kept.encode()


@pytest.mark.parametrize("text", ["Tiêm phòng 💉", "👨‍👩‍👧 Gia đình", "a" * 120, "Ế" * 120])
def test_names_of_all_kinds_are_kept(text: str) -> None:
    """Vietnamese accents and emoji of several parts come through."""
    assert read_title(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text_empty"),
        (" \t ", "text_empty"),
        ("\u200d", "text_empty"),
        ("a" * 121, "text_too_long"),
        ("a\0b", "text_control_character"),
        ("a\u202eb", "text_control_character"),
        ("a\nb", "text_control_character"),
        ("\ud800", "text_control_character"),
        ("x" * 10_000_000, "text_too_long"),
    ],
)
def test_text_that_cannot_be_kept_says_why(text: str, code: str) -> None:
    """With a code of its own and the field it is about."""
    with pytest.raises(Invalid, match=code) as caught:
        read_title(text, "name")
    assert caught.value.field == "name"


def test_reasons_may_be_longer() -> None:
    """A reason has up to five hundred characters."""
    assert len(read_reason("a" * 500)) == 500
    with pytest.raises(Invalid, match="text_too_long"):
        read_reason("a" * 501)


@given(st.uuids())
def test_an_id_is_read_in_one_form(one: UUID) -> None:
    """Braces, urn and missing dashes are other texts, so they name nothing."""
    assert read_id(str(one)) == read_id(str(one).upper()) == one
    for other in (one.hex, f"{{{one}}}", one.urn, f" {one}", f"{one}\n"):
        with pytest.raises(NotFound):
            read_id(other)


@pytest.mark.parametrize("text", ["", "P-89", "-a", "a" * 41, "a/b", "a\n", "é", "a_b", "../x"])
def test_a_bad_area_id_names_nothing(text: str) -> None:
    """It is not found, like any foreign area."""
    with pytest.raises(NotFound):
        read_area_id(text)


@pytest.mark.parametrize("text", ["", "AB" * 32, "ab" * 31, "ab" * 32 + "\n", "g" * 64])
def test_a_hash_has_one_form(text: str) -> None:
    """64 lower-case hexadecimal digits."""
    assert read_hash("ab" * 32) == "ab" * 32
    with pytest.raises(Invalid, match="bad_hash"):
        read_hash(text)


@pytest.mark.parametrize("text", ["", "ab", "Abc", "a" * 41, ".abc", "abc\n", "nguyễn", "a b c"])
def test_user_names_are_plain(text: str) -> None:
    """Three to forty of a-z, 0-9, dot, dash, underscore."""
    assert read_username("nguyen.van-a_1") == "nguyen.van-a_1"
    with pytest.raises(Invalid, match="username"):
        read_username(text)


@pytest.mark.parametrize(
    "text", ["", "../1-a.wav", "1-a.wav/..", "1-.wav", "a-b.wav", "1-a.wav\n", "1-a/b.wav", "1-a"]
)
def test_no_path_is_read_as_a_capture(text: str) -> None:
    """Only names that virtual terminals write."""
    assert read_name("1764000000-5f2c.wav") == "1764000000-5f2c.wav"
    with pytest.raises(NotFound):
        read_name(text)


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_page_has_bounds(limit: int) -> None:
    """One to five hundred rows."""
    assert PageRequest(limit=500).limit == 500
    with pytest.raises(Invalid, match="limit"):
        PageRequest(limit=limit)
