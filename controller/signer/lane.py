"""One thread that owns journal and keys, and the order in which work reaches it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, TypeVar

from controller.signer.operations import Urgency

_T = TypeVar("_T")


class Lane:
    """Takes the most urgent work first, then the one that waits longest."""

    def __init__(self) -> None:
        self._waiting: asyncio.PriorityQueue[
            tuple[Urgency, int, Callable[[], Any], asyncio.Future[Any]]
        ] = asyncio.PriorityQueue()
        self._numbers = count()

    async def run(self, work: Callable[[], _T], urgency: Urgency) -> _T:
        """Return what `work` returns, or raise what it raises."""
        done: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        await self._waiting.put((urgency, next(self._numbers), work, done))
        return await done

    async def serve(self) -> None:
        """Do what waits, one after the other, until cancelled."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix="desk") as thread:
            while True:
                _, _, work, done = await self._waiting.get()
                if done.cancelled():
                    continue
                try:
                    result = await loop.run_in_executor(thread, work)
                except Exception as error:  # noqa: BLE001  whoever waits is told
                    if not done.cancelled():
                        done.set_exception(error)
                else:
                    if not done.cancelled():
                        done.set_result(result)
