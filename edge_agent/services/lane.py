"""A lane: slow work done one piece after the other, in the order in which it was asked for.

What must come before what (a ledger's record before its sound, a log line before the record that
closes it) is put into one lane; what may not wait for a slow disk is not put into it at all.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[object]]


class Lane:
    """Runs work in order. `monotonic_ns` times the piece that is being worked on."""

    def __init__(self, name: str, monotonic_ns: Callable[[], int]) -> None:
        self._name = name
        self._monotonic_ns = monotonic_ns
        self._waiting: deque[Work] = deque()
        self._asked = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._since_ns: int | None = None

    def put(self, work: Work) -> None:
        """Have something done after all that was asked for before."""
        self._waiting.append(work)
        self._idle.clear()
        self._asked.set()

    def __len__(self) -> int:
        return len(self._waiting)

    def stuck_s(self) -> float:
        """Seconds for which the present piece of work has been going on; 0 when idle."""
        return 0.0 if self._since_ns is None else (self._monotonic_ns() - self._since_ns) / 1e9

    async def idle(self) -> None:
        """Wait until nothing is left to be done."""
        await self._idle.wait()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            while self._waiting:
                work = self._waiting.popleft()
                self._since_ns = self._monotonic_ns()
                try:
                    await work()
                except Exception:  # noqa: BLE001 - boundary to every kind of work
                    # One piece that failed must not keep the others from being done.
                    _log.exception("work failed", extra={"action": self._name})
                finally:
                    self._since_ns = None
            self._idle.set()
