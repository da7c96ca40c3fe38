"""Stops and orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, or_, select

from controller.adapters.database.diary import SqlDiary
from controller.adapters.database.fleet_tables import orders, stops, terminals
from controller.adapters.database.rows import Repository, below, read_row, to_page, values_of
from controller.adapters.database.tables import area_closure
from controller.domain.announcement import Targets
from controller.domain.errors import ErrorCode, NotFound
from controller.domain.ids import AreaId
from controller.domain.order import Order, OrderKind, Stop
from controller.domain.paging import Page, PageRequest


class SqlStops(Repository):
    """Stops."""

    async def save(self, stop: Stop) -> None:
        """Store a new or lifted stop."""
        await self.put_row(stops, values_of(stop))

    async def get(self, scope: AreaId, stop_id: UUID) -> Stop:
        """Return a stop inside `scope`. Raises NotFound."""
        query = select(stops).where(stops.c.id == stop_id, stops.c.area.in_(below(scope)))
        row = await self.first(query)
        if row is None:
            raise NotFound(ErrorCode.NOT_FOUND)
        return read_row(Stop, row, stops)

    async def holding(self, scope: AreaId, now: datetime) -> tuple[Stop, ...]:
        """Return stops that hold and concern `scope`, newest first."""
        above = select(area_closure.c.ancestor).where(area_closure.c.descendant == scope)
        own_terminals = select(terminals.c.id).where(terminals.c.area.in_(below(scope)))
        from_above = stops.c.area.in_(above) & or_(
            stops.c.terminal.is_(None), stops.c.terminal.in_(own_terminals)
        )
        query = select(stops).where(
            stops.c.hold_until > now,
            stops.c.lifted_at.is_(None),
            or_(stops.c.area.in_(below(scope)), from_above),
        )
        ordered = query.order_by(stops.c.issued_at.desc(), stops.c.id)
        return tuple(read_row(Stop, row, stops) for row in await self.all(ordered))


class SqlOrders(Repository):
    """Emergencies and tests."""

    async def save(self, order: Order, terminals: Sequence[UUID] = ()) -> None:
        """Store a new or cancelled order, and ask the terminals of a new one."""
        values = values_of(order, "targets") | {
            "target_areas": order.targets.areas,
            "target_terminals": order.targets.terminals,
        }
        await self.put_row(orders, values)
        if order.kind is OrderKind.PLAY and terminals:
            await SqlDiary(self.connection, writes=self.writes).ask_order(order, terminals)

    async def find(self, order_id: UUID) -> Order | None:
        """Return the order of that id."""
        row = await self.first(select(orders).where(orders.c.id == order_id))
        return None if row is None else _order(row)

    async def get(self, scope: AreaId, order_id: UUID) -> Order:
        """Return an order given inside `scope`. Raises NotFound."""
        query = select(orders).where(orders.c.id == order_id, orders.c.area.in_(below(scope)))
        row = await self.first(query)
        if row is None:
            raise NotFound(ErrorCode.NOT_FOUND)
        return _order(row)

    async def list(self, scope: AreaId, kind: OrderKind, page: PageRequest) -> Page[Order]:
        """Return orders given in `scope` or below, newest first."""
        query = select(orders).where(orders.c.area.in_(below(scope)), orders.c.kind == kind)
        key: list[Any] = [orders.c.issued_at, orders.c.id]
        return to_page(await self.page(query, key, page, descending=True), _order)

    async def open(self, now: datetime) -> tuple[Order, ...]:
        """Return play orders that terminals may still act on."""
        query = select(orders).where(
            orders.c.kind == OrderKind.PLAY,
            orders.c.expires_at > now,
            orders.c.cancelled_at.is_(None),
        )
        rows = await self.all(query.order_by(orders.c.issued_at, orders.c.id))
        return tuple(_order(row) for row in rows)


def _order(row: RowMapping) -> Order:
    targets = Targets(row[orders.c.target_areas], row[orders.c.target_terminals])
    return read_row(Order, row, orders, targets=targets)
