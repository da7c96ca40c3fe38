"""The three brokers behind one face, so that the same tests run on each."""

import asyncio
import contextlib
import hashlib
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import aiomqtt

from controller.adapters.broker.embedded import EmbeddedBroker, EmbeddedSettings
from controller.adapters.broker.mosquitto import MosquittoAccess
from controller.adapters.broker.ports import Rights, TerminalAccess
from controller.adapters.tls import CertificateAuthority
from edge_agent.link import (
    BackoffSettings,
    Link,
    LinkSettings,
    LinkTls,
    Message,
    Messenger,
)
from edge_agent.link.tls import client_context
from tests.fakes.broker import CONTROLLER_PASSWORD, InMemoryBroker, Session

REPOSITORY = Path(__file__).parents[2]
QUICK = BackoffSettings(base_s=0.05, cap_s=0.5, refused_s=0.1)


def now() -> datetime:
    return datetime.now(UTC)


class RunningMessenger(Messenger, Protocol):
    async def run(self) -> None: ...


class SignInRefusedError(Exception):
    """A raw client was not let in."""


class RawClient(Protocol):
    """A client without our manners: any client id, any filter, the retain flag."""

    received: list[Message]

    @property
    def closed(self) -> bool: ...
    async def subscribe(self, topic_filter: str) -> None: ...
    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None: ...


class BrokerRig(Protocol):
    """One kind of broker, running. `retains`: it keeps retained messages at all."""

    access: TerminalAccess
    retains: bool

    def terminal(self, name: str, password: str) -> RunningMessenger: ...
    def controller(self) -> RunningMessenger: ...
    def raw(
        self, client_id: str, user_name: str, password: str
    ) -> contextlib.AbstractAsyncContextManager[RawClient]: ...
    def raw_controller(self) -> contextlib.AbstractAsyncContextManager[RawClient]: ...
    async def kill(self) -> None: ...
    async def bring_back(self) -> None: ...


async def until(condition: Callable[[], object], within: float = 10.0, what: str = "") -> None:
    """Wait for a condition, with a bound."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        await asyncio.sleep(0.005)


class InMemoryRig:
    def __init__(self) -> None:
        self.broker = InMemoryBroker()
        self.access: TerminalAccess = self.broker
        self.retains = True

    def terminal(self, name: str, password: str) -> RunningMessenger:
        return self.broker.messenger(name, password)

    def controller(self) -> RunningMessenger:
        return self.broker.messenger("controller-1")

    @asynccontextmanager
    async def raw(self, client_id: str, user_name: str, password: str) -> AsyncIterator[RawClient]:
        received: list[Message] = []
        try:
            session = self.broker.sign_in(
                client_id, user_name, password, received.append, lambda: None
            )
        except Exception as error:
            raise SignInRefusedError from error
        try:
            yield _InMemoryRaw(session, received)
        finally:
            session.end()

    def raw_controller(self) -> contextlib.AbstractAsyncContextManager[RawClient]:
        return self.raw("controller-9", "controller-9", CONTROLLER_PASSWORD)

    async def kill(self) -> None:
        self.broker.crash()

    async def bring_back(self) -> None:
        self.broker.restart()


class _InMemoryRaw:
    def __init__(self, session: Session, received: list[Message]) -> None:
        self._session = session
        self.received = received

    @property
    def closed(self) -> bool:
        return not self._session.open

    async def subscribe(self, topic_filter: str) -> None:
        self._session.subscribe(topic_filter)

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._session.publish(topic, payload, retain=retain)


class _MqttRig(ABC):
    """What the two real brokers share: TLS, ports, clients."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = CertificateAuthority(folder / "tls", now)
        self.identity = self.authority.server(["127.0.0.1"])
        self.port = free_port()

    @abstractmethod
    def controller_password(self, number: int) -> str:
        """Password of the client `controller-<number>`."""

    def link(self, name: str, password: str) -> Link:
        settings = LinkSettings(
            host="127.0.0.1",
            port=self.port,
            client_id=name,
            password=password,
            tls=LinkTls(self.authority.pem, "localhost"),
            backoff=QUICK,
        )
        return Link(settings, judged=now, monotonic=time.monotonic, uniform=random.uniform)

    def terminal(self, name: str, password: str) -> RunningMessenger:
        return self.link(name, password)

    def controller(self) -> RunningMessenger:
        return self.link("controller-1", self.controller_password(1))

    @asynccontextmanager
    async def raw(self, client_id: str, user_name: str, password: str) -> AsyncIterator[RawClient]:
        client = aiomqtt.Client(
            "127.0.0.1",
            self.port,
            identifier=client_id,
            username=user_name,
            password=password,
            protocol=aiomqtt.ProtocolVersion.V311,
            tls_context=client_context(LinkTls(self.authority.pem, "localhost"), now),
            timeout=5,
        )
        try:
            await client.__aenter__()
        except aiomqtt.MqttError as error:
            raise SignInRefusedError from error
        raw = _MqttRaw(client)
        reader = asyncio.create_task(raw.read())
        try:
            yield raw
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            with contextlib.suppress(aiomqtt.MqttError):
                await client.__aexit__(None, None, None)

    def raw_controller(self) -> contextlib.AbstractAsyncContextManager[RawClient]:
        return self.raw("controller-2", "controller-2", self.controller_password(2))


class _MqttRaw:
    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self.received: list[Message] = []
        self.closed = False

    async def read(self) -> None:
        with contextlib.suppress(aiomqtt.MqttError):
            async for message in self._client.messages:
                payload = bytes(message.payload)
                self.received.append(Message(str(message.topic), payload, message.retain))
        self.closed = True

    async def subscribe(self, topic_filter: str) -> None:
        # A broker may answer by closing the connection; deliveries are what counts.
        with contextlib.suppress(aiomqtt.MqttError):
            await self._client.subscribe(topic_filter, qos=0)

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        with contextlib.suppress(aiomqtt.MqttError):
            await self._client.publish(topic, payload, qos=0, retain=retain)


class EmbeddedRig(_MqttRig):
    """The NATS server from its wheel; who may sign in is a table here, a database in life."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.retains = True
        self.table: dict[str, tuple[bytes, frozenset[str]]] = {}
        self.broker = EmbeddedBroker(
            EmbeddedSettings(folder / "broker", "127.0.0.1", self.port, self.identity.file),
            self.authenticate,
            now=now,
            secret=secrets.token_bytes,
            monotonic=time.monotonic,
        )
        self.access: TerminalAccess = _TableAccess(self)

    async def authenticate(self, name: str, password: str, _client_id: str) -> Rights | None:
        known = self.table.get(name)
        if known is None or known[0] != hashlib.sha256(password.encode()).digest():
            return None
        return Rights(known[1])

    def controller_password(self, number: int) -> str:
        return self.broker.controller_password()

    async def kill(self) -> None:
        assert self.broker.pid is not None
        os.kill(self.broker.pid, signal.SIGKILL)

    async def bring_back(self) -> None:
        """Nothing to do: the program starts its broker again by itself."""


class _TableAccess:
    def __init__(self, rig: EmbeddedRig) -> None:
        self._rig = rig

    async def grant(self, terminal_id: str, password: str | None, groups: frozenset[str]) -> None:
        known = self._rig.table.get(terminal_id)
        digest = hashlib.sha256(password.encode()).digest() if password else known and known[0]
        assert digest, "a new terminal needs a password"
        self._rig.table[terminal_id] = (digest, groups)
        await self._rig.broker.grant(terminal_id, password, groups)

    async def revoke(self, terminal_id: str) -> None:
        self._rig.table.pop(terminal_id, None)
        await self._rig.broker.revoke(terminal_id)


class MosquittoRig(_MqttRig):
    """Mosquitto with the configuration and the start file of deploy/mosquitto."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.retains = False
        self._write_security()
        self._process: asyncio.subprocess.Process | None = None
        # The third controller only grants and revokes.
        self.keeper = self.link("controller-3", self.controller_password(3))
        self.access: TerminalAccess = MosquittoAccess(self.keeper)

    def _write_security(self) -> None:
        script = REPOSITORY / "deploy/mosquitto/init-security.py"
        file, folder = self.folder / "dynamic-security.json", self.folder / "secrets"
        subprocess.run([sys.executable, script, file, folder, "3"], check=True, capture_output=True)

    async def start(self) -> None:
        text = (REPOSITORY / "deploy/mosquitto/mosquitto.conf").read_text()
        for there, here in {
            "listener 8883": f"listener {self.port} 127.0.0.1",
            "/etc/mosquitto/loaxa/server.pem": str(self.identity.file),
            "/var/lib/mosquitto/dynamic-security.json": str(self.folder / "dynamic-security.json"),
        }.items():
            assert there in text
            text = text.replace(there, here)
        # Started by root it would become user `mosquitto`, who cannot read the test's folder.
        text += "\nuser root\n"
        (self.folder / "mosquitto.conf").write_text(text)
        await self.bring_back()

    def controller_password(self, number: int) -> str:
        return (self.folder / "secrets" / f"controller-{number}.password").read_text().strip()

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def bring_back(self) -> None:
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                mosquitto_program(), "-c", str(self.folder / "mosquitto.conf"), stderr=log
            )
        await until(lambda: accepts(self.port), what="Mosquitto listens")

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()


def mosquitto_program() -> str:
    return next(
        (
            path
            for path in ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto")
            if Path(path).exists()
        ),
        "mosquitto",
    )


@asynccontextmanager
async def in_memory(_folder: Path) -> AsyncIterator[BrokerRig]:
    yield InMemoryRig()


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[BrokerRig]:
    rig = EmbeddedRig(folder)
    async with rig.broker.running():
        yield rig


@asynccontextmanager
async def mosquitto(folder: Path) -> AsyncIterator[BrokerRig]:
    rig = MosquittoRig(folder)
    try:
        await rig.start()
        task = asyncio.create_task(rig.keeper.run())
        try:
            yield rig
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    finally:
        await rig.stop()


KINDS: dict[str, Callable[[Path], contextlib.AbstractAsyncContextManager[BrokerRig]]] = {
    "in_memory": in_memory,
    "embedded": embedded,
    "mosquitto": mosquitto,
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
