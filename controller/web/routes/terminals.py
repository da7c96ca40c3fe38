"""Terminals: state, name, place, volume, tests, retirement, and what virtual ones sounded."""

from uuid import UUID

from aiohttp import web

from controller.domain.ids import read_area_id, read_id
from controller.domain.paging import PageRequest
from controller.domain.terminal import Health
from controller.services.terminals import TerminalChange as Change
from controller.web.auth import ticket
from controller.web.binding import handles
from controller.web.call import Call
from controller.web.endpoints import CaptureList, Stream, TerminalQuery
from controller.web.keys import SOUND_TESTS, TERMINALS
from controller.web.schemas.terminals import (
    TerminalChange,
    TerminalPage,
    TerminalView,
    TestBody,
    TestView,
)
from controller.web.terminal_views import capture_view, terminal_view, test_view
from edge_agent.wire.orders import TestKind


@handles("list_terminals")
async def list_terminals(call: Call) -> TerminalPage:
    """Terminals of an area and below, by name."""
    query: TerminalQuery = call.query
    scope = read_area_id(query.area_id) if query.area_id else call.actor.area
    page = await call.request.app[TERMINALS].list(
        call.actor,
        scope,
        PageRequest(query.cursor, query.limit),
        Health(query.health) if query.health else None,
    )
    items = [terminal_view(facts, call.language) for facts in page.items]
    return TerminalPage(items=items, next=page.next)


@handles("terminal")
async def terminal(call: Call) -> TerminalView:
    """One terminal."""
    facts = await call.request.app[TERMINALS].get(call.actor, _terminal_id(call))
    return terminal_view(facts, call.language)


@handles("change_terminal")
async def change_terminal(call: Call) -> TerminalView:
    """Rename, move, or set the volume."""
    body: TerminalChange = call.body
    change = Change(
        name=body.name,
        area_id=read_area_id(body.area_id) if body.area_id is not None else None,
        volume=body.volume,
    )
    facts = await call.request.app[TERMINALS].change(
        call.actor, _terminal_id(call), change, ticket(call.request)
    )
    return terminal_view(facts, call.language)


@handles("retire_terminal")
async def retire_terminal(call: Call) -> TerminalView:
    """Take a terminal out of service for good."""
    facts = await call.request.app[TERMINALS].retire(call.actor, _terminal_id(call))
    return terminal_view(facts, call.language)


@handles("test_terminal")
async def test_terminal(call: Call) -> TestView:
    """Test a terminal; answers when it has taken the test, or after three seconds."""
    body: TestBody = call.body
    facts = await call.request.app[SOUND_TESTS].test(
        call.actor, _terminal_id(call), TestKind(body.kind), body.volume
    )
    return test_view(facts)


@handles("list_captures")
async def list_captures(call: Call) -> CaptureList:
    """What a virtual terminal has sounded."""
    found = await call.request.app[TERMINALS].captures(call.actor, _terminal_id(call))
    return CaptureList(items=[capture_view(facts) for facts in found])


@handles("capture")
async def capture(call: Call) -> web.FileResponse:
    """The sound itself, in ranges where the browser asks for them."""
    path = await call.request.app[TERMINALS].capture(
        call.actor, _terminal_id(call), call.part("name")
    )
    return web.FileResponse(path, headers={"Content-Type": Stream.WAVE.value})


def _terminal_id(call: Call) -> UUID:
    return read_id(call.part("terminal_id"))
