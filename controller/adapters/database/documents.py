"""Signed documents and what terminals acknowledged; which rundowns must be made anew."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, RowMapping, Table, delete, func, or_, select, union

from controller.adapters.database.fleet_tables import (
    acknowledgements,
    document_areas,
    document_terminals,
    documents,
    rundowns,
    terminals,
)
from controller.adapters.database.rows import Repository, chunks, read_row, values_of
from controller.adapters.database.tables import area_closure
from controller.domain.announcement import Targets
from controller.domain.document import Acknowledged, Delivery, Document, Pending, RundownState
from controller.domain.errors import Conflict, ErrorCode
from edge_agent.wire.envelope import MessageType

_ALL = (documents, document_areas, document_terminals, acknowledgements)


class SqlDocuments(Repository):
    """Signed state and orders, and what terminals acknowledged."""

    async def put(self, document: Document) -> None:
        """Store the current document of its subject. Raises Conflict `document_stale`."""
        values = values_of(document, "targets")
        values["target_areas"] = document.targets.areas
        values["target_terminals"] = document.targets.terminals
        statement = self.insert(documents).values(values)
        kept = {name: statement.excluded[name] for name in values}
        statement = statement.on_conflict_do_update(
            index_elements=["type", "subject"],
            set_=kept,
            where=statement.excluded.version > documents.c.version,
        )
        if not await self.run(statement):
            raise Conflict(ErrorCode.DOCUMENT_STALE)
        key = {"type": document.type, "subject": document.subject}
        for table in (document_areas, document_terminals):
            await self.run(_of(delete(table), table, document.type, document.subject))
        areas = [key | {"area": area} for area in document.targets.areas]
        singles = [key | {"terminal": one} for one in document.targets.terminals]
        await self.add_many(document_areas, areas)
        await self.add_many(document_terminals, singles)

    async def find(self, kind: MessageType, subject: str) -> Document | None:
        """Return the current document of a subject; terminals may name anything."""
        if "\0" in subject:
            return None
        row = await self.first(_of(select(documents), documents, kind, subject))
        return None if row is None else _document(row)

    async def remove(self, kind: MessageType, subject: str) -> None:
        """Forget a document and its acknowledgements."""
        for table in _ALL:
            await self.run(_of(delete(table), table, kind, subject))

    async def addressed_to(self, terminal: UUID, now: datetime) -> tuple[Document, ...]:
        """Return all current, unexpired documents for a terminal."""
        to = _addressed([terminal]).subquery()
        query = (
            select(documents)
            .join(to, (to.c.type == documents.c.type) & (to.c.subject == documents.c.subject))
            .where(or_(documents.c.expires_at.is_(None), documents.c.expires_at > now))
            .order_by(documents.c.type, documents.c.issued_at, documents.c.subject)
        )
        return tuple(_document(row) for row in await self.all(query))

    async def acknowledge(self, acknowledged: Acknowledged) -> bool:
        """Store a terminal's word and tell whether it was new and about what is current."""
        word, one = acknowledgements.c, acknowledged
        query = (
            select(word.version, word.digest, documents.c.digest.label("current"))
            .select_from(terminals)
            .outerjoin(
                acknowledgements,
                (word.terminal == terminals.c.id)
                & (word.type == one.type)
                & (word.subject == one.subject),
            )
            .outerjoin(
                documents, (documents.c.type == one.type) & (documents.c.subject == one.subject)
            )
            .where(terminals.c.id == one.terminal)
        )
        rows = await self.all(query)
        if not rows:
            return False
        before = rows[0]
        if before["version"] is not None and (
            before["version"] > one.version or before["digest"] == one.digest
        ):
            return False
        await self.put_row(acknowledgements, values_of(one))
        return bool(before["current"] == one.digest)

    async def pending(
        self, now: datetime, terminals: Sequence[UUID] | None = None, limit: int = 1000
    ) -> tuple[Pending, ...]:
        """Return what terminals in service have not acknowledged in its current version."""
        to = _addressed(terminals).subquery()
        word = acknowledgements.c
        query = (
            select(documents, to.c.terminal.label("for_terminal"))
            .join(to, (to.c.type == documents.c.type) & (to.c.subject == documents.c.subject))
            .outerjoin(
                acknowledgements,
                (word.terminal == to.c.terminal)
                & (word.type == documents.c.type)
                & (word.subject == documents.c.subject)
                & (word.digest == documents.c.digest),
            )
            .where(
                word.terminal.is_(None),
                or_(documents.c.expires_at.is_(None), documents.c.expires_at > now),
            )
            .order_by(documents.c.type.desc(), documents.c.issued_at, to.c.terminal)
            .limit(limit)
        )
        return tuple(Pending(row["for_terminal"], _document(row)) for row in await self.all(query))

    async def delivery(self, kind: MessageType, subject: str) -> Delivery:
        """Return how far the current document of a subject is."""
        to = _addressed(None, kind, subject).subquery()
        query = select(func.count().label("all")).select_from(to)
        rows = await self.all(query)
        got = await self._having(kind, subject)
        return Delivery(terminals=rows[0]["all"], acknowledged=len(got))

    async def acknowledged_by(self, kind: MessageType, subject: str) -> frozenset[UUID]:
        """Return the terminals that have the current document of a subject."""
        return await self._having(kind, subject)

    async def remove_expired(self, before: datetime) -> int:
        """Forget documents that expired before an instant. Returns how many."""
        query = select(documents.c.type, documents.c.subject)
        rows = await self.all(query.where(documents.c.expires_at < before))
        for row in rows:
            await self.remove(row["type"], row["subject"])
        return len(rows)

    async def _having(self, kind: MessageType, subject: str) -> frozenset[UUID]:
        to = _addressed(None, kind, subject).subquery()
        word = acknowledgements.c
        query = (
            select(word.terminal)
            .join(
                documents,
                (documents.c.type == word.type)
                & (documents.c.subject == word.subject)
                & (documents.c.digest == word.digest),
            )
            .join(to, to.c.terminal == word.terminal)
            .where(word.type == kind, word.subject == subject)
        )
        return frozenset(row["terminal"] for row in await self.all(query))


class SqlRundowns(Repository):
    """Which terminals need a new rundown."""

    async def save(self, state: RundownState) -> None:
        """Store what a terminal was sent; `made_of` says which changes it knows."""
        values = values_of(state)
        statement = self.insert(rundowns).values(values)
        kept = {name: statement.excluded[name] for name in values if name != "changes"}
        await self.run(statement.on_conflict_do_update(index_elements=["terminal"], set_=kept))

    async def find(self, terminal: UUID) -> RundownState | None:
        """Return what a terminal was last sent; None: nothing, and nobody asked for it."""
        row = await self.first(select(rundowns).where(rundowns.c.terminal == terminal))
        return None if row is None else read_row(RundownState, row, rundowns)

    async def mark_stale(self, terminals: Sequence[UUID]) -> None:
        """Store that these terminals need a new rundown."""
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        for some in chunks(sorted(set(terminals))):
            rows = [
                values_of(RundownState(one, 0, bytes(32), epoch, epoch, changes=1)) for one in some
            ]
            statement = self.insert(rundowns)
            more = {"changes": rundowns.c.changes + 1}
            await self.connection.execute(
                statement.on_conflict_do_update(index_elements=["terminal"], set_=more), rows
            )

    async def due(self, issued_before: datetime, limit: int) -> tuple[UUID, ...]:
        """Return terminals in service whose rundown must be made anew."""
        stale = or_(rundowns.c.terminal.is_(None), rundowns.c.changes > rundowns.c.made_of)
        query = (
            select(terminals.c.id)
            .outerjoin(rundowns, rundowns.c.terminal == terminals.c.id)
            .where(
                terminals.c.retired_at.is_(None),
                or_(stale, rundowns.c.issued_at < issued_before),
            )
            .order_by(stale.desc(), rundowns.c.issued_at, terminals.c.id)
            .limit(limit)
        )
        return tuple(row["id"] for row in await self.all(query))


def _of(statement: Any, table: Table, kind: MessageType, subject: str) -> Any:  # noqa: ANN401
    return statement.where(table.c.type == kind, table.c.subject == subject)


def _addressed(
    only: Sequence[UUID] | None, kind: MessageType | None = None, subject: str | None = None
) -> CompoundSelect[tuple[MessageType, str, UUID]]:
    """Return (type, subject, terminal) of all that documents are addressed to, in service."""
    by_area = (
        select(document_areas.c.type, document_areas.c.subject, terminals.c.id.label("terminal"))
        .join(area_closure, area_closure.c.ancestor == document_areas.c.area)
        .join(terminals, terminals.c.area == area_closure.c.descendant)
        .where(terminals.c.retired_at.is_(None))
    )
    singly = (
        select(
            document_terminals.c.type, document_terminals.c.subject, document_terminals.c.terminal
        )
        .join(terminals, terminals.c.id == document_terminals.c.terminal)
        .where(terminals.c.retired_at.is_(None))
    )
    if only is not None:
        by_area = by_area.where(terminals.c.id.in_(only))
        singly = singly.where(terminals.c.id.in_(only))
    if kind is not None and subject is not None:
        by_area = _of(by_area, document_areas, kind, subject)
        singly = _of(singly, document_terminals, kind, subject)
    return union(by_area, singly)


def _document(row: RowMapping) -> Document:
    column = documents.c
    targets = Targets(row[column.target_areas], row[column.target_terminals])
    return read_row(Document, row, documents, targets=targets)
