"""Emergencies: released, listed, cancelled."""

from datetime import timedelta
from typing import Final

from controller.domain.ids import read_id
from controller.domain.paging import PageRequest
from controller.services.emergencies import Release
from controller.web.auth import ticket
from controller.web.binding import handles
from controller.web.call import Call
from controller.web.endpoints import EmergencyList
from controller.web.keys import EMERGENCIES
from controller.web.schemas.announcements import EmergencyView, ReleaseBody
from controller.web.terminal_views import emergency_view

_SHOWN: Final = 100
"""The newest ones; the diary holds them all."""


@handles("release_emergency")
async def release_emergency(call: Call) -> EmergencyView:
    """Sound an approved emergency now."""
    body: ReleaseBody = call.body
    wanted = Release(
        rendition=body.hash,
        repeats=body.repeats,
        gap=timedelta(seconds=body.gap_seconds),
        expires=timedelta(minutes=body.expires_minutes),
    )
    facts = await call.request.app[EMERGENCIES].release(
        call.actor, read_id(call.part("announcement_id")), wanted, ticket(call.request)
    )
    return emergency_view(facts)


@handles("list_emergencies")
async def list_emergencies(call: Call) -> EmergencyList:
    """Released emergencies, newest first."""
    page = await call.request.app[EMERGENCIES].list(call.actor, PageRequest(limit=_SHOWN))
    return EmergencyList(items=[emergency_view(facts) for facts in page.items])


@handles("cancel_emergency")
async def cancel_emergency(call: Call) -> EmergencyView:
    """End an emergency everywhere."""
    facts = await call.request.app[EMERGENCIES].cancel(
        call.actor, read_id(call.part("emergency_id"))
    )
    return emergency_view(facts)
