"""Recordings on disk, each named by the SHA-256 of its bytes.

    files/ab/abcdef…      a file, read-only; beside it abcdef….peaks, its waveform
    work/<random>/        benches; emptied at start, since whoever worked there is gone

A file gets its name only when all of it is on the disk: written beside, synced, renamed, the
folder synced. All methods do their work in threads and raise StoreFailed.
"""

import asyncio
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from media.asset import WAVEFORM_PEAKS, Waveform
from media.audio import Sha256
from media.disk import digest_of, settled, size_of, sync_folder, translated, write_all
from media.errors import Code, StoreFailed
from media.ports import Bench, Kept

_CHUNK: Final = 1024 * 1024
_NAME: Final = re.compile(r"[0-9a-f]{64}")


class FileStore:
    """A store under one folder, all of it on one file system."""

    def __init__(self, root: Path) -> None:
        self._files, self._work = root / "files", root / "work"

    async def open(self) -> None:
        """Make the folders and throw away what a killed program left on its benches."""
        await settled(self._open)

    def _open(self) -> None:
        with translated():
            shutil.rmtree(self._work, ignore_errors=True)
            for folder in (self._files, self._work):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    # Files by their hash

    async def keep(self, path: Path) -> Kept:
        """Take a copy of a file into the store; durable when this returns."""
        kept: list[Kept] = []
        try:
            return await settled(self._keep, path, kept)
        except asyncio.CancelledError:
            for done in kept:
                if done.new:
                    await settled(self._remove, done.hash)
            raise

    def _keep(self, path: Path, kept: list[Kept]) -> Kept:
        with translated(), self._new_file() as (descriptor, beside):
            name, size = _copy(path, descriptor)
            target = self._place(name)
            new = not target.exists()
            if new or digest_of(target) != name:
                os.fchmod(descriptor, 0o400)
                os.fsync(descriptor)
                target.parent.mkdir(mode=0o700, exist_ok=True)
                beside.rename(target)
                sync_folder(target.parent)
                sync_folder(self._files)
            kept.append(Kept(name, size, new))
        return kept[0]

    async def keep_waveform(self, name: Sha256, waveform: Waveform) -> None:
        """Keep a stored file's waveform beside it."""
        await settled(self._keep_waveform, name, waveform)

    def _keep_waveform(self, name: Sha256, waveform: Waveform) -> None:
        with translated(), self._new_file() as (descriptor, beside):
            os.write(descriptor, bytes(waveform))
            os.fsync(descriptor)
            beside.rename(self._peaks(name))
            sync_folder(self._peaks(name).parent)

    async def waveform(self, name: Sha256) -> Waveform:
        """Return a stored file's waveform."""
        peaks = await settled(self._read, self._peaks(name), 0, WAVEFORM_PEAKS)
        return tuple(peaks)

    async def path(self, name: Sha256) -> Path:
        """Return where a stored file is, to be read only."""
        place = self._place(name)
        if not await settled(place.is_file):
            raise StoreFailed(Code.ASSET_UNKNOWN)
        return place

    async def size(self, name: Sha256) -> int:
        """Return how many bytes a stored file has."""
        return await settled(size_of, self._place(name))

    async def read(self, name: Sha256, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`, fewer at the end of the file."""
        if offset < 0 or length < 0:
            raise ValueError("offset and length are not negative")
        return await settled(self._read, self._place(name), offset, length)

    def _read(self, place: Path, offset: int, length: int) -> bytes:
        with translated(), place.open("rb") as file:
            return os.pread(file.fileno(), length, offset)

    async def check(self, name: Sha256) -> None:
        """Read a stored file whole; raise StoreFailed (asset_damaged) unless its bytes fit."""
        if await settled(digest_of, self._place(name)) != name:
            raise StoreFailed(Code.ASSET_DAMAGED)

    async def remove(self, name: Sha256) -> None:
        """Remove a file and its waveform; nothing happens when it is not there."""
        await settled(self._remove, name)

    def _remove(self, name: Sha256) -> None:
        with translated():
            for path in (self._peaks(name), self._place(name)):
                path.unlink(missing_ok=True)

    def _place(self, name: Sha256) -> Path:
        if not _NAME.fullmatch(name):
            raise StoreFailed(Code.ASSET_UNKNOWN)
        return self._files / name[:2] / name

    def _peaks(self, name: Sha256) -> Path:
        return self._place(name).with_suffix(".peaks")

    @contextmanager
    def _new_file(self) -> Iterator[tuple[int, Path]]:
        """A file that is gone afterwards unless it was renamed."""
        descriptor, name = tempfile.mkstemp(dir=self._work)
        try:
            yield descriptor, Path(name)
        finally:
            os.close(descriptor)
            Path(name).unlink(missing_ok=True)

    # A place to work

    @asynccontextmanager
    async def bench(self, source: Path) -> AsyncIterator[Bench]:
        """Lay a file out to be worked on; all of the place is gone when the context ends."""
        place = await settled(self._new_bench)
        try:
            yield await settled(_lay_out, source, place)
        finally:
            await settled(shutil.rmtree, place, ignore_errors=True)

    def _new_bench(self) -> Path:
        with translated():
            return Path(tempfile.mkdtemp(dir=self._work))


def _lay_out(source: Path, place: Path) -> Bench:
    """Put the file alone into a folder of its own: linked, or copied from elsewhere."""
    with translated():
        folder, scratch = place / "source", place / "scratch"
        folder.mkdir()
        scratch.mkdir()
        laid = folder / "sound"
        try:
            os.link(source, laid)
        except OSError:
            shutil.copyfile(source, laid)
        return Bench(laid, laid.stat().st_size, scratch)


def _copy(source: Path, into: int) -> tuple[Sha256, int]:
    digest, size = hashlib.sha256(), 0
    with source.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            write_all(into, chunk, size)
            size += len(chunk)
    return Sha256(digest.hexdigest()), size
