"""Dated airings as people see them, and leaving one of them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from controller.domain.announcement import leave_out
from controller.domain.errors import Conflict, ErrorCode
from controller.domain.event import EventKind
from controller.domain.ids import AreaId
from controller.domain.occurrence import Occurrence, OccurrenceState, Tally, require_ahead
from controller.domain.paging import Page, PageRequest
from controller.domain.roles import Actor, Permission, authorize, can_see
from controller.services.airing import Planner
from controller.services.context import Context
from controller.services.ports import Transaction

_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class OccurrenceFacts:
    """An airing, how it goes on the reader's terminals, and the recording it sounds."""

    occurrence: Occurrence
    tally: Tally
    recording: UUID | None

    @property
    def state(self) -> OccurrenceState:
        """How far it is by what terminals say: that its time has come is not that it sounds."""
        heard = self.tally.started + self.tally.sounded
        if self.occurrence.state is OccurrenceState.SOUNDING and not heard:
            return OccurrenceState.PLANNED
        return self.occurrence.state


class Occurrences:
    """Reads airings; leaves single ones out."""

    def __init__(self, context: Context, planner: Planner) -> None:
        self._context = context
        self._planner = planner

    async def list(
        self, actor: Actor, scope: AreaId, since: datetime, until: datetime, page: PageRequest
    ) -> Page[OccurrenceFacts]:
        """Return airings that start in [since, until), in order of time. Raises NotFound."""
        async with self._context.database.read() as tx:
            area = await tx.areas.get(actor.area, scope)
            found = await tx.occurrences.list(area.id, since, until, page)
            tallies = await tx.diary.tallies([one.id for one in found.items], area.id)
            return Page(await _facts(tx, actor, found.items, tallies), found.next)

    async def skip(self, actor: Actor, occurrence_id: UUID) -> OccurrenceFacts:
        """Leave one airing out; the announcement and its other airings stay as approved.

        Raises NotFound, Forbidden, Conflict `occurrence_begun`, `changed_meanwhile`.
        """
        for _ in range(_TRIES - 1):
            try:
                return await self._skip(actor, occurrence_id)
            except Conflict as error:
                if error.code != ErrorCode.CHANGED_MEANWHILE:
                    raise
        return await self._skip(actor, occurrence_id)

    async def _skip(self, actor: Actor, occurrence_id: UUID) -> OccurrenceFacts:
        context = self._context
        async with context.database.begin() as tx:
            occurrence = await tx.occurrences.get(actor.area, occurrence_id)
            area = await tx.areas.get(actor.area, occurrence.area)
            authorize(actor, Permission.SKIP, area.chain)
            if occurrence.state is not OccurrenceState.CANCELLED:
                require_ahead(occurrence, context.clock.now())
                announcement = await tx.announcements.get(actor.area, occurrence.announcement)
                after = leave_out(announcement, occurrence.schedule, occurrence.recurrence_id)
                await tx.announcements.save(after, announcement)
                await context.note(
                    tx, actor, area.id, "occurrence.skipped", occurrence.id, occurrence.title
                )
        await self._planner.schedules_changed([occurrence.schedule])
        context.tell(EventKind.OCCURRENCE, occurrence.id, area.chain)
        async with context.database.read() as tx:
            left_out = await tx.occurrences.get(actor.area, occurrence_id)
            tallies = await tx.diary.tallies([left_out.id], actor.area)
            return (await _facts(tx, actor, [left_out], tallies))[0]


async def _facts(
    tx: Transaction, actor: Actor, found: Sequence[Occurrence], tallies: Mapping[UUID, Tally]
) -> tuple[OccurrenceFacts, ...]:
    """Return airings with their recordings.

    One ordered above is heard here, but its recording is not ours to open.
    """
    chains = await tx.areas.chains(sorted({one.area for one in found}))
    own = {one.announcement for one in found if can_see(actor, chains.get(one.area, ()))}
    announcements = {one: await tx.announcements.find(one) for one in own}
    facts = []
    for one in found:
        announcement = announcements.get(one.announcement)
        recording = announcement.content.recording if announcement else None
        facts.append(OccurrenceFacts(one, tallies[one.id], recording))
    return tuple(facts)
