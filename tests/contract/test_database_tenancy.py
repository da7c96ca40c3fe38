"""What another area's people ask for is not found, and never listed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from controller.adapters.database import ScheduleStore, SqlDatabase
from controller.domain.announcement import Targets
from controller.domain.errors import NotFound
from controller.domain.order import OrderKind
from controller.domain.paging import PageRequest
from controller.services.ports import Transaction
from scheduler.horizon import Revision
from tests.contract.database_samples import (
    COMMUNE,
    DAY,
    FAR,
    HAMLET,
    HOUR,
    NEAR,
    NOW,
    OTHER,
    PROVINCE,
    account,
    airings,
    announcement,
    approved,
    draft,
    enrolment,
    order,
    ready,
    recording,
    stop,
)

PAGE = PageRequest(limit=500)


@dataclass(frozen=True)
class Owned:
    """A thing that belongs to COMMUNE or to a place in it, and how it is asked for."""

    store: Callable[[SqlDatabase], Awaitable[Any]]
    get: Callable[[Transaction, str, Any], Awaitable[object]] | None
    listed: Callable[[Transaction, str], Awaitable[set[Any]]]
    seen_by: tuple[str, ...] = (PROVINCE, COMMUNE)
    hidden_from: tuple[str, ...] = (OTHER, FAR, HAMLET, "c-9")


async def _area(_database: SqlDatabase) -> str:
    return COMMUNE


async def _account(database: SqlDatabase) -> UUID:
    made = account()
    async with database.begin() as tx:
        await tx.accounts.add(made)
    return made.id


async def _recording(database: SqlDatabase) -> UUID:
    made = recording()
    async with database.begin() as tx:
        await tx.recordings.add(made)
    return made.id


async def _announcement(database: SqlDatabase) -> UUID:
    made = announcement()
    async with database.begin() as tx:
        await tx.announcements.add(made)
    return made.id


async def _occurrence(database: SqlDatabase) -> UUID:
    recorded = ready()
    made = approved(Targets((COMMUNE,)), recorded)
    async with database.begin() as tx:
        await tx.recordings.add(recorded)
        await tx.announcements.add(made)
    first = airings(made, NEAR)[0]
    assert await ScheduleStore(database).revise(Revision(add=(first,))) == {first.id}
    return first.id


async def _terminal(_database: SqlDatabase) -> UUID:
    return NEAR


async def _enrolment(database: SqlDatabase) -> UUID:
    made = enrolment(area=COMMUNE)
    async with database.begin() as tx:
        await tx.enrolments.add(made)
    return made.id


async def _order(database: SqlDatabase) -> UUID:
    made = order()
    async with database.begin() as tx:
        await tx.orders.save(made, [NEAR])
    return made.id


async def _stop(database: SqlDatabase) -> UUID:
    made = stop()
    async with database.begin() as tx:
        await tx.stops.save(made)
    return made.id


async def _audit(database: SqlDatabase) -> UUID:
    made = draft()
    async with database.begin() as tx:
        await tx.audit.append(made)
    return made.id


async def _areas_listed(tx: Transaction, scope: str) -> set[Any]:
    return {one.id for one in await tx.areas.list(scope)}


async def _accounts_listed(tx: Transaction, scope: str) -> set[Any]:
    return {one.id for one in (await tx.accounts.list(scope, PAGE)).items}


async def _recordings_listed(tx: Transaction, scope: str) -> set[Any]:
    return {one.id for one in (await tx.recordings.list(scope, PAGE)).items}


async def _announcements_listed(tx: Transaction, scope: str) -> set[Any]:
    return {one.id for one in (await tx.announcements.list(scope, PAGE)).items}


async def _occurrences_listed(tx: Transaction, scope: str) -> set[Any]:
    page = await tx.occurrences.list(scope, NOW, NOW + 9 * DAY, PAGE)
    return {one.id for one in page.items}


async def _terminals_listed(tx: Transaction, scope: str) -> set[Any]:
    page = await tx.terminals.list(scope, PAGE, now=NOW, listening_since=None)
    return {one.terminal.id for one in page.items}


async def _enrolments_listed(tx: Transaction, scope: str) -> set[Any]:
    return {one.id for one in (await tx.enrolments.list(scope, PAGE)).items}


async def _orders_listed(tx: Transaction, scope: str) -> set[Any]:
    return {one.id for one in (await tx.orders.list(scope, OrderKind.PLAY, PAGE)).items}


async def _stops_listed(tx: Transaction, scope: str) -> set[Any]:
    return {one.id for one in await tx.stops.holding(scope, NOW)}


async def _audit_listed(tx: Transaction, scope: str) -> set[Any]:
    return {one.draft.id for one in (await tx.audit.list(scope, PAGE)).items}


async def _diary_listed(tx: Transaction, scope: str) -> set[Any]:
    page = await tx.diary.list(scope, NOW - HOUR, NOW + 9 * DAY, PAGE)
    totals = await tx.diary.totals(scope, NOW - HOUR, NOW + 9 * DAY)
    assert totals.rows == len(page.items)
    return {one.item for one in page.items}


_BELOW = (PROVINCE, COMMUNE, HAMLET)
_ELSEWHERE = (OTHER, FAR, "c-9")

OWNED = {
    "area": Owned(_area, lambda tx, scope, key: tx.areas.get(scope, key), _areas_listed),
    "account": Owned(
        _account, lambda tx, scope, key: tx.accounts.get(scope, key), _accounts_listed
    ),
    "recording": Owned(
        _recording, lambda tx, scope, key: tx.recordings.get(scope, key), _recordings_listed
    ),
    "announcement": Owned(
        _announcement,
        lambda tx, scope, key: tx.announcements.get(scope, key),
        _announcements_listed,
    ),
    "enrolment": Owned(
        _enrolment, lambda tx, scope, key: tx.enrolments.get(scope, key), _enrolments_listed
    ),
    "order": Owned(_order, lambda tx, scope, key: tx.orders.get(scope, key), _orders_listed),
    "audit": Owned(_audit, None, _audit_listed),
    "terminal": Owned(
        _terminal,
        lambda tx, scope, key: tx.terminals.get(scope, key),
        _terminals_listed,
        _BELOW,
        _ELSEWHERE,
    ),
    # Those below see what sounds on their own loudspeakers, or is stopped there, in lists.
    "occurrence": Owned(_occurrence, None, _occurrences_listed, _BELOW, _ELSEWHERE),
    "stop": Owned(_stop, None, _stops_listed, _BELOW, _ELSEWHERE),
    "diary": Owned(_order, None, _diary_listed, _BELOW, _ELSEWHERE),
}


@pytest.mark.parametrize("name", OWNED)
async def test_only_those_above_find_and_list_it(database: SqlDatabase, name: str) -> None:
    """A foreign scope answers as if there were no such thing."""
    owned = OWNED[name]
    key = await owned.store(database)
    async with database.read() as tx:
        for scope in owned.seen_by:
            assert key in await owned.listed(tx, scope)
            if owned.get is not None:
                assert await owned.get(tx, scope, key) is not None
        for scope in owned.hidden_from:
            assert key not in await owned.listed(tx, scope)
            if owned.get is not None:
                with pytest.raises(NotFound, match="not_found"):
                    await owned.get(tx, scope, key)


@pytest.mark.parametrize("scope", [OTHER, HAMLET, FAR, "c-9"])
async def test_occurrences_and_stops_are_got_from_above_only(
    database: SqlDatabase, scope: str
) -> None:
    """To act on one, it must have been ordered inside the scope."""
    airing, held = await _occurrence(database), await _stop(database)
    async with database.read() as tx:
        assert (await tx.occurrences.get(COMMUNE, airing)).id == airing
        assert (await tx.stops.get(COMMUNE, held)).id == held
        with pytest.raises(NotFound):
            await tx.occurrences.get(scope, airing)
        with pytest.raises(NotFound):
            await tx.stops.get(scope, held)


async def test_figures_of_a_foreign_scope_are_empty(database: SqlDatabase) -> None:
    """Counts and sums give nothing away either."""
    item = await _order(database)
    async with database.read() as tx:
        assert (await tx.diary.tallies([item], COMMUNE))[item].asked == 1
        assert (await tx.diary.tallies([item], OTHER))[item].asked == 0
        assert (await tx.diary.totals(OTHER, NOW - HOUR, NOW + HOUR)).rows == 0
        assert set(await tx.areas.terminal_counts(OTHER)) == {OTHER, FAR}
