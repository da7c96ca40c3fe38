"""Makes Ogg Opus recordings for tests, by the library's encoder and a writer of our own."""

import ctypes
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from edge_agent.adapters.opus import load_library

RATE = 48_000
PRE_SKIP = 312
_POLYNOMIAL = 0x04C11DB7
_SET_BITRATE = 4002


def _table() -> list[int]:
    table = []
    for value in range(256):
        register = value << 24
        for _ in range(8):
            register = (register << 1) ^ (_POLYNOMIAL if register & 0x80000000 else 0)
        table.append(register & 0xFFFFFFFF)
    return table


_TABLE = _table()


def checksum(data: bytes) -> int:
    """The page checksum of RFC 3533, byte by byte as the text has it."""
    register = 0
    for byte in data:
        register = ((register << 8) & 0xFFFFFFFF) ^ _TABLE[(register >> 24) ^ byte]
    return register


@dataclass(frozen=True, slots=True)
class Page:
    """One page to be written."""

    lacing: bytes
    body: bytes
    granule: int
    flags: int = 0
    serial: int = 7
    sequence: int = 0

    def encode(self) -> bytes:
        """The bytes of the page, with its checksum."""
        head = struct.pack(
            "<4sBBqIII",
            b"OggS",
            0,
            self.flags,
            self.granule,
            self.serial,
            self.sequence,
            0,
        )
        page = head + bytes([len(self.lacing)]) + self.lacing + self.body
        return page[:22] + struct.pack("<I", checksum(page)) + page[26:]


def lacing_of(size: int) -> bytes:
    """Segment sizes of one whole packet."""
    return bytes([255] * (size // 255) + [size % 255])


def opus_head(pre_skip: int = PRE_SKIP, channels: int = 1, gain_q8: int = 0) -> bytes:
    """The first packet of a recording."""
    return b"OpusHead" + struct.pack("<BBHIhB", 1, channels, pre_skip, RATE, gain_q8, 0)


OPUS_TAGS = b"OpusTags" + struct.pack("<I", 4) + b"test" + struct.pack("<I", 0)


def packets_of(pcm: bytes, frame_ms: int = 20, bitrate: int = 24_000) -> Iterator[bytes]:
    """Opus packets of mono 16-bit sound; the last frame is filled up with silence."""
    library = load_library()
    library.opus_encoder_create.restype = ctypes.c_void_p
    error = ctypes.c_int()
    encoder = ctypes.c_void_p(library.opus_encoder_create(RATE, 1, 2048 + 1, ctypes.byref(error)))
    library.opus_encoder_ctl(encoder, ctypes.c_int(_SET_BITRATE), ctypes.c_int(bitrate))
    out = ctypes.create_string_buffer(4000)
    frames = RATE * frame_ms // 1000
    try:
        for at in range(0, len(pcm), frames * 2):
            block = pcm[at : at + frames * 2].ljust(frames * 2, b"\0")
            size = library.opus_encode(encoder, block, frames, out, len(out))
            assert size > 0, f"libopus error {size}"
            yield out.raw[:size]
    finally:
        library.opus_encoder_destroy(encoder)


def recording(
    pcm: bytes,
    *,
    frame_ms: int = 20,
    bitrate: int = 24_000,
    packets_per_page: int = 50,
    gain_q8: int = 0,
) -> bytes:
    """An Ogg Opus file whose decoded length is exactly that of `pcm`."""
    packets = packets_of(pcm + bytes(PRE_SKIP * 2), frame_ms, bitrate)
    return b"".join(
        page.encode()
        for page in pages(
            packets,
            frames=RATE * frame_ms // 1000,
            length=len(pcm) // 2,
            packets_per_page=packets_per_page,
            gain_q8=gain_q8,
        )
    )


def pages(
    packets: Iterable[bytes],
    *,
    frames: int,
    length: int,
    packets_per_page: int = 50,
    gain_q8: int = 0,
) -> Iterator[Page]:
    """Pages of a whole recording: two headers, then packets of `frames` frames each."""
    head = opus_head(gain_q8=gain_q8)
    yield Page(lacing_of(len(head)), head, 0, flags=2)
    yield Page(lacing_of(len(OPUS_TAGS)), OPUS_TAGS, 0, sequence=1)
    source = iter(packets)
    granule, sequence = 0, 2
    group = list(islice(source, packets_per_page))
    while group:
        following = list(islice(source, packets_per_page))
        granule += frames * len(group)
        yield Page(
            b"".join(lacing_of(len(packet)) for packet in group),
            b"".join(group),
            granule if following else length + PRE_SKIP,
            flags=0 if following else 4,
            sequence=sequence,
        )
        sequence += 1
        group = following
