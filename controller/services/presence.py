"""Which terminals were heard of late, and since when we would have heard them."""

from datetime import datetime
from typing import Final
from uuid import UUID

from controller.domain.terminal import SILENT_AFTER
from controller.services.loops import Monotonic
from controller.services.ports import Clock, Messenger
from edge_agent.link import LinkStatus

_SILENT_S: Final = SILENT_AFTER.total_seconds()


class Presence:
    """Kept in memory: after a restart every terminal is absent until it says something."""

    def __init__(self, messenger: Messenger, clock: Clock, monotonic: Monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._heard: dict[UUID, float] = {}
        self._listening_since: datetime | None = None
        self._note(messenger.status)
        messenger.on_change(self._note)

    @property
    def listening_since(self) -> datetime | None:
        """Since when the link to the broker stands; None while it does not."""
        return self._listening_since

    def heard(self, terminal: UUID) -> None:
        """A believed message of a terminal arrived."""
        self._heard[terminal] = self._monotonic()

    def forget(self, terminal: UUID) -> None:
        """A terminal was taken out of service."""
        self._heard.pop(terminal, None)

    def present(self) -> frozenset[UUID]:
        """Return the terminals that are not silent."""
        now = self._monotonic()
        gone = [one for one, at in self._heard.items() if now - at > _SILENT_S]
        for one in gone:
            del self._heard[one]
        return frozenset(self._heard)

    def _note(self, status: LinkStatus) -> None:
        if not status.connected:
            self._listening_since = None
        elif self._listening_since is None:
            self._listening_since = self._clock.now()
