"""What one terminal costs: memory and processor of `loaxa-agent run`, idle and while playing."""

import asyncio
import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.fakes.authority import SECOND
from tests.integration.agent.conftest import opened_site
from tests.integration.agent.desk import opus_of, speechlike

PLAYED_S = 75.0
WATCHED_S = 60.0
IDLE_S = 20.0
AHEAD_S = 5
_TICKS = os.sysconf("SC_CLK_TCK")


def run() -> dict[str, float | str]:
    """Measure once: 20 s of waiting, 60 s of playing into a WAV file."""
    folder = Path(tempfile.mkdtemp())
    try:
        return asyncio.run(_measure(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(folder: Path) -> dict[str, float | str]:
    async with opened_site("embedded", folder) as site:
        await site.agent.start()
        await asyncio.sleep(3)  # its start is not its idling
        process = site.agent.process
        if process is None:
            raise RuntimeError("the terminal does not run")
        idle = await _processor_percent(process.pid, IDLE_S)
        idle_mib = _memory_mib(process.pid)
        sound = opus_of(speechlike(PLAYED_S))
        site.controller.add_sound(sound)
        start = time.time_ns() // 1000 + AHEAD_S * SECOND
        item = site.authority.item(sound, start, int(PLAYED_S * 1000))
        await site.controller.send(site.authority.rundown([item]))
        await site.agent.sounding()
        await asyncio.sleep(2)
        playing = await _processor_percent(process.pid, WATCHED_S)
        return {
            "agent_idle_cpu_pct": round(idle, 2),
            "agent_idle_rss_mib": round(idle_mib, 1),
            "agent_cpu_pct": round(playing, 2),
            "agent_rss_mib": round(_memory_mib(process.pid), 1),
        }


async def _processor_percent(pid: int, seconds: float) -> float:
    """Return the share of one core that a process uses over so many seconds."""
    before, began = _processor_s(pid), time.monotonic()
    await asyncio.sleep(seconds)
    return 100 * (_processor_s(pid) - before) / (time.monotonic() - began)


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_mib(pid: int) -> float:
    """Return the resident set: what the kernel counts against a unit's limit."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the process has ended")
