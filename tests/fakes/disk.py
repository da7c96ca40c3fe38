"""A terminal's disk in memory: it survives crashes, and refuses to write when told so."""

import errno
import hashlib
from collections.abc import Callable, Mapping

from edge_agent.core.ledger import RECORD_BYTES, Write

PLACES = 64


class Disk:
    """What is on it. full: nothing can be written. before_write: told of each, may raise."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.ledger = bytes(2 * PLACES * RECORD_BYTES)
        self.log = b""
        self.recordings: dict[bytes, bytes] = {}
        self.copies: dict[bytes, bytes] = {}
        self.parts: dict[bytes, bytearray] = {}
        self.full = False
        self.free = 10**9
        self.fails_to_finish = 0
        self.writes = 0
        self.before_write: Callable[[str], None] = lambda _what: None

    def write(self, what: str) -> None:
        """Somebody is about to write."""
        self.writes += 1
        self.before_write(what)
        if self.full:
            raise OSError(errno.ENOSPC, "no space left on device")


class MemoryDocuments:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def read_all(self) -> Mapping[str, bytes]:
        return dict(self._disk.documents)

    def write(self, name: str, data: bytes) -> None:
        self._disk.write(name)
        self._disk.documents[name] = data

    def remove(self, name: str) -> None:
        self._disk.documents.pop(name, None)


class MemoryLedger:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def read(self) -> bytes:
        return self._disk.ledger

    def write(self, write: Write) -> None:
        self._disk.write("ledger")
        data = self._disk.ledger
        end = write.offset + len(write.data)
        self._disk.ledger = data[: write.offset] + write.data + data[end:]

    def probe(self) -> None:
        self._disk.write("probe")


class MemoryLog:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def read(self) -> bytes:
        return self._disk.log

    def append(self, data: bytes) -> None:
        self._disk.write("log")
        self._disk.log += data

    def replace(self, data: bytes) -> None:
        self._disk.write("log")
        self._disk.log = data


class MemoryPartial:
    def __init__(self, disk: Disk, data: bytearray) -> None:
        self._disk = disk
        self._data = data

    def read(self, offset: int, size: int) -> bytes:
        return bytes(self._data[offset : offset + size])

    def write(self, offset: int, data: bytes) -> None:
        self._disk.write("part")
        self._data[offset : offset + len(data)] = data

    def sync(self) -> None:
        pass

    def close(self) -> None:
        pass


class MemoryRecordings:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def complete(self) -> Mapping[bytes, int]:
        return {name: len(data) for name, data in self._disk.recordings.items()}

    def partial(self) -> set[bytes]:
        return set(self._disk.parts)

    def open_partial(self, rendition: bytes, size: int) -> MemoryPartial:
        self._disk.write("part")
        return MemoryPartial(self._disk, self._disk.parts.setdefault(rendition, bytearray(size)))

    def finish(self, rendition: bytes) -> bool:
        if self._disk.fails_to_finish:
            self._disk.fails_to_finish -= 1
            raise OSError(errno.EIO, "input/output error")
        data = bytes(self._disk.parts.pop(rendition))
        if hashlib.sha256(data).digest() != rendition:
            return False
        self._disk.recordings[rendition] = data
        return True

    def discard(self, rendition: bytes) -> None:
        for place in (self._disk.recordings, self._disk.copies, self._disk.parts):
            place.pop(rendition, None)

    def check(self, rendition: bytes) -> bool:
        for place in (self._disk.recordings, self._disk.copies):
            data = place.get(rendition)
            if data is not None and hashlib.sha256(data).digest() == rendition:
                self._disk.recordings[rendition] = data
                return True
        self.discard(rendition)
        return False

    def copy(self, rendition: bytes) -> None:
        self._disk.write("copy")
        self._disk.copies[rendition] = self._disk.recordings[rendition]

    def path(self, rendition: bytes) -> str:
        return rendition.hex()

    def free_bytes(self) -> int:
        return 0 if self._disk.full else self._disk.free
