"""Small ports: time, identities, the broker, and the screens that are open."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from controller.domain.event import Event
from controller.domain.ids import AreaId
from edge_agent.link import Message, Messenger

__all__ = ["Clock", "EventFeed", "Ids", "Message", "Messenger"]


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class Ids(Protocol):
    """Fresh identities and secrets."""

    def new(self) -> UUID:
        """Return a UUID that was never used (version 7: rising with time)."""
        ...

    def secret(self, size: int = 32) -> bytes:
        """Return that many unpredictable bytes."""
        ...


class EventFeed(Protocol):
    """Tells open screens at once what changed."""

    def publish(self, event: Event) -> None:
        """Hand the event to everybody who sees its area. Never waits, never raises."""
        ...

    def subscribe(self, area: AreaId) -> AbstractAsyncContextManager[AsyncIterator[Event | None]]:
        """Events of an area and all below it, while the context lasts.

        A listener that does not keep up loses events and gets None once: read all anew.
        """
        ...
