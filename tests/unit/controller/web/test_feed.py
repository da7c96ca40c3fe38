"""Who is told of which change."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from controller.domain.event import Event, EventKind
from controller.domain.ids import AreaId
from controller.web.feed import Feed

PROVINCE, COMMUNE, OTHER, HAMLET = (AreaId(name) for name in ("p-1", "c-1", "c-2", "h-1"))
AT = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


def change(subject: str, *chain: AreaId) -> Event:
    return Event(EventKind.TERMINAL, subject, chain, AT)


async def next_of(changes: AsyncIterator[Event | None]) -> Event | None:
    return await asyncio.wait_for(anext(changes), 1)


async def test_a_change_is_told_to_whoever_sees_its_area() -> None:
    """The commune and the province above hear of a hamlet; the neighbour hears its own only."""
    feed = Feed()
    async with (
        feed.subscribe(PROVINCE) as province,
        feed.subscribe(COMMUNE) as commune,
        feed.subscribe(OTHER) as other,
    ):
        ours, theirs = change("a", PROVINCE, COMMUNE, HAMLET), change("b", PROVINCE, OTHER)
        feed.publish(ours)
        feed.publish(theirs)
        assert await next_of(province) == ours
        assert await next_of(province) == theirs
        assert await next_of(commune) == ours
        assert await next_of(other) == theirs


async def test_a_commune_is_not_told_what_changes_above_it() -> None:
    """A change of the province itself is nothing a commune's screen may see."""
    feed = Feed()
    async with feed.subscribe(COMMUNE) as commune:
        feed.publish(change("above", PROVINCE))
        feed.publish(change("own", PROVINCE, COMMUNE))
        assert await next_of(commune) == change("own", PROVINCE, COMMUNE)


async def test_a_slow_screen_is_told_to_read_all_anew() -> None:
    """More changes than may wait become one request to read all anew; memory stays bounded."""
    feed = Feed()
    async with feed.subscribe(COMMUNE) as commune:
        for number in range(1000):
            feed.publish(change(str(number), PROVINCE, COMMUNE))
        told: list[Event | None] = []
        while not told or told[-1] != change("999", PROVINCE, COMMUNE):
            told.append(await next_of(commune))
        assert None in told
        assert len(told) <= 257


async def test_a_closed_screen_is_forgotten() -> None:
    """After its stream ended nothing is kept for it."""
    feed = Feed()
    async with feed.subscribe(COMMUNE):
        assert feed.listeners == 1
    assert feed.listeners == 0
    feed.publish(change("late", PROVINCE, COMMUNE))
