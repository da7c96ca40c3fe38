"""Dated airings as services read them; the engine writes them (schedule_store)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, exists, func, or_, select

from controller.adapters.database.airing_tables import occurrence_terminals, occurrences
from controller.adapters.database.fleet_tables import terminals
from controller.adapters.database.rows import Repository, below, chunks, read_row, to_page
from controller.domain.errors import ErrorCode, NotFound
from controller.domain.ids import AreaId
from controller.domain.occurrence import OPEN_STATES, Occurrence, OccurrenceState
from controller.domain.paging import Page, PageRequest


class SqlOccurrences(Repository):
    """Dated airings, and which terminals were asked to sound them."""

    async def find(self, occurrence_id: UUID) -> Occurrence | None:
        """Return the airing of that id."""
        row = await self.first(select(occurrences).where(occurrences.c.id == occurrence_id))
        return None if row is None else to_occurrence(row)

    async def get(self, scope: AreaId, occurrence_id: UUID) -> Occurrence:
        """Return an airing ordered inside `scope`. Raises NotFound."""
        query = select(occurrences).where(
            occurrences.c.id == occurrence_id, occurrences.c.area.in_(below(scope))
        )
        row = await self.first(query)
        if row is None:
            raise NotFound(ErrorCode.NOT_FOUND)
        return to_occurrence(row)

    async def list(
        self, scope: AreaId, since: datetime, until: datetime, page: PageRequest
    ) -> Page[Occurrence]:
        """Return airings with start in [since, until), in order of time."""
        asked_here = exists().where(
            occurrence_terminals.c.occurrence == occurrences.c.id,
            occurrence_terminals.c.terminal == terminals.c.id,
            terminals.c.area.in_(below(scope)),
        )
        query = select(occurrences).where(
            occurrences.c.start >= since,
            occurrences.c.start < until,
            or_(occurrences.c.area.in_(below(scope)), asked_here),
        )
        key = [occurrences.c.start, occurrences.c.id]
        return to_page(await self.page(query, key, page), to_occurrence)

    async def for_terminal(
        self, terminal: UUID, since: datetime, until: datetime
    ) -> tuple[Occurrence, ...]:
        """Return a terminal's planned or sounding airings, in order of time."""
        return await self._open(
            select(occurrences)
            .join(occurrence_terminals, occurrence_terminals.c.occurrence == occurrences.c.id)
            .where(
                occurrence_terminals.c.terminal == terminal,
                occurrences.c.ends > since,
                occurrences.c.start < until,
            )
        )

    async def of_announcement(
        self, announcement_id: UUID, since: datetime
    ) -> tuple[Occurrence, ...]:
        """Return an announcement's airings that end after `since`, in order of time."""
        query = select(occurrences).where(
            occurrences.c.announcement == announcement_id, occurrences.c.ends > since
        )
        rows = await self.all(query.order_by(occurrences.c.start, occurrences.c.id))
        return tuple(to_occurrence(row) for row in rows)

    async def overlapping(
        self, terminals: Sequence[UUID], start: datetime, end: datetime
    ) -> tuple[Occurrence, ...]:
        """Return planned or sounding airings in [start, end), in order of time."""
        found: dict[UUID, Occurrence] = {}
        for some in chunks(terminals):
            asked = select(occurrence_terminals.c.occurrence).where(
                occurrence_terminals.c.terminal.in_(some)
            )
            query = select(occurrences).where(
                occurrences.c.id.in_(asked), occurrences.c.ends > start, occurrences.c.start < end
            )
            found |= {one.id: one for one in await self._open(query)}
        return tuple(sorted(found.values(), key=lambda one: (one.start, one.id)))

    async def next_for(self, terminals: Sequence[UUID], now: datetime) -> dict[UUID, Occurrence]:
        """Return each terminal's first planned airing that starts after `now`."""
        number = func.row_number().over(
            partition_by=occurrence_terminals.c.terminal,
            order_by=(occurrences.c.start, occurrences.c.id),
        )
        query = (
            select(occurrences, occurrence_terminals.c.terminal.label("of"), number.label("n"))
            .join(occurrence_terminals, occurrence_terminals.c.occurrence == occurrences.c.id)
            .where(occurrence_terminals.c.terminal.in_(terminals))
        )
        return await self._next(query, now)

    async def next_of(
        self, announcement_ids: Sequence[UUID], now: datetime
    ) -> dict[UUID, Occurrence]:
        """Return each announcement's first planned airing that starts after `now`."""
        number = func.row_number().over(
            partition_by=occurrences.c.announcement,
            order_by=(occurrences.c.start, occurrences.c.id),
        )
        query = select(
            occurrences, occurrences.c.announcement.label("of"), number.label("n")
        ).where(occurrences.c.announcement.in_(announcement_ids))
        return await self._next(query, now)

    async def terminals_of(self, occurrence_id: UUID) -> tuple[UUID, ...]:
        """Return the terminals that were asked."""
        query = select(occurrence_terminals.c.terminal).where(
            occurrence_terminals.c.occurrence == occurrence_id
        )
        rows = await self.all(query.order_by(occurrence_terminals.c.terminal))
        return tuple(row["terminal"] for row in rows)

    async def _open(self, query: Select[Any]) -> tuple[Occurrence, ...]:
        kept = query.where(occurrences.c.state.in_(OPEN_STATES))
        rows = await self.all(kept.order_by(occurrences.c.start, occurrences.c.id))
        return tuple(to_occurrence(row) for row in rows)

    async def _next(self, query: Select[Any], now: datetime) -> dict[UUID, Occurrence]:
        ahead = query.where(
            occurrences.c.start > now, occurrences.c.state == OccurrenceState.PLANNED
        ).subquery()
        wanted = (
            select(occurrences, ahead.c.of)
            .join(ahead, ahead.c.id == occurrences.c.id)
            .where(ahead.c.n == 1)
        )
        return {row["of"]: to_occurrence(row) for row in await self.all(wanted)}


def to_occurrence(row: RowMapping) -> Occurrence:
    """Return the airing that a row holds."""
    return read_row(Occurrence, row, occurrences)
