"""Signs of life for the service manager: given only while sound, schedule and network go on."""

import logging
from collections.abc import Callable
from typing import Final

from edge_agent.services.conductor import Conductor
from edge_agent.services.lane import Lane
from edge_agent.services.ports import Clock, Engine, Supervisor

_log = logging.getLogger(__name__)

PROBE_EVERY_S: Final = 10.0
STUCK_S: Final = 45.0
"""A piece of disk work that takes longer hangs; a slow card takes seconds."""
_READY: Final = "READY=1"
_ALIVE: Final = "WATCHDOG=1"


class Health:
    """Feeds the watchdog. `link_alive`: whether the link still tries to connect."""

    def __init__(
        self,
        supervisor: Supervisor,
        engine: Engine,
        conductor: Conductor,
        lanes: tuple[Lane, ...],
        link_alive: Callable[[], bool],
        clock: Clock,
        every_s: float = PROBE_EVERY_S,
    ) -> None:
        self._supervisor = supervisor
        self._engine = engine
        self._conductor = conductor
        self._lanes = lanes
        self._link_alive = link_alive
        self._clock = clock
        self._every_s = every_s
        self._answered = True
        self._turns = -1

    async def run(self) -> None:
        """Give signs of life until cancelled."""
        self._supervisor.tell(_READY)
        while True:
            stuck = self.stuck()
            if stuck:
                _log.error("no sign of life from: %s", ", ".join(stuck), extra={"action": "health"})
            else:
                self._supervisor.tell(_ALIVE)
            self._turns = self._conductor.turns
            self._answered = False
            self._engine.ping(self._note_answer)
            await self._clock.sleep(self._every_s)

    def stuck(self) -> list[str]:
        """What has not gone on since the last look."""
        found = []
        if not self._answered:
            found.append("sound")
        if self._conductor.turns == self._turns:
            found.append("schedule")
        if not self._link_alive():
            found.append("network")
        if any(lane.stuck_s() > STUCK_S for lane in self._lanes):
            found.append("disk")
        return found

    def _note_answer(self) -> None:
        self._answered = True
