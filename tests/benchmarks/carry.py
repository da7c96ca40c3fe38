"""Time and bytes to bring one recording of 2.7 MB to 100 terminals of a commune.

The real controller side (signer, database, rundowns, dispatch, carousel), the embedded broker
over TLS and 100 terminals that speak the real protocol and check every hash and signature, all on
this machine and its cores. Time runs from the approval: rundowns are made and acknowledged first.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.fakes.commune import Town, once
from tests.fakes.terminal import LightTerminal
from tests.integration.terminals.rig import Site, embedded

TERMINALS = 100
SIZE = 2_700_000
LIMIT_S = 300.0


def run() -> dict[str, float | str]:
    """Measure once."""
    folder = Path(tempfile.mkdtemp())
    try:
        return asyncio.run(_measure(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(folder: Path) -> dict[str, float | str]:
    town = await Town.found(folder)
    try:
        await town.settle()
        town.sounds.copies = SIZE // 32
        async with embedded(town, folder) as site:
            terminals = [await site.join(f"Loa {n}", "Thôn Đông") for n in range(TERMINALS)]
            await _until(lambda: all(one.rundown for one in terminals))
            return await _carry(site, terminals)
    finally:
        await town.close()


async def _carry(site: Site, terminals: Sequence[LightTerminal]) -> dict[str, float | str]:
    delivery = site.side.delivery
    published = delivery.published_bytes
    before = [one.bytes_received for one in terminals]
    shown = await site.town.approved(once(23, 17))
    sound = shown.recording.sound if shown.recording else None
    if sound is None:
        raise RuntimeError("nothing to carry")
    name = bytes.fromhex(sound.rendition)
    started = time.perf_counter()
    await _until(lambda: all(one.rundown and one.rundown.items for one in terminals))
    told = time.perf_counter() - started
    await _until(lambda: all(name in one.held for one in terminals))
    took = time.perf_counter() - started
    size = len(terminals[0].held[name])
    arrived = sum(one.bytes_received for one in terminals) - sum(before)
    return {
        "bulk_100_s": round(took, 2),
        "bulk_100_rundowns_s": round(told, 2),
        "bulk_100_published_ratio": round((delivery.published_bytes - published) / size, 3),
        "bulk_bytes_ratio": round(arrived / TERMINALS / size, 4),
    }


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110  many terminals, each with its own state
            await asyncio.sleep(0.02)
