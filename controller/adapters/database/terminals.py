"""Terminals, their latest reports, and the one-time codes that make them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    Table,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from controller.adapters.database.fleet_tables import (
    enrolments,
    terminal_hellos,
    terminal_statuses,
    terminal_telemetry,
    terminals,
)
from controller.adapters.database.rows import (
    Repository,
    below,
    chunks,
    read_row,
    to_page,
    values_of,
)
from controller.adapters.database.tables import area_closure
from controller.domain.announcement import Targets
from controller.domain.enrolment import Enrolment, require_open
from controller.domain.errors import Conflict, ErrorCode, NotFound
from controller.domain.ids import AreaId
from controller.domain.paging import Page, PageRequest
from controller.domain.terminal import (
    FAULTY_CLOCKS,
    SILENT_AFTER,
    Health,
    HealthCounts,
    Terminal,
    TerminalHello,
    TerminalState,
    TerminalStatus,
    TerminalTelemetry,
)

_STATE = (
    select(terminals, terminal_statuses, terminal_hellos, terminal_telemetry)
    .outerjoin(terminal_statuses, terminal_statuses.c.terminal == terminals.c.id)
    .outerjoin(terminal_hellos, terminal_hellos.c.terminal == terminals.c.id)
    .outerjoin(terminal_telemetry, terminal_telemetry.c.terminal == terminals.c.id)
)


class SqlTerminals(Repository):
    """Terminals and their latest reports."""

    async def add(self, terminal: Terminal) -> None:
        """Store a newly enrolled terminal."""
        await self.run(terminals.insert().values(values_of(terminal)))

    async def save(self, terminal: Terminal) -> None:
        """Store a changed terminal."""
        change = update(terminals).where(terminals.c.id == terminal.id)
        await self.run(change.values(values_of(terminal, "id", "enrolled_at")))

    async def find(self, terminal_id: UUID) -> Terminal | None:
        """Return the terminal of that id."""
        row = await self.first(select(terminals).where(terminals.c.id == terminal_id))
        return None if row is None else read_row(Terminal, row, terminals)

    async def get(self, scope: AreaId, terminal_id: UUID) -> TerminalState:
        """Return a terminal inside `scope` with its reports. Raises NotFound."""
        query = _STATE.where(terminals.c.id == terminal_id, terminals.c.area.in_(below(scope)))
        rows = await self.all(query)
        if not rows:
            raise NotFound(ErrorCode.NOT_FOUND)
        return _state(rows[0])

    async def list(
        self,
        scope: AreaId,
        page: PageRequest,
        *,
        now: datetime,
        listening_since: datetime | None,
        health: Health | None = None,
    ) -> Page[TerminalState]:
        """Return terminals of `scope` and below in order of name."""
        query = _STATE.where(terminals.c.area.in_(below(scope)))
        if health is Health.RETIRED:
            query = query.where(terminals.c.retired_at.is_not(None))
        else:
            query = query.where(terminals.c.retired_at.is_(None))
            if health is not None:
                query = query.where(_health(now, listening_since) == health.value)
        rows = await self.page(query, [terminals.c.name, terminals.c.id], page)
        return to_page(rows, _state)

    async def addressed(self, targets: Targets) -> tuple[Terminal, ...]:
        """Return the terminals in service that targets name, singly or by area."""
        inside = select(area_closure.c.descendant).where(area_closure.c.ancestor.in_(targets.areas))
        named = or_(terminals.c.area.in_(inside), terminals.c.id.in_(targets.terminals))
        return await self._in_service(select(terminals).where(named))

    async def in_service(self) -> tuple[Terminal, ...]:
        """Return every terminal in service."""
        return await self._in_service(select(terminals))

    async def health_counts(
        self, areas: Sequence[AreaId], *, now: datetime, listening_since: datetime | None
    ) -> dict[AreaId, HealthCounts]:
        """Return for each of these areas the counts of its terminals, all below included."""
        word = _health(now, listening_since).label("health")
        query = (
            select(
                area_closure.c.ancestor,
                word,
                func.count().label("count"),
                func.max(terminal_statuses.c.received_at).label("last"),
            )
            .join(terminals, terminals.c.area == area_closure.c.descendant)
            .outerjoin(terminal_statuses, terminal_statuses.c.terminal == terminals.c.id)
            .where(area_closure.c.ancestor.in_(areas), terminals.c.retired_at.is_(None))
            .group_by(area_closure.c.ancestor, word)
        )
        found: dict[AreaId, dict[str, Any]] = {area: {} for area in areas}
        for row in await self.all(query):
            counts = found[row["ancestor"]]
            counts[row["health"]] = row["count"]
            reports = [at for at in (counts.get("last_report_at"), row["last"]) if at]
            counts["last_report_at"] = max(reports, default=None)
        return {area: HealthCounts(**counts) for area, counts in found.items()}

    async def sounding(
        self, areas: Sequence[AreaId], now: datetime
    ) -> dict[AreaId, tuple[UUID, ...]]:
        """Return for each of these areas the items that its terminals sound now."""
        query = (
            select(area_closure.c.ancestor, terminal_statuses.c.sounding)
            .join(terminals, terminals.c.area == area_closure.c.descendant)
            .join(terminal_statuses, terminal_statuses.c.terminal == terminals.c.id)
            .where(
                area_closure.c.ancestor.in_(areas),
                terminals.c.retired_at.is_(None),
                terminal_statuses.c.sounding.is_not(None),
                terminal_statuses.c.received_at >= now - SILENT_AFTER,
            )
            .distinct()
        )
        found: dict[AreaId, tuple[UUID, ...]] = {}
        for row in await self.all(query):
            found[row["ancestor"]] = (*found.get(row["ancestor"], ()), row["sounding"])
        return found

    async def store_status(self, statuses: Sequence[TerminalStatus]) -> None:
        """Store heartbeats in place of older ones; unknown terminals are passed over."""
        await self._store(terminal_statuses, [values_of(status) for status in statuses])

    async def store_hello(self, hello: TerminalHello) -> None:
        """Store the last hello."""
        await self._store(terminal_hellos, [values_of(hello)])

    async def store_telemetry(self, telemetry: Sequence[TerminalTelemetry]) -> None:
        """Store slow figures in place of older ones; unknown terminals are passed over."""
        await self._store(terminal_telemetry, [values_of(one) for one in telemetry])

    async def telemetry(self, terminal_id: UUID) -> TerminalTelemetry | None:
        """Return the last slow figures."""
        query = select(terminal_telemetry).where(terminal_telemetry.c.terminal == terminal_id)
        row = await self.first(query)
        return None if row is None else read_row(TerminalTelemetry, row, terminal_telemetry)

    async def _in_service(self, query: Select[Any]) -> tuple[Terminal, ...]:
        ordered = query.where(terminals.c.retired_at.is_(None)).order_by(terminals.c.id)
        return tuple(read_row(Terminal, row, terminals) for row in await self.all(ordered))

    async def _store(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        known = await self._known({row["terminal"] for row in rows})
        new = [row for row in rows if row["terminal"] in known]
        if not new:
            return
        statement = self.insert(table)
        kept = {
            column.name: statement.excluded[column.name]
            for column in table.columns
            if column.name != "terminal"
        }
        newer = statement.excluded.received_at >= table.c.received_at
        await self.connection.execute(
            statement.on_conflict_do_update(index_elements=["terminal"], set_=kept, where=newer),
            new,
        )

    async def _known(self, ids: Iterable[UUID]) -> set[UUID]:
        found: set[UUID] = set()
        for some in chunks(sorted(ids)):
            query = select(terminals.c.id).where(terminals.c.id.in_(some))
            found.update(row["id"] for row in await self.all(query))
        return found


class SqlEnrolments(Repository):
    """One-time codes of terminals."""

    async def add(self, enrolment: Enrolment) -> None:
        """Store a new code."""
        await self.run(enrolments.insert().values(values_of(enrolment)))

    async def find(self, token_hash: bytes) -> Enrolment | None:
        """Return the code of that token, used or not."""
        row = await self.first(select(enrolments).where(enrolments.c.token_hash == token_hash))
        return None if row is None else read_row(Enrolment, row, enrolments)

    async def get(self, scope: AreaId, enrolment_id: UUID) -> Enrolment:
        """Return a code inside `scope`. Raises NotFound."""
        query = select(enrolments).where(
            enrolments.c.id == enrolment_id, enrolments.c.area.in_(below(scope))
        )
        row = await self.first(query)
        if row is None:
            raise NotFound(ErrorCode.NOT_FOUND)
        return read_row(Enrolment, row, enrolments)

    async def list(self, scope: AreaId, page: PageRequest) -> Page[Enrolment]:
        """Return codes of `scope` and below that are not voided, newest first."""
        query = select(enrolments).where(
            enrolments.c.area.in_(below(scope)), enrolments.c.voided_at.is_(None)
        )
        key = [enrolments.c.created_at, enrolments.c.id]
        rows = await self.page(query, key, page, descending=True)
        return to_page(rows, lambda row: read_row(Enrolment, row, enrolments))

    async def use(self, token_hash: bytes, terminal: UUID, at: datetime) -> Enrolment:
        """Use a code, once, whoever else tries at the same time."""
        use = update(enrolments).where(
            enrolments.c.token_hash == token_hash,
            enrolments.c.used_at.is_(None),
            enrolments.c.voided_at.is_(None),
            enrolments.c.expires_at > at,
        )
        used = await self.run(use.values(used_at=at, terminal=terminal))
        found = await self.find(token_hash)
        if found is None:
            raise NotFound(ErrorCode.ENROLMENT_UNKNOWN)
        if not used:
            require_open(found, at)
        return found

    async def void(self, enrolment_id: UUID, at: datetime) -> None:
        """Make an unused code worthless. Raises Conflict `enrolment_used`."""
        void = update(enrolments).where(
            enrolments.c.id == enrolment_id,
            enrolments.c.used_at.is_(None),
            enrolments.c.voided_at.is_(None),
        )
        if not await self.run(void.values(voided_at=at)):
            raise Conflict(ErrorCode.ENROLMENT_USED)


def _health(now: datetime, listening_since: datetime | None) -> ColumnElement[str]:
    """Return domain.terminal.health in SQL; a test holds the two against each other."""
    status = terminal_statuses.c
    listened = listening_since is not None and now - listening_since > SILENT_AFTER
    faulty = or_(
        terminals.c.quarantined_at.is_not(None),
        status.problems != (),
        status.clock.in_(FAULTY_CLOCKS),
    )
    return case(
        (terminals.c.retired_at.is_not(None), literal(Health.RETIRED.value)),
        (status.received_at.is_(None), literal(Health.UNKNOWN.value)),
        (
            status.received_at < now - SILENT_AFTER,
            literal(Health.SILENT.value if listened else Health.UNKNOWN.value),
        ),
        (faulty, literal(Health.FAULTY.value)),
        (status.sounding.is_not(None), literal(Health.ON_AIR.value)),
        else_=literal(Health.READY.value),
    )


def _state(row: RowMapping) -> TerminalState:
    def part(kind: type[Any], table: Table) -> Any:  # noqa: ANN401 - the caller's kind
        return None if row[table.c.terminal] is None else read_row(kind, row, table)

    return TerminalState(
        terminal=read_row(Terminal, row, terminals),
        status=part(TerminalStatus, terminal_statuses),
        hello=part(TerminalHello, terminal_hellos),
        telemetry=part(TerminalTelemetry, terminal_telemetry),
    )
