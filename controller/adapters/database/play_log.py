"""The play log as terminals wrote it; the diary follows."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from controller.adapters.database.airing_tables import occurrences, play_log
from controller.adapters.database.diary import SqlDiary
from controller.adapters.database.rows import Repository, chunks, read_row, values_of
from controller.domain.play_log import PlayLogCursor, PlayLogEntry
from edge_agent.wire.reports import Outcome

_BEGAN = (Outcome.STARTED, Outcome.SOUNDED, Outcome.CUT)


class SqlPlayLog(Repository):
    """Lines that terminals wrote."""

    async def append(self, entries: Sequence[PlayLogEntry]) -> int:
        """Store lines and return how many were new; the diary follows."""
        new = 0
        unless_there = self.insert(play_log).on_conflict_do_nothing()
        for some in chunks(entries):
            rows = [values_of(entry) for entry in some]
            stored = await self.connection.execute(
                unless_there.returning(play_log.c.sequence), rows
            )
            new += len(stored.all())
        if new:
            began = {entry.item for entry in entries if entry.outcome in _BEGAN}
            for items in chunks(sorted(began)):
                mark = update(occurrences).where(occurrences.c.id.in_(items))
                await self.run(mark.values(began=True))
            pairs = {(entry.item, entry.terminal) for entry in entries}
            follower = SqlDiary(self.connection, writes=self.writes)
            for some_pairs in chunks(sorted(pairs)):
                await follower.follow(some_pairs)
        return new

    async def cursor(self, terminal: UUID, log: UUID) -> PlayLogCursor | None:
        """Return the last line stored of a log."""
        query = select(play_log).where(play_log.c.terminal == terminal, play_log.c.log == log)
        rows = await self.all(query.order_by(play_log.c.sequence.desc()).limit(1))
        return read_row(PlayLogCursor, rows[0], play_log) if rows else None

    async def of_item(self, item: UUID, terminal: UUID) -> tuple[PlayLogEntry, ...]:
        """Return all lines about one airing on one terminal, in order."""
        query = select(play_log).where(play_log.c.item == item, play_log.c.terminal == terminal)
        rows = await self.all(query.order_by(play_log.c.at, play_log.c.sequence))
        return tuple(read_row(PlayLogEntry, row, play_log) for row in rows)
