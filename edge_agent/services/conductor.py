"""The conductor: drives the on-air machine by the clock and carries out what it asks for.

Nothing sounds before its start is in the ledger, save an emergency, which waits for no disk. The
machine is told everything in the event loop and answers at once; only disks are waited for.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from edge_agent.core.airing import Airing, Kind, Reason, item_airing
from edge_agent.core.ledger import LedgerFull, StartRecord
from edge_agent.core.on_air import Heard, OnAir
from edge_agent.core.on_air_table import State
from edge_agent.core.run import (
    Check,
    Log,
    Output,
    Remember,
    SetGain,
    StartVoice,
    StopVoice,
    run_of,
)
from edge_agent.services import chime
from edge_agent.services.conditions import amplifier_lead_of, conditions_of, leads_for, needs
from edge_agent.services.holdings import Holdings
from edge_agent.services.lane import Lane
from edge_agent.services.ledger_book import LedgerBook
from edge_agent.services.library import Library
from edge_agent.services.play_events import (
    Ended,
    Ending,
    Failed,
    Interrupted,
    PlayEvent,
    Progress,
    Started,
    Voice,
)
from edge_agent.services.play_log import PlayLog
from edge_agent.services.ports import Clock, Engine
from edge_agent.services.sound_ports import RATE, SoundFault
from edge_agent.services.timekeeping import Timekeeping
from edge_agent.services.waiting import wait_at_most
from edge_agent.wire.reports import Outcome

_log = logging.getLogger(__name__)

LONGEST_SLEEP_S: Final = 2.0
"""The clock and the rules are looked at this often, whatever the timeline says."""
SILENCE_DB: Final = -120.0
"""As low as a gain goes: below it nothing of 16 bits is left."""
_FRAMES_PER_MS: Final = RATE // 1000
MEND_EVERY_NS: Final = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Stores:
    """What the conductor writes into, and the lane in which it does."""

    ledger: LedgerBook
    log: PlayLog
    library: Library
    lane: Lane
    checks: Lane


class Conductor:
    """Decides and has played. `over` is told of each order or test that is over."""

    def __init__(
        self,
        stores: Stores,
        holdings: Holdings,
        time: Timekeeping,
        clock: Clock,
        engine: Engine,
        over: Callable[[UUID], None],
        *,
        switched: bool = False,
    ) -> None:
        """`switched`: there is an amplifier that must be switched on before it is heard."""
        self._stores = stores
        self._holdings = holdings
        self._time = time
        self._clock = clock
        self._engine = engine
        self._over = over
        self._machine = OnAir(leads_for(holdings, switched=switched))
        self._outputs: deque[Output] = deque()
        self._busy = False
        self._unwritten: dict[str, StartVoice] = {}
        self._conditions = conditions_of(holdings, time.judge(), frozenset(), ledger_writable=False)
        self._programme: tuple[bytes, tuple[str, ...]] = (b"", ())
        self._wake = asyncio.Event()
        self._changed: list[Callable[[], None]] = []
        self.card_fault: SoundFault | None = None
        self.turns = 0
        self._mend_at_ns = 0

    # -- what others ask

    @property
    def heard(self) -> Heard | None:
        """What the loudspeaker says now."""
        return self._machine.heard

    @property
    def renditions(self) -> set[bytes]:
        """Renditions of all that may still sound."""
        return self._machine.renditions - {chime.HASH}

    @property
    def airings(self) -> list[Airing]:
        """Orders that may still sound."""
        return self._machine.orders

    def on_change(self, listener: Callable[[], None]) -> None:
        """Tell `listener` when what sounds, or what may, has changed."""
        self._changed.append(listener)

    # -- what is told

    def begin(self, records: Iterable[StartRecord], orders: Iterable[Airing]) -> None:
        """Take what the ledger says and which orders were open, before `run`."""
        self._machine.remember(records)
        self._look()
        for airing in orders:
            self._do(self._machine.add(airing, self._time.now()))
        self._do(self._machine.settle_past(self._time.now()))

    def look(self) -> None:
        """Documents, recordings, clock or disk have changed."""
        self._look()
        self._wake.set()
        self._tell()

    def add(self, airing: Airing) -> None:
        """Take an order or a test."""
        self._look()
        self._do(self._machine.add(airing, self._time.now()))
        self._wake.set()
        self._tell()

    def refuse(self, airing: Airing, reason: Reason) -> None:
        """Note that an order or a test never sounds; it is over with that."""
        run = run_of(airing)
        run.ended_by, run.state = reason, State.OVER
        self._do([run.log(Outcome.MISSED), Remember(run.record())])

    def cancel(self, order: UUID) -> None:
        """End an order."""
        self._do(self._machine.cancel(order, self._time.now()))
        self._wake.set()

    def play_event(self, event: PlayEvent) -> None:
        """The engine tells what happened; called in the event loop."""
        now = self._time.now()
        match event:
            case Started():
                self.card_fault = None
                at = self._time.instant_of(event.at_monotonic_ns)
                self._do(self._machine.voice_began(event.id, at, now))
            case Progress():
                sounded, position = _ms(event.frames_sounded), _ms(event.position)
                self._do(self._machine.voice_moved(event.id, sounded, position, now))
            case Interrupted():
                self.card_fault = event.fault
            case Ended():
                finished = event.ending is Ending.FINISHED
                sounded, position = _ms(event.frames_sounded), _ms(event.position)
                self._do(
                    self._machine.voice_ended(event.id, sounded, position, now, finished=finished)
                )
            case Failed():
                self._failed(event, now)
        self._wake.set()
        self._tell()

    def _failed(self, event: Failed, now: int | None) -> None:
        if event.fault in (SoundFault.RECORDING_DAMAGED, SoundFault.RECORDING_MISSING):
            for rendition in self._machine.renditions:
                self._stores.checks.put(partial(self._check, rendition))
        else:
            self.card_fault = event.fault
        reason = _REASONS.get(event.fault, Reason.CARD_LOST)
        sounded, position = _ms(event.frames_sounded), _ms(event.position)
        self._do(self._machine.voice_failed(event.id, sounded, position, reason, now))

    async def leave(self) -> None:
        """Fade out and wait until the disk has what is to be remembered."""
        self._do(self._machine.leave())
        for _ in range(20):
            await self._clock.sleep(0.05)
            if self._machine.heard is None:
                break
        await self._stores.lane.idle()

    # -- going on

    async def run(self) -> None:
        """Let time pass, until cancelled."""
        while True:
            self.turns += 1
            self._wake.clear()
            self._look()
            self._mend()
            now = self._time.now()
            pause = LONGEST_SLEEP_S
            if now is not None:
                wake = self._machine.wake_at(now)
                if wake is not None:
                    pause = min(pause, max(0.0, (wake - now) / 1e6))
            await wait_at_most(self._wake, pause, self._clock)

    def _mend(self) -> None:
        """Try again what a disk did not take."""
        stores, now_ns = self._stores, self._clock.monotonic_ns()
        if now_ns < self._mend_at_ns or len(stores.lane):
            return
        self._mend_at_ns = now_ns + MEND_EVERY_NS
        if not stores.ledger.writable:
            stores.lane.put(stores.ledger.probe)
        if stores.log.waiting:
            stores.lane.put(self._flush)

    def _look(self) -> None:
        """Have the machine see what holds now."""
        now = self._time.now()
        self._stores.library.need(*needs(self._holdings, self._machine.orders, now))
        conditions = conditions_of(
            self._holdings,
            self._time.judge(),
            self._stores.library.held,
            ledger_writable=self._stores.ledger.writable,
        )
        if conditions != self._conditions:
            self._conditions = conditions
            self._do(self._machine.set_conditions(conditions, now))
        rundown = self._holdings.rundown
        chain = self._holdings.assignment.chain if self._holdings.ready else ()
        programme = (b"" if rundown is None else rundown.stamp.digest, chain)
        if programme != self._programme:
            self._programme = programme
            if self._holdings.ready:
                self._engine.set_amplifier_lead(amplifier_lead_of(self._holdings))
            items = () if rundown is None else rundown.message.items
            self._do(self._machine.set_items([item_airing(i, chain) for i in items], now))
        else:
            self._do(self._machine.tick(now))

    # -- carrying out

    def _do(self, outputs: Iterable[Output]) -> None:
        self._outputs.extend(outputs)
        if self._busy:
            return
        self._busy = True
        try:
            while self._outputs:
                self._carry_out(self._outputs.popleft())
        finally:
            self._busy = False

    def _carry_out(self, output: Output) -> None:
        lane = self._stores.lane
        match output:
            case StartVoice() if output.airing.kind is Kind.ORDER:
                self._hand_over(output)
                lane.put(partial(self._remember, output.record))
            case StartVoice():
                self._unwritten[output.voice] = output
                lane.put(partial(self._start_remembered, output))
            case StopVoice():
                self._stop(output)
            case SetGain():
                self._engine.set_gain(output.voice, max(SILENCE_DB, output.gain_db))
            case Remember():
                lane.put(partial(self._remember, output.record))
            case Log():
                lane.put(partial(self._write, output, self._wall()))
                if output.outcome is not Outcome.STARTED:
                    self._over(output.item)
            case Check():
                self._stores.checks.put(partial(self._check, output.rendition))

    async def _start_remembered(self, start: StartVoice) -> None:
        """Write the record, then have the voice sound, unless it was stopped meanwhile."""
        try:
            await self._stores.ledger.write(start.record)
        except (OSError, LedgerFull):
            if self._unwritten.pop(start.voice, None) is not None:
                self._look()
                reason, position = Reason.LEDGER_NOT_WRITABLE, start.position_ms
                now = self._time.now()
                self._do(self._machine.voice_failed(start.voice, 0, position, reason, now))
            return
        if self._unwritten.pop(start.voice, None) is not None:
            self._hand_over(start)

    def _hand_over(self, start: StartVoice) -> None:
        at = self._time.monotonic_of(start.at)
        if at is None:  # the clock was lost since the machine decided
            now = self._time.now()
            reason, position = Reason.CLOCK_NOT_TRUSTED, start.position_ms
            self._do(self._machine.voice_failed(start.voice, 0, position, reason, now))
            return
        rendition = start.airing.rendition
        source = chime.SOURCE if rendition == chime.HASH else self._stores.library.path(rendition)
        self._engine.start(
            Voice(
                id=start.voice,
                source=source,
                at_monotonic_ns=at,
                position=start.position_ms * _FRAMES_PER_MS,
                gain_db=max(SILENCE_DB, start.gain_db),
            )
        )

    def _stop(self, stop: StopVoice) -> None:
        start = self._unwritten.pop(stop.voice, None)
        if start is None:
            self._engine.stop(stop.voice, stop.fade_ms)
            return
        now, position = self._time.now(), start.position_ms
        self._do(self._machine.voice_ended(stop.voice, 0, position, now, finished=False))

    async def _remember(self, record: StartRecord) -> None:
        try:
            await self._stores.ledger.write(record)
        except (OSError, LedgerFull) as error:
            _log.warning("not remembered: %s", error, extra={"action": "ledger"})

    async def _write(self, said: Log, at: int) -> None:
        await self._stores.log.write(said, at)
        self._tell()

    async def _flush(self) -> None:
        await self._stores.log.flush()
        self._tell()

    async def _check(self, rendition: bytes) -> None:
        if rendition != chime.HASH:
            await self._stores.library.check(rendition)

    def _wall(self) -> int:
        """The instant of a log line; the system's clock where nothing better is known."""
        now = self._time.now()
        return max(0, self._clock.machine().system if now is None else now)

    def _tell(self) -> None:
        for listener in self._changed:
            listener()


_REASONS: Final = {
    SoundFault.CARD_UNAVAILABLE: Reason.CARD_UNAVAILABLE,
    SoundFault.CARD_LOST: Reason.CARD_LOST,
    SoundFault.DECODER_UNAVAILABLE: Reason.DECODER_UNAVAILABLE,
    SoundFault.RECORDING_MISSING: Reason.RECORDING_MISSING,
    SoundFault.RECORDING_DAMAGED: Reason.RECORDING_DAMAGED,
}


def _ms(frames: int) -> int:
    return frames // _FRAMES_PER_MS
