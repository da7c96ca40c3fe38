"""Time, ids and open screens as services see them."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from controller.domain.event import Event
from controller.domain.ids import AreaId


class CountedIds:
    """Ids and secrets that are never the same and the same in every run."""

    def __init__(self) -> None:
        self.count = 0

    def new(self) -> UUID:
        self.count += 1
        return UUID(int=(7 << 76) | (2 << 62) | self.count)

    def secret(self, size: int = 32) -> bytes:
        self.count += 1
        data = hashlib.sha256(str(self.count).encode()).digest()
        return (data * (size // 32 + 1))[:size]


class HeardFeed:
    """Remembers what open screens would be told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def publish(self, event: Event) -> None:
        self.events.append(event)

    @asynccontextmanager
    async def subscribe(self, area: AreaId) -> AsyncIterator[AsyncIterator[Event | None]]:
        async def those() -> AsyncIterator[Event | None]:
            for event in self.events:
                if area in event.chain:
                    yield event

        yield those()

    def take(self) -> list[Event]:
        """Return what was told since the last time, and forget it."""
        events, self.events = self.events, []
        return events
