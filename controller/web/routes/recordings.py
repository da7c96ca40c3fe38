"""Recordings: uploads in pieces, listening, renaming, deleting."""

from uuid import UUID

from aiohttp import web

from controller.domain.errors import ErrorCode, Invalid
from controller.domain.ids import read_area_id, read_id
from controller.domain.paging import PageRequest
from controller.services.recordings import MAX_PIECE_BYTES, NewRecording, Shown
from controller.web.airing_views import recording_view
from controller.web.binding import handles
from controller.web.call import Call
from controller.web.endpoints import PageQuery, Stream
from controller.web.keys import RECORDINGS
from controller.web.schemas.recordings import (
    PieceQuery,
    RecordingBody,
    RecordingChange,
    RecordingPage,
    RecordingView,
)


@handles("list_recordings")
async def list_recordings(call: Call) -> RecordingPage:
    """Recordings of an area and below, newest first."""
    query: PageQuery = call.query
    scope = read_area_id(query.area_id) if query.area_id else call.actor.area
    page = await call.request.app[RECORDINGS].list(
        call.actor, scope, PageRequest(query.cursor, query.limit)
    )
    return RecordingPage(items=[_view(call, one) for one in page.items], next=page.next)


@handles("create_recording")
async def create_recording(call: Call) -> RecordingView:
    """Announce an upload."""
    body: RecordingBody = call.body
    wanted = NewRecording(
        title=body.title,
        area_id=read_area_id(body.area_id),
        size=body.size,
        chime=body.chime,
        closing=body.closing,
    )
    return _view(call, await call.request.app[RECORDINGS].announce(call.actor, wanted))


@handles("recording")
async def recording(call: Call) -> RecordingView:
    """One recording."""
    return _view(call, await call.request.app[RECORDINGS].get(call.actor, _recording_id(call)))


@handles("change_recording")
async def change_recording(call: Call) -> RecordingView:
    """Give a recording another title."""
    body: RecordingChange = call.body
    changed = await call.request.app[RECORDINGS].rename(call.actor, _recording_id(call), body.title)
    return _view(call, changed)


@handles("delete_recording")
async def delete_recording(call: Call) -> None:
    """Forget a recording that nothing uses, or give an upload up."""
    await call.request.app[RECORDINGS].delete(call.actor, _recording_id(call))


@handles("upload_piece")
async def upload_piece(call: Call) -> RecordingView:
    """Add the next piece."""
    query: PieceQuery = call.query
    # Known before the bytes are read: who may not send need not be heard to the end.
    await call.request.app[RECORDINGS].get(call.actor, _recording_id(call))
    data = await _piece(call.request)
    received = await call.request.app[RECORDINGS].receive(
        call.actor, _recording_id(call), query.offset, data
    )
    return _view(call, received)


@handles("complete_recording")
async def complete_recording(call: Call) -> RecordingView:
    """Begin the checks."""
    completed = await call.request.app[RECORDINGS].complete(call.actor, _recording_id(call))
    return _view(call, completed)


@handles("recording_sound")
async def recording_sound(call: Call) -> web.StreamResponse:
    """Listen to what terminals play; ranges are served."""
    path = await call.request.app[RECORDINGS].sound(call.actor, _recording_id(call))
    # The bytes of a recording never change once there are any.
    headers = {"Content-Type": Stream.SOUND.value, "Cache-Control": "private, max-age=86400"}
    return web.FileResponse(path, headers=headers)


@handles("recording_heard")
async def recording_heard(call: Call) -> RecordingView:
    """Confirm that a doubtful recording was heard to its end."""
    confirmed = await call.request.app[RECORDINGS].confirm_heard(call.actor, _recording_id(call))
    return _view(call, confirmed)


async def _piece(request: web.Request) -> bytes:
    """Return the body, read no further than one piece may be long."""
    data = bytearray()
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > MAX_PIECE_BYTES:
            detail = {"most": MAX_PIECE_BYTES}
            raise Invalid(ErrorCode.RECORDING_TOO_LARGE, field="content", detail=detail)
    return bytes(data)


def _recording_id(call: Call) -> UUID:
    return read_id(call.part("recording_id"))


def _view(call: Call, shown: Shown) -> RecordingView:
    return recording_view(shown, call.language)
