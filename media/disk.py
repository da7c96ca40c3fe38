"""Work on files as threads do it: settled before it is left, errors in the package's words."""

import asyncio
import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from media.audio import Sha256
from media.errors import Code, StoreFailed

P = ParamSpec("P")
R = TypeVar("R")

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


async def settled(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run in a thread; when cancelled, wait until the thread is done before saying so.

    So nothing is still being written once a task has ended.
    """
    thread = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    cancelled: asyncio.CancelledError | None = None
    while not thread.done():
        try:
            await asyncio.wait([thread])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        thread.exception()
        raise cancelled
    return thread.result()


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the file system says into the package's errors."""
    try:
        yield
    except FileNotFoundError as problem:
        raise StoreFailed(Code.ASSET_UNKNOWN) from problem
    except OSError as problem:
        full = problem.errno in _FULL
        raise StoreFailed(Code.STORAGE_FULL if full else Code.STORAGE_FAILED) from problem


def digest_of(path: Path) -> Sha256:
    """Return the SHA-256 of a file."""
    with translated(), path.open("rb") as file:
        return Sha256(hashlib.file_digest(file, "sha256").hexdigest())


def size_of(path: Path) -> int:
    """Return how many bytes a file has."""
    with translated():
        return path.stat().st_size


def write_all(descriptor: int, data: bytes, offset: int) -> None:
    """Write all of it at an offset."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
