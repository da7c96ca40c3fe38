"""scheduler.ports.ScheduleRepository on the database: the engine's view of the same rows.

Targets are the ids of terminals in service: an announcement for an area follows terminals
that come and go.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
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
    or_,
    select,
    update,
)

from controller.adapters.database.airing_tables import (
    diary,
    occurrence_terminals,
    occurrences,
    planning,
)
from controller.adapters.database.diary import SqlDiary
from controller.adapters.database.engine import SqlDatabase
from controller.adapters.database.fleet_tables import rundowns, terminals
from controller.adapters.database.occurrences import to_occurrence
from controller.adapters.database.rows import Repository, chunks, values_of
from controller.adapters.database.tables import (
    announcements,
    area_closure,
    recordings,
    schedules,
)
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
from scheduler.occurrence import PlannedOccurrence, PlannedSchedule
from scheduler.ports import Transition
from scheduler.programme import MessageClass as ScheduledClass
from scheduler.programme import of_announcement
from scheduler.schedule import from_data

_OURS: Final = {
    State.PLANNED: OccurrenceState.PLANNED,
    State.AIRING: OccurrenceState.SOUNDING,
    State.OVER: OccurrenceState.AIRED,
    State.MISSED: OccurrenceState.MISSED,
    State.CANCELLED: OccurrenceState.CANCELLED,
}
_THEIRS: Final = {ours: theirs for theirs, ours in _OURS.items()}
_ONE: Final = 1


@dataclass(frozen=True, slots=True)
class _Ordered:
    """What an occurrence takes over from its announcement."""

    announcement: UUID
    area: str
    title: str
    message_class: MessageClass
    revision: int
    approval: UUID


class ScheduleStore:
    """What the engine asks of the database."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def plans(
        self, schedule_ids: Collection[UUID] | None = None
    ) -> Sequence[PlannedSchedule]:
        """Return the approved schedules in force, all or those named."""
        async with self._database.read() as tx:
            return await _Rows(tx.connection, writes=False).plans(schedule_ids)

    async def starting_between(
        self, start: datetime, end: datetime, schedule_ids: Collection[UUID] | None = None
    ) -> Sequence[StoredOccurrence]:
        """Return every stored occurrence that starts in [start, end), in any state."""
        query = select(occurrences).where(occurrences.c.start >= start, occurrences.c.start < end)
        if schedule_ids is not None:
            query = query.where(occurrences.c.schedule.in_(schedule_ids))
        async with self._database.read() as tx:
            return await _Rows(tx.connection, writes=False).stored(query)

    async def stored(self, occurrence_ids: Collection[UUID]) -> Sequence[StoredOccurrence]:
        """Return those of the named occurrences that are stored."""
        found: list[StoredOccurrence] = []
        async with self._database.read() as tx:
            rows = _Rows(tx.connection, writes=False)
            for some in chunks(list(occurrence_ids)):
                found += await rows.stored(select(occurrences).where(occurrences.c.id.in_(some)))
        return found

    async def revise(self, revision: Revision) -> frozenset[UUID]:
        """Apply all of it in one transaction; return the ids that really changed."""
        async with self._database.begin() as tx:
            return await _Rows(tx.connection, writes=True).revise(revision)

    async def unsettled(self, now: datetime) -> Sequence[StoredOccurrence]:
        """Return every row whose state the passing of time or a report may change."""
        column = occurrences.c
        waiting = (column.state == OccurrenceState.PLANNED) & (column.start <= now)
        missed = (column.state == OccurrenceState.MISSED) & (column.latest_start >= now)
        reported = column.state.in_([OccurrenceState.PLANNED, OccurrenceState.MISSED])
        query = select(occurrences).where(
            or_(
                waiting,
                missed,
                reported & column.began.is_(True),
                column.state == OccurrenceState.SOUNDING,
            )
        )
        async with self._database.read() as tx:
            return await _Rows(tx.connection, writes=False).stored(query)

    async def move_states(self, transitions: Sequence[Transition]) -> frozenset[UUID]:
        """Make those transitions that still apply; return the ids of the rows moved."""
        moved = set()
        async with self._database.begin() as tx:
            rows = Repository(tx.connection, writes=True)
            for one in transitions:
                change = update(occurrences).where(
                    occurrences.c.id == one.occurrence_id,
                    occurrences.c.state == _OURS[one.before],
                )
                if await rows.run(change.values(state=_OURS[one.after])):
                    moved.add(one.occurrence_id)
        return frozenset(moved)

    async def next_instant(self, after: datetime) -> datetime | None:
        """Return the first start, latest start or end after `after` of PLANNED or AIRING."""
        column = occurrences.c
        alive = column.state.in_([OccurrenceState.PLANNED, OccurrenceState.SOUNDING])
        queries = [
            select(func.min(instant).label("at")).where(alive, instant > after)
            for instant in (column.start, column.latest_start, column.ends)
        ]
        async with self._database.read() as tx:
            rows = Repository(tx.connection, writes=False)
            found = [row["at"] for query in queries for row in await rows.all(query)]
        return min((at for at in found if at is not None), default=None)

    async def planned_until(self) -> datetime | None:
        """Return the instant up to which occurrences were last planned; None: never."""
        async with self._database.read() as tx:
            rows = await Repository(tx.connection, writes=False).all(select(planning))
        return rows[0]["planned_until"] if rows else None

    async def set_planned_until(self, until: datetime) -> None:
        """Remember it."""
        async with self._database.begin() as tx:
            row = {"id": _ONE, "planned_until": until}
            await Repository(tx.connection, writes=True).put_row(planning, row)

    async def rundowns_issued_outside(self, start: datetime, end: datetime) -> frozenset[str]:
        """Return the terminals whose rundown was last issued outside [start, end], or never."""
        issued = rundowns.c.issued_at
        query = (
            select(terminals.c.id)
            .outerjoin(rundowns, rundowns.c.terminal == terminals.c.id)
            .where(
                terminals.c.retired_at.is_(None),
                or_(issued.is_(None), issued < start, issued > end),
            )
        )
        async with self._database.read() as tx:
            rows = await Repository(tx.connection, writes=False).all(query)
        return frozenset(str(row["id"]) for row in rows)


class _Rows(Repository):
    """The same, inside one transaction."""

    async def plans(self, schedule_ids: Collection[UUID] | None) -> Sequence[PlannedSchedule]:
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

    async def stored(self, query: Select[Any]) -> list[StoredOccurrence]:
        rows = await self.all(query)
        asked = await self._asked([row["id"] for row in rows])
        return [
            StoredOccurrence(
                planned=replace(
                    to_planned(to_occurrence(row), ()), targets=asked.get(row["id"], frozenset())
                ),
                state=_THEIRS[row["state"]],
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
        pairs = select(occurrences.c.id, terminals.c.id).where(
            occurrences.c.id.in_(ids), terminals.c.id.in_(whom)
        )
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
