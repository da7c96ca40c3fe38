"""The terminal side of the controller on a town, an in-memory broker, and light terminals."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.adapters.broker.access import ServiceAccess
from controller.adapters.captures import CaptureFolders
from controller.domain.order import Stop
from controller.domain.pace import Pace
from controller.services.emergencies import Emergencies
from controller.services.enrol import Enrolments, TerminalDoor
from controller.services.loops import Monotonic
from controller.services.planning import Replanning
from controller.services.sound_tests import SoundTests
from controller.services.stops import Stops
from controller.services.terminal_side import TerminalSide
from controller.services.terminals import Terminals
from edge_agent.wire.enrolment import read_code
from edge_agent.wire.policy import to_instant
from tests.fakes.broker import FakeLink, InMemoryBroker
from tests.fakes.commune import Town
from tests.fakes.terminal import LightTerminal, enrol_request, new_key

DOOR = TerminalDoor("http://127.0.0.1:8080", None, "127.0.0.1", 18883, mqtt_tls=False, ca_pem="")


async def until(condition: Callable[[], object], what: str = "", within: float = 8.0) -> None:
    """Wait for a condition, with a bound."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        await asyncio.sleep(0.005)


class Field:
    """A town whose terminals are reached."""

    def __init__(self, town: Town, monotonic: Monotonic, pace: Pace) -> None:
        self.town = town
        self.broker = InMemoryBroker()
        self.link: FakeLink = self.broker.messenger("controller-1")
        access = ServiceAccess(self.broker)
        self.side = TerminalSide(town.context, self.link, access, town.sounds, pace, monotonic)
        self.replanning = Replanning(town.airing)
        self.enrolments = Enrolments(town.context, DOOR, access, self.replanning, monotonic)
        dispatch = self.side.dispatch
        self.stops = Stops(town.context, dispatch)
        self.emergencies = Emergencies(town.context, dispatch, self.side.delivery.released)
        self.sound_tests = SoundTests(town.context, dispatch)
        self.captures = CaptureFolders(town.folder / "terminals")
        self.service = Terminals(town.context, self.side, self.replanning, self.captures)
        self.terminals: dict[str, LightTerminal] = {}
        self._running: list[asyncio.Task[None]] = []

    def now_us(self) -> int:
        return to_instant(self.town.clock.now())

    async def enrol(
        self, name: str, area: str, key: Ed25519PrivateKey | None = None
    ) -> LightTerminal:
        """Enrol a terminal; it does not connect yet."""
        key = key or new_key()
        new = await self.enrolments.create(self.town.actor("admin"), self.town.areas[area].id, name)
        code = read_code(new.text)
        answer = await self.enrolments.redeem(enrol_request(code, key), "203.0.113.1")
        link = self.broker.messenger(str(answer.terminal), answer.mqtt_password)
        terminal = LightTerminal(answer, key, link, code.root)
        self.terminals[name] = terminal
        return terminal

    async def connect(self, terminal: LightTerminal) -> None:
        """Let a terminal connect; returns when its hello was heard."""
        before = self.side.reception.believed
        assert isinstance(terminal.messenger, FakeLink)
        self._start(terminal.messenger.run())
        await until(lambda: self.side.reception.believed > before, "the hello")

    async def join(self, name: str, area: str) -> LightTerminal:
        """Enrol a terminal and let it connect."""
        terminal = await self.enrol(name, area)
        await self.connect(terminal)
        return terminal

    async def stop(self, who: str, area: str, terminal: UUID | None = None) -> Stop:
        """Have somebody stop an area for ten minutes."""
        facts = await self.stops.stop(
            self.town.actor(who), self.town.areas[area].id, terminal, timedelta(minutes=10)
        )
        return facts.stop

    async def acknowledged(self, terminal: UUID) -> bool:
        """True when a terminal owes no acknowledgement."""
        async with self.town.database.read() as tx:
            return not await tx.documents.pending(self.town.clock.now(), [terminal])

    def _start(self, coroutine: object) -> None:
        self._running.append(asyncio.create_task(coroutine))  # type: ignore[arg-type]

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Field"]:
        """Run every loop and the controller's link inside the block."""
        for loop in (self.link.run(), self.side.run(), self.replanning.run()):
            self._start(loop)
        await until(lambda: self.link.status.connected, "the controller's link")
        try:
            yield self
        finally:
            for terminal in self.terminals.values():
                await terminal.close()
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)
