"""The state of terminals: what they report, what follows from their silence."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from controller.domain.area import DEFAULT_TIMEZONE
from controller.domain.event import EventKind
from controller.domain.terminal import Health, TerminalStatus, TerminalTelemetry, health
from controller.services.context import Context
from controller.services.gathering import Gathering
from controller.services.loops import Monotonic, attempt
from controller.services.presence import Presence
from controller.services.roster import KnownTerminal
from edge_agent.wire.policy import to_datetime
from edge_agent.wire.reports import Refused, Status, Telemetry

_log = logging.getLogger(__name__)

SWEEP_S: Final = 5.0
"""How often it is looked who has become silent."""
_SMALLEST, _LARGEST = -(2**31), 2**31 - 1
_MOST_PROBLEMS: Final = 20
_LONGEST_CODE: Final = 60
REFUSED_AGAIN_S: Final = 60.0
"""The same reason from the same terminal is written into the audit trail at most so often."""
_MOST_REFUSED: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Shown:
    """What screens were last told of a terminal; a change of any of it is told at once."""

    health: Health
    sounding: UUID | None
    problems: tuple[str, ...]
    stopped: bool
    volume: int


@dataclass(frozen=True, slots=True)
class _Said:
    known: KnownTerminal
    status: TerminalStatus


@dataclass(frozen=True, slots=True)
class _Figures:
    known: KnownTerminal
    report: Telemetry
    at: datetime


@dataclass(frozen=True, slots=True)
class _Refusal:
    known: KnownTerminal
    report: Refused


class Fleet:
    """Takes reports; `statuses`, `telemetry` and `refusals` must run, and `run` sweeps."""

    def __init__(self, context: Context, presence: Presence, monotonic: Monotonic) -> None:
        self._context = context
        self._presence = presence
        self._monotonic = monotonic
        self._shown: dict[UUID, _Shown] = {}
        self._latest: dict[UUID, _Said] = {}
        self._noted: OrderedDict[tuple[UUID, str], float] = OrderedDict()
        self.statuses = Gathering("statuses", self._store_statuses)
        self.telemetry = Gathering("telemetry", self._store_telemetry)
        self.refusals = Gathering("refusals", self._store_refusals)

    async def status(self, known: KnownTerminal, report: Status) -> None:
        """Take a heartbeat; screens are told at once when it says something new."""
        said = _Said(known, _status(report, self._context.clock.now()))
        self._latest[known.id] = said
        self._show(said)
        self.statuses.add(said)

    async def figures(self, known: KnownTerminal, report: Telemetry) -> None:
        """Take the slow figures."""
        self.telemetry.add(_Figures(known, report, self._context.clock.now()))

    async def refused(self, known: KnownTerminal, report: Refused) -> None:
        """Take a report of a message that did not count: the audit trail says so."""
        now, key = self._monotonic(), (known.id, report.reason)
        if now - self._noted.get(key, float("-inf")) < REFUSED_AGAIN_S:
            return
        self._noted[key] = now
        self._noted.move_to_end(key)
        while len(self._noted) > _MOST_REFUSED:
            self._noted.popitem(last=False)
        self.refusals.add(_Refusal(known, report))

    def forget(self, terminal: UUID) -> None:
        """A terminal was taken out of service, or moved."""
        self._latest.pop(terminal, None)
        self._shown.pop(terminal, None)

    async def run(self) -> None:
        """Tell screens of terminals that have become silent, until cancelled."""
        while True:
            await attempt("sweep", self.sweep)
            await asyncio.sleep(SWEEP_S)

    async def sweep(self) -> None:
        """Look once who has become silent since the last look."""
        for said in tuple(self._latest.values()):
            self._show(said)

    def _show(self, said: _Said) -> None:
        known, status = said.known, said.status
        now, since = self._context.clock.now(), self._presence.listening_since
        shown = _Shown(
            health=health(known.terminal, status, now, since),
            sounding=status.sounding,
            problems=status.problems,
            stopped=status.stopped_until is not None,
            volume=status.volume,
        )
        if self._shown.get(known.id) != shown:
            self._shown[known.id] = shown
            self._context.tell(EventKind.TERMINAL, known.id, known.chain)

    async def _store_statuses(self, said: Sequence[_Said]) -> None:
        latest = {one.known.id: one.status for one in said}
        async with self._context.database.begin() as tx:
            await tx.terminals.store_status(tuple(latest.values()))

    async def _store_telemetry(self, figures: Sequence[_Figures]) -> None:
        latest = {one.known.id: one for one in figures}
        async with self._context.database.begin() as tx:
            areas = {}
            rows = []
            for one in latest.values():
                area = one.known.terminal.area
                if area not in areas:
                    found = await tx.areas.find(area)
                    areas[area] = found.timezone if found else DEFAULT_TIMEZONE
                before = await tx.terminals.telemetry(one.known.id)
                rows.append(_telemetry(one, before, ZoneInfo(areas[area])))
            await tx.terminals.store_telemetry(rows)

    async def _store_refusals(self, refusals: Sequence[_Refusal]) -> None:
        async with self._context.database.begin() as tx:
            for one in refusals:
                report = one.report
                detail = f"{report.reason} ×{report.count} on {report.topic} {report.digest.hex()}"
                await self._context.note(
                    tx,
                    None,
                    one.known.terminal.area,
                    "message.refused",
                    one.known.id,
                    detail.replace("\0", ""),
                )


def _status(report: Status, received_at: datetime) -> TerminalStatus:
    stopped = report.stopped_until
    return TerminalStatus(
        terminal=report.terminal,
        received_at=received_at,
        at=to_datetime(report.at),
        clock=report.clock,
        clock_reason=report.clock_reason.replace("\0", ""),
        sounding=report.sounding,
        layer=report.layer,
        position_ms=report.position,
        volume=max(0, min(100, report.volume)),
        stopped_until=None if stopped is None else to_datetime(stopped),
        rundown_version=report.rundown_version,
        renditions_held=_fit(report.renditions_held) or 0,
        renditions_wanted=_fit(report.renditions_wanted) or 0,
        problems=_codes(report.problems),
    )


def _codes(problems: tuple[str, ...]) -> tuple[str, ...]:
    known = (code[:_LONGEST_CODE] for code in problems[:_MOST_PROBLEMS] if code.isprintable())
    return tuple(dict.fromkeys(code for code in known if code))


def _fit(number: int | None) -> int | None:
    """Return a number that a column holds; terminals may say anything."""
    return None if number is None else max(_SMALLEST, min(_LARGEST, number))


def _telemetry(
    one: _Figures, before: TerminalTelemetry | None, zone: ZoneInfo
) -> TerminalTelemetry:
    report, month = one.report, one.at.astimezone(zone).strftime("%Y-%m")
    fresh = TerminalTelemetry(
        terminal=one.known.id,
        received_at=one.at,
        uptime_ms=report.uptime,
        cpu_millidegrees=_fit(report.cpu_millidegrees),
        load_permille=_fit(report.load_permille),
        memory_kib=_fit(report.memory_kib),
        disk_free_mib=_fit(report.disk_free_mib),
        bytes_in=report.bytes_in,
        bytes_out=report.bytes_out,
        bytes_month=0,
        month=month,
        reconnects=report.reconnects,
        round_trip_us=_fit(report.round_trip_us),
        refused=report.refused,
    )
    return replace(fresh, bytes_month=_month_bytes(fresh, before))


def _month_bytes(fresh: TerminalTelemetry, before: TerminalTelemetry | None) -> int:
    """Return the traffic of the month so far; counters begin anew when the machine starts."""
    counted = fresh.bytes_in + fresh.bytes_out
    if before is None:
        return counted
    earlier = before.bytes_in + before.bytes_out
    grown = counted - earlier if counted >= earlier else counted
    return (before.bytes_month if before.month == fresh.month else 0) + grown
