"""Stops: everything falls silent now."""

from datetime import timedelta

from controller.domain.ids import read_area_id, read_id
from controller.web.binding import handles
from controller.web.call import Call
from controller.web.endpoints import StopList
from controller.web.keys import STOPS
from controller.web.schemas.announcements import StopBody, StopView
from controller.web.terminal_views import stop_view


@handles("list_stops")
async def list_stops(call: Call) -> StopList:
    """Stops that hold now."""
    found = await call.request.app[STOPS].list(call.actor)
    return StopList(items=[stop_view(facts) for facts in found])


@handles("stop")
async def stop(call: Call) -> StopView:
    """Silence an area or one terminal."""
    body: StopBody = call.body
    facts = await call.request.app[STOPS].stop(
        call.actor,
        read_area_id(body.area_id),
        read_id(body.terminal_id, "terminal_id") if body.terminal_id else None,
        timedelta(minutes=body.hold_minutes),
    )
    return stop_view(facts)


@handles("lift_stop")
async def lift_stop(call: Call) -> StopView:
    """End a stop early."""
    facts = await call.request.app[STOPS].lift(call.actor, read_id(call.part("stop_id")))
    return stop_view(facts)
