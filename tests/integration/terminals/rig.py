"""The controller's terminal side and light terminals, joined by the embedded broker over TLS."""

import asyncio
import random
import secrets
import socket
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller.adapters.broker.access import ServiceAccess
from controller.adapters.broker.embedded import EmbeddedBroker, EmbeddedSettings
from controller.adapters.broker.ports import Rights
from controller.adapters.captures import CaptureFolders
from controller.adapters.tls import CertificateAuthority
from controller.domain.pace import Pace
from controller.services.enrol import Enrolments, TerminalDoor
from controller.services.planning import Replanning
from controller.services.stops import Stops
from controller.services.terminal_side import TerminalSide
from controller.services.terminals import Terminals
from edge_agent.link import BackoffSettings, Link, LinkSettings, LinkTls
from edge_agent.wire.enrolment import read_code
from tests.fakes.commune import Town
from tests.fakes.terminal import LightTerminal, enrol_request, new_key

QUICK = BackoffSettings(base_s=0.1, cap_s=1.0, refused_s=0.2)


@dataclass
class Site:
    """A town, its broker, and all that talks over it."""

    town: Town
    broker: EmbeddedBroker
    port: int
    ca_pem: str
    link: Link = field(init=False)
    side: TerminalSide = field(init=False)

    def __post_init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._terminals: list[LightTerminal] = []

    def join_parts(self) -> None:
        """Make the services; the broker asks them about every sign-in."""
        town, access = self.town, ServiceAccess(self.broker)
        self.link = self.link_of("controller-1", self.broker.controller_password())
        self.side = TerminalSide(
            town.context, self.link, access, town.sounds, Pace(), time.monotonic
        )
        self.replanning = Replanning(town.airing)
        door = TerminalDoor(
            "http://127.0.0.1:8080", None, "127.0.0.1", self.port, mqtt_tls=True, ca_pem=self.ca_pem
        )
        self.enrolments = Enrolments(town.context, door, access, self.replanning, time.monotonic)
        captures = CaptureFolders(town.folder / "terminals")
        self.terminals = Terminals(town.context, self.side, self.replanning, captures)
        self.stops = Stops(town.context, self.side.dispatch)

    def link_of(self, name: str, password: str) -> Link:
        """A link that signs in under this name once it runs."""
        return Link(
            LinkSettings(
                "127.0.0.1", self.port, name, password, LinkTls(self.ca_pem, "localhost"),
                outbox_bytes=32_000_000, inbox_messages=8192, inbox_bytes=32_000_000,
                backoff=QUICK,
            ),
            judged=now, monotonic=time.monotonic, uniform=random.uniform,
        )  # fmt: skip

    def start(self, *loops: Coroutine[Any, Any, None]) -> None:
        """Run loops until the block is left."""
        self._tasks += [asyncio.create_task(loop) for loop in loops]

    async def join(self, name: str, area: str) -> LightTerminal:
        """Enrol a terminal and let it connect."""
        key = new_key()
        admin = self.town.actor("admin")
        code = read_code((await self.enrolments.create(admin, self.town.areas[area].id, name)).text)
        answer = await self.enrolments.redeem(enrol_request(code, key), "203.0.113.1")
        link = self.link_of(str(answer.terminal), answer.mqtt_password)
        terminal = LightTerminal(answer, key, link, code.root)
        self._terminals.append(terminal)
        self.start(link.run())
        return terminal

    async def end(self) -> None:
        """End everything that was started."""
        for terminal in self._terminals:
            await terminal.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def embedded(town: Town, folder: Path) -> AsyncIterator[Site]:
    """Run broker and controller side inside the block."""
    authority = CertificateAuthority(folder / "tls", now)
    port = _free_port()

    async def admit(name: str, password: str, _client: str) -> Rights | None:
        groups = await site.side.rights.groups_of(name, password)
        return None if groups is None else Rights(groups)

    settings = EmbeddedSettings(folder / "broker", "127.0.0.1", port, authority.server([]).file)
    broker = EmbeddedBroker(
        settings, admit, now=now, secret=secrets.token_bytes, monotonic=time.monotonic
    )
    site = Site(town, broker, port, authority.pem)
    site.join_parts()
    async with broker.running():
        site.start(site.link.run(), site.side.run(), site.replanning.run())
        try:
            yield site
        finally:
            await site.end()


def now() -> datetime:
    return datetime.now(UTC)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
