"""Simulated time for code on asyncio: it passes when a test says so, and only then."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import TypeVar

from edge_agent.core.clock_trust import Machine

T = TypeVar("T")

NS = 1_000_000_000


class SimulatedTime:
    """The clocks of a machine. `wall` is the true time; `skew` the error of the system's clock."""

    def __init__(self, wall: int) -> None:
        self.now_ns = 1_000 * NS
        self._wall_at_zero = wall - self.now_ns // 1000
        self.skew = 0
        self.synchronised = False
        self.rtc = False
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    @property
    def wall(self) -> int:
        """The true time in UTC microseconds."""
        return self.wall_of(self.now_ns)

    def wall_of(self, monotonic_ns: float) -> int:
        return self._wall_at_zero + round(monotonic_ns / 1000)

    # -- port Clock

    def monotonic_ns(self) -> int:
        return self.now_ns

    def boot_us(self) -> int:
        return self.now_ns // 1000

    def machine(self) -> Machine:
        return Machine(self.boot_us(), self.wall + self.skew, self.synchronised, self.rtc)

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due = self.now_ns + max(1, round(seconds * NS))
        heapq.heappush(self._sleepers, (due, next(self._numbers), future))
        await future

    # -- for tests

    async def pass_until(self, instant_ns: int) -> None:
        """Let time pass, event by event."""
        await settled()
        while self._sleepers and self._sleepers[0][0] <= instant_ns:
            due, _, future = heapq.heappop(self._sleepers)
            if future.done():
                continue
            self.now_ns = max(self.now_ns, due)
            future.set_result(None)
            await settled()
        self.now_ns = max(self.now_ns, instant_ns)

    async def pass_s(self, seconds: float) -> None:
        """Let so many seconds pass."""
        await self.pass_until(self.now_ns + round(seconds * NS))


async def settled() -> None:
    """Let everything run that can run without time passing."""
    ready = getattr(asyncio.get_running_loop(), "_ready", None)
    assert ready is not None, "this event loop does not show what is ready"
    rounds = 1
    while rounds:
        await asyncio.sleep(0)
        rounds = len(ready)


async def inline(work: Callable[[], T]) -> T:
    """Stands for a thread: does the work at once, but lets others run before and after."""
    await asyncio.sleep(0)
    try:
        return work()
    finally:
        await asyncio.sleep(0)
