"""Has airings planned anew when terminals came, moved or left."""

import asyncio
from typing import Protocol

from controller.services.loops import attempt


class Planner(Protocol):
    """controller.services.airing.Airing, as much of it as is needed here."""

    async def terminals_changed(self) -> None:
        """Plan everything anew: targets follow terminals."""
        ...


class Replanning:
    """One planning for many changes at a time; `run` must run."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._wanted = asyncio.Event()

    def ask(self) -> None:
        """Which terminals an announcement reaches has changed."""
        self._wanted.set()

    async def run(self) -> None:
        """Plan whenever it was asked for, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await attempt("replan", self._planner.terminals_changed)
