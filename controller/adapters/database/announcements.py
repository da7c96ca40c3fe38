"""Announcements with their schedules, and approvals."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, delete, select, update

from controller.adapters.database.rows import Repository, below, read_row, to_page, values_of
from controller.adapters.database.tables import announcements, approvals, schedules
from controller.domain.announcement import (
    Announcement,
    AnnouncementState,
    ApprovalRecord,
    Content,
    Targets,
)
from controller.domain.errors import Conflict, ErrorCode, NotFound
from controller.domain.ids import AreaId
from controller.domain.paging import Page, PageRequest
from scheduler.schedule import Schedule, from_data, to_data

_Held = dict[UUID, tuple[Schedule, ...]]


class SqlAnnouncements(Repository):
    """Announcements, with their schedules."""

    async def add(self, announcement: Announcement) -> None:
        """Store a new draft."""
        await self.run(announcements.insert().values(_values(announcement)))
        await self._add_schedules(announcement)

    async def save(self, announcement: Announcement, before: Announcement) -> None:
        """Store a changed announcement made from `before`. Raises Conflict."""
        if await self.find(announcement.id) != before:
            raise Conflict(ErrorCode.CHANGED_MEANWHILE)
        values = _values(announcement)
        del values["id"], values["area"], values["created_at"]
        change = update(announcements).where(announcements.c.id == announcement.id)
        await self.run(change.values(values))
        if announcement.content.schedules != before.content.schedules:
            await self.run(delete(schedules).where(schedules.c.announcement == announcement.id))
            await self._add_schedules(announcement)

    async def find(self, announcement_id: UUID) -> Announcement | None:
        """Return the announcement of that id."""
        return await self._only(select(announcements).where(announcements.c.id == announcement_id))

    async def get(self, scope: AreaId, announcement_id: UUID) -> Announcement:
        """Return an announcement inside `scope`. Raises NotFound."""
        query = select(announcements).where(
            announcements.c.id == announcement_id, announcements.c.area.in_(below(scope))
        )
        found = await self._only(query)
        if found is None:
            raise NotFound(ErrorCode.NOT_FOUND)
        return found

    async def list(
        self, scope: AreaId, page: PageRequest, state: AnnouncementState | None = None
    ) -> Page[Announcement]:
        """Return announcements of `scope` and below, last changed first."""
        query = select(announcements).where(announcements.c.area.in_(below(scope)))
        if state is not None:
            query = query.where(announcements.c.state == state)
        key = [announcements.c.changed_at, announcements.c.id]
        rows = await self.page(query, key, page, descending=True)
        held = await self._schedules([row[announcements.c.id] for row in rows[0]])
        return to_page(rows, lambda row: _announcement(row, held))

    async def of_schedule(self, schedule_id: UUID) -> Announcement | None:
        """Return the announcement that a schedule belongs to."""
        owner = select(schedules.c.announcement).where(schedules.c.id == schedule_id)
        return await self._only(
            select(announcements).where(announcements.c.id == owner.scalar_subquery())
        )

    async def remove(self, announcement_id: UUID) -> None:
        """Forget a draft."""
        await self.run(delete(announcements).where(announcements.c.id == announcement_id))

    async def _only(self, query: Select[Any]) -> Announcement | None:
        row = await self.first(query)
        if row is None:
            return None
        return _announcement(row, await self._schedules([row[announcements.c.id]]))

    async def _schedules(self, ids: Sequence[UUID]) -> _Held:
        query = select(schedules).where(schedules.c.announcement.in_(ids))
        held: _Held = {}
        for row in await self.all(query.order_by(schedules.c.announcement, schedules.c.position)):
            schedule = from_data(json.loads(row["data"]))
            held[row["announcement"]] = (*held.get(row["announcement"], ()), schedule)
        return held

    async def _add_schedules(self, announcement: Announcement) -> None:
        rows = [
            {
                "id": schedule.id,
                "announcement": announcement.id,
                "position": position,
                "data": json.dumps(to_data(schedule)),
            }
            for position, schedule in enumerate(announcement.content.schedules)
        ]
        if rows:
            await self.connection.execute(schedules.insert(), rows)


class SqlApprovals(Repository):
    """Approvals as the signer gave them."""

    async def add(self, approval: ApprovalRecord) -> None:
        """Store a new approval."""
        await self.run(approvals.insert().values(values_of(approval)))

    async def save(self, approval: ApprovalRecord) -> None:
        """Store its withdrawal."""
        change = update(approvals).where(approvals.c.id == approval.id)
        await self.run(
            change.values(
                withdrawn_at=approval.withdrawn_at,
                withdrawn_by=approval.withdrawn_by,
                reason=approval.reason,
            )
        )

    async def find(self, approval_id: UUID) -> ApprovalRecord | None:
        """Return the approval of that id."""
        return (await self.many([approval_id])).get(approval_id)

    async def many(self, approval_ids: Sequence[UUID]) -> dict[UUID, ApprovalRecord]:
        """Return those of these approvals that exist."""
        query = select(approvals).where(approvals.c.id.in_(set(approval_ids)))
        rows = await self.all(query)
        found = (read_row(ApprovalRecord, row, approvals) for row in rows)
        return {approval.id: approval for approval in found}

    async def of_announcement(self, announcement_id: UUID) -> tuple[ApprovalRecord, ...]:
        """Return all approvals an announcement ever had, newest first."""
        query = select(approvals).where(approvals.c.announcement == announcement_id)
        rows = await self.all(query.order_by(approvals.c.decided_at.desc(), approvals.c.id))
        return tuple(read_row(ApprovalRecord, row, approvals) for row in rows)


def _values(announcement: Announcement) -> dict[str, Any]:
    content = announcement.content
    return values_of(announcement, "content") | {
        "title": content.title,
        "message_class": content.message_class,
        "recording": content.recording,
        "target_areas": content.targets.areas,
        "target_terminals": content.targets.terminals,
    }


def _announcement(row: RowMapping, held: _Held) -> Announcement:
    column = announcements.c
    content = Content(
        title=row[column.title],
        message_class=row[column.message_class],
        recording=row[column.recording],
        targets=Targets(row[column.target_areas], row[column.target_terminals]),
        schedules=held.get(row[column.id], ()),
    )
    return read_row(Announcement, row, announcements, content=content)
