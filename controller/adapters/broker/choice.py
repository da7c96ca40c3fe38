"""Which broker carries everything: the embedded one, or a Mosquitto that runs by itself."""

import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from controller.adapters.broker.embedded import EmbeddedBroker, EmbeddedSettings
from controller.adapters.broker.mosquitto import MosquittoAccess
from controller.adapters.broker.ports import Authenticate, TerminalAccess
from edge_agent.link import BackoffSettings, Link, LinkSettings, LinkTls

CLIENT: Final = "controller-1"
_BACKOFF: Final = BackoffSettings(base_s=0.2, cap_s=5.0, refused_s=1.0)


class Broker(Protocol):
    """What bootstrap needs of either. `host`, `port`, `ca_pem`: what terminals are told."""

    link: Link
    access: TerminalAccess
    host: str
    port: int
    ca_pem: str

    def running(self) -> AbstractAsyncContextManager[None]:
        """Run what must run beside the link."""
        ...

    def reload_identity(self) -> None:
        """Read the certificate file again."""
        ...


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine's clock and chance."""

    now: Callable[[], datetime]
    secret: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Own:
    """The embedded broker's place: folder, address to bind, the name that terminals dial."""

    folder: Path
    bind: str
    port: int
    host: str
    identity: Path
    ca_pem: str


class OwnBroker:
    """The embedded broker and the controller's link to it."""

    def __init__(self, own: Own, admit: Authenticate, machine: Machine) -> None:
        self.host, self.port, self.ca_pem = own.host, own.port, own.ca_pem
        settings = EmbeddedSettings(own.folder, own.bind, own.port, own.identity)
        self._server = EmbeddedBroker(
            settings, admit, now=machine.now, secret=machine.secret, monotonic=time.monotonic
        )
        self.access: TerminalAccess = self._server
        wildcard = own.bind in {"0.0.0.0", "::"}  # noqa: S104  compared, not bound
        self.link = _link(
            "127.0.0.1" if wildcard else own.bind,
            own.port,
            self._server.controller_password(),
            LinkTls(own.ca_pem, "localhost"),
            machine,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the server inside the block. Raises BrokerError."""
        async with self._server.running():
            yield

    def reload_identity(self) -> None:
        """Have the server read its certificate again."""
        self._server.reload_identity()


@dataclass(frozen=True, slots=True)
class Outside:
    """A Mosquitto with deploy/mosquitto's configuration, and our password there."""

    host: str
    port: int
    ca_pem: str
    password: str = field(repr=False)


class OutsideBroker:
    """The controller's link to a Mosquitto; nothing of it runs here."""

    def __init__(self, outside: Outside, machine: Machine) -> None:
        self.host, self.port, self.ca_pem = outside.host, outside.port, outside.ca_pem
        tls = LinkTls(outside.ca_pem, outside.host)
        self.link = _link(outside.host, outside.port, outside.password, tls, machine)
        self.access: TerminalAccess = MosquittoAccess(self.link)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run nothing."""
        yield

    def reload_identity(self) -> None:
        """Do nothing: its certificate is its keeper's."""


def _link(host: str, port: int, password: str, tls: LinkTls, machine: Machine) -> Link:
    settings = LinkSettings(
        host=host,
        port=port,
        client_id=CLIENT,
        password=password,
        tls=tls,
        # Blocks for a whole province may wait here; each is dropped or sent within seconds.
        outbox_bytes=32_000_000,
        inbox_messages=8192,
        inbox_bytes=32_000_000,
        backoff=_BACKOFF,
    )
    return Link(
        settings,
        judged=machine.now,
        monotonic=time.monotonic,
        uniform=random.SystemRandom().uniform,
    )
