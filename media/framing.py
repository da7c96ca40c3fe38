"""Signs in the bytes that a file was cut off: a missing rest, half a frame, no end mark.

Decoders swallow a cut file without a word, and many formats declare no length to compare
with. These walks read headers only, never samples. They answer "cut" or "no sign of it":
a file that they cannot follow to its end gives no sign.
"""

from collections.abc import Callable
from typing import Final, Protocol

from media.audio import AudioFormat, Samples, adts_frame, mp3_frame


class Readable(Protocol):
    """What the walks need: `bytes`, or a file mapped into memory."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: slice, /) -> bytes: ...

    def rfind(self, sub: bytes, start: int = 0, /) -> int:
        """Return where `sub` stands for the last time, -1 if nowhere."""
        ...


def is_cut(container: AudioFormat, data: Readable, start: int = 0) -> bool:
    """Return True when the bytes show that the file ended too early.

    `start` is where the sound begins: behind an ID3v2 tag (`tag_length`).
    """
    look = _WALKS.get(container)
    return look is not None and look(data, start)


def _ogg_cut(data: Readable, start: int) -> bool:
    """The last page must be whole and carry the end-of-stream mark (RFC 3533)."""
    last = data.rfind(b"OggS", start)
    if last < 0:
        return False
    page = data[last : last + 27]
    if len(page) < 27:
        return True
    lacing = data[last + 27 : last + 27 + page[26]]
    whole = len(lacing) == page[26] and last + 27 + page[26] + sum(lacing) <= len(data)
    return not whole or not page[5] & 4


def opus_length(data: Readable) -> Samples | None:
    """Return how long an Ogg Opus file sounds: what its last page tells, less the pre-skip.

    RFC 7845, section 4. None when it is no whole Ogg Opus file.
    """
    lacing = 27 + data[26:27][0] if len(data) > 27 else 0
    head = data[lacing : lacing + 12]
    last = data.rfind(b"OggS")
    if not head.startswith(b"OpusHead") or _ogg_cut(data, 0):
        return None
    end = int.from_bytes(data[last + 6 : last + 14], "little", signed=True)
    return Samples(max(end - int.from_bytes(head[10:12], "little"), 0))


def _wav_cut(data: Readable, start: int) -> bool:
    """The data chunk must be there in full; writers that stream leave 0 or all ones."""
    at = start + 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"data":
            return 0 < size < 0xFFFF_F000 and at + 8 + size > len(data)
        at += 8 + size + size % 2
    return True


def _aiff_cut(data: Readable, start: int) -> bool:
    at = start + 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8])
        if name == b"SSND":
            return at + 8 + size > len(data)
        at += 8 + size + size % 2
    return True


def _mp4_cut(data: Readable, start: int) -> bool:
    """Boxes must follow each other to the end of the file."""
    at = start
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        if size == 0:
            return False
        if size < 8:
            return True
        at += size
    return at > len(data)


_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def _webm_cut(data: Readable, start: int) -> bool:
    """The segment must be there in full; writers that stream leave its length open."""
    at = start
    for name in (_EBML, _SEGMENT):
        if data[at : at + 4] != name:
            return False
        first = data[at + 4 : at + 5]
        width = 9 - first[0].bit_length() if first and first[0] else 0
        field = data[at + 4 : at + 4 + width]
        if not width or len(field) < width:
            return True
        size = int.from_bytes(field) & (1 << 7 * width) - 1
        if size == (1 << 7 * width) - 1:
            return False
        at += 4 + width + size
    return at > len(data)


_MOST_FRAMES: Final = 500_000
"""More than an hour of the shortest frames that we take; beyond it a walk gives no sign."""

_AMR_NARROW: Final = (12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, 0, 0, 0, 0)
_AMR_WIDE: Final = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 5, 0, 0, 0, 0, 0)


def _amr_cut(data: Readable, start: int) -> bool:
    """Each frame's first byte says how long it is (RFC 4867, section 5)."""
    wide = data[start : start + 9] == b"#!AMR-WB\n"
    sizes, at = (_AMR_WIDE, start + 9) if wide else (_AMR_NARROW, start + 6)
    for _ in range(_MOST_FRAMES):
        if at >= len(data):
            break
        at += 1 + sizes[data[at : at + 1][0] >> 3 & 15]
    return at > len(data)


def _frames_cut(length_of: Callable[[bytes], int]) -> Callable[[Readable, int], bool]:
    def cut(data: Readable, start: int) -> bool:
        at, end = start, len(data)
        for _ in range(_MOST_FRAMES):
            length = length_of(data[at : at + 7]) if at + 7 <= end else 0
            if not length:
                break
            at += length
        return at > end

    return cut


_WALKS: Final[dict[AudioFormat, Callable[[Readable, int], bool]]] = {
    AudioFormat.OGG: _ogg_cut,
    AudioFormat.WAV: _wav_cut,
    AudioFormat.AIFF: _aiff_cut,
    AudioFormat.MP4: _mp4_cut,
    AudioFormat.WEBM: _webm_cut,
    AudioFormat.AMR: _amr_cut,
    AudioFormat.AAC: _frames_cut(adts_frame),
    AudioFormat.MP3: _frames_cut(mp3_frame),
}
