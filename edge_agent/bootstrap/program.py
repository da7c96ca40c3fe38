"""The running terminal: link, engine, services, signals."""

import asyncio
import contextlib
import ctypes
import random
import secrets
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import uuid4

from edge_agent.adapters.clock import MachineClock, boot_id
from edge_agent.adapters.disk import (
    DataFolder,
    DocumentFolder,
    KeyFile,
    LedgerOnDisk,
    LogOnDisk,
    RecordingFolder,
)
from edge_agent.adapters.vitals import MachineVitals, SystemdSupervisor
from edge_agent.bootstrap.identity import agent_name, in_thread, read_identity
from edge_agent.bootstrap.sound import amplifier, open_sound, sound_card
from edge_agent.core.clock_trust import RELEASED
from edge_agent.core.records import Enrolled
from edge_agent.link import Link, LinkError, LinkSettings, LinkStatus, LinkTls, judged_instant
from edge_agent.services.play import PlayEngine
from edge_agent.services.play_events import PlayEvent
from edge_agent.services.play_out import PlaySettings
from edge_agent.services.ports import Handler, LinkState, NotSent
from edge_agent.services.terminal import Place, Ports, Terminal
from edge_agent.settings import Settings
from edge_agent.wire.policy import to_datetime

_MIB: Final = 1024 * 1024
_PROBE_S: Final = 10.0
_M_ARENA_MAX: Final = -8


def spare_memory() -> None:
    """Have glibc keep one heap for all threads: each further one costs a terminal a mebibyte.

    To be called before the first thread starts; nothing happens where there is no glibc.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


class LinkMessenger:
    """The link, as the services see it."""

    def __init__(self, link: Link) -> None:
        self._link = link

    @property
    def state(self) -> LinkState:
        """The present state."""
        return _state(self._link.status)

    def on_change(self, listener: Callable[[LinkState], None]) -> None:
        """Tell `listener` of each later state."""
        self._link.on_change(lambda status: listener(_state(status)))

    def subscribe(self, topic: str, handler: Handler, *, may_drop: bool = False) -> None:
        """Have messages of a topic handled."""
        self._link.subscribe(topic, handler, may_drop=may_drop)

    def unsubscribe(self, topic: str) -> None:
        """Withdraw it."""
        self._link.unsubscribe(topic)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Hand a message to the network. Raises NotSent."""
        try:
            await self._link.publish(topic, payload)
        except LinkError as error:
            raise NotSent(str(error)) from error


def _state(status: LinkStatus) -> LinkState:
    problem = "" if status.problem is None else status.problem.value
    return LinkState(status.connected, problem, status.connects)


def link_settings(settings: Settings, enrolled: Enrolled) -> LinkSettings:
    """Return how to reach the broker. Raises LinkSettingsError, SettingsError."""
    host, port = settings.broker_address() or (enrolled.mqtt_host, enrolled.mqtt_port)
    tls = LinkTls(enrolled.ca_pem, enrolled.mqtt_host) if enrolled.mqtt_tls else None
    return LinkSettings(
        host=host,
        port=port,
        client_id=str(enrolled.terminal),
        password=enrolled.mqtt_password,
        tls=tls,
    )


class Program:
    """One running terminal."""

    def __init__(self, settings: Settings, notify: str | None, watchdog_us: int | None) -> None:
        """`notify`, `watchdog_us`: what the service manager says in its environment."""
        self._settings = settings
        self._supervisor = SystemdSupervisor(notify)
        self._watchdog_s = _PROBE_S if not watchdog_us else min(_PROBE_S, watchdog_us / 3e6)
        self._clock = MachineClock()
        self._terminal: Terminal | None = None

    async def run(self, folder: DataFolder) -> None:
        """Be the terminal of this folder until asked to end by a signal.

        Raises NotEnrolled, KeyMissing, LinkSettingsError, SettingsError, SoundError, OSError.
        """
        enrolled = read_identity(folder)
        key = KeyFile.load(folder.key)
        link = Link(
            link_settings(self._settings, enrolled),
            judged=lambda: judged_instant(self._clock.wall(), to_datetime(self._floor())),
            monotonic=time.monotonic,
            uniform=random.uniform,
        )
        loop = asyncio.get_running_loop()
        asked_to_end = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, asked_to_end.set)
        engine = PlayEngine(
            sound_card(self._settings, self._clock, self._wall_ns),
            open_sound,
            amplifier(self._settings),
            self._clock.monotonic_ns,
            lambda event: _call(loop, partial(self._play_event, event)),
            PlaySettings(),
        )
        try:
            link_task = asyncio.create_task(link.run())
            terminal = self._terminal = Terminal(
                Place(
                    terminal=enrolled.terminal,
                    root=enrolled.root,
                    boot_id=boot_id(),
                    agent=agent_name(),
                    most_bytes=self._settings.recordings_mib * _MIB,
                    watchdog_s=self._watchdog_s,
                    switched=bool(self._settings.amplifier_pin),
                ),
                self._ports(folder, key, engine, LinkMessenger(link), lambda: not link_task.done()),
            )
            await terminal.begin()
            running = asyncio.create_task(terminal.run())
            ending = asyncio.create_task(asked_to_end.wait())
            await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await terminal.leave()
            await _cancel(ending, running, link_task)
        finally:
            await in_thread(engine.close)

    def _ports(
        self,
        folder: DataFolder,
        key: KeyFile,
        engine: PlayEngine,
        messenger: LinkMessenger,
        link_alive: Callable[[], bool],
    ) -> Ports:
        return Ports(
            messenger=messenger,
            documents=DocumentFolder(folder.state),
            ledger=LedgerOnDisk(folder.ledger),
            log=LogOnDisk(folder.log),
            recordings=RecordingFolder(folder.recordings),
            engine=engine,
            clock=self._clock,
            vitals=MachineVitals(),
            supervisor=self._supervisor,
            signer=key,
            in_thread=in_thread,
            random_bytes=secrets.token_bytes,
            uniform=random.uniform,
            new_id=uuid4,
            link_alive=link_alive,
        )

    def _play_event(self, event: PlayEvent) -> None:
        if self._terminal is not None:
            self._terminal.play_event(event)

    def _floor(self) -> int:
        return RELEASED if self._terminal is None else self._terminal.time.floor

    def _wall_ns(self) -> int:
        """The time that captures are named by: the terminal's own, where it has one."""
        now = None if self._terminal is None else self._terminal.time.now()
        return time.time_ns() if now is None else now * 1000


def _call(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended, nobody listens any more
        loop.call_soon_threadsafe(work)


async def _cancel(*tasks: asyncio.Task[object]) -> None:
    """End tasks; one that had failed by itself raises what ended it."""
    failed = [task for task in tasks if task.done() and not task.cancelled() and task.exception()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in failed:
        task.result()
