"""Areas and their rules."""

import json
from collections.abc import Sequence

from sqlalchemy import RowMapping, func, select, update

from controller.adapters.database.fleet_tables import terminals
from controller.adapters.database.rows import Repository, below, read_row, values_of
from controller.adapters.database.tables import area_closure, areas, policies
from controller.domain.area import Area, Level
from controller.domain.errors import Conflict, ErrorCode, NotFound
from controller.domain.ids import AreaId
from controller.domain.policy import PolicySettings
from edge_agent.wire.state import QuietWindow


class SqlAreas(Repository):
    """The area tree; a closure table answers what lies below what."""

    async def add(self, area: Area) -> None:
        """Store a new area and its place. Raises Conflict `area_exists`."""
        statement = self.insert(areas).values(values_of(area)).on_conflict_do_nothing()
        if not await self.run(statement):
            raise Conflict(ErrorCode.AREA_EXISTS, detail={"id": area.id})
        places = [
            {"ancestor": ancestor, "descendant": area.id, "depth": depth}
            for depth, ancestor in enumerate(reversed(area.chain))
        ]
        await self.connection.execute(area_closure.insert(), places)

    async def save(self, area: Area) -> None:
        """Store changed name, code, time zone and validity."""
        values = values_of(area, "id", "chain", "level")
        await self.run(update(areas).where(areas.c.id == area.id).values(values))

    async def find(self, area_id: AreaId) -> Area | None:
        """Return the area of that id."""
        row = await self.first(select(areas).where(areas.c.id == area_id))
        return None if row is None else read_row(Area, row, areas)

    async def get(self, scope: AreaId, area_id: AreaId) -> Area:
        """Return an area inside `scope`. Raises NotFound."""
        query = select(areas).where(areas.c.id == area_id, areas.c.id.in_(below(scope)))
        row = await self.first(query)
        if row is None:
            raise NotFound(ErrorCode.NOT_FOUND)
        return read_row(Area, row, areas)

    async def top(self) -> Area | None:
        """Return the top of the tree, None before set-up."""
        beneath = select(area_closure.c.descendant).where(area_closure.c.depth > 0)
        row = await self.first(select(areas).where(areas.c.id.not_in(beneath)))
        return None if row is None else read_row(Area, row, areas)

    async def list(self, scope: AreaId) -> tuple[Area, ...]:
        """Return `scope` and all below it, parents first, then by name."""
        query = (
            select(areas)
            .join(area_closure, area_closure.c.descendant == areas.c.id)
            .where(area_closure.c.ancestor == scope)
            .order_by(area_closure.c.depth, areas.c.name, areas.c.id)
        )
        return tuple(read_row(Area, row, areas) for row in await self.all(query))

    async def chains(self, area_ids: Sequence[AreaId]) -> dict[AreaId, tuple[AreaId, ...]]:
        """Return the chain of each of these areas that exists."""
        query = select(areas.c.id, areas.c.chain).where(areas.c.id.in_(area_ids))
        return {row["id"]: row["chain"] for row in await self.all(query)}

    async def by_code(self, level: Level, code: str) -> tuple[Area, ...]:
        """Return the areas that have or had an official code, the present one first."""
        query = select(areas).where(areas.c.level == level, areas.c.code == code)
        ordered = query.order_by(areas.c.valid_until.is_not(None), areas.c.valid_until.desc())
        return tuple(read_row(Area, row, areas) for row in await self.all(ordered))

    async def terminal_counts(self, scope: AreaId) -> dict[AreaId, int]:
        """Return how many terminals in service each area holds with all below it."""
        query = (
            select(area_closure.c.ancestor, func.count().label("count"))
            .join(terminals, terminals.c.area == area_closure.c.descendant)
            .where(area_closure.c.ancestor.in_(below(scope)), terminals.c.retired_at.is_(None))
            .group_by(area_closure.c.ancestor)
        )
        counted = {row["ancestor"]: row["count"] for row in await self.all(query)}
        return {row["descendant"]: 0 for row in await self.all(below(scope))} | counted


class SqlPolicies(Repository):
    """Rules of areas."""

    async def save(self, settings: PolicySettings) -> None:
        """Store an area's own rules in place of those before."""
        quiet = [[window.start, window.end, window.weekdays] for window in settings.quiet]
        await self.put_row(policies, values_of(settings, quiet=json.dumps(quiet)))

    async def find(self, area_id: AreaId) -> PolicySettings | None:
        """Return an area's own rules."""
        row = await self.first(select(policies).where(policies.c.area == area_id))
        return None if row is None else _policy(row)

    async def chain(self, area_id: AreaId) -> tuple[PolicySettings, ...]:
        """Return the rules of the areas from the top down to and including this one."""
        query = (
            select(policies)
            .join(area_closure, area_closure.c.ancestor == policies.c.area)
            .where(area_closure.c.descendant == area_id)
            .order_by(area_closure.c.depth.desc())
        )
        return tuple(_policy(row) for row in await self.all(query))


def _policy(row: RowMapping) -> PolicySettings:
    quiet = tuple(
        QuietWindow(start=start, end=end, weekdays=weekdays)
        for start, end, weekdays in json.loads(row[policies.c.quiet])
    )
    return read_row(PolicySettings, row, policies, quiet=quiet)
