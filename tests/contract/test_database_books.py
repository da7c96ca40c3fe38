"""The program's own books: audit trail, repeated requests, leases; and pages of listings."""

import asyncio
import base64
import contextlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.adapters.database import SqlDatabase
from controller.domain.audit import FIRST_PREVIOUS, broken_at, chain
from controller.domain.errors import Invalid
from controller.domain.idempotency import IdempotencyRecord
from controller.domain.paging import PageRequest
from controller.domain.recording import Recording
from tests.contract.database_samples import (
    COMMUNE,
    HOUR,
    MINUTE,
    NOW,
    OPERATOR,
    OTHER,
    PROVINCE,
    draft,
    new_id,
    recording,
)


async def test_entries_of_the_audit_trail_are_chained(database: SqlDatabase) -> None:
    """Each is chained to the one before, across areas; a changed row shows."""
    drafts = [draft(COMMUNE), draft(OTHER, actor=None, detail=""), draft(PROVINCE, detail="🎋")]
    async with database.begin() as tx:
        assert await tx.audit.head() is None
        stored = [await tx.audit.append(one) for one in drafts]
    assert [one.draft for one in stored] == drafts
    assert stored[0] == chain(drafts[0], 1, FIRST_PREVIOUS)
    async with database.read() as tx:
        assert await tx.audit.head() == stored[-1]
        assert list(await tx.audit.read(0, 10)) == stored
        assert list(await tx.audit.read(1, 1)) == stored[1:2]
        assert broken_at(await tx.audit.read(0, 10)) is None
        first = await tx.audit.list(PROVINCE, PageRequest(limit=2))
        rest = await tx.audit.list(PROVINCE, PageRequest(first.next, 2))
        assert [*first.items, *rest.items] == stored[::-1]
    async with database.begin() as tx:
        await tx.connection.exec_driver_sql("UPDATE audit SET detail = 'x' WHERE sequence = 2")
    async with database.read() as tx:
        assert broken_at(await tx.audit.read(0, 10)) == 2


async def test_many_writers_keep_one_chain(database: SqlDatabase) -> None:
    """Entries that are written at the same time stand one after the other, none is lost."""

    async def write() -> None:
        async with database.begin() as tx:
            await tx.audit.append(draft())

    await asyncio.gather(*(write() for _ in range(30)))
    async with database.read() as tx:
        entries = await tx.audit.read(0, 100)
    assert len(entries) == 30
    assert broken_at(entries) is None


def _request(**changes: Any) -> IdempotencyRecord:
    made = IdempotencyRecord(OPERATOR, "key-1", "POST /stops", bytes(32), NOW)
    return replace(made, **changes)


async def test_a_request_begins_once(database: SqlDatabase) -> None:
    """Its answer is kept; another person, key or route is another request."""
    first = _request()
    async with database.begin() as tx:
        assert await tx.idempotency.reserve(first) is None
        assert await tx.idempotency.reserve(_request(body_hash=bytes([1]) * 32)) == first
        for other in (_request(actor=new_id()), _request(key="2"), _request(route="PUT /a")):
            assert await tx.idempotency.reserve(other) is None
        done = replace(first, status=201, answer=b'{"id":1}')
        await tx.idempotency.complete(done)
        assert await tx.idempotency.reserve(first) == done
        await tx.idempotency.release(first)
        assert await tx.idempotency.reserve(first) is None


async def test_of_two_at_once_one_begins(database: SqlDatabase) -> None:
    """A double click reaches the work once."""

    async def begin() -> bool:
        async with database.begin() as tx:
            return await tx.idempotency.reserve(_request()) is None

    assert sorted(await asyncio.gather(*(begin() for _ in range(8)))) == [False] * 7 + [True]


async def test_old_requests_are_forgotten(database: SqlDatabase) -> None:
    """Those from before an instant, and no others."""
    async with database.begin() as tx:
        await tx.idempotency.reserve(_request())
        await tx.idempotency.reserve(_request(key="2", created_at=NOW + MINUTE))
        assert await tx.idempotency.remove_before(NOW) == 0
        assert await tx.idempotency.remove_before(NOW + MINUTE) == 1
        assert await tx.idempotency.reserve(_request()) is None
        assert await tx.idempotency.reserve(_request(key="2")) is not None


async def test_a_lease_has_one_holder(database: SqlDatabase) -> None:
    """Another one gets it when it ran out or was given back; the holder may renew it."""
    ours, theirs, ttl = new_id(), new_id(), timedelta(seconds=30)
    async with database.begin() as tx:
        assert await tx.leases.acquire("engine", ours, NOW, ttl)
        assert not await tx.leases.acquire("engine", theirs, NOW, ttl)
        assert await tx.leases.acquire("carousel", theirs, NOW, ttl)
        later = NOW + timedelta(seconds=20)
        assert await tx.leases.acquire("engine", ours, later, ttl)
        assert not await tx.leases.acquire("engine", theirs, NOW + ttl, ttl)
        assert await tx.leases.acquire("engine", theirs, later + ttl, ttl)
        await tx.leases.release("engine", ours)
        assert not await tx.leases.acquire("engine", ours, later + ttl, ttl)
        await tx.leases.release("engine", theirs)
        assert await tx.leases.acquire("engine", ours, later + ttl, ttl)


async def test_of_many_who_want_a_lease_one_gets_it(database: SqlDatabase) -> None:
    """Controllers that start at the same time do not both run the engine."""

    async def acquire() -> bool:
        async with database.begin() as tx:
            return await tx.leases.acquire("engine", new_id(), NOW, HOUR)

    assert sum(await asyncio.gather(*(acquire() for _ in range(8)))) == 1


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 3), max_size=12), limit=st.integers(1, 5))
async def test_pages_hold_everything_once(
    database: SqlDatabase, minutes: list[int], limit: int
) -> None:
    """However long a page is and however many rows share an instant."""
    made = [recording(created_at=NOW + minute * MINUTE) for minute in minutes]
    async with database.begin() as tx:
        await tx.connection.exec_driver_sql("DELETE FROM recordings")
        for one in made:
            await tx.recordings.add(one)
        found: list[Recording] = []
        cursor = None
        while True:
            page = await tx.recordings.list(PROVINCE, PageRequest(cursor, limit))
            found += page.items
            if (cursor := page.next) is None:
                break
            assert len(page.items) == limit
    assert found == sorted(made, key=lambda one: (one.created_at, one.id), reverse=True)


def _cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "é",
        "####",
        "QQ",
        "\x00",
        "A" * 10_000,
        _cursor([]),
        _cursor({}),
        _cursor(None),
        _cursor("x"),
        _cursor([1, 2]),
        _cursor(["2026-11-24T00:00:00", str(OPERATOR)]),
        _cursor(["0001-01-01T00:00:00+23:59", str(OPERATOR)]),
        _cursor(["2026-11-24T00:00:00+00:00", "no-id"]),
        _cursor(["2026-11-24T00:00:00+00:00", str(OPERATOR), 1]),
        _cursor([["2026"], str(OPERATOR)]),
        _cursor("[" * 5000),
    ],
)
async def test_a_bad_cursor_is_refused(database: SqlDatabase, cursor: str) -> None:
    """Whatever a browser sends in place of a cursor gets a plain answer."""
    async with database.read() as tx:
        with pytest.raises(Invalid, match="bad_cursor"):
            await tx.recordings.list(COMMUNE, PageRequest(cursor))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3),
    )
)
async def test_any_cursor_is_read_or_refused(database: SqlDatabase, value: object) -> None:
    """Never anything else than a page or `bad_cursor`, for each kind of key."""
    request = PageRequest(_cursor(value))
    async with database.read() as tx:
        for page in (
            tx.recordings.list(COMMUNE, request),
            tx.accounts.list(COMMUNE, request),
            tx.audit.list(COMMUNE, request),
        ):
            with contextlib.suppress(Invalid):
                await page


@pytest.mark.parametrize("value", [2**63, -(2**70), 10**40, True, 1.5, "1", None])
async def test_a_cursor_of_numbers_is_a_number_that_fits(
    database: SqlDatabase, value: object
) -> None:
    """A number that no column holds is refused like any other nonsense."""
    async with database.read() as tx:
        with pytest.raises(Invalid, match="bad_cursor"):
            await tx.audit.list(COMMUNE, PageRequest(_cursor([value])))


@pytest.mark.parametrize("value", ["\0", "a\0b", "\ud800", 5, None, ["a"]])
async def test_a_cursor_of_text_is_text_that_fits(database: SqlDatabase, value: object) -> None:
    """Characters that no column holds are refused."""
    async with database.read() as tx:
        with pytest.raises(Invalid, match="bad_cursor"):
            await tx.accounts.list(COMMUNE, PageRequest(_cursor([value])))
