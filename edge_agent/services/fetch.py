"""Missing recordings are asked for, block by block, and put together on disk.

A rendition that is needed sooner is asked for first. What has arrived is never asked for again,
after a cut link or a restart either: blocks on disk are hashed and counted in.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge_agent.core.assembly import Assembly
from edge_agent.services.library import Library
from edge_agent.services.ports import Clock, InThread, Partial, Recordings
from edge_agent.services.reporter import Reporter
from edge_agent.services.timekeeping import Timekeeping
from edge_agent.services.waiting import wait_at_most
from edge_agent.wire.authority import Believed
from edge_agent.wire.carousel import Block, block_length, check_manifest, read_block
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.reports import BlockRange, Want
from edge_agent.wire.state import Manifest
from edge_agent.wire.topics import UpKind

_log = logging.getLogger(__name__)

AT_ONCE: Final = 2
"""Renditions asked for at the same time."""
STALL_S: Final = 3.0
"""Without a block for so long the rest is asked for again, then after 6, 12 … seconds."""
LONGEST_PAUSE_S: Final = 60.0
PROGRESS_BLOCKS: Final = 16
"""After so many blocks the terminal says what is still missing, so that the sender can pace."""
SPREAD_S: Final = 2.0
"""The first question is delayed by up to this: thousands of terminals hear of a rundown at once."""
URGENT_US: Final = 120 * 1_000_000
_SYNC_BLOCKS: Final = 32
_TURN_S: Final = 1.0
_FULL_TRIES: Final = 4
"""A full or failing disk does not get better by hurrying."""


@dataclass(slots=True, eq=False)
class _Download:
    """One rendition on its way."""

    rendition: bytes
    ask_at_ns: int
    assembly: Assembly | None = None
    partial: Partial | None = None
    digest: bytes = b""
    tries: int = 0
    fresh: int = 0
    unsynced: int = 0
    opening: bool = False
    finishing: bool = False


class Fetch:
    """Downloads. `uniform`: as random.uniform. `completed` is told manifest hash and rendition."""

    def __init__(
        self,
        library: Library,
        recordings: Recordings,
        in_thread: InThread,
        clock: Clock,
        time: Timekeeping,
        reporter: Reporter,
        uniform: Callable[[float, float], float],
        completed: Callable[[bytes, bytes], None],
    ) -> None:
        self._library = library
        self._recordings = recordings
        self._in_thread = in_thread
        self._clock = clock
        self._time = time
        self._reporter = reporter
        self._uniform = uniform
        self._completed = completed
        self._downloads: dict[bytes, _Download] = {}
        self._wake = asyncio.Event()
        self.disk_full = False
        library.on_change(self._wake.set)

    @property
    def active(self) -> bool:
        """Whether blocks are waited for."""
        return bool(self._downloads)

    def connected(self) -> None:
        """The link is up (again): ask at once."""
        for download in self._downloads.values():
            download.tries = 0
            download.ask_at_ns = self._clock.monotonic_ns()
        self._wake.set()

    async def run(self) -> None:
        """Ask for what is missing, until cancelled."""
        try:
            while True:
                self._wake.clear()
                await self._turn()
                pause = _TURN_S if self._downloads else LONGEST_PAUSE_S
                await wait_at_most(self._wake, pause, self._clock)
        finally:
            for download in self._downloads.values():
                _close(download)

    # -- arrivals

    async def take_manifest(self, believed: Believed) -> None:
        """A manifest came. Raises WireError: inconsistent."""
        manifest = believed.message
        if not isinstance(manifest, Manifest):
            raise TypeError(believed.type)
        check_manifest(manifest)
        download = self._downloads.get(manifest.rendition)
        if download is None or download.assembly is not None or download.opening:
            return
        download.opening = True
        try:
            opened = await self._open(download, manifest)
        except OSError as error:
            opened = False
            _log.warning("a download cannot be opened: %s", error, extra={"action": "fetch"})
            self._wait_for_room(download)
        finally:
            download.opening = False
        if opened:
            download.digest = believed.digest
            download.tries = 0
            download.ask_at_ns = self._clock.monotonic_ns()
            self._wake.set()

    async def take_block(self, payload: bytes) -> None:
        """A block came; one that nobody here waits for is another terminal's.

        Raises WireError: malformed, too_large, inconsistent.
        """
        block = read_block(payload)
        download = self._downloads.get(block.rendition)
        if download is None or download.assembly is None or download.finishing:
            return
        if download.assembly.holds(block.index):
            return
        if not download.assembly.take(block):
            raise WireError(Refusal.INCONSISTENT, f"block {block.index} is not what was signed")
        try:
            await self._keep(download, download.assembly, block)
        except OSError as error:
            _log.warning("a block cannot be written: %s", error, extra={"action": "fetch"})
            self._wait_for_room(download)

    async def _open(self, download: _Download, manifest: Manifest) -> bool:
        """Make room and count in what is on disk already; False when it cannot go on yet."""
        if not await self._library.make_room(manifest.size):
            self._wait_for_room(download)
            return False
        self.disk_full = False
        assembly = Assembly(manifest)
        rendition = manifest.rendition
        partial = await self._in_thread(
            lambda: self._recordings.open_partial(rendition, manifest.size)
        )
        download.partial = partial
        await self._in_thread(lambda: _count_in(assembly, partial))
        if self._downloads.get(rendition) is not download:
            partial.close()
            return False
        download.assembly = assembly
        if assembly.complete:
            await self._finish(download, manifest)
        return True

    async def _keep(self, download: _Download, assembly: Assembly, block: Block) -> None:
        partial = download.partial
        if partial is None:
            return
        offset = block.index * assembly.manifest.block_size
        download.unsynced += 1
        sync = download.unsynced >= _SYNC_BLOCKS

        def write() -> None:
            partial.write(offset, block.data)
            if sync:
                partial.sync()

        await self._in_thread(write)
        assembly.mark(block.index)
        if sync:
            download.unsynced = 0
        download.tries = 0
        download.fresh += 1
        if assembly.complete:
            await self._finish(download, assembly.manifest)
        elif download.fresh >= PROGRESS_BLOCKS:
            download.ask_at_ns = self._clock.monotonic_ns()
            self._wake.set()
        else:
            self._postpone(download)

    async def _finish(self, download: _Download, manifest: Manifest) -> None:
        if download.finishing:
            return
        download.finishing = True
        rendition = manifest.rendition
        _close(download)
        try:
            sound = await self._in_thread(lambda: self._recordings.finish(rendition))
        except OSError as error:
            _log.warning("a download cannot be finished: %s", error, extra={"action": "fetch"})
            self._start_over(download)
            return
        if not sound:
            _log.error("a manifest does not fit its recording", extra={"action": "fetch"})
            self._start_over(download)
            return
        self._downloads.pop(rendition, None)
        await self._library.completed(rendition, manifest.size)
        self._completed(download.digest, rendition)

    def _start_over(self, download: _Download) -> None:
        download.assembly, download.finishing = None, False
        download.tries = max(download.tries, _FULL_TRIES)
        self._postpone(download)

    # -- questions

    async def _turn(self) -> None:
        self._follow_needs()
        now_ns = self._clock.monotonic_ns()
        urgent = sorted(self._downloads.values(), key=self._urgency)
        asked = 0
        for download in urgent:
            if download.assembly is not None and asked >= AT_ONCE:
                continue
            asked += download.assembly is not None
            if now_ns >= download.ask_at_ns and not download.opening and not download.finishing:
                await self._ask(download)

    def _follow_needs(self) -> None:
        missing = self._library.missing
        for rendition in [r for r in self._downloads if r not in missing]:
            if not self._downloads[rendition].finishing:
                _close(self._downloads.pop(rendition))
        now = self._time.now() or 0
        for rendition, needed in missing.items():
            if rendition not in self._downloads:
                spread = 0.0 if needed - now < URGENT_US else self._uniform(0, SPREAD_S)
                ask_at_ns = self._clock.monotonic_ns() + int(spread * 1e9)
                self._downloads[rendition] = _Download(rendition, ask_at_ns)

    def _urgency(self, download: _Download) -> int:
        return self._library.missing.get(download.rendition, 2**62)

    async def _ask(self, download: _Download) -> None:
        assembly = download.assembly
        ranges: tuple[BlockRange, ...] = () if assembly is None else assembly.missing()
        want = Want(
            terminal=self._reporter.terminal,
            rendition=download.rendition,
            manifest=assembly is None,
            ranges=ranges,
            urgency=max(0, min(self._urgency(download), 2**53 - 1)),
        )
        if await self._reporter.send(UpKind.WANT, want):
            download.fresh = 0
            download.tries += 1
        self._postpone(download)

    def _wait_for_room(self, download: _Download) -> None:
        self.disk_full = True
        download.tries = max(download.tries, _FULL_TRIES)
        self._postpone(download)

    def _postpone(self, download: _Download) -> None:
        """Wait longer from question to question, and not in step with others."""
        pause = min(STALL_S * 2.0 ** max(0, download.tries - 1), LONGEST_PAUSE_S)
        spread = self._uniform(1.0, 1.3)
        download.ask_at_ns = self._clock.monotonic_ns() + int(pause * spread * 1e9)


def _close(download: _Download) -> None:
    if download.partial is not None:
        download.partial.close()
        download.partial = None


def _count_in(assembly: Assembly, partial: Partial) -> None:
    """Find out which blocks are on disk; what a power cut took is simply missing."""
    manifest = assembly.manifest
    for index in range(len(manifest.blocks)):
        data = partial.read(index * manifest.block_size, block_length(manifest, index))
        if assembly.take(Block(manifest.rendition, index, data)):
            assembly.mark(index)
