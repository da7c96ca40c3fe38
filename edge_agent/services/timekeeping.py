"""The terminal's time: signed answers to its own questions, kept over restarts of the program."""

import logging
from collections.abc import Callable
from typing import Final

from edge_agent.core.clock_trust import Anchor, ClockTrust, Judgement, TimeRefused
from edge_agent.core.records import ClockRecord
from edge_agent.services.ports import Clock, Documents, InThread
from edge_agent.wire.codec import decode_report, encode
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.orders import Time

_log = logging.getLogger(__name__)

NAME: Final = "clock"
NONCE_BYTES: Final = 16
_OPEN_QUESTIONS: Final = 4
_STORED_EVERY_US: Final = 3600 * 1_000_000


class Timekeeping:
    """Judges the clock. `boot_id` names this boot of the machine; `random_bytes` makes nonces."""

    def __init__(
        self,
        clock: Clock,
        boot_id: str,
        documents: Documents,
        in_thread: InThread,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._clock = clock
        self._boot_id = boot_id
        self._documents = documents
        self._in_thread = in_thread
        self._random_bytes = random_bytes
        self._trust = ClockTrust()
        self._answered_at: int | None = None
        self._asked: dict[bytes, int] = {}
        self._stored_floor = 0
        self.round_trip_us: int | None = None

    async def load(self) -> None:
        """Read what was known when the program ended."""
        documents = await self._in_thread(self._documents.read_all)
        if NAME not in documents:
            return
        try:
            record = decode_report(ClockRecord, documents[NAME])
        except WireError as error:
            _log.warning("the stored time cannot be read: %s", error, extra={"action": "load"})
            return
        self._trust = self._trust.with_floor(record.floor)
        self._stored_floor = record.floor
        if record.boot_id and record.boot_id == self._boot_id:
            self._trust = ClockTrust(
                self._trust.floor, Anchor(record.boot, record.lower, record.upper)
            )
            self._answered_at = record.answered_at

    @property
    def floor(self) -> int:
        """The true time is not before this, in UTC microseconds."""
        return self._trust.floor

    def judge(self) -> Judgement:
        """What the clock is worth now, and the time by it."""
        return self._trust.judge(self._clock.machine(), self._answered_at)

    def now(self) -> int | None:
        """The time in UTC microseconds, None while nothing is known."""
        return self.judge().now

    def instant_of(self, monotonic_ns: int) -> int | None:
        """The time at a moment of the engine's clock, None while nothing is known."""
        now = self.now()
        return None if now is None else now + (monotonic_ns - self._clock.monotonic_ns()) // 1000

    def monotonic_of(self, instant: int) -> int | None:
        """The moment of the engine's clock at a time, None while nothing is known."""
        monotonic, now = self._clock.monotonic_ns(), self.now()
        return None if now is None else monotonic + (instant - now) * 1000

    def question(self) -> bytes:
        """Return the nonce of a new question, to be sent at once."""
        nonce = self._random_bytes(NONCE_BYTES)
        self._asked[nonce] = self._clock.boot_us()
        while len(self._asked) > _OPEN_QUESTIONS:
            del self._asked[next(iter(self._asked))]
        return nonce

    def answered(self, answer: Time) -> bool:
        """Take a believed answer; False when its round trip was too long to say anything.

        Raises WireError: replayed (not an answer to an open question), expired (before what
        was signed earlier).
        """
        asked = self._asked.pop(answer.nonce, None)
        if asked is None:
            raise WireError(Refusal.REPLAYED, "no such question is open")
        received = self._clock.boot_us()
        self.round_trip_us = received - asked
        try:
            self._trust = self._trust.answered(answer.now, asked, received)
        except TimeRefused as error:
            if str(error) == "round_trip":
                return False
            raise WireError(Refusal.EXPIRED, "earlier than a signed time") from error
        self._asked.clear()
        first = self._answered_at is None
        self._answered_at = received
        if first:
            self._stored_floor = 0
        return True

    async def store_if_due(self) -> None:
        """Keep what is known for the next start, at most once an hour. Raises OSError."""
        anchor = self._trust.anchor
        if anchor is None or self._answered_at is None:
            return
        if self._trust.floor < self._stored_floor + _STORED_EVERY_US:
            return
        record = ClockRecord(
            floor=self._trust.floor,
            boot_id=self._boot_id,
            boot=anchor.boot,
            lower=anchor.lower,
            upper=anchor.upper,
            answered_at=self._answered_at,
        )
        await self._in_thread(lambda: self._documents.write(NAME, encode(record)))
        self._stored_floor = record.floor
