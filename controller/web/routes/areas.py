"""The area tree and the rules of areas."""

from controller.domain.area import Level
from controller.domain.ids import read_area_id
from controller.domain.policy import PolicySettings, author_may_approve, effective
from controller.services.areas import AreaRules, RulesChange
from controller.web.auth import ticket
from controller.web.binding import handles
from controller.web.call import Call
from controller.web.endpoints import AreaList
from controller.web.keys import AREAS
from controller.web.schemas.areas import (
    AreaBody,
    AreaChange,
    AreaView,
    PolicyBody,
    PolicyView,
    QuietWindowBody,
)
from controller.web.views import area_view
from edge_agent.wire.state import QuietWindow

_MINUTE_MS = 60_000


@handles("list_areas")
async def list_areas(call: Call) -> AreaList:
    """All areas the caller sees."""
    areas, counts = await call.request.app[AREAS].list(call.actor)
    return AreaList(items=[area_view(area, counts.get(area.id, 0)) for area in areas])


@handles("create_area")
async def create_area(call: Call) -> AreaView:
    """Add an area."""
    body: AreaBody = call.body
    area = await call.request.app[AREAS].create(
        call.actor,
        read_area_id(body.parent_id),
        Level(body.level),
        body.name,
        body.code,
        ticket(call.request),
    )
    return area_view(area, 0)


@handles("area")
async def area(call: Call) -> AreaView:
    """One area."""
    found, count = await call.request.app[AREAS].get(call.actor, _area_id(call))
    return area_view(found, count)


@handles("change_area")
async def change_area(call: Call) -> AreaView:
    """Rename an area."""
    body: AreaChange = call.body
    areas = call.request.app[AREAS]
    await areas.change(call.actor, _area_id(call), body.name, body.code)
    found, count = await areas.get(call.actor, _area_id(call))
    return area_view(found, count)


@handles("policy")
async def policy(call: Call) -> PolicyView:
    """Rules of an area."""
    return _policy_view(await call.request.app[AREAS].rules(call.actor, _area_id(call)))


@handles("set_policy")
async def set_policy(call: Call) -> PolicyView:
    """Set the rules of an area."""
    body: PolicyBody = call.body
    change = RulesChange(
        quiet=tuple(_window(item) for item in body.quiet),
        max_volume=body.max_volume,
        max_session_ms=_milliseconds(body.max_session_minutes),
        max_day_ms=_milliseconds(body.max_day_minutes),
        author_may_approve=body.author_may_approve,
    )
    rules = await call.request.app[AREAS].set_rules(
        call.actor, _area_id(call), change, ticket(call.request)
    )
    return _policy_view(rules)


def _area_id(call: Call) -> str:
    return read_area_id(call.part("area_id"))


def _policy_view(rules: AreaRules) -> PolicyView:
    chain = rules.above if rules.own is None else (*rules.above, rules.own)
    held = effective(chain)
    return PolicyView(
        area_id=rules.area.id,
        own=_policy_body(rules.own) if rules.own else None,
        inherited=[_policy_body(settings) for settings in rules.above],
        effective=PolicyBody(
            quiet=[_window_body(window) for window in held.quiet],
            max_volume=held.max_volume,
            max_session_minutes=_minutes(held.max_session_ms),
            max_day_minutes=_minutes(held.max_day_ms),
            author_may_approve=author_may_approve(chain),
        ),
    )


def _policy_body(settings: PolicySettings) -> PolicyBody:
    return PolicyBody(
        quiet=[_window_body(window) for window in settings.quiet],
        max_volume=settings.max_volume,
        max_session_minutes=_minutes(settings.max_session_ms),
        max_day_minutes=_minutes(settings.max_day_ms),
        author_may_approve=settings.author_may_approve,
    )


def _window(body: QuietWindowBody) -> QuietWindow:
    mask = 0
    for weekday in body.weekdays:
        mask |= 1 << (weekday - 1)
    return QuietWindow(start=_minute(body.start), end=_minute(body.end), weekdays=mask)


def _window_body(window: QuietWindow) -> QuietWindowBody:
    return QuietWindowBody(
        start=_clock_time(window.start),
        end=_clock_time(window.end),
        weekdays=[day for day in range(1, 8) if window.weekdays >> (day - 1) & 1],
    )


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _clock_time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _milliseconds(minutes: int | None) -> int | None:
    return None if minutes is None else minutes * _MINUTE_MS


def _minutes(milliseconds: int | None) -> int | None:
    return None if milliseconds is None else milliseconds // _MINUTE_MS
