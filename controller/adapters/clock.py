"""The machine's clocks, and fresh identities and secrets."""

import os
import secrets
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID


class SystemClock:
    """The wall clock and one that nobody sets (ports Clock of services and scheduler)."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> timedelta:
        """Return the time since some fixed instant."""
        return timedelta(microseconds=time.monotonic_ns() // 1000)


class SystemIds:
    """Identities that rise with time (UUID version 7, RFC 9562) and unpredictable secrets."""

    def new(self) -> UUID:
        """Return a fresh UUID: 48 bits of milliseconds, 74 random bits."""
        milliseconds = time.time_ns() // 1_000_000
        random = int.from_bytes(os.urandom(10), "big")
        value = (milliseconds & (2**48 - 1)) << 80
        value |= 0x7 << 76 | (random >> 68 & 0xFFF) << 64
        value |= 0b10 << 62 | random & (2**62 - 1)
        return UUID(int=value)

    def secret(self, size: int = 32) -> bytes:
        """Return that many unpredictable bytes."""
        return secrets.token_bytes(size)
