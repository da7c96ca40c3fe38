"""The area tree: levels, codes, merges."""

from datetime import date

import pytest

from controller.domain import area as domain
from controller.domain.area import Area, Level
from controller.domain.errors import Conflict, Invalid
from controller.domain.ids import read_area_id

TOP = domain.found_area("p-89", Level.PROVINCE, "Tỉnh An", "89", "Asia/Ho_Chi_Minh")
COMMUNE = domain.add_below(TOP, "c-1", Level.COMMUNE, "Xã Bình", "30280")
HAMLET = domain.add_below(COMMUNE, "h-1", Level.HAMLET, "Thôn Đông", "")


def test_chains_lead_from_the_top_down() -> None:
    """An area lies within itself and all above it."""
    assert HAMLET.chain == ("p-89", "c-1", "h-1")
    assert (TOP.parent, HAMLET.parent) == (None, "c-1")
    assert [HAMLET.is_within(one) for one in ("h-1", "c-1", "p-89", "c-2")] == [True] * 3 + [False]


@pytest.mark.parametrize(
    ("parent", "level"),
    [(TOP, Level.PROVINCE), (COMMUNE, Level.COMMUNE), (COMMUNE, Level.PROVINCE)],
)
def test_levels_go_down(parent: Area, level: Level) -> None:
    """Nothing stands below its own kind."""
    with pytest.raises(Invalid, match="area_level"):
        domain.add_below(parent, "x", level, "Tên", "")


def test_hamlets_may_hold_hamlets_and_never_stand_alone() -> None:
    """Parts of a hamlet are hamlets; a tree begins with a commune or a province."""
    part = domain.add_below(HAMLET, "h-2", Level.HAMLET, "Xóm 1", "")
    assert part.chain[-2:] == ("h-1", "h-2")
    with pytest.raises(Invalid, match="area_level"):
        domain.found_area("h-3", Level.HAMLET, "Thôn", "", "UTC")


@pytest.mark.parametrize(
    ("level", "code", "good"),
    [
        (Level.PROVINCE, "01", True),
        (Level.PROVINCE, "1", False),
        (Level.PROVINCE, "001", False),
        (Level.COMMUNE, "00004", True),
        (Level.COMMUNE, "4", False),
        (Level.COMMUNE, "0000x", False),
        (Level.COMMUNE, "٠٠٠٠٤", False),
        (Level.HAMLET, "7", True),
        (Level.HAMLET, "12345678901", False),
        (Level.COMMUNE, "", True),
    ],
)
def test_codes_are_text_of_a_fixed_length(level: Level, code: str, *, good: bool) -> None:
    """Leading zeros stay; anything else than ASCII digits is refused."""
    if good:
        assert domain.read_code(level, code) == code
    else:
        with pytest.raises(Invalid, match="area_code"):
            domain.read_code(level, code)


def test_new_ids_are_ids() -> None:
    """With the official code or with something random in its place."""
    for level, code in ((Level.PROVINCE, "89"), (Level.COMMUNE, ""), (Level.HAMLET, "")):
        made = domain.new_area_id(level, code, "3fa9c1d2")
        assert read_area_id(made) == made


def test_a_merged_area_ends_once() -> None:
    """It exists until the day, takes nothing new, and cannot follow itself."""
    ended = domain.end(COMMUNE, date(2027, 1, 1), "c-2")
    assert ended.is_valid_on(date(2026, 12, 31))
    assert not ended.is_valid_on(date(2027, 1, 1))
    with pytest.raises(Conflict, match="area_ended"):
        domain.end(ended, date(2028, 1, 1), None)
    with pytest.raises(Conflict, match="area_ended"):
        domain.add_below(ended, "h-9", Level.HAMLET, "Thôn", "")
    with pytest.raises(Invalid):
        domain.end(COMMUNE, date(2027, 1, 1), "c-1")


def test_renaming_keeps_what_is_not_named() -> None:
    """Names are read like all text, codes like codes."""
    assert domain.rename(COMMUNE, name="  Xã   Mới ").name == "Xã Mới"
    assert domain.rename(COMMUNE, code="00001").name == COMMUNE.name
    with pytest.raises(Invalid):
        domain.rename(COMMUNE, code="1")
