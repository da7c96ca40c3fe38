"""Audit trail, answers to repeated requests, leases."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, delete, func, or_, select, update

from controller.adapters.database.airing_tables import audit, idempotency, leases
from controller.adapters.database.rows import Repository, below, read_row, to_page, values_of
from controller.domain.audit import FIRST_PREVIOUS, AuditDraft, AuditEntry, chain
from controller.domain.idempotency import IdempotencyRecord
from controller.domain.ids import AreaId
from controller.domain.paging import Page, PageRequest

_AUDIT_LOCK = 0x10A0_A0D1
"""Number of the advisory lock under which entries are chained on PostgreSQL."""


class SqlAudit(Repository):
    """Who did what."""

    async def append(self, draft: AuditDraft) -> AuditEntry:
        """Chain an entry to the last one and store it."""
        if self.connection.dialect.name == "postgresql":
            await self.all(select(func.pg_advisory_xact_lock(_AUDIT_LOCK)))
        last = await self.head()
        entry = (
            chain(draft, 1, FIRST_PREVIOUS)
            if last is None
            else chain(draft, last.sequence + 1, last.digest)
        )
        await self.run(audit.insert().values(values_of(entry, "draft") | values_of(draft)))
        return entry

    async def list(self, scope: AreaId, page: PageRequest) -> Page[AuditEntry]:
        """Return entries of `scope` and below, newest first."""
        query = select(audit).where(audit.c.area.in_(below(scope)))
        return to_page(await self.page(query, [audit.c.sequence], page, descending=True), _entry)

    async def head(self) -> AuditEntry | None:
        """Return the last entry."""
        rows = await self.all(select(audit).order_by(audit.c.sequence.desc()).limit(1))
        return _entry(rows[0]) if rows else None

    async def read(self, after: int, limit: int) -> tuple[AuditEntry, ...]:
        """Return entries with a number above `after`, in order."""
        query = select(audit).where(audit.c.sequence > after)
        rows = await self.all(query.order_by(audit.c.sequence).limit(limit))
        return tuple(_entry(row) for row in rows)


class SqlIdempotency(Repository):
    """Answers to requests that may come twice."""

    async def reserve(self, record: IdempotencyRecord) -> IdempotencyRecord | None:
        """Store that a request has begun, or return the record that is there already."""
        new = self.insert(idempotency).values(values_of(record)).on_conflict_do_nothing()
        if await self.run(new):
            return None
        row = await self.first(select(idempotency).where(*_same(record)))
        return None if row is None else read_row(IdempotencyRecord, row, idempotency)

    async def complete(self, record: IdempotencyRecord) -> None:
        """Store the answer."""
        change = update(idempotency).where(*_same(record))
        await self.run(change.values(status=record.status, answer=record.answer))

    async def release(self, record: IdempotencyRecord) -> None:
        """Forget a request that failed."""
        await self.run(delete(idempotency).where(*_same(record)))

    async def remove_before(self, before: datetime) -> int:
        """Forget old records. Returns how many."""
        return await self.run(delete(idempotency).where(idempotency.c.created_at < before))


class SqlLeases(Repository):
    """At most one controller at a time does a thing."""

    async def acquire(self, name: str, holder: UUID, now: datetime, ttl: timedelta) -> bool:
        """Take or renew a lease until now + ttl; False while another one holds it."""
        values = {"name": name, "holder": holder, "until": now + ttl}
        statement = self.insert(leases).values(values)
        free = or_(leases.c.until <= now, leases.c.holder == holder)
        taken = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": statement.excluded.holder, "until": statement.excluded.until},
            where=free,
        )
        return await self.run(taken) > 0

    async def release(self, name: str, holder: UUID) -> None:
        """Give a lease back."""
        await self.run(delete(leases).where(leases.c.name == name, leases.c.holder == holder))


def _same(record: IdempotencyRecord) -> tuple[ColumnElement[bool], ...]:
    column = idempotency.c
    return (
        column.actor == record.actor,
        column.key == record.key,
        column.route == record.route,
    )


def _entry(row: RowMapping) -> AuditEntry:
    return read_row(AuditEntry, row, audit, draft=read_row(AuditDraft, row, audit))
