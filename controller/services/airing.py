"""From approved schedules to dated airings: the engine, and what follows from what it says."""

import logging
from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from controller.domain.event import EventKind
from controller.services.context import Context
from scheduler.engine import Engine
from scheduler.ports import (
    Alarm,
    Clock,
    ClockStepped,
    NeverPlanned,
    RundownsChanged,
    RundownsDue,
    ScheduleRepository,
    SchedulingEvent,
    StatesMoved,
)

_log = logging.getLogger(__name__)


class Planner(Protocol):
    """Makes dated airings follow their schedules."""

    async def schedules_changed(self, schedules: Collection[UUID]) -> None:
        """Plan these anew, now. Never raises: what fails is done within a minute."""
        ...


class Airing:
    """The engine on the product's clock, alarm and database."""

    def __init__(
        self, context: Context, schedules: ScheduleRepository, clock: Clock, alarm: Alarm
    ) -> None:
        self._context = context
        self._engine = Engine(schedules, self, clock, alarm)

    async def start(self) -> None:
        """Catch up with the time that has passed, and keep planning from now on."""
        await self._engine.start()

    async def stop(self) -> None:
        """End after what is being done now."""
        await self._engine.stop()

    async def schedules_changed(self, schedules: Collection[UUID]) -> None:
        """Plan these anew, now: they were approved, edited, withdrawn or an airing left out."""
        if not schedules:
            return
        try:
            await self._engine.schedules_changed(schedules)
        except Exception:  # noqa: BLE001  what was decided stands; the engine sweeps each minute
            _log.exception("not planned yet", extra={"action": "planning_late"})

    async def terminals_changed(self) -> None:
        """Plan everything anew: terminals came, went or moved, and targets follow them.

        Raises what the database raises.
        """
        await self._engine.resume()

    async def on_event(self, event: SchedulingEvent) -> None:
        """Take note of what the engine says (scheduler.ports.Listener)."""
        match event:
            case RundownsChanged(targets) | RundownsDue(targets):
                await self._mark(targets)
            case StatesMoved(transitions):
                await self._tell(frozenset(one.occurrence_id for one in transitions))
            case NeverPlanned(start, end):
                _log.error(
                    "nothing was planned from %s to %s", start, end, extra={"action": "hole"}
                )
            case ClockStepped(by):
                _log.warning("clock stepped by %s", by, extra={"action": "clock_step"})

    async def _mark(self, targets: Collection[str]) -> None:
        """Have the rundowns of these terminals made anew."""
        async with self._context.database.begin() as tx:
            await tx.rundowns.mark_stale(sorted(UUID(target) for target in targets))
        self._context.outbox.wake()

    async def _tell(self, occurrences: Collection[UUID]) -> None:
        async with self._context.database.read() as tx:
            found = [await tx.occurrences.find(one) for one in occurrences]
            moved = [one for one in found if one is not None]
            chains = await tx.areas.chains(sorted({one.area for one in moved}))
        for one in moved:
            self._context.tell(EventKind.OCCURRENCE, one.id, chains.get(one.area, ()))
