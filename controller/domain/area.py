"""The area tree: province, commune, hamlet; names and codes outlive merges."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from controller.domain.errors import Conflict, ErrorCode, Invalid
from controller.domain.ids import AreaId
from controller.domain.text import read_title

DEFAULT_TIMEZONE: Final = "Asia/Ho_Chi_Minh"


class Level(StrEnum):
    """Levels of administration since 1 July 2025, the highest first."""

    PROVINCE = "province"
    COMMUNE = "commune"
    HAMLET = "hamlet"


_RANK: Final = {level: rank for rank, level in enumerate(Level)}
_PREFIX: Final = {Level.PROVINCE: "p", Level.COMMUNE: "c", Level.HAMLET: "h"}
_CODE_LENGTH: Final = {Level.PROVINCE: 2, Level.COMMUNE: 5}


@dataclass(frozen=True, slots=True)
class Area:
    """One node. `chain` leads from the top of the tree down to and including this area.

    `code` is the official number as text ("" where there is none). An area that ended in a
    merge has `valid_until` (the first day it is no more) and mostly a `successor`.
    """

    id: AreaId
    level: Level
    name: str
    chain: tuple[AreaId, ...]
    code: str = ""
    timezone: str = DEFAULT_TIMEZONE
    valid_from: date | None = None
    valid_until: date | None = None
    successor: AreaId | None = None

    @property
    def parent(self) -> AreaId | None:
        """The area above, None at the top."""
        return self.chain[-2] if len(self.chain) > 1 else None

    def is_within(self, other: AreaId) -> bool:
        """True when this area is `other` or lies below it."""
        return other in self.chain

    def is_valid_on(self, day: date) -> bool:
        """True when the area exists on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day < self.valid_until)


def new_area_id(level: Level, code: str, spare: str) -> AreaId:
    """Return the id of a new area: by its official code, else by `spare` (random hex)."""
    return f"{_PREFIX[level]}-{code or spare}"


def found_area(area_id: AreaId, level: Level, name: str, code: str, timezone: str) -> Area:
    """Return the top of a new tree: a province, or a commune that runs alone."""
    if level is Level.HAMLET:
        raise Invalid(ErrorCode.AREA_LEVEL, field="level")
    return Area(
        id=area_id,
        level=level,
        name=read_title(name, "name"),
        chain=(area_id,),
        code=read_code(level, code),
        timezone=timezone,
    )


def add_below(parent: Area, area_id: AreaId, level: Level, name: str, code: str) -> Area:
    """Return a new area below `parent`; hamlets alone may hold their own kind.

    Raises Invalid `area_level`, `area_code`; Conflict `area_ended`.
    """
    if parent.valid_until is not None:
        raise Conflict(ErrorCode.AREA_ENDED, field="parent_id")
    same_kind = level is Level.HAMLET and parent.level is Level.HAMLET
    if _RANK[level] <= _RANK[parent.level] and not same_kind:
        raise Invalid(ErrorCode.AREA_LEVEL, field="level")
    return Area(
        id=area_id,
        level=level,
        name=read_title(name, "name"),
        chain=(*parent.chain, area_id),
        code=read_code(level, code),
        timezone=parent.timezone,
    )


def rename(area: Area, name: str | None = None, code: str | None = None) -> Area:
    """Return the area with another name or code; None leaves it."""
    return replace(
        area,
        name=area.name if name is None else read_title(name, "name"),
        code=area.code if code is None else read_code(area.level, code),
    )


def end(area: Area, day: date, successor: AreaId | None) -> Area:
    """Return the area ended on `day` (a merge); its history stays under its own id."""
    if area.valid_until is not None:
        raise Conflict(ErrorCode.AREA_ENDED)
    if (area.valid_from is not None and day <= area.valid_from) or successor == area.id:
        raise Invalid(ErrorCode.AREA_ENDED, field="valid_until")
    return replace(area, valid_until=day, successor=successor)


def read_code(level: Level, code: str) -> str:
    """Return an official code: 2 digits for a province, 5 for a commune, or "".

    Raises Invalid `area_code`.
    """
    if not code:
        return ""
    length = _CODE_LENGTH.get(level)
    fits = len(code) == length if length else len(code) <= 10
    if not (code.isascii() and code.isdigit() and fits):
        raise Invalid(ErrorCode.AREA_CODE, field="code")
    return code
