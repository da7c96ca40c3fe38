"""The play log's order: numbered, hash-chained lines, and what the controller has of them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from edge_agent.wire.codec import Report, decode_report, encode
from edge_agent.wire.errors import WireError
from edge_agent.wire.reports import LogEntry

GENESIS: Final = bytes(32)
"""`previous` of the first line of a log."""
BATCH_LINES: Final = 50
FRAME_HEAD: Final = 8
_MAX_LINE: Final = 4096


class SpoolHead(Report, frozen=True, kw_only=True):
    """First line of a log file: which log it is, and after which line it goes on."""

    log: UUID
    first: int
    previous: bytes


@dataclass(frozen=True, slots=True)
class Spool:
    """A log whose lines up to `acknowledged` (exclusive) are safe with the controller."""

    log: UUID
    first: int
    previous: bytes
    lines: tuple[LogEntry, ...] = ()
    acknowledged: int = 0

    @property
    def next(self) -> int:
        """Sequence number of the next line."""
        return self.first + len(self.lines)

    @property
    def head(self) -> bytes:
        """Hash of the last line, which the next one carries."""
        return line_hash(self.lines[-1]) if self.lines else self.previous

    @property
    def pending(self) -> tuple[LogEntry, ...]:
        """Lines that the controller may not have."""
        return self.lines[max(0, self.acknowledged - self.first) :]

    def batch(self) -> tuple[LogEntry, ...]:
        """The oldest pending lines, as many as go into one message."""
        return self.pending[:BATCH_LINES]

    def numbered(self, line: LogEntry) -> LogEntry:
        """Return a line in its place: numbered and chained to the one before."""
        return replace_line(line, self.next, self.head)

    def appended(self, line: LogEntry) -> "Spool":
        """Return the log with a numbered line at its end."""
        return replace(self, lines=(*self.lines, line))

    def received(self, sequence: int) -> "Spool":
        """Return the log after a receipt up to and including `sequence`.

        A receipt for lines that were never written changes nothing; a receipt is never
        taken back.
        """
        if sequence >= self.next:
            return self
        return replace(self, acknowledged=max(self.acknowledged, sequence + 1))

    def shortened(self) -> "Spool":
        """Return the log without the lines that the controller has."""
        gone = max(0, self.acknowledged - self.first)
        if not gone:
            return self
        return Spool(
            self.log,
            self.first + gone,
            line_hash(self.lines[gone - 1]),
            self.lines[gone:],
            self.acknowledged,
        )

    def file_head(self) -> SpoolHead:
        """Return the first line of this log's file."""
        return SpoolHead(log=self.log, first=self.first, previous=self.previous)


def replace_line(line: LogEntry, sequence: int, previous: bytes) -> LogEntry:
    """Return a line with its number and the hash of the one before."""
    return LogEntry(
        sequence=sequence,
        previous=previous,
        at=line.at,
        outcome=line.outcome,
        item=line.item,
        announcement=line.announcement,
        message_class=line.message_class,
        rendition=line.rendition,
        planned=line.planned,
        began=line.began,
        asked=line.asked,
        sounded=line.sounded,
        reason=line.reason,
    )


def line_hash(line: LogEntry) -> bytes:
    """Return the SHA-256 that chains the next line to this one."""
    return hashlib.sha256(encode(line)).digest()


def frame(line: Report) -> bytes:
    """Return a line as it stands in the file: length, first bytes of its hash, line."""
    data = encode(line)
    return len(data).to_bytes(4, "big") + hashlib.sha256(data).digest()[:4] + data


def read_frames(data: bytes) -> tuple[list[bytes], int]:
    """Return the lines of a file and where the sound part of it ends.

    A tail that was cut by a power failure, or anything after damage, is left out.
    """
    lines: list[bytes] = []
    at = 0
    while at + FRAME_HEAD <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        body = data[at + FRAME_HEAD : at + FRAME_HEAD + length]
        fits = 0 < length <= _MAX_LINE and len(body) == length
        if not fits or hashlib.sha256(body).digest()[:4] != data[at + 4 : at + FRAME_HEAD]:
            break
        lines.append(body)
        at += FRAME_HEAD + length
    return lines, at


def read_spool(data: bytes) -> tuple[Spool | None, int]:
    """Read a log file; the log (None if there is none) and where the sound part of it ends."""
    frames, _ = read_frames(data)
    if not frames:
        return None, 0
    try:
        head = decode_report(SpoolHead, frames[0])
    except WireError:
        return None, 0
    spool = Spool(head.log, head.first, head.previous, acknowledged=head.first)
    good = FRAME_HEAD + len(frames[0])
    for line in _chained(frames[1:], spool):
        spool = spool.appended(line)
        good += FRAME_HEAD + len(encode(line))
    return spool, good


def _chained(frames: Iterable[bytes], spool: Spool) -> Iterable[LogEntry]:
    """Yield lines as long as their numbers and hashes follow each other."""
    sequence, previous = spool.next, spool.head
    for data in frames:
        try:
            line = decode_report(LogEntry, data)
        except WireError:
            return
        if line.sequence != sequence or line.previous != previous or encode(line) != data:
            return
        yield line
        sequence, previous = sequence + 1, line_hash(line)
