"""All communes at a glance."""

from controller.services.overview import CommuneFacts
from controller.web.binding import handles
from controller.web.call import Call
from controller.web.keys import OVERVIEW
from controller.web.schemas.terminals import CommuneRow, OverviewView


@handles("overview")
async def overview(call: Call) -> OverviewView:
    """All communes of the reader's area."""
    at, communes = await call.request.app[OVERVIEW].read(call.actor)
    return OverviewView(at=at, communes=[_row(facts) for facts in communes])


def _row(facts: CommuneFacts) -> CommuneRow:
    counts = facts.counts
    return CommuneRow(
        area_id=facts.area.id,
        name=facts.area.name,
        code=facts.area.code,
        terminals=counts.terminals,
        on_air=counts.on_air,
        ready=counts.ready,
        silent=counts.silent,
        faulty=counts.faulty,
        unknown=counts.unknown,
        sounding=[item.title for item in facts.sounding],
        planned_today=facts.planned,
        missed_today=facts.missed,
        last_report_at=counts.last_report_at,
        stopped_until=facts.stopped_until,
    )
