"""The ledger of started airings: what makes "at most once" true across power cuts.

A record is 128 bytes. Each place on disk has two copies, written in turn, so that a write cut
by a power failure leaves the one before it. The file never grows.
"""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from edge_agent.core.airing import SECOND, Kind
from edge_agent.wire.precedence import MessageClass

RECORD_BYTES: Final = 128
KEPT_US: Final = 9 * 24 * 3600 * SECOND
"""A record is not overwritten before this age: one day longer than any rundown counts."""

_MAGIC: Final = b"LXL1"
_FIELDS: Final = struct.Struct(">4s16sBBBB16s32sqqqIHHIIQ")
_CRC: Final = struct.Struct(">I")
_KINDS: Final = tuple(Kind)
_CLASSES: Final = tuple(MessageClass)


class LedgerFull(Exception):
    """All places hold records that are too young to be overwritten."""


@dataclass(frozen=True, slots=True)
class StartRecord:
    """How far one airing has got.

    begin: where its timeline lies (an item's start; when an order's first repeat began).
    began: wall instant of the first sample, None before it. position_ms: checkpoint, the
    furthest place in it that has sounded. joins: how often it began in its middle.
    heard: repeats heard whole. over: it never sounds again.
    """

    id: UUID
    kind: Kind
    message_class: MessageClass
    announcement: UUID | None
    rendition: bytes
    planned: int
    begin: int
    began: int | None
    duration_ms: int
    repeats: int
    heard: int
    position_ms: int
    sounded_ms: int
    joins: int
    over: bool


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes that go to a place in the ledger's file."""

    offset: int
    data: bytes


def encode_record(record: StartRecord, generation: int) -> bytes:
    """Return the 128 bytes of a record; `generation` tells newer from older copies."""
    body = _FIELDS.pack(
        _MAGIC,
        record.id.bytes,
        _KINDS.index(record.kind),
        _CLASSES.index(record.message_class),
        record.joins,
        record.over,
        record.announcement.bytes if record.announcement else bytes(16),
        record.rendition,
        record.planned,
        record.begin,
        -1 if record.began is None else record.began,
        record.duration_ms,
        record.repeats,
        record.heard,
        record.position_ms,
        record.sounded_ms,
        generation,
    )
    padded = body.ljust(RECORD_BYTES - _CRC.size, b"\0")
    return padded + _CRC.pack(zlib.crc32(padded))


def decode_record(data: bytes) -> tuple[StartRecord, int] | None:
    """Read a record and its generation; None for an empty, torn or damaged one."""
    if len(data) != RECORD_BYTES or data[:4] != _MAGIC:
        return None
    padded, crc = data[: -_CRC.size], data[-_CRC.size :]
    if _CRC.pack(zlib.crc32(padded)) != crc:
        return None
    fields = _FIELDS.unpack(padded[: _FIELDS.size])
    if fields[2] >= len(_KINDS) or fields[3] >= len(_CLASSES):
        return None
    record = StartRecord(
        id=UUID(bytes=fields[1]),
        kind=_KINDS[fields[2]],
        message_class=_CLASSES[fields[3]],
        joins=fields[4],
        over=bool(fields[5]),
        announcement=UUID(bytes=fields[6]) if any(fields[6]) else None,
        rendition=fields[7],
        planned=fields[8],
        begin=fields[9],
        began=None if fields[10] < 0 else fields[10],
        duration_ms=fields[11],
        repeats=fields[12],
        heard=fields[13],
        position_ms=fields[14],
        sounded_ms=fields[15],
    )
    return record, fields[16]


class Ledger:
    """What a ledger file says, and where its next write goes."""

    def __init__(self, data: bytes) -> None:
        """Read a whole file; what is torn or damaged in it counts as never written."""
        self._capacity = len(data) // (2 * RECORD_BYTES)
        self._places: dict[UUID, int] = {}
        self._records: dict[int, tuple[StartRecord, int]] = {}
        for place in range(self._capacity):
            newest = self._newest(data, place)
            if newest is not None:
                self._records[place] = newest
                self._places[newest[0].id] = place

    @property
    def records(self) -> list[StartRecord]:
        """Every record, in no order."""
        return [record for record, _ in self._records.values()]

    def put(self, record: StartRecord) -> Write:
        """Take a record in place of the one before it. Raises LedgerFull."""
        place = self._places.get(record.id)
        if place is None:
            place = self._free_place(record.planned)
            before = self._records.get(place)
            if before is not None:
                del self._places[before[0].id]
            self._places[record.id] = place
        generation = self._records[place][1] + 1 if place in self._records else 0
        self._records[place] = record, generation
        return Write(self._offset(place, generation), encode_record(record, generation))

    def _free_place(self, planned: int) -> int:
        for place in range(self._capacity):
            if place not in self._records:
                return place
        oldest = min(self._over(), key=lambda place: self._records[place][0].planned, default=None)
        if oldest is None or self._records[oldest][0].planned > planned - KEPT_US:
            raise LedgerFull
        return oldest

    def _over(self) -> Iterable[int]:
        return (place for place, (record, _) in self._records.items() if record.over)

    def _offset(self, place: int, generation: int) -> int:
        return (generation % 2 * self._capacity + place) * RECORD_BYTES

    def _newest(self, data: bytes, place: int) -> tuple[StartRecord, int] | None:
        copies = []
        for half in (0, 1):
            offset = self._offset(place, half)
            copy = decode_record(data[offset : offset + RECORD_BYTES])
            if copy is not None:
                copies.append(copy)
        return max(copies, key=lambda copy: copy[1], default=None)
