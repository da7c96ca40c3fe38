"""Many small things in few commits, and one bad one costs itself only."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from controller.domain.errors import ErrorCode, Unavailable
from controller.services.gathering import MOST_WAITING, Gathering


class Shelf:
    """Where things are stored; `bad` ones break whatever they are stored with."""

    def __init__(self, *bad: int) -> None:
        self.bad = set(bad)
        self.away = 0
        self.batches: list[list[int]] = []

    @property
    def stored(self) -> list[int]:
        return [one for batch in self.batches for one in batch]

    async def store(self, some: Sequence[int]) -> None:
        if self.away:
            self.away -= 1
            raise Unavailable(ErrorCode.DATABASE_BUSY)
        if self.bad & set(some):
            raise OverflowError(some)
        self.batches.append(list(some))


@asynccontextmanager
async def running(gathering: Gathering[int]) -> AsyncIterator[None]:
    task = asyncio.create_task(gathering.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_waits_is_stored_together_and_in_order() -> None:
    """A thousand things take five batches of two hundred."""
    shelf = Shelf()
    gathering = Gathering("test", shelf.store)
    for number in range(1000):
        gathering.add(number)
    async with running(gathering):
        await gathering.settled()
    assert shelf.stored == list(range(1000))
    assert [len(batch) for batch in shelf.batches] == [200] * 5


async def test_a_bad_one_loses_only_itself() -> None:
    """Its batch is stored one by one."""
    shelf = Shelf(7, 9)
    gathering = Gathering("test", shelf.store)
    for number in range(20):
        gathering.add(number)
    async with running(gathering):
        await gathering.settled()
        gathering.add(20)
        await gathering.settled()
    assert shelf.stored == [one for one in range(21) if one not in {7, 9}]


async def test_a_busy_database_costs_a_batch_and_not_the_loop() -> None:
    """What could not be stored is said again by terminals; what comes later is stored."""
    shelf = Shelf()
    shelf.away = 1
    gathering = Gathering("test", shelf.store)
    async with running(gathering):
        gathering.add(1)
        await gathering.settled()
        gathering.add(2)
        await gathering.settled()
    assert shelf.stored == [2]


async def test_memory_is_bounded() -> None:
    """While nothing can be stored the oldest give way."""
    shelf = Shelf()
    gathering = Gathering("test", shelf.store)
    for number in range(MOST_WAITING + 10):
        gathering.add(number)
    async with running(gathering):
        await gathering.settled()
    assert shelf.stored[0] == 10
    assert len(shelf.stored) == MOST_WAITING
