"""The play log's file: lines are added at its end and are durable before they are told."""

import os
from pathlib import Path

from edge_agent.adapters.disk.atomic import PRIVATE, sync_folder, write_file, write_whole


class LogOnDisk:
    """An append-only file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes:
        """The whole file, empty if there is none. Raises OSError."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""

    def append(self, data: bytes) -> None:
        """Add to the end; durable when it returns. On OSError the old end still holds."""
        new = not self._path.exists()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
        try:
            end = os.fstat(descriptor).st_size
            try:
                write_whole(descriptor, data)
                os.fdatasync(descriptor)
            except OSError:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)
        if new:
            sync_folder(self._path.parent)

    def replace(self, data: bytes) -> None:
        """Put another file in its place. Raises OSError."""
        write_file(self._path, data)
