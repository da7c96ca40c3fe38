"""One-time codes of terminals, and the door where a terminal redeems one."""

import segno
from aiohttp import web

from controller.domain.ids import read_area_id, read_id
from controller.domain.paging import PageRequest
from controller.web.binding import handles
from controller.web.call import Call
from controller.web.endpoints import EnrolmentList, PageQuery, RedeemBody
from controller.web.keys import ENROLMENTS
from controller.web.schemas.base import BodyError
from controller.web.schemas.terminals import EnrolmentBody, NewEnrolmentView
from controller.web.terminal_views import enrolment_view
from edge_agent.wire.codec import from_json, to_json
from edge_agent.wire.enrolment import EnrolRequest
from edge_agent.wire.errors import WireError


@handles("list_enrolments")
async def list_enrolments(call: Call) -> EnrolmentList:
    """One-time codes, newest first."""
    query: PageQuery = call.query
    scope = read_area_id(query.area_id) if query.area_id else call.actor.area
    page = await call.request.app[ENROLMENTS].list(
        call.actor, scope, PageRequest(query.cursor, query.limit)
    )
    return EnrolmentList(items=[enrolment_view(one) for one in page.items])


@handles("create_enrolment")
async def create_enrolment(call: Call) -> NewEnrolmentView:
    """Make a one-time code and show it once."""
    body: EnrolmentBody = call.body
    new = await call.request.app[ENROLMENTS].create(
        call.actor, read_area_id(body.area_id), body.name
    )
    picture = segno.make(new.text, error="m", micro=False)
    return NewEnrolmentView(
        enrolment=enrolment_view(new.enrolment),
        code=new.text,
        qr_svg=picture.svg_inline(scale=4, border=2, dark="#000", light="#fff"),
    )


@handles("delete_enrolment")
async def delete_enrolment(call: Call) -> None:
    """Void a one-time code."""
    await call.request.app[ENROLMENTS].void(call.actor, read_id(call.part("enrolment_id")))


@handles("redeem_enrolment")
async def redeem_enrolment(call: Call) -> web.Response:
    """Give a terminal its place."""
    body: RedeemBody = call.body
    request = EnrolRequest(
        token=body.token,
        public_key=body.public_key,
        proof=body.proof,
        hardware=body.hardware,
        agent=body.agent,
    )
    answer = await call.request.app[ENROLMENTS].redeem(_checked(request), call.request.remote or "")
    return web.Response(
        status=call.endpoint.status, body=to_json(answer), content_type="application/json"
    )


def _checked(request: EnrolRequest) -> EnrolRequest:
    """Hold a request against the bounds of the wire. Raises BodyError `invalid_field`."""
    try:
        return from_json(EnrolRequest, to_json(request))
    except WireError as error:
        raise BodyError("invalid_field", "", error.detail) from error
