"""Writing so that a power cut leaves the old file or the new one, never a mixture."""

import contextlib
import os
from pathlib import Path

PRIVATE = 0o600
_NEW = ".new"


def write_file(path: Path, data: bytes) -> None:
    """Replace a file: beside it first, made durable, then put in its place. Raises OSError."""
    beside = path.with_name(path.name + _NEW)
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        try:
            write_whole(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_whole(descriptor: int, data: bytes) -> None:
    """Write all of `data` where the file stands. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def write_at(descriptor: int, data: bytes, offset: int) -> None:
    """Write all of `data` at a place. Raises OSError."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_file(path: Path) -> None:
    """Remove a file, if it is there, durably. Raises OSError."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def leftovers(folder: Path) -> None:
    """Remove what a power cut left half-written."""
    for path in folder.glob("*" + _NEW):
        with contextlib.suppress(OSError):
            path.unlink()
