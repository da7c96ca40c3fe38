"""Announcements: drafts, preview, sending, deciding."""

from uuid import UUID

from controller.domain.announcement import AnnouncementState
from controller.domain.ids import read_area_id, read_hash, read_id
from controller.domain.paging import PageRequest
from controller.services.shown import Shown
from controller.web.airing_views import announcement_view, preview_view
from controller.web.auth import ticket
from controller.web.binding import handles
from controller.web.call import Call
from controller.web.endpoints import AnnouncementQuery
from controller.web.keys import ANNOUNCEMENTS, APPROVALS
from controller.web.schedules import read_announcement
from controller.web.schemas.announcements import (
    AnnouncementBody,
    AnnouncementEdit,
    AnnouncementPage,
    AnnouncementView,
    ApproveBody,
    PreviewBody,
    PreviewView,
    ReturnBody,
    SubmitBody,
    WithdrawBody,
)


@handles("list_announcements")
async def list_announcements(call: Call) -> AnnouncementPage:
    """Announcements of an area and below, last changed first."""
    query: AnnouncementQuery = call.query
    page = await call.request.app[ANNOUNCEMENTS].list(
        call.actor,
        read_area_id(query.area_id) if query.area_id else call.actor.area,
        PageRequest(query.cursor, query.limit),
        AnnouncementState(query.state) if query.state else None,
    )
    return AnnouncementPage(items=[_view(call, one) for one in page.items], next=page.next)


@handles("create_announcement")
async def create_announcement(call: Call) -> AnnouncementView:
    """Save a draft."""
    body: AnnouncementBody = call.body
    return _view(
        call, await call.request.app[ANNOUNCEMENTS].create(call.actor, read_announcement(body))
    )


@handles("preview_announcement")
async def preview_announcement(call: Call) -> PreviewView:
    """Say what will happen, without saving."""
    body: PreviewBody = call.body
    known = read_id(body.announcement_id, "announcement_id") if body.announcement_id else None
    outlook = await call.request.app[ANNOUNCEMENTS].preview(
        call.actor, read_announcement(body), known
    )
    return preview_view(outlook, call.language)


@handles("announcement")
async def announcement(call: Call) -> AnnouncementView:
    """One announcement."""
    found = await call.request.app[ANNOUNCEMENTS].get(call.actor, _announcement_id(call))
    return _view(call, found)


@handles("edit_announcement")
async def edit_announcement(call: Call) -> AnnouncementView:
    """Change it; an approval is void from then on."""
    body: AnnouncementEdit = call.body
    changed = await call.request.app[ANNOUNCEMENTS].edit(
        call.actor, _announcement_id(call), body.revision, read_announcement(body)
    )
    return _view(call, changed)


@handles("delete_announcement")
async def delete_announcement(call: Call) -> None:
    """Delete a draft that was never approved."""
    await call.request.app[ANNOUNCEMENTS].delete(call.actor, _announcement_id(call))


@handles("submit_announcement")
async def submit_announcement(call: Call) -> AnnouncementView:
    """Send for approval."""
    body: SubmitBody = call.body
    sent = await call.request.app[ANNOUNCEMENTS].submit(
        call.actor, _announcement_id(call), body.revision
    )
    return _view(call, sent)


@handles("approve_announcement")
async def approve_announcement(call: Call) -> AnnouncementView:
    """Approve exactly what was read and heard."""
    body: ApproveBody = call.body
    approved = await call.request.app[APPROVALS].approve(
        call.actor,
        _announcement_id(call),
        body.revision,
        read_hash(body.hash),
        ticket(call.request),
    )
    return _view(call, approved)


@handles("return_announcement")
async def return_announcement(call: Call) -> AnnouncementView:
    """Send it back with a reason."""
    body: ReturnBody = call.body
    returned = await call.request.app[APPROVALS].send_back(
        call.actor, _announcement_id(call), body.revision, body.reason
    )
    return _view(call, returned)


@handles("withdraw_announcement")
async def withdraw_announcement(call: Call) -> AnnouncementView:
    """Take an approval back."""
    body: WithdrawBody = call.body
    withdrawn = await call.request.app[APPROVALS].withdraw(
        call.actor, _announcement_id(call), body.reason
    )
    return _view(call, withdrawn)


def _announcement_id(call: Call) -> UUID:
    return read_id(call.part("announcement_id"))


def _view(call: Call, shown: Shown) -> AnnouncementView:
    return announcement_view(shown, call.language)
