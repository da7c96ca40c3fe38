"""Messages that did not count: reported with their reason, and never in a flood.

The first of a kind is reported at once, its like are counted and reported once a minute; who
sends nonsense of a thousand kinds fills a small table and is counted there.
"""

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from typing import Final

from edge_agent.services.ports import Clock
from edge_agent.services.reporter import Reporter
from edge_agent.services.timekeeping import Timekeeping
from edge_agent.services.waiting import wait_at_most
from edge_agent.wire.envelope import HEADER_BYTES, MAGIC
from edge_agent.wire.errors import WireError
from edge_agent.wire.reports import Refused
from edge_agent.wire.topics import UpKind

_log = logging.getLogger(__name__)

AGAIN_S: Final = 60.0
MOST_KINDS: Final = 32
_BURST: Final = 20
_NO_KEY: Final = bytes(8)

_Kind = tuple[str, int | None, str, bytes]


@dataclass(slots=True)
class _Counted:
    digest: bytes
    detail: str
    count: int = 0
    told_ns: int | None = None


class Refusals:
    """Counts refused messages by reason, type, topic and key, and reports them."""

    def __init__(self, reporter: Reporter, time: Timekeeping, clock: Clock) -> None:
        self._reporter = reporter
        self._time = time
        self._clock = clock
        self._kinds: dict[_Kind, _Counted] = {}
        self._wake = asyncio.Event()
        self.total = 0

    def note(self, error: WireError, topic: str, payload: bytes) -> None:
        """A message was refused."""
        self.total += 1
        enveloped = len(payload) >= HEADER_BYTES and payload[:2] == MAGIC
        kind = (
            error.reason.value,
            payload[3] if enveloped else None,
            topic[:120],
            payload[4:12] if enveloped else _NO_KEY,
        )
        counted = self._kinds.get(kind)
        if counted is None:
            if len(self._kinds) >= MOST_KINDS:
                self._forget_one()
            counted = self._kinds[kind] = _Counted(b"", "")
            _log.warning("refused on %s: %s", topic, error, extra={"action": "refuse"})
        counted.count += 1
        counted.digest = hashlib.sha256(payload).digest()
        counted.detail = error.detail
        self._wake.set()

    def _forget_one(self) -> None:
        """Make room: for one that is told already, else for the oldest."""
        told = [kind for kind, counted in self._kinds.items() if not counted.count]
        del self._kinds[told[0] if told else next(iter(self._kinds))]

    async def run(self) -> None:
        """Report until cancelled."""
        allowance, refilled_ns = float(_BURST), self._clock.monotonic_ns()
        while True:
            now_ns = self._clock.monotonic_ns()
            allowance = min(_BURST, allowance + (now_ns - refilled_ns) / 1e9 * _BURST / AGAIN_S)
            refilled_ns = now_ns
            for kind, counted in self._due(now_ns):
                if allowance < 1 or not await self._tell(kind, counted):
                    break
                allowance -= 1
                counted.count, counted.told_ns = 0, now_ns
            self._wake.clear()
            await wait_at_most(self._wake, 5.0, self._clock)

    def _due(self, now_ns: int) -> list[tuple[_Kind, _Counted]]:
        return [
            (kind, counted)
            for kind, counted in self._kinds.items()
            if counted.count
            and (counted.told_ns is None or now_ns - counted.told_ns >= AGAIN_S * 1e9)
        ]

    async def _tell(self, kind: _Kind, counted: _Counted) -> bool:
        reason, type_, topic, key_id = kind
        return await self._reporter.send(
            UpKind.REFUSED,
            Refused(
                terminal=self._reporter.terminal,
                at=max(0, self._time.now() or 0),
                reason=reason,
                type=type_,
                topic=topic,
                key_id=key_id,
                digest=counted.digest,
                count=counted.count,
            ),
        )
