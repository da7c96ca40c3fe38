"""Reads Opus packets out of an Ogg file (RFC 3533, RFC 7845), and survives any bytes at all.

Work is bounded: memory by one page and one packet, time by the size of the file and a budget for
damaged pages. The page checksum is the unreflected CRC-32; reversing the bits of every byte turns
it into the reflected one of zlib, which is fast.
"""

import io
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edge_agent.services.sound_ports import RATE, Packet, SoundError, SoundFault

PRE_ROLL = RATE * 80 // 1000
"""Frames to decode and throw away before a jump's target (RFC 7845, 4.6)."""

_MAX_PACKET = 61_440
_MAX_PACKET_FRAMES = RATE * 120 // 1000
_HEADER = 27
_MAX_PAGE = _HEADER + 255 + 255 * 255
_DAMAGE_BUDGET = 4 << 20
_NO_GRANULE = (1 << 64) - 1
_REVERSED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))
_CONTINUED, _FIRST, _LAST = 1, 2, 4


def page_checksum(page: bytes) -> int:
    """Checksum of an Ogg page whose own checksum field is zero."""
    reflected = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{reflected:032b}"[::-1], 2)


def packet_frames(packet: bytes) -> int:
    """Frames at 48 kHz that an Opus packet holds by its first bytes; 0 when it is not valid."""
    if not packet:
        return 0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        size = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        size = (480, 960)[config & 1]
    else:
        size = (120, 240, 480, 960)[config & 3]
    count = (1, 2, 2, 0)[code]
    if code == 3:
        count = packet[1] & 0x3F if len(packet) > 1 else 0
    frames = size * count
    return frames if frames <= _MAX_PACKET_FRAMES else 0


@dataclass(frozen=True, slots=True)
class _Page:
    offset: int
    end: int
    flags: int
    granule: int | None
    serial: int
    sequence: int
    lacing: bytes
    body: bytes

    def pieces(self) -> list[tuple[bytes, bool]]:
        """Pieces of packets on this page; True = the packet ends here."""
        found: list[tuple[bytes, bool]] = []
        start = end = 0
        for value in self.lacing:
            end += value
            if value < 255:
                found.append((self.body[start:end], True))
                start = end
        if start < end or (self.lacing and self.lacing[-1] == 255):
            found.append((self.body[start:end], False))
        return found


class OggOpusReader:
    """Packets of one Ogg Opus recording (mono or stereo) from a path or from bytes."""

    def __init__(self, source: str | bytes) -> None:
        """Open and read the headers; SoundError RECORDING_MISSING or RECORDING_DAMAGED."""
        try:
            self._file: BinaryIO = (
                io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb")  # noqa: SIM115
            )
            self._size = self._file.seek(0, os.SEEK_END)
        except OSError as error:
            raise SoundError(SoundFault.RECORDING_MISSING, str(error)) from error
        self._damage = 0
        self._serial = -1
        self._pre_skip = 0
        self._header_gain_db = 0.0
        self._ready: list[Packet] = []
        self._partial: bytearray | None = None
        self._granule: int | None = None
        self._sequence: int | None = None
        self._finished = False
        self._offset = 0
        try:
            self._first_audio = self._read_headers()
            self._end = self._find_end()
        except SoundError:
            self.close()
            raise
        self.seek(0)

    @property
    def length(self) -> int | None:
        """Frames of the whole recording, None when its last page cannot be found."""
        return None if self._end is None else max(0, self._end - self._pre_skip)

    @property
    def header_gain_db(self) -> float:
        """Output gain of the header, to be applied by whoever decodes."""
        return self._header_gain_db

    def close(self) -> None:
        """Let the file go; may be called twice."""
        self._file.close()

    def seek(self, position: int) -> None:
        """Go on with a packet at least 80 ms before `position`, or with the first one."""
        target = position + self._pre_skip - PRE_ROLL
        self._ready.clear()
        self._partial = None
        self._sequence = None
        self._finished = False
        self._offset, self._granule = self._first_audio, 0
        if target > 0:
            self._offset, self._granule = self._page_after(target)
        while True:
            while self._ready and self._past(self._ready[0]) <= target:
                self._ready.pop(0)
            if self._ready or self._finished:
                return
            self._take_page()

    def read(self) -> Packet | None:
        """The next packet in order, None at the end of the recording."""
        while not self._ready:
            if self._finished:
                return None
            self._take_page()
        return self._ready.pop(0)

    def _past(self, packet: Packet) -> int:
        return packet.position + packet.frames + self._pre_skip

    def _take_page(self) -> None:
        """Turn the next page of our stream into packets."""
        page = self._next_page(self._offset)
        if page is None:
            self._finished = True
            return
        self._offset = page.end
        if page.serial != self._serial:
            return
        packets = self._packets_of(page)
        self._place(packets, page)
        if page.flags & _LAST:
            self._finished = True

    def _packets_of(self, page: _Page) -> list[bytes]:
        in_order = self._sequence is None or page.sequence == (self._sequence + 1) & 0xFFFFFFFF
        self._sequence = page.sequence
        partial = self._partial if in_order and page.flags & _CONTINUED else None
        self._partial = None
        skip = bool(page.flags & _CONTINUED) and partial is None
        packets: list[bytes] = []
        for piece, complete in page.pieces():
            whole = (partial or bytearray()) + piece
            partial = None
            if not complete:
                if not skip and len(whole) <= _MAX_PACKET:
                    self._partial = whole
            elif not skip and len(whole) <= _MAX_PACKET:
                packets.append(bytes(whole))
            skip = False
        return packets

    def _place(self, packets: list[bytes], page: _Page) -> None:
        """Give the packets of a page their positions, by its granule and by what came before."""
        frames = [packet_frames(packet) for packet in packets]
        start = self._granule
        if page.granule is not None and not page.flags & _LAST:
            by_page = page.granule - sum(frames)
            start = by_page if start is None else max(start, by_page)
        if start is None:
            start = max(0, (page.granule or 0) - sum(frames))
        for packet, count in zip(packets, frames, strict=True):
            if not count:
                continue
            self._ready.append(Packet(packet, start - self._pre_skip, count))
            start += count
        self._granule = start

    def _page_after(self, target: int) -> tuple[int, int | None]:
        """Offset of the page that follows the last one ending at or before granule `target`."""
        low, high = self._first_audio, self._size
        best: tuple[int, int | None] = (self._first_audio, 0)
        while high - low > _MAX_PAGE:
            middle = (low + high) // 2
            page = self._next_page(middle, high)
            while page is not None and (page.serial != self._serial or page.granule is None):
                page = self._next_page(page.end, high)
            if page is None or page.granule is None or page.granule > target:
                high = middle
            else:
                low = page.end
                best = (page.end, page.granule)
        return best

    def _read_headers(self) -> int:
        """Find the Opus stream; the offset behind its two header packets."""
        offset = 0
        while page := self._next_page(offset):
            offset = page.end
            if page.flags & _FIRST and page.body[:8] == b"OpusHead":
                self._read_opus_head(page.body)
                self._serial = page.serial
                return self._skip_tags(offset)
            if not page.flags & _FIRST:
                break
        raise SoundError(SoundFault.RECORDING_DAMAGED, "no Opus stream in it")

    def _read_opus_head(self, head: bytes) -> None:
        if len(head) < 19 or head[8] >> 4 or head[9] not in (1, 2) or head[18]:
            raise SoundError(SoundFault.RECORDING_DAMAGED, "an Opus header we do not play")
        self._pre_skip = int.from_bytes(head[10:12], "little")
        self._header_gain_db = int.from_bytes(head[16:18], "little", signed=True) / 256

    def _skip_tags(self, offset: int) -> int:
        """Offset behind the page on which the comment packet ends."""
        while page := self._next_page(offset):
            offset = page.end
            if page.serial == self._serial and any(value < 255 for value in page.lacing):
                return offset
        raise SoundError(SoundFault.RECORDING_DAMAGED, "it ends inside its headers")

    def _find_end(self) -> int | None:
        """Granule of the last page of our stream; looks only at the end of the file."""
        found: int | None = None
        offset = max(self._first_audio, self._size - 2 * _MAX_PAGE)
        while page := self._next_page(offset):
            offset = page.end
            if page.serial == self._serial and page.granule is not None:
                found = page.granule
        return found

    def _next_page(self, offset: int, limit: int | None = None) -> _Page | None:
        """The first sound page that begins at or after `offset` and before `limit`."""
        limit = self._size if limit is None else limit
        while offset < limit:
            window = self._bytes_at(offset, _HEADER + 255)
            if not window.startswith(b"OggS"):
                offset = self._next_capture(offset, limit)
                continue
            page = self._page_at(offset, window)
            if page is not None:
                return page
            offset += 4
        return None

    def _next_capture(self, offset: int, limit: int) -> int:
        """Where the letters OggS come next; `limit` when nowhere before it."""
        while offset < limit:
            window = self._bytes_at(offset, 65_536)
            at = window.find(b"OggS", 1)
            if at >= 0:
                return min(offset + at, limit)
            if len(window) < 65_536:
                return limit
            offset += len(window) - 4
        return limit

    def _page_at(self, offset: int, header: bytes) -> _Page | None:
        if len(header) < _HEADER or header[4]:
            return None
        lacing = header[_HEADER : _HEADER + header[26]]
        size = _HEADER + header[26] + sum(lacing)
        raw = self._bytes_at(offset, size)
        if len(raw) < size:
            return None
        blank = raw[:22] + b"\0\0\0\0" + raw[26:]
        if page_checksum(blank) != int.from_bytes(raw[22:26], "little"):
            self._count_damage(size)
            return None
        granule = int.from_bytes(raw[6:14], "little")
        return _Page(
            offset=offset,
            end=offset + size,
            flags=raw[5],
            granule=None if granule == _NO_GRANULE or granule >> 62 else granule,
            serial=int.from_bytes(raw[14:18], "little"),
            sequence=int.from_bytes(raw[18:22], "little"),
            lacing=lacing,
            body=raw[_HEADER + len(lacing) :],
        )

    def _count_damage(self, size: int) -> None:
        """Bytes that look like pages but are not cost time; a hostile file is made of them."""
        self._damage += size
        if self._damage > _DAMAGE_BUDGET:
            raise SoundError(SoundFault.RECORDING_DAMAGED, "too many damaged pages")

    def _bytes_at(self, offset: int, size: int) -> bytes:
        try:
            self._file.seek(offset)
            return self._file.read(size)
        except OSError as error:
            raise SoundError(SoundFault.RECORDING_MISSING, str(error)) from error
