"""The data folder belongs to one controller at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class FolderRefused(Exception):
    """The folder cannot be used; the text is one line that says why."""


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder if need be and keep a second controller away from it inside the block.

    Raises FolderRefused.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FolderRefused(f"no right to write in {folder}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise FolderRefused(f"another controller already uses {folder}") from error
    try:
        yield
    finally:
        os.close(descriptor)
