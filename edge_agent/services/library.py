"""Complete recordings: which are here and sound, which are needed, and which may go."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from edge_agent.services.ports import InThread, Recordings

_log = logging.getLogger(__name__)

RESERVE_BYTES: Final = 64 * 1024 * 1024
"""What is left free on the disk for the log, documents and the system."""


class Library:
    """Renditions on disk. Only those whose hash was checked since the start count as held."""

    def __init__(self, recordings: Recordings, in_thread: InThread, most_bytes: int) -> None:
        """`most_bytes`: what recordings may take on the disk."""
        self._recordings = recordings
        self._in_thread = in_thread
        self._most_bytes = most_bytes
        self._sizes: dict[bytes, int] = {}
        self._checked: set[bytes] = set()
        self._needed: Mapping[bytes, int] = {}
        self._kept: frozenset[bytes] = frozenset()
        self._changed: list[Callable[[], None]] = []
        self._look = asyncio.Event()

    @property
    def held(self) -> frozenset[bytes]:
        """Complete renditions whose bytes are what their names say."""
        return frozenset(self._checked)

    @property
    def missing(self) -> dict[bytes, int]:
        """Needed renditions that are not on disk, with the instant at which each is needed."""
        return {
            rendition: needed
            for rendition, needed in self._needed.items()
            if rendition not in self._sizes
        }

    def on_change(self, listener: Callable[[], None]) -> None:
        """Tell `listener` whenever `held` or `missing` may have changed."""
        self._changed.append(listener)

    async def load(self) -> None:
        """Look what is there. Raises OSError."""
        self._sizes = dict(await self._in_thread(self._recordings.complete))

    def need(self, needed: Mapping[bytes, int], kept: frozenset[bytes]) -> None:
        """Say what is needed when, and what is never given up."""
        if needed == self._needed and kept == self._kept:
            return
        missing = self.missing
        self._needed, self._kept = dict(needed), kept
        self._look.set()
        if self.missing != missing:
            self._tell()

    async def run(self) -> None:
        """Check what is here and needed, the most urgent first, until cancelled."""
        while True:
            await self._look.wait()
            self._look.clear()
            while (rendition := self._next_unchecked()) is not None:
                await self.check(rendition)

    def _next_unchecked(self) -> bytes | None:
        unchecked = [
            (needed, rendition)
            for rendition, needed in self._needed.items()
            if rendition in self._sizes and rendition not in self._checked
        ]
        return min(unchecked)[1] if unchecked else None

    async def check(self, rendition: bytes) -> bool:
        """Hash a rendition again; a damaged one is mended, or gone and missing from now on."""
        if rendition not in self._sizes:
            return False  # what has arrived of it is not to be touched
        try:
            sound = await self._in_thread(lambda: self._recordings.check(rendition))
        except OSError as error:
            _log.warning("a recording cannot be checked: %s", error, extra={"action": "check"})
            sound = False
        if not sound:
            self._sizes.pop(rendition, None)
            self._checked.discard(rendition)
            self._tell()
            return False
        if rendition in self._kept:
            await self._second_copy(rendition)
        if rendition in self._sizes and rendition not in self._checked:
            self._checked.add(rendition)
            self._tell()
        return True

    async def completed(self, rendition: bytes, size: int) -> None:
        """A rendition was completed and its hash was right."""
        self._sizes[rendition] = size
        self._checked.add(rendition)
        self._tell()
        if rendition in self._kept:
            await self._second_copy(rendition)

    def path(self, rendition: bytes) -> str:
        """Where a complete rendition lies."""
        return self._recordings.path(rendition)

    async def make_room(self, size: int) -> bool:
        """Make room for so many bytes by giving up what nobody needs; False if there is none."""
        for rendition in [*await self._in_thread(self._recordings.partial), *self._sizes]:
            if rendition in self._needed or rendition in self._kept:
                continue
            if await self._fits(size):
                return True
            _log.info("a recording is given up", extra={"action": "evict"})
            await self._in_thread(partial(self._recordings.discard, rendition))
            self._sizes.pop(rendition, None)
            self._checked.discard(rendition)
        return await self._fits(size)

    async def _fits(self, size: int) -> bool:
        free = await self._in_thread(self._recordings.free_bytes)
        return free - size >= RESERVE_BYTES and sum(self._sizes.values()) + size <= self._most_bytes

    async def _second_copy(self, rendition: bytes) -> None:
        try:
            await self._in_thread(lambda: self._recordings.copy(rendition))
        except OSError as error:
            _log.warning("no second copy could be made: %s", error, extra={"action": "copy"})

    def _tell(self) -> None:
        for listener in self._changed:
            listener()
