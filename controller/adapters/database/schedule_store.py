"""scheduler.ports.ScheduleRepository on the database: the engine's view of the same rows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select, update

from controller.adapters.database.airing_tables import occurrences, planning
from controller.adapters.database.engine import SqlDatabase
from controller.adapters.database.fleet_tables import rundowns, terminals
from controller.adapters.database.rows import Repository, chunks
from controller.adapters.database.schedule_plans import PlanRows
from controller.adapters.database.schedule_rows import OURS, ScheduleRows
from controller.domain.occurrence import OccurrenceState
from scheduler.horizon import Revision, StoredOccurrence
from scheduler.occurrence import PlannedSchedule
from scheduler.ports import Transition

_ONE: Final = 1
"""Key of the one row that says how far was planned."""


class ScheduleStore:
    """What the engine asks of the database."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def plans(
        self, schedule_ids: Collection[UUID] | None = None
    ) -> Sequence[PlannedSchedule]:
        """Return the approved schedules in force, all or those named."""
        async with self._database.read() as tx:
            return await PlanRows(tx.connection, writes=False).plans(schedule_ids)

    async def starting_between(
        self, start: datetime, end: datetime, schedule_ids: Collection[UUID] | None = None
    ) -> Sequence[StoredOccurrence]:
        """Return every stored occurrence that starts in [start, end), in any state."""
        query = select(occurrences).where(occurrences.c.start >= start, occurrences.c.start < end)
        if schedule_ids is not None:
            query = query.where(occurrences.c.schedule.in_(schedule_ids))
        async with self._database.read() as tx:
            return await ScheduleRows(tx.connection, writes=False).stored(query)

    async def stored(self, occurrence_ids: Collection[UUID]) -> Sequence[StoredOccurrence]:
        """Return those of the named occurrences that are stored."""
        found: list[StoredOccurrence] = []
        async with self._database.read() as tx:
            rows = ScheduleRows(tx.connection, writes=False)
            for some in chunks(list(occurrence_ids)):
                found += await rows.stored(select(occurrences).where(occurrences.c.id.in_(some)))
        return found

    async def revise(self, revision: Revision) -> frozenset[UUID]:
        """Apply all of it in one transaction; return the ids that really changed."""
        async with self._database.begin() as tx:
            return await ScheduleRows(tx.connection, writes=True).revise(revision)

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
            return await ScheduleRows(tx.connection, writes=False).stored(query)

    async def move_states(self, transitions: Sequence[Transition]) -> frozenset[UUID]:
        """Make those transitions that still apply; return the ids of the rows moved."""
        moved = set()
        async with self._database.begin() as tx:
            rows = Repository(tx.connection, writes=True)
            for one in transitions:
                change = update(occurrences).where(
                    occurrences.c.id == one.occurrence_id,
                    occurrences.c.state == OURS[one.before],
                )
                if await rows.run(change.values(state=OURS[one.after])):
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
