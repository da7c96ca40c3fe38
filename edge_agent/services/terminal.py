"""The terminal: its services joined to each other, over whatever ports it is given."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from uuid import UUID

from edge_agent.core.ledger import StartRecord
from edge_agent.core.records import BootCount
from edge_agent.services.conductor import Conductor, Stores
from edge_agent.services.fetch import Fetch
from edge_agent.services.health import Health
from edge_agent.services.holdings import Holdings
from edge_agent.services.intake import Intake
from edge_agent.services.lane import Lane
from edge_agent.services.ledger_book import LedgerBook
from edge_agent.services.library import Library
from edge_agent.services.order_book import OrderBook
from edge_agent.services.orders import Orders
from edge_agent.services.play_events import PlayEvent
from edge_agent.services.play_log import PlayLog
from edge_agent.services.ports import (
    Clock,
    Documents,
    Engine,
    InThread,
    LedgerFile,
    LogFile,
    Messenger,
    Recordings,
    Signer,
    Supervisor,
    Vitals,
)
from edge_agent.services.refusals import Refusals
from edge_agent.services.reporter import Reporter
from edge_agent.services.session import Identity, Session
from edge_agent.services.status import Parts, StatusReports
from edge_agent.services.timekeeping import Timekeeping
from edge_agent.wire.codec import decode_report, encode
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.errors import WireError

_log = logging.getLogger(__name__)

BOOTS: Final = "boots"
_BOOT_BYTES: Final = 16
_RESTART_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside: network, disk, sound, clocks, chance."""

    messenger: Messenger
    documents: Documents
    ledger: LedgerFile
    log: LogFile
    recordings: Recordings
    engine: Engine
    clock: Clock
    vitals: Vitals
    supervisor: Supervisor
    signer: Signer
    in_thread: InThread
    random_bytes: Callable[[int], bytes]
    uniform: Callable[[float, float], float]
    new_id: Callable[[], UUID]
    link_alive: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Place:
    """Who this terminal is. root: pinned fingerprint. boot_id: of the machine's boot.

    most_bytes: what recordings may take on the disk. watchdog_s: between signs of life.
    switched: an amplifier must be switched on before anything is heard.
    """

    terminal: UUID
    root: bytes
    boot_id: str
    agent: str
    most_bytes: int
    watchdog_s: float
    switched: bool = False


class Terminal:
    """One terminal. `begin`, then `run` until cancelled; `leave` before that ends it softly."""

    def __init__(self, place: Place, ports: Ports) -> None:
        self._place = place
        self._ports = ports
        monotonic = ports.clock.monotonic_ns
        self._disk = Lane("sound", monotonic)
        self._papers = Lane("documents", monotonic)
        self._checks = Lane("check", monotonic)
        reporter = Reporter(place.terminal, ports.signer, ports.messenger)
        self.holdings = Holdings(ports.documents, ports.in_thread, place.terminal, place.root)
        self.time = Timekeeping(
            ports.clock, place.boot_id, ports.documents, ports.in_thread, ports.random_bytes
        )
        self._ledger = LedgerBook(ports.ledger, ports.in_thread)
        self.log = PlayLog(ports.log, ports.in_thread, place.terminal, ports.new_id())
        self.library = Library(ports.recordings, ports.in_thread, place.most_bytes)
        self._refusals = Refusals(reporter, self.time, ports.clock)
        book = OrderBook(ports.documents, ports.in_thread)
        self._orders = Orders(book, self.holdings, self.time, self._ledger, reporter, self._papers)
        self._intake = Intake(
            self.holdings,
            self._orders,
            self.time,
            self.log,
            reporter,
            self._refusals,
            (self._papers, self._disk),
        )
        self._fetch = Fetch(
            self.library,
            ports.recordings,
            ports.in_thread,
            ports.clock,
            self.time,
            reporter,
            ports.uniform,
            self._completed,
        )
        self._reporter = reporter
        self._conductor: Conductor | None = None

    @property
    def conductor(self) -> Conductor:
        """What decides and has played. Raises RuntimeError before `begin`."""
        if self._conductor is None:
            raise RuntimeError("begin first")
        return self._conductor

    def play_event(self, event: PlayEvent) -> None:
        """The engine tells what happened; called in the event loop."""
        self.conductor.play_event(event)

    async def begin(self) -> None:
        """Read all that is on disk; nothing here waits for the network."""
        await self.time.load()
        await self.holdings.load()
        try:
            await self.log.load()
            await self.library.load()
        except OSError as error:
            _log.warning("the disk cannot be read: %s", error, extra={"action": "load"})
        records = await self._ledger.load()
        stores = Stores(self._ledger, self.log, self.library, self._disk, self._checks)
        ports = self._ports
        self._conductor = Conductor(
            stores,
            self.holdings,
            self.time,
            ports.clock,
            ports.engine,
            self._orders.over,
            switched=self._place.switched,
        )
        orders = await self._orders.load()
        ended = _ended(records, self.log.closed())
        self._conductor.begin([ended.get(record.id, record) for record in records], orders)
        for record in ended.values():
            self._disk.put(partial(self._ledger.write, record))

    async def run(self) -> None:
        """Be a terminal, until cancelled."""
        ports, conductor = self._ports, self.conductor
        identity = Identity(ports.random_bytes(_BOOT_BYTES), await self._boots(), self._place.agent)
        session = Session(identity, ports.messenger, ports.clock, ports.uniform, self._reporter)
        session.join(
            self.holdings,
            self.time,
            self.log,
            self.library,
            self._fetch,
            self._intake,
            conductor,
        )
        lanes = (self._disk, self._papers, self._checks)
        health = Health(
            ports.supervisor,
            ports.engine,
            conductor,
            lanes,
            ports.link_alive,
            ports.clock,
            self._place.watchdog_s,
        )
        self.library.on_change(conductor.look)
        parts = {
            "sound lane": self._disk.run,
            "documents lane": self._papers.run,
            "check lane": self._checks.run,
            "library": self.library.run,
            "conductor": conductor.run,
            "fetch": self._fetch.run,
            "refusals": self._refusals.run,
            "status": self._status().run,
            "session": session.run,
            "health": health.run,
        }
        async with asyncio.TaskGroup() as tasks:
            for name, part in parts.items():
                tasks.create_task(self._kept_running(name, part))

    async def _kept_running(self, name: str, part: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await part()
            except Exception:  # noqa: BLE001 - boundary between the parts of the terminal
                # A fault in reporting or fetching must not silence what is to sound.
                _log.exception("%s failed and starts again", name, extra={"action": "restart"})
            await self._ports.clock.sleep(_RESTART_S)

    async def leave(self) -> None:
        """Fade out and write down how far everything has got; `run` must still be running."""
        self._ports.supervisor.tell("STOPPING=1")
        await self.conductor.leave()

    def _status(self) -> StatusReports:
        parts = Parts(
            self.holdings,
            self.time,
            self.conductor,
            self._ledger,
            self.log,
            self.library,
            self._fetch,
            self._orders,
            self._intake,
            self._refusals,
        )
        ports = self._ports
        return StatusReports(
            parts,
            ports.messenger,
            self._reporter,
            ports.clock,
            ports.vitals,
            ports.recordings,
            ports.uniform,
        )

    def _completed(self, digest: bytes, rendition: bytes) -> None:
        """A rendition was completed: tell it, but keep nobody waiting."""
        self._papers.put(
            partial(self._reporter.acknowledge, MessageType.MANIFEST, rendition.hex(), 0, digest)
        )

    async def _boots(self) -> int:
        """Count this start; a disk that does not take it starts the count anew some day."""
        ports = self._ports
        documents = await ports.in_thread(ports.documents.read_all)
        try:
            boots = decode_report(BootCount, documents.get(BOOTS, b"")).boots + 1
        except WireError:
            boots = 1
        data = encode(BootCount(boots=boots))
        try:
            await ports.in_thread(lambda: ports.documents.write(BOOTS, data))
        except OSError as error:
            _log.warning("the start cannot be counted: %s", error, extra={"action": "load"})
        return boots


def _ended(records: list[StartRecord], closed: set[UUID]) -> dict[UUID, StartRecord]:
    """Records that a power cut left open after the line that ends them: what was told counts."""
    return {
        record.id: replace(record, over=True)
        for record in records
        if record.id in closed and not record.over
    }
