"""Areas and their policy."""

from typing import Annotated

import msgspec

from controller.web.schemas.access import Level
from controller.web.schemas.base import Body, ClockTime, EndTime, Id, Percent, Text, View, Weekday

Minutes = Annotated[int, msgspec.Meta(ge=1, le=1440)]


class AreaView(View, frozen=True, kw_only=True):
    """One node of the area tree."""

    id: Id
    parent_id: Id | None
    level: Level
    code: str
    name: str
    timezone: str
    terminals: int
    """Terminals in the area and below it."""


class AreaBody(Body, frozen=True, kw_only=True):
    """A new area below another."""

    parent_id: Id
    level: Level
    name: Text
    code: Annotated[str, msgspec.Meta(max_length=10, pattern=r"^[0-9]*$")] = ""


class AreaChange(Body, frozen=True, kw_only=True):
    """Fields left out stay as they are."""

    name: Text | None = None
    code: Annotated[str, msgspec.Meta(max_length=10, pattern=r"^[0-9]*$")] | None = None


class QuietWindowBody(Body, frozen=True, kw_only=True):
    """A daily span of quiet; `end` at or before `start` reaches into the next day."""

    start: ClockTime
    end: EndTime
    weekdays: Annotated[list[Weekday], msgspec.Meta(min_length=1, max_length=7)] = msgspec.field(
        default_factory=lambda: [1, 2, 3, 4, 5, 6, 7]
    )


class PolicyBody(Body, frozen=True, kw_only=True):
    """The rules of one area; it may only be stricter than the area above."""

    quiet: Annotated[list[QuietWindowBody], msgspec.Meta(max_length=20)]
    max_volume: Percent = 100
    max_session_minutes: Minutes | None = None
    max_day_minutes: Minutes | None = None
    author_may_approve: bool = False


class PolicyView(View, frozen=True, kw_only=True):
    """Own rules (null: none set yet), those from above, and what holds in the end."""

    area_id: Id
    own: PolicyBody | None
    inherited: list[PolicyBody]
    effective: PolicyBody
