"""The diary: what was asked of each loudspeaker, and what it says it sounded."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from controller.domain.ids import AreaId
from controller.domain.occurrence import DiaryOutcome, DiaryRow
from controller.domain.paging import MAX_PAGE, Page, PageRequest
from controller.domain.roles import Actor
from controller.services.context import Context
from controller.services.ports import Transaction

MOST_ROWS: Final = 100_000
"""Rows that one download holds; more need a shorter span."""


@dataclass(frozen=True, slots=True)
class DiaryPart:
    """Which part of the diary: rows planned in [since, until)."""

    area: AreaId
    since: datetime
    until: datetime
    terminal: UUID | None = None
    outcome: DiaryOutcome | None = None


@dataclass(frozen=True, slots=True)
class DiaryFacts:
    """A row and the names it needs; None where a name is not the reader's to know."""

    row: DiaryRow
    area_name: str
    timezone: str
    approved_by: str | None
    recording: UUID | None


class Diary:
    """Reads the diary inside the actor's own area."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def list(self, actor: Actor, part: DiaryPart, page: PageRequest) -> Page[DiaryFacts]:
        """Return rows, newest first. Raises NotFound."""
        async with self._context.database.read() as tx:
            area = await tx.areas.get(actor.area, part.area)
            if part.terminal is not None:
                await tx.terminals.get(actor.area, part.terminal)
            found = await tx.diary.list(
                area.id,
                part.since,
                part.until,
                page,
                terminal=part.terminal,
                outcome=part.outcome,
            )
            return Page(await _facts(tx, actor, found.items), found.next)

    async def read(self, actor: Actor, part: DiaryPart) -> AsyncIterator[DiaryFacts]:
        """Yield all rows of a part, page by page, at most `MOST_ROWS`. Raises NotFound."""
        cursor: str | None = None
        for _ in range(MOST_ROWS // MAX_PAGE):
            page = await self.list(actor, part, PageRequest(cursor, MAX_PAGE))
            for facts in page.items:
                yield facts
            cursor = page.next
            if cursor is None:
                return


async def _facts(
    tx: Transaction, actor: Actor, rows: tuple[DiaryRow, ...]
) -> tuple[DiaryFacts, ...]:
    areas = {area.id: area for area in await tx.areas.list(actor.area)}
    approvals = await tx.approvals.many([row.approval for row in rows if row.approval])
    names = await tx.accounts.names(sorted({one.approver for one in approvals.values()}))
    recordings: dict[UUID, UUID | None] = {}
    for announcement_id in {row.announcement for row in rows if row.announcement}:
        announcement = await tx.announcements.find(announcement_id)
        seen = announcement is not None and announcement.area in areas
        recordings[announcement_id] = (
            announcement.content.recording if announcement is not None and seen else None
        )
    facts = []
    for row in rows:
        area = areas.get(row.area)
        approval = approvals.get(row.approval) if row.approval else None
        facts.append(
            DiaryFacts(
                row=row,
                area_name=area.name if area else "",
                timezone=area.timezone if area else "UTC",
                approved_by=names.get(approval.approver) if approval else None,
                recording=recordings.get(row.announcement) if row.announcement else None,
            )
        )
    return tuple(facts)
