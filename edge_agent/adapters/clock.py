"""The machine's clocks, whether NTP keeps them, and whether one runs without power."""

import asyncio
import ctypes
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge_agent.core.clock_trust import Machine

_RTC: Final = Path("/sys/class/rtc")
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_RTC_AGREES_S: Final = 60
_TIME_ERROR: Final = 5
_STA_UNSYNC: Final = 0x0040


class _Timex(ctypes.Structure):
    """`struct timex` of adjtimex(2), as far as we read it; the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 24),
    )


class MachineClock:
    """The clocks of a Linux machine."""

    def __init__(self) -> None:
        self._adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)
        self._rtc = _rtc_keeps_time()

    def monotonic_ns(self) -> int:
        """Nanoseconds of CLOCK_MONOTONIC."""
        return time.monotonic_ns()

    def boot_us(self) -> int:
        """Microseconds of CLOCK_BOOTTIME."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000

    def machine(self) -> Machine:
        """All that the machine says about time."""
        return Machine(
            boot=self.boot_us(),
            system=time.time_ns() // 1000,
            synchronised=self._synchronised(),
            rtc=self._rtc,
        )

    def wall(self) -> datetime:
        """The wall clock, right or wrong."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        await asyncio.sleep(seconds)

    def _synchronised(self) -> bool:
        """Whether the kernel says that something like NTP keeps the clock."""
        if self._adjtimex is None:
            return False
        timex = _Timex()
        state = self._adjtimex(ctypes.byref(timex))
        return 0 <= state < _TIME_ERROR and not timex.status & _STA_UNSYNC


def boot_id() -> str:
    """Identity of this boot of the machine; empty where there is none."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _rtc_keeps_time() -> bool:
    """Whether the machine has a clock of its own that agrees with the system's at start.

    One that does not agree was not what set the system's clock, so it proves nothing.
    """
    try:
        clocks = list(_RTC.iterdir())
    except OSError:
        return False
    for clock in clocks:
        try:
            seconds = int((clock / "since_epoch").read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
        if abs(seconds - time.time()) <= _RTC_AGREES_S:
            return True
    return False
