"""A whole terminal in simulated time: real services and play-out, fake card, disk and link."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar
from uuid import UUID

from edge_agent.link import Message
from edge_agent.services import chime
from edge_agent.services.play_events import PlayEvent, Voice
from edge_agent.services.play_out import PlayOut, PlaySettings
from edge_agent.services.ports import Handler, LinkState, NotSent, Reading
from edge_agent.services.sound_ports import RATE, Sound, SoundError, SoundFault
from edge_agent.services.terminal import Place, Ports, Terminal
from edge_agent.services.waiting import wait_at_most
from edge_agent.wire.authority import read_report
from edge_agent.wire.carousel import Block, write_block
from edge_agent.wire.catalogue import REPORTS
from edge_agent.wire.codec import Report
from edge_agent.wire.envelope import parse
from edge_agent.wire.reports import LogBatch, LogEntry, Refused, Status, TimeQuestion, Want
from edge_agent.wire.state import RundownItem
from edge_agent.wire.topics import Lane, down, group
from tests.fakes.authority import COMMUNE, Authority, Key
from tests.fakes.disk import Disk, MemoryDocuments, MemoryLedger, MemoryLog, MemoryRecordings
from tests.fakes.simulation import SimulatedTime, inline, settled
from tests.fakes.sound import FakeAmplifier, FakeCard, FakeSound, SimulatedClock

R = TypeVar("R", bound=Report)
T = TypeVar("T")
SECOND = 1_000_000
MORNING = 1_795_485_600 * SECOND
"""2026-11-24 09:00 in Hà Nội."""


class _CardTime(SimulatedClock):
    """The card and the engine live by the same clock as everything else."""

    def __init__(self, time: SimulatedTime) -> None:
        super().__init__()
        self._time = time

    def __call__(self) -> int:
        return self._time.now_ns


class FakeLink:
    """The link as the services see it; the far side is the test."""

    def __init__(self, far_side: Callable[[bytes], None]) -> None:
        self.state = LinkState()
        self._far_side = far_side
        self.topics: dict[str, Handler] = {}
        self._listeners: list[Callable[[LinkState], None]] = []

    def on_change(self, listener: Callable[[LinkState], None]) -> None:
        self._listeners.append(listener)

    def subscribe(self, topic: str, handler: Handler, *, may_drop: bool = False) -> None:
        self.topics[topic] = handler

    def unsubscribe(self, topic: str) -> None:
        del self.topics[topic]

    async def publish(self, topic: str, payload: bytes) -> None:
        if not self.state.connected:
            raise NotSent("not connected")
        self._far_side(payload)

    def set(self, *, connected: bool) -> None:
        self.state = LinkState(connected, "", self.state.connects + connected)
        for listener in self._listeners:
            listener(self.state)


class SteppedEngine:
    """The real play-out, woken in simulated time instead of by a thread."""

    def __init__(self, time: SimulatedTime, out: PlayOut) -> None:
        self._time = time
        self._out = out
        self._wake = asyncio.Event()

    def start(self, voice: Voice) -> None:
        self._out.start(voice)
        self._wake.set()

    def stop(self, voice_id: str, fade_ms: int = 20) -> None:
        self._out.stop(voice_id, fade_ms)
        self._wake.set()

    def set_gain(self, voice_id: str, gain_db: float) -> None:
        self._out.set_gain(voice_id, gain_db)

    def set_amplifier_lead(self, lead_ms: int) -> None:
        self._out.set_amplifier_lead(lead_ms)

    def ping(self, answer: Callable[[], None]) -> None:
        answer()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            pause = self._out.turn()
            await wait_at_most(self._wake, 3600.0 if pause is None else pause, self._time)


class Vitals:
    def read(self) -> Reading:
        return Reading(uptime_ms=1)


class Supervisor:
    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)


@dataclass(frozen=True)
class Heard:
    """A span of true time in which one voice was heard, seconds after the world began."""

    item: UUID
    start: float
    end: float


class World:
    """One terminal. Everything on `disk` survives `crash`; `boot` starts the program again."""

    def __init__(self, authority: Authority, disk: Disk | None = None) -> None:
        self.authority = authority
        self.disk = disk or Disk()
        self.time = SimulatedTime(authority.now)
        self.begun = self.time.wall
        self.link = FakeLink(self._sent)
        self.key = Key()
        self.supervisor = Supervisor()
        self.answers_time = True
        self.receipts = True
        self.boot_id = "boot-1"
        self.sounds: dict[str, int] = {}
        self.offered: dict[bytes, bytes] = {}
        self.carry: Callable[[bytes], bytes | None] = lambda data: data
        """What becomes of a block on its way; None = lost."""
        self.carried: list[int] = []
        self.programme: list[RundownItem] = []
        self.kept: tuple[bytes, ...] = ()
        self.most_bytes = 10**9
        self.switched = False
        self.connects_early = False
        self.reports: list[Report] = []
        self.random = random.Random(1)
        self.amplifier = FakeAmplifier(_CardTime(self.time))
        self.cards: list[FakeCard] = []
        self.terminal: Terminal | None = None
        self._task: asyncio.Task[None] | None = None
        self._answers: set[asyncio.Future[None]] = set()
        self.link_lives = True
        self._hangs = False

    # -- life

    def install(self) -> None:
        """Put in place what enrolment leaves."""
        documents = self.disk.documents
        documents["trust"] = self.authority.trust()
        documents["assignment"] = self.authority.assignment()
        for area in self.authority.chain[:2]:
            documents[f"policy-{area}"] = self.authority.policy(area)

    async def boot(self) -> None:
        """Start the program."""
        clock = _CardTime(self.time)
        card = FakeCard(clock)
        self.cards.append(card)
        out = PlayOut(card, self._open, self.amplifier, clock, self._play_event, PlaySettings())
        engine = SteppedEngine(self.time, out)
        self.link = FakeLink(self._sent)
        self.terminal = Terminal(
            Place(
                terminal=self.authority.terminal,
                root=self.authority.fingerprint,
                boot_id=self.boot_id,
                agent="test",
                most_bytes=self.most_bytes,
                watchdog_s=10.0,
                switched=self.switched,
            ),
            Ports(
                messenger=self.link,
                documents=MemoryDocuments(self.disk),
                ledger=MemoryLedger(self.disk),
                log=MemoryLog(self.disk),
                recordings=MemoryRecordings(self.disk),
                engine=engine,
                clock=self.time,
                vitals=Vitals(),
                supervisor=self.supervisor,
                signer=self.key,
                in_thread=self._in_thread,
                random_bytes=self.random.randbytes,
                uniform=self.random.uniform,
                new_id=lambda: UUID(int=self.random.getrandbits(128), version=4),
                link_alive=lambda: self.link_lives,
            ),
        )
        self._hangs = False
        if self.connects_early:
            self.connect()
        await self.terminal.begin()
        self._task = asyncio.create_task(self._live(self.terminal, engine))
        await settled()

    async def _live(self, terminal: Terminal, engine: SteppedEngine) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(terminal.run())
            tasks.create_task(engine.run())

    async def crash(self) -> None:
        """Pull the plug; what is on the disk stays."""
        self.link.set(connected=False) if self.link.state.connected else None
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self.cards[-1].close()

    def connect(self) -> None:
        self.link.set(connected=True)

    async def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        await self.time.pass_s(seconds)
        self.authority.now = self.time.wall
        if self._task is not None:
            assert not self._task.done(), self._task

    def _sent(self, payload: bytes) -> None:
        """The far side hears what the terminal sends, and answers."""
        task = asyncio.ensure_future(self._answer(payload))
        self._answers.add(task)
        task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Future[None]) -> None:
        self._answers.discard(task)
        task.result()

    async def _answer(self, payload: bytes) -> None:
        envelope = parse(payload)
        report = read_report(envelope, REPORTS[envelope.type], self.key.public_key)
        self.reports.append(report)
        self.authority.now = self.time.wall
        if isinstance(report, TimeQuestion) and self.answers_time:
            await self._reply(self.authority.time(report.nonce, self.time.wall))
        elif isinstance(report, LogBatch) and self.receipts:
            await self._reply(self.authority.receipt(report.log, report.entries[-1].sequence))
        elif isinstance(report, Want):
            await self._serve(report)

    def hang_disk(self) -> None:
        """From now on nothing that is asked of the disk comes back, until the next boot."""
        self._hangs = True

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._hangs:
            await asyncio.get_running_loop().create_future()
        return await inline(work)

    # -- what arrives

    async def send(self, payload: bytes, *, retained: bool = False) -> None:
        await self.deliver(down(self.authority.terminal), payload, retained=retained)

    async def order(self, payload: bytes, area: str = COMMUNE, *, retained: bool = False) -> None:
        await self.deliver(group(area, Lane.ORDER), payload, retained=retained)

    async def deliver(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        """Have the broker deliver something, and let the terminal do what it does at once."""
        await self._bring(topic, payload, retained=retained)
        await settled()

    async def _reply(self, payload: bytes) -> None:
        await self._bring(down(self.authority.terminal), payload)

    async def _bring(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        handler = self.link.topics.get(topic)
        if handler is not None and self.link.state.connected:
            await handler(Message(topic, payload, retained))

    def offer(self, name: str, duration_ms: int, size: int = 3000) -> bytes:
        """Make a recording that the far side has; returns its bytes, by which it is named."""
        sound = random.Random(name).randbytes(size)
        rendition = hashlib.sha256(sound).digest()
        self.offered[rendition] = sound
        self.sounds[rendition.hex()] = duration_ms * RATE // 1000
        return sound

    async def _serve(self, want: Want) -> None:
        sound = self.offered.get(want.rendition)
        if sound is None:
            return
        if want.manifest:
            await self._reply(self.authority.manifest(sound))
        for span in want.ranges:
            for index in range(span.first, span.end):
                data = self.carry(sound[index * 1024 : (index + 1) * 1024])
                self.carried.append(index)
                if data is not None:
                    block = write_block(Block(want.rendition, index, data))
                    await self._bring(group(COMMUNE, Lane.BLOB), block)

    # -- what was said and heard

    def of(self, kind: type[R]) -> list[R]:
        return [report for report in self.reports if isinstance(report, kind)]

    @property
    def lines(self) -> list[LogEntry]:
        lines = {line.sequence: line for batch in self.of(LogBatch) for line in batch.entries}
        return [lines[number] for number in sorted(lines)]

    @property
    def status(self) -> Status:
        return self.of(Status)[-1]

    def refusals(self) -> list[str]:
        return [refused.reason for refused in self.of(Refused)]

    def outcomes(self) -> list[tuple[UUID, str, str]]:
        return [
            (line.item, line.outcome.value, line.reason)
            for line in self.lines
            if line.outcome.value != "started"
        ]

    def heard(self) -> list[Heard]:
        """What left the loudspeaker, from all lives of the program."""
        spans = []
        for card in self.cards:
            for number, session in enumerate(card.sessions):
                played = len(card.heard(number))
                bounds = [*session.owners, (played, None)]
                for (first, owner), (end, _) in pairwise(bounds):
                    if owner is not None and min(end, played) > first:
                        at = [card.instant_of(f, number) for f in (first, min(end, played))]
                        start, stop = ((self.time.wall_of(a) - self.begun) / 1e6 for a in at)
                        spans.append(Heard(UUID(owner.partition("/")[0]), start, stop))
        return spans

    def _play_event(self, event: PlayEvent) -> None:
        if self.terminal is not None:
            asyncio.get_running_loop().call_soon(self.terminal.play_event, event)

    def _open(self, source: str | bytes, gain_db: float) -> Sound:
        if source == chime.SOURCE:
            return chime.Chime(gain_db)
        assert isinstance(source, str)
        if bytes.fromhex(source) not in self.disk.recordings:
            raise SoundError(SoundFault.RECORDING_MISSING, source)
        sound = FakeSound(self.sounds[source])
        sound.set_gain(gain_db)
        return sound


@asynccontextmanager
async def running_world(
    now: int = MORNING, *, connected: bool = True, switched: bool = False, lead_ms: int = 200
) -> AsyncIterator[World]:
    """A terminal that is enrolled, runs, and (if connected) trusts its clock."""
    world = World(Authority(now=now, lead_ms=lead_ms))
    world.switched = switched
    world.install()
    await world.boot()
    if connected:
        world.connect()
        await world.pass_s(3)
    try:
        yield world
    finally:
        await world.crash()
