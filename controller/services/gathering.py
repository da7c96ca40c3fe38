"""What arrives one by one and is stored many at a time.

A commit waits for the disk; a thousand acknowledgements in a thousand commits would take
ten seconds, in five commits a tenth of one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from controller.domain.errors import Unavailable

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

MOST_WAITING: Final = 5_000
"""More than this is thrown away, the oldest first: terminals say it again."""


class Gathering(Generic[_T]):
    """Hands what was added to `store`, at most `most` at a time, while `run` runs.

    `store` gets each batch; where it fails for a reason nobody foresaw, it gets the same
    things again one by one, so that one bad thing loses only itself.
    """

    def __init__(
        self, name: str, store: Callable[[Sequence[_T]], Awaitable[None]], *, most: int = 200
    ) -> None:
        self._name = name
        self._store = store
        self._most = most
        self._waiting: deque[_T] = deque(maxlen=MOST_WAITING)
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def add(self, one: _T) -> None:
        """Take something; it is stored soon."""
        self._waiting.append(one)
        self._idle.clear()
        self._arrived.set()

    async def settled(self) -> None:
        """Return when all that was added so far has been handed over."""
        await self._idle.wait()

    async def run(self) -> None:
        """Hand over until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                count = min(self._most, len(self._waiting))
                await self._hand_over([self._waiting.popleft() for _ in range(count)])
            self._idle.set()

    async def _hand_over(self, batch: Sequence[_T]) -> None:
        try:
            await self._store(batch)
        except Unavailable as error:
            self._lost(len(batch), error)
        except Exception as error:  # noqa: BLE001 - boundary to what terminals send
            # Whatever one terminal's report trips over must not cost the others theirs.
            if len(batch) == 1:
                _log.exception("cannot be stored", extra={"action": self._name})
                return
            _log.warning("one by one after %r", error, extra={"action": self._name})
            for one in batch:
                await self._hand_over([one])

    def _lost(self, count: int, error: Exception) -> None:
        _log.warning(
            "%d not stored (%s); terminals will say it again",
            count,
            error,
            extra={"action": self._name},
        )
