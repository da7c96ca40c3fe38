"""The approved schedules in force, and for which terminals each is.

Targets are the ids of terminals in service: an announcement for an area follows terminals
that come and go.
"""

import json
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from controller.adapters.database.fleet_tables import terminals
from controller.adapters.database.rows import Repository, chunks
from controller.adapters.database.tables import (
    announcements,
    area_closure,
    recordings,
    schedules,
)
from controller.domain.announcement import AnnouncementState
from edge_agent.wire.precedence import MessageClass
from scheduler.occurrence import PlannedSchedule
from scheduler.programme import MessageClass as ScheduledClass
from scheduler.programme import of_announcement
from scheduler.schedule import from_data


class PlanRows(Repository):
    """Schedules as the engine plans them."""

    async def plans(self, schedule_ids: Collection[UUID] | None) -> Sequence[PlannedSchedule]:
        """Return the approved schedules in force, all or those named."""
        query = (
            select(
                schedules.c.data,
                announcements,
                recordings.c.rendition,
                recordings.c.duration_ms,
            )
            .join(announcements, announcements.c.id == schedules.c.announcement)
            .join(recordings, recordings.c.id == announcements.c.recording)
            .where(
                announcements.c.state == AnnouncementState.APPROVED,
                announcements.c.message_class != MessageClass.EMERGENCY,
                announcements.c.approval.is_not(None),
                recordings.c.rendition.is_not(None),
            )
            .order_by(schedules.c.announcement, schedules.c.position)
        )
        if schedule_ids is not None:
            query = query.where(schedules.c.id.in_(schedule_ids))
        column = announcements.c
        rows = await self.all(query)
        targets = await self._targets({row[column.id] for row in rows})
        return [
            PlannedSchedule(
                schedule=from_data(json.loads(row[schedules.c.data])),
                programme=of_announcement(row[column.id], row["rendition"], row["duration_ms"]),
                message_class=ScheduledClass(row[column.message_class].value),
                targets=targets[row[column.id]],
                active_since=row[column.decided_at],
            )
            for row in rows
            if targets[row[column.id]]
        ]

    async def _targets(self, announcement_ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
        """Return for each announcement the terminals in service that it is for."""
        found: dict[UUID, set[str]] = {one: set() for one in announcement_ids}
        by_areas: dict[tuple[str, ...], list[UUID]] = {}
        by_single: dict[UUID, list[UUID]] = {}
        for some in chunks(sorted(announcement_ids)):
            query = select(announcements).where(announcements.c.id.in_(some))
            for row in await self.all(query):
                by_areas.setdefault(row["target_areas"], []).append(row["id"])
                for terminal in row["target_terminals"]:
                    by_single.setdefault(terminal, []).append(row["id"])
        in_service = select(terminals.c.id).where(terminals.c.retired_at.is_(None))
        for areas, owners in by_areas.items():
            inside = select(area_closure.c.descendant).where(area_closure.c.ancestor.in_(areas))
            ids = {
                str(row["id"])
                for row in await self.all(in_service.where(terminals.c.area.in_(inside)))
            }
            for owner in owners:
                found[owner] |= ids
        for singles in chunks(sorted(by_single)):
            for row in await self.all(in_service.where(terminals.c.id.in_(singles))):
                for owner in by_single[row["id"]]:
                    found[owner].add(str(row["id"]))
        return {owner: frozenset(ids) for owner, ids in found.items()}
