"""The ledger's file: its whole size is taken when it is made, so a full disk cannot stop it."""

import os
from pathlib import Path

from edge_agent.adapters.disk.atomic import write_at, write_file
from edge_agent.core.ledger import RECORD_BYTES, Write

PLACES = 2048
_SIZE = 2 * PLACES * RECORD_BYTES
_PROBE = RECORD_BYTES


class LedgerOnDisk:
    """A file of `PLACES` records in two copies, and room for a trial write behind them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def read(self) -> bytes:
        """All records; a file that is missing or too short is made anew. Raises OSError."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            data = b""
        if len(data) != _SIZE + _PROBE:
            # Shorter or longer than we ever write: keep what records there are.
            data = data[:_SIZE].ljust(_SIZE + _PROBE, b"\0")
            write_file(self._path, data)
        return data[:_SIZE]

    def write(self, write: Write) -> None:
        """Write one record; durable when it returns. Raises OSError."""
        descriptor = self._open()
        write_at(descriptor, write.data, write.offset)
        os.fdatasync(descriptor)

    def probe(self) -> None:
        """Write behind the records. Raises OSError when the file cannot be written."""
        descriptor = self._open()
        write_at(descriptor, bytes(_PROBE), _SIZE)
        os.fdatasync(descriptor)

    def close(self) -> None:
        """Let the file go; may be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDWR)
        return self._descriptor
