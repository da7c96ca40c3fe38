"""What the terminal says of itself: its state at every change and as a heartbeat, and figures."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge_agent.core.stops import stopped_until
from edge_agent.services.conditions import conditions_of, policy_of
from edge_agent.services.conductor import Conductor
from edge_agent.services.fetch import Fetch
from edge_agent.services.holdings import Holdings
from edge_agent.services.intake import Intake
from edge_agent.services.ledger_book import LedgerBook
from edge_agent.services.library import Library
from edge_agent.services.orders import Orders
from edge_agent.services.play_log import PlayLog
from edge_agent.services.ports import Clock, LinkState, Messenger, Recordings, Vitals
from edge_agent.services.refusals import Refusals
from edge_agent.services.reporter import Reporter
from edge_agent.services.timekeeping import Timekeeping
from edge_agent.services.waiting import wait_at_most
from edge_agent.wire.authority import TRUST_GRACE_US
from edge_agent.wire.reports import Status, Telemetry
from edge_agent.wire.topics import UpKind

HEARTBEAT_S: Final = 25.0
"""A terminal is shown as silent after 90 s: three heartbeats may be lost."""
LEAST_GAP_S: Final = 0.2
TELEMETRY_EVERY_S: Final = 300.0
TRUST_WARNING_US: Final = 60 * 24 * 3600 * 1_000_000
SOON_US: Final = 10 * 60 * 1_000_000
"""A recording that is still missing so long before it is needed is a problem."""


@dataclass(frozen=True, slots=True)
class Parts:
    """All that has something to say about the terminal's state."""

    holdings: Holdings
    time: Timekeeping
    conductor: Conductor
    ledger: LedgerBook
    log: PlayLog
    library: Library
    fetch: Fetch
    orders: Orders
    intake: Intake
    refusals: Refusals


class StatusReports:
    """Sends Status and Telemetry. `uniform`: as random.uniform; `free_bytes` of the disk."""

    def __init__(
        self,
        parts: Parts,
        messenger: Messenger,
        reporter: Reporter,
        clock: Clock,
        vitals: Vitals,
        recordings: Recordings,
        uniform: Callable[[float, float], float],
    ) -> None:
        self._parts = parts
        self._messenger = messenger
        self._reporter = reporter
        self._clock = clock
        self._vitals = vitals
        self._recordings = recordings
        self._uniform = uniform
        self._changed = asyncio.Event()
        self._connected = asyncio.Event()
        self._connects = 0
        parts.conductor.on_change(self._changed.set)
        parts.library.on_change(self._changed.set)
        parts.intake.on_change(self._changed.set)
        messenger.on_change(self._link_changed)

    async def run(self) -> None:
        """Report until cancelled."""
        self._link_changed(self._messenger.state)  # it may have come up before anybody listened
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._report_state())
            tasks.create_task(self._report_figures())

    def now(self) -> Status:
        """The state at this moment."""
        parts = self._parts
        judgement, heard = parts.time.judge(), parts.conductor.heard
        conditions = conditions_of(
            parts.holdings, judgement, frozenset(), ledger_writable=parts.ledger.writable
        )
        rundown = parts.holdings.rundown
        at = self._clock.machine().system if judgement.now is None else judgement.now
        return Status(
            terminal=self._reporter.terminal,
            at=max(0, at),
            clock=judgement.state,
            clock_reason=judgement.reason,
            sounding=None if heard is None else heard.item,
            layer=None if heard is None else heard.layer,
            position=0 if heard is None else max(0, heard.position_ms),
            volume=conditions.volume,
            stopped_until=stopped_until(conditions.holds, judgement.now),
            rundown_version=0 if rundown is None else rundown.message.version,
            renditions_held=len(parts.library.held),
            renditions_wanted=len(parts.library.missing),
            problems=tuple(sorted(self._problems(judgement.now))),
        )

    def _link_changed(self, state: LinkState) -> None:
        if state.connected and state.connects != self._connects:
            self._connects = state.connects
            self._changed.set()
            self._connected.set()

    async def _report_state(self) -> None:
        said: Status | None = None
        while True:
            heartbeat = not await wait_at_most(
                self._changed, HEARTBEAT_S * self._uniform(0.8, 1.0), self._clock
            )
            self._changed.clear()
            status = self.now()
            again = said is None or heartbeat or _differs(status, said)
            if self._connected.is_set():
                self._connected.clear()
                again = True
            if again and self._messenger.state.connected:
                if await self._reporter.send(UpKind.STATUS, status):
                    said = status
                await self._clock.sleep(LEAST_GAP_S)

    async def _report_figures(self) -> None:
        while True:
            if self._messenger.state.connected:
                await self._reporter.send(UpKind.TELEMETRY, self._figures())
                pause = TELEMETRY_EVERY_S
            else:
                pause = 10.0
            await self._clock.sleep(pause * self._uniform(0.8, 1.2))

    def _figures(self) -> Telemetry:
        reading, time = self._vitals.read(), self._parts.time
        try:
            free = self._recordings.free_bytes() // (1024 * 1024)
        except OSError:
            free = None
        return Telemetry(
            terminal=self._reporter.terminal,
            at=max(0, time.now() or self._clock.machine().system),
            uptime=None if reading.uptime_ms is None else reading.uptime_ms % 2**31,
            cpu_millidegrees=reading.cpu_millidegrees,
            load_permille=reading.load_permille,
            memory_kib=reading.memory_kib,
            disk_free_mib=free,
            bytes_in=reading.bytes_in,
            bytes_out=reading.bytes_out,
            reconnects=max(0, self._messenger.state.connects - 1),
            round_trip_us=time.round_trip_us,
            refused=self._parts.refusals.total,
        )

    def _problems(self, now: int | None) -> set[str]:
        parts = self._parts
        holdings, found = parts.holdings, set[str]()
        if not holdings.ready:
            return {"no_trust"}
        if policy_of(holdings) is None:
            found.add("no_policy")
        if holdings.rundown is None:
            found.add("no_rundown")
        if now is not None:
            found |= _dated_problems(holdings, now)
            if any(needed - now < SOON_US for needed in parts.library.missing.values()):
                found.add("recording_missing")
        if parts.conductor.card_fault is not None:
            found.add(parts.conductor.card_fault.value)
        flags = {
            "ledger_not_writable": not parts.ledger.writable,
            "log_not_writable": not parts.log.writable,
            "documents_not_writable": not (parts.orders.writable and parts.intake.writable),
            "disk_full": parts.fetch.disk_full,
        }
        return found | {name for name, wrong in flags.items() if wrong}


def _dated_problems(holdings: Holdings, now: int) -> set[str]:
    found = set[str]()
    rundown, expires = holdings.rundown, holdings.trust.expires
    if rundown is not None and rundown.message.valid_until <= now:
        found.add("rundown_ended")
    if now >= expires + TRUST_GRACE_US:
        found.add("trust_expired")
    elif now >= expires - TRUST_WARNING_US:
        found.add("trust_ends_soon")
    return found


def _differs(status: Status, said: Status) -> bool:
    """Whether there is news: time and position go on by themselves."""
    facts = (
        "clock",
        "clock_reason",
        "sounding",
        "layer",
        "volume",
        "stopped_until",
        "rundown_version",
        "renditions_held",
        "renditions_wanted",
        "problems",
    )
    return any(getattr(status, fact) != getattr(said, fact) for fact in facts)
