"""Uploads on their way in: one file each, which grows piece by piece and can be gone on with.

How far an upload is, is the size of its file, so it survives a restart of anything. All
methods do their work in threads and raise UploadRefused or StoreFailed.
"""

import os
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, NewType

from media.audio import Sha256
from media.disk import digest_of, settled, sync_folder, translated, write_all
from media.errors import Code, UploadRefused

UploadId = NewType("UploadId", str)

_NAME: Final = re.compile(r"[0-9A-Za-z_-]{8,64}")


class UploadStore:
    """Uploads under one folder, best on the same file system as the recordings."""

    def __init__(self, folder: Path) -> None:
        self._uploads = folder

    async def open(self) -> None:
        """Make the folder."""
        await settled(self._open)

    def _open(self) -> None:
        with translated():
            self._uploads.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def begin(self, upload: UploadId) -> None:
        """Begin an upload under an id of the caller's; beginning it again changes nothing."""
        await settled(self._begin, upload)

    def _begin(self, upload: UploadId) -> None:
        with translated():
            os.close(os.open(self._arriving(upload), os.O_WRONLY | os.O_CREAT, 0o600))
            sync_folder(self._uploads)

    async def received(self, upload: UploadId) -> int:
        """Return how many bytes of an upload have arrived: where to go on."""
        return await settled(self._received, upload)

    def _received(self, upload: UploadId) -> int:
        try:
            return self._arriving(upload).stat().st_size
        except FileNotFoundError:
            raise UploadRefused(Code.UPLOAD_UNKNOWN) from None

    async def append(self, upload: UploadId, offset: int, data: bytes, *, at_most: int) -> int:
        """Add a piece that begins at `offset` and return how many bytes there are now.

        A piece that was stored before (the answer was lost) counts as stored again. Raises
        UploadRefused when it leaves a hole (upload_offset tells where to go on) or would
        make the upload larger than `at_most` (upload_overrun).
        """
        return await settled(self._append, upload, offset, data, at_most)

    def _append(self, upload: UploadId, offset: int, data: bytes, at_most: int) -> int:
        there = self._received(upload)
        if offset + len(data) > at_most:
            raise UploadRefused(Code.UPLOAD_OVERRUN, at_most=at_most)
        if not 0 <= offset <= there:
            raise UploadRefused(Code.UPLOAD_OFFSET, offset=there)
        fresh = data[there - offset :]
        with translated(), self._arriving(upload).open("r+b", buffering=0) as file:
            try:
                write_all(file.fileno(), fresh, there)
                os.fdatasync(file.fileno())
            except OSError:
                # The piece counts as never sent, so that going on from `received` is right.
                os.ftruncate(file.fileno(), there)
                raise
        return there + len(fresh)

    async def finish(self, upload: UploadId, size: int, expected: Sha256 | None = None) -> Path:
        """Return the complete file of an upload, still in place, to be read only.

        Raises UploadRefused when bytes are missing or, where the sender told the hash of the
        file, when it differs. Drop the upload when the file has been taken in.
        """
        there = await self.received(upload)
        if there != size:
            raise UploadRefused(Code.UPLOAD_INCOMPLETE, offset=there)
        path = self._arriving(upload)
        if expected is not None and await settled(digest_of, path) != expected:
            raise UploadRefused(Code.HASH_DIFFERS)
        return path

    async def drop(self, upload: UploadId) -> None:
        """Throw away what has arrived; nothing happens when there is none."""
        await settled(self._drop, upload)

    def _drop(self, upload: UploadId) -> None:
        with translated():
            self._arriving(upload).unlink(missing_ok=True)

    async def drop_stale(self, before: datetime) -> int:
        """Throw away uploads that got their last piece before an instant; return how many."""
        return await settled(self._drop_stale, before.timestamp())

    def _drop_stale(self, before: float) -> int:
        dropped = 0
        with translated():
            there = list(self._uploads.iterdir())
        for path in there:
            with translated(), suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    dropped += 1
        return dropped

    def _arriving(self, upload: UploadId) -> Path:
        if not _NAME.fullmatch(upload):
            raise UploadRefused(Code.UPLOAD_UNKNOWN)
        return self._uploads / upload
