"""Dated airings."""

from datetime import datetime, timedelta
from typing import Final

from controller.domain.ids import read_area_id, read_id
from controller.domain.paging import PageRequest
from controller.services.occurrences import OccurrenceFacts
from controller.web.binding import handles
from controller.web.call import Call, Language
from controller.web.endpoints import SpanQuery
from controller.web.keys import CONTEXT, OCCURRENCES
from controller.web.messages_airing import reason_text
from controller.web.schemas.announcements import OccurrencePage, OccurrenceView
from controller.web.schemas.base import BodyError

_DEFAULT_SPAN: Final = timedelta(days=7)


@handles("list_occurrences")
async def list_occurrences(call: Call) -> OccurrencePage:
    """Airings of an area and below, in order of time."""
    query: SpanQuery = call.query
    now = call.request.app[CONTEXT].clock.now()
    since = _instant(query.since, "since") or now
    until = _instant(query.until, "until") or since + _DEFAULT_SPAN
    page = await call.request.app[OCCURRENCES].list(
        call.actor,
        read_area_id(query.area_id) if query.area_id else call.actor.area,
        since,
        until,
        PageRequest(query.cursor, query.limit),
    )
    return OccurrencePage(items=[_view(one, call.language) for one in page.items], next=page.next)


@handles("skip_occurrence")
async def skip_occurrence(call: Call) -> OccurrenceView:
    """Leave one airing out."""
    facts = await call.request.app[OCCURRENCES].skip(
        call.actor, read_id(call.part("occurrence_id"))
    )
    return _view(facts, call.language)


def _view(facts: OccurrenceFacts, language: Language) -> OccurrenceView:
    one = facts.occurrence
    return OccurrenceView(
        id=str(one.id),
        announcement_id=str(one.announcement),
        title=one.title,
        message_class=one.message_class.value,
        area_id=one.area,
        start=one.start,
        end=one.end,
        state=facts.state.value,
        reason=reason_text(one.reason, vietnamese=language is Language.VIETNAMESE),
        terminals=facts.tally.asked,
        stored=facts.tally.stored,
        sounded=facts.tally.sounded + facts.tally.started,
        recording_id=str(facts.recording) if facts.recording else None,
    )


def _instant(text: str | None, field: str) -> datetime | None:
    """Read an ISO 8601 instant with its offset from UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BodyError("invalid_field", field, "not an ISO 8601 instant") from error
    if found.tzinfo is None:
        raise BodyError("invalid_field", field, "an offset from UTC is needed")
    return found
