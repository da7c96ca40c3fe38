"""The machine's health from /proc and /sys, and the service manager that started us."""

import contextlib
import os
import socket
from pathlib import Path

from edge_agent.services.ports import Reading

_PROC = Path("/proc")
_THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")
_NETWORK = Path("/sys/class/net")


class MachineVitals:
    """Reads the figures of a Linux machine; what cannot be read is None."""

    def __init__(self) -> None:
        self._page_kib = os.sysconf("SC_PAGE_SIZE") // 1024
        self._cores = os.cpu_count() or 1

    def read(self) -> Reading:
        """Look now."""
        received, sent = _traffic()
        return Reading(
            uptime_ms=_first_number(_PROC / "uptime", 1000),
            cpu_millidegrees=_first_number(_THERMAL, 1),
            load_permille=_scaled(_first_number(_PROC / "loadavg", 1000), self._cores),
            memory_kib=self._memory(),
            bytes_in=received,
            bytes_out=sent,
        )

    def _memory(self) -> int | None:
        """Resident memory of this program."""
        try:
            pages = int((_PROC / "self/statm").read_text(encoding="ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return None
        return pages * self._page_kib


class SystemdSupervisor:
    """Talks to systemd over NOTIFY_SOCKET (sd_notify(3)); silent without it."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    def tell(self, text: str) -> None:
        """Pass a line on."""
        if not self._address:
            return
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door,
        ):
            door.sendto(text.encode(), name)


def _first_number(path: Path, scale: int) -> int | None:
    try:
        return int(float(path.read_text(encoding="ascii").split()[0]) * scale)
    except (OSError, ValueError, IndexError):
        return None


def _scaled(value: int | None, parts: int) -> int | None:
    return None if value is None else value // parts


def _traffic() -> tuple[int, int]:
    """Bytes that all network cards but the loopback received and sent."""
    received = sent = 0
    with contextlib.suppress(OSError):
        for card in _NETWORK.iterdir():
            if card.name == "lo":
                continue
            received += _first_number(card / "statistics/rx_bytes", 1) or 0
            sent += _first_number(card / "statistics/tx_bytes", 1) or 0
    return received, sent
