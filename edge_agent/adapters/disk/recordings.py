"""Renditions on disk: `<hash>.opus` complete, `<hash>.part` not yet, `<hash>.copy` a second one.

A partial file needs no list of what it holds: its blocks are hashed again after a restart, so
what a power cut took is simply missing.
"""

import contextlib
import hashlib
import logging
import os
import re
from pathlib import Path

from edge_agent.adapters.disk.atomic import (
    PRIVATE,
    remove_file,
    sync_folder,
    write_at,
    write_file,
)

_log = logging.getLogger(__name__)
_NAME = re.compile(r"\A([0-9a-f]{64})\.(opus|part|copy)\Z")
_CHUNK = 256 * 1024


class PartialFile:
    """A `.part` file."""

    def __init__(self, path: Path, size: int) -> None:
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE)
        if os.fstat(self._descriptor).st_size != size:
            os.ftruncate(self._descriptor, size)

    @property
    def _file(self) -> int:
        if self._descriptor is None:
            raise OSError("this file was let go")
        return self._descriptor

    def read(self, offset: int, size: int) -> bytes:
        """Bytes of it, zeros where nothing has been written. Raises OSError."""
        return os.pread(self._file, size, offset)

    def write(self, offset: int, data: bytes) -> None:
        """Write a piece. Raises OSError."""
        write_at(self._file, data, offset)

    def sync(self) -> None:
        """Make durable what was written. Raises OSError."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """Let the file go; may be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class RecordingFolder:
    """All renditions of one terminal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def complete(self) -> dict[bytes, int]:
        """Complete renditions and their sizes, the longest untouched first."""
        found = []
        for path, rendition in self._named("opus"):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime_ns, rendition, status.st_size))
        return {rendition: size for _, rendition, size in sorted(found)}

    def partial(self) -> set[bytes]:
        """Renditions of which a part is here."""
        return {rendition for _, rendition in self._named("part")}

    def open_partial(self, rendition: bytes, size: int) -> PartialFile:
        """Begin or go on with a rendition. Raises OSError."""
        return PartialFile(self._at(rendition, "part"), size)

    def finish(self, rendition: bytes) -> bool:
        """Check the hash and make a partial rendition complete. Raises OSError."""
        part = self._at(rendition, "part")
        if not _is(part, rendition):
            remove_file(part)
            return False
        descriptor = os.open(part, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(self._at(rendition, "opus"))
        sync_folder(self._folder)
        return True

    def discard(self, rendition: bytes) -> None:
        """Remove a rendition in all its forms. Raises OSError."""
        for form in ("opus", "part", "copy"):
            self._at(rendition, form).unlink(missing_ok=True)
        sync_folder(self._folder)

    def check(self, rendition: bytes) -> bool:
        """Tell whether a rendition is sound; a damaged one is mended from its copy or removed."""
        path, copy = self._at(rendition, "opus"), self._at(rendition, "copy")
        if _is(path, rendition):
            with contextlib.suppress(OSError):
                path.touch()
            return True
        _log.warning("a recording is damaged", extra={"action": "check"})
        if _is(copy, rendition):
            write_file(path, copy.read_bytes())
            return True
        self.discard(rendition)
        return False

    def copy(self, rendition: bytes) -> None:
        """Make the second copy, unless it is there. Raises OSError."""
        copy = self._at(rendition, "copy")
        if not copy.exists():
            write_file(copy, self._at(rendition, "opus").read_bytes())

    def path(self, rendition: bytes) -> str:
        """Where a complete rendition lies."""
        return str(self._at(rendition, "opus"))

    def free_bytes(self) -> int:
        """What the disk still takes. Raises OSError."""
        status = os.statvfs(self._folder)
        return status.f_bavail * status.f_frsize

    def _at(self, rendition: bytes, form: str) -> Path:
        return self._folder / f"{rendition.hex()}.{form}"

    def _named(self, form: str) -> list[tuple[Path, bytes]]:
        found = []
        for path in self._folder.iterdir():
            match = _NAME.match(path.name)
            if match is not None and match[2] == form:
                found.append((path, bytes.fromhex(match[1])))
        return found


def _is(path: Path, rendition: bytes) -> bool:
    """Tell whether a file's SHA-256 is its name."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return False
    return digest.digest() == rendition
