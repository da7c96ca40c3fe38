"""Dated airings as the engine sees and changes them, inside one transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Executable,
    Select,
    String,
    case,
    cast,
    delete,
    func,
    literal,
    select,
    true,
    update,
)

from controller.adapters.database.airing_tables import (
    diary,
    occurrence_terminals,
    occurrences,
)
from controller.adapters.database.diary import SqlDiary
from controller.adapters.database.fleet_tables import terminals
from controller.adapters.database.occurrences import to_occurrence
from controller.adapters.database.rows import Repository, chunks, values_of
from controller.adapters.database.tables import announcements, schedules
from controller.domain.announcement import AnnouncementState
from controller.domain.occurrence import (
    DiaryOutcome,
    Occurrence,
    OccurrenceState,
    to_planned,
)
from edge_agent.wire.precedence import MessageClass
from scheduler.horizon import OccurrenceState as State
from scheduler.horizon import Revision, StoredOccurrence
from scheduler.occurrence import PlannedOccurrence

OURS: Final = {
    State.PLANNED: OccurrenceState.PLANNED,
    State.AIRING: OccurrenceState.SOUNDING,
    State.OVER: OccurrenceState.AIRED,
    State.MISSED: OccurrenceState.MISSED,
    State.CANCELLED: OccurrenceState.CANCELLED,
}
THEIRS: Final = {ours: theirs for theirs, ours in OURS.items()}


@dataclass(frozen=True, slots=True)
class _Ordered:
    """What an occurrence takes over from its announcement."""

    announcement: UUID
    area: str
    title: str
    message_class: MessageClass
    revision: int
    approval: UUID


class ScheduleRows(Repository):
    """Occurrences, whom they are for, and the diary's rows that follow."""

    async def stored(self, query: Select[Any]) -> list[StoredOccurrence]:
        """Return the occurrences that a query selects."""
        rows = await self.all(query)
        asked = await self._asked([row["id"] for row in rows])
        return [
            StoredOccurrence(
                planned=replace(
                    to_planned(to_occurrence(row), ()), targets=asked.get(row["id"], frozenset())
                ),
                state=THEIRS[row["state"]],
                began=row["began"],
            )
            for row in rows
        ]

    async def _asked(self, ids: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
        """Return whom each occurrence is for. Most airings share their targets with others."""
        column = occurrence_terminals.c
        text = func.aggregate_strings(cast(column.terminal, String), ",").label("terminals")
        sets: dict[str, frozenset[str]] = {}
        found = {}
        for some in chunks(ids):
            query = select(column.occurrence, text).where(column.occurrence.in_(some))
            for row in await self.all(query.group_by(column.occurrence)):
                joined = row["terminals"]
                if joined not in sets:
                    sets[joined] = frozenset(str(UUID(one)) for one in joined.split(","))
                found[row["occurrence"]] = sets[joined]
        return found

    async def revise(self, revision: Revision) -> frozenset[UUID]:
        """Apply all of it; return the ids that really changed."""
        planned = (*revision.add, *revision.change)
        ordered = await self._ordered({one.occurrence.schedule_id for one in planned})
        added = await self._add(_occurrences(revision.add, ordered))
        changed = await self._change(_occurrences(revision.change, ordered))
        done = {one.id for one in (*added, *changed)}
        await self._ask([one for one in planned if one.id in done])
        for some in chunks(revision.cancel):
            done |= await self._cancel(some)
        return frozenset(done)

    async def _add(self, new: Sequence[Occurrence]) -> list[Occurrence]:
        added: list[Occurrence] = []
        statement = self.insert(occurrences).on_conflict_do_nothing().returning(occurrences.c.id)
        for some in chunks(new):
            rows = [values_of(one, ends=one.end, began=False) for one in some]
            result = await self.connection.execute(statement, rows)
            ids = set(result.scalars())
            added += [one for one in some if one.id in ids]
        return added

    async def _change(self, new: Sequence[Occurrence]) -> list[Occurrence]:
        changed = []
        for one in new:
            unbegun = update(occurrences).where(
                occurrences.c.id == one.id, occurrences.c.began.is_(False)
            )
            values = values_of(one, "id", "schedule", "recurrence_id", ends=one.end)
            if await self.run(unbegun.values(values)):
                changed.append(one)
        return changed

    async def _ask(self, planned: Sequence[PlannedOccurrence]) -> None:
        """Store whom each occurrence is for, in place of whom it was for before."""
        alike: dict[frozenset[str], list[UUID]] = {}
        for one in planned:
            alike.setdefault(one.targets, []).append(one.id)
        for targets, ids in alike.items():
            for some in chunks(ids):
                before = delete(occurrence_terminals).where(
                    occurrence_terminals.c.occurrence.in_(some)
                )
                await self.run(before)
                for whom in chunks(sorted(map(UUID, targets))):
                    await self.run(self._pairs(some, whom))
        diary = SqlDiary(self.connection, writes=True)
        await diary.ask_occurrences([one.id for one in planned])

    def _pairs(self, ids: Sequence[UUID], whom: Sequence[UUID]) -> Executable:
        """Return the statement that asks each of these terminals for each of these airings."""
        every = occurrences.join(terminals, true())
        pairs = select(occurrences.c.id, terminals.c.id).select_from(every)
        pairs = pairs.where(occurrences.c.id.in_(ids), terminals.c.id.in_(whom))
        return self.insert(occurrence_terminals).from_select(["occurrence", "terminal"], pairs)

    async def _cancel(self, ids: Sequence[UUID]) -> set[UUID]:
        """Cancel what has not begun; the announcement's state tells why."""
        query = select(occurrences.c.id).where(
            occurrences.c.id.in_(ids),
            occurrences.c.began.is_(False),
            occurrences.c.state != OccurrenceState.CANCELLED,
        )
        found = {row["id"] for row in await self.all(query)}
        state = (
            select(announcements.c.state)
            .where(announcements.c.id == occurrences.c.announcement)
            .scalar_subquery()
        )
        reason = case(
            (state == AnnouncementState.APPROVED, literal("skipped")),
            (state == AnnouncementState.WITHDRAWN, literal("withdrawn")),
            else_=literal("changed"),
        )
        change = update(occurrences).where(occurrences.c.id.in_(found))
        await self.run(change.values(state=OccurrenceState.CANCELLED, reason=reason))
        waiting = delete(diary).where(
            diary.c.item.in_(found), diary.c.outcome == DiaryOutcome.WAITING
        )
        await self.run(waiting)
        return found

    async def _ordered(self, schedule_ids: Collection[UUID]) -> Mapping[UUID, _Ordered]:
        found: dict[UUID, _Ordered] = {}
        for some in chunks(sorted(schedule_ids)):
            query = (
                select(schedules.c.id.label("schedule"), announcements)
                .join(announcements, announcements.c.id == schedules.c.announcement)
                .where(schedules.c.id.in_(some), announcements.c.approval.is_not(None))
            )
            for row in await self.all(query):
                found[row["schedule"]] = _Ordered(
                    announcement=row[announcements.c.id],
                    area=row["area"],
                    title=row["title"],
                    message_class=row["message_class"],
                    revision=row["revision"],
                    approval=row["approval"],
                )
        return found


def _occurrences(
    planned: Iterable[PlannedOccurrence], ordered: Mapping[UUID, _Ordered]
) -> list[Occurrence]:
    """Return what to store; nothing of schedules that were withdrawn in the meantime."""
    return [
        _occurrence(one, ordered[one.occurrence.schedule_id])
        for one in planned
        if one.occurrence.schedule_id in ordered
    ]


def _occurrence(planned: PlannedOccurrence, order: _Ordered) -> Occurrence:
    dated = planned.occurrence
    (rendition,) = planned.programme.renditions
    return Occurrence(
        id=dated.id,
        schedule=dated.schedule_id,
        recurrence_id=dated.recurrence_id,
        announcement=order.announcement,
        revision=order.revision,
        approval=order.approval,
        area=order.area,
        message_class=order.message_class,
        title=order.title,
        rendition=rendition,
        start=planned.start,
        duration_ms=dated.duration_ms,
        latest_start=planned.latest_start,
    )
