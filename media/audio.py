"""Units of sound, and the formats we take, told apart by their bytes and never by a name."""

from enum import StrEnum
from typing import Final, NewType, TypeAlias

Samples = NewType("Samples", int)
"""A position or length, in samples of 48 kHz whatever the file's own rate (Opus's clock)."""

Hertz: TypeAlias = int
"""A sample rate or a frequency."""

Lufs: TypeAlias = float
"""Loudness relative to full scale, as EBU R 128 defines it; -inf is silence."""

LoudnessUnits: TypeAlias = float
"""A difference of loudness; one unit is one decibel."""

Decibels: TypeAlias = float
"""A gain."""

TruePeak: TypeAlias = float
"""Peak between the samples (dBTP), as ITU-R BS.1770 estimates it; -inf is silence."""

Sha256 = NewType("Sha256", str)
"""64 lower-case hexadecimal digits: the name of a file in the store."""

CLOCK: Final[Hertz] = 48_000
HEAD_BYTES: Final = 4096
"""How much of a file's beginning `recognise` wants to see."""


class AudioFormat(StrEnum):
    """A container that we take. Which codec is inside is the probe's business."""

    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"
    OGG = "ogg"
    MP4 = "mp4"
    AAC = "aac"
    AMR = "amr"
    AIFF = "aiff"
    WEBM = "webm"

    @property
    def demuxer(self) -> str:
        """The one reader of libavformat that may open it."""
        return {AudioFormat.MP4: "mov", AudioFormat.WEBM: "matroska"}.get(self, self.value)


DECODERS: Final = (
    "aac,alac,amrnb,amrwb,flac,gsm,gsm_ms,libopus,libspeex,mp1,mp1float,mp2,mp2float,mp3,mp3float,"
    "opus,speex,vorbis,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_g722,pcm_alaw,pcm_mulaw,pcm_f32be,"
    "pcm_f32le,pcm_f64be,pcm_f64le,pcm_s8,pcm_u8,pcm_s16be,pcm_s16le,pcm_u16le,pcm_s24be,pcm_s24le,"
    "pcm_s32be,pcm_s32le"
)
"""The decoders of libavcodec that strangers' bytes may reach (a list as libavformat takes it)."""


def samples_at(rate: Hertz, count: int) -> Samples:
    """Return how long `count` samples at `rate` last, in samples of 48 kHz."""
    return Samples(round(count * CLOCK / rate))


def seconds(length: Samples) -> float:
    """Return a length in seconds."""
    return length / CLOCK


def from_seconds(length: float) -> Samples:
    """Return a length given in seconds as samples."""
    return Samples(round(length * CLOCK))


def tag_length(head: bytes) -> int:
    """Return the bytes that an ID3v2 tag takes at the beginning of the file (0 = no tag).

    MP3, AAC and even FLAC files carry one; what is behind it says what the file is.
    """
    if len(head) < 10 or head[:3] != b"ID3" or head[3] == 0xFF or max(head[6:10]) > 0x7F:
        return 0
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + size + (10 if head[5] & 0x10 else 0)


def recognise(head: bytes) -> AudioFormat | None:
    """Return the format of a file by its first bytes, those of an ID3v2 tag left out.

    `head` should hold `HEAD_BYTES`, or the whole file when that is shorter. None means that
    it is nothing we take: playlists, pictures, archives, documents, films in other containers.
    """
    for look in (_by_signature, _mp4, _webm, _mpeg):
        found = look(head)
        if found is not None:
            return found
    return None


def _by_signature(head: bytes) -> AudioFormat | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return AudioFormat.WAV
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return AudioFormat.AIFF
    if head[:4] == b"fLaC":
        return AudioFormat.FLAC
    if head[:5] == b"OggS\0":
        return AudioFormat.OGG
    if head[:6] == b"#!AMR\n" or head[:9] == b"#!AMR-WB\n":
        return AudioFormat.AMR
    return None


_MP4_BRANDS: Final = (
    b"M4A",
    b"M4B",
    b"mp4",
    b"iso",
    b"3gp",
    b"3g2",
    b"3ge",
    b"qt",
    b"MSNV",
    b"dash",
)


def _mp4(head: bytes) -> AudioFormat | None:
    """An `ftyp` box that names a brand used for sound; pictures (HEIC, AVIF) share the box."""
    if head[4:8] != b"ftyp" or not 8 <= int.from_bytes(head[:4]) <= HEAD_BYTES:
        return None
    brand = head[8:12]
    return AudioFormat.MP4 if brand.startswith(_MP4_BRANDS) else None


def _webm(head: bytes) -> AudioFormat | None:
    if head[:4] != b"\x1a\x45\xdf\xa3":
        return None
    named = head[4:64]
    return AudioFormat.WEBM if b"webm" in named or b"matroska" in named else None


def _mpeg(head: bytes) -> AudioFormat | None:
    """Frames without a header of the file: two in a row, since one can be chance."""
    for found, length_of in ((AudioFormat.AAC, adts_frame), (AudioFormat.MP3, mp3_frame)):
        first = length_of(head[:7])
        if not first:
            continue
        second = head[first : first + 7]
        if length_of(second) or (len(head) < HEAD_BYTES and len(second) < 7):
            return found
    return None


_MP3_KBIT: Final = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_RATE: Final = {
    3: (44_100, 48_000, 32_000),
    2: (22_050, 24_000, 16_000),
    0: (11_025, 12_000, 8_000),
}


def mp3_frame(header: bytes) -> int:
    """Return the length in bytes of the MPEG audio frame that begins here, 0 if none does.

    Layers 1 to 3 of MPEG-1, MPEG-2 and MPEG-2.5 (ISO/IEC 11172-3, 13818-3); the free bit rate
    counts as none.
    """
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    kbit_index, rate_index = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer == 4 or not 1 <= kbit_index <= 14 or rate_index == 3:
        return 0
    kbit = _MP3_KBIT[version == 3, layer][kbit_index - 1]
    rate, padding = _MP3_RATE[version][rate_index], header[2] >> 1 & 1
    if layer == 1:
        return (12_000 * kbit // rate + padding) * 4
    slots = 72_000 if layer == 3 and version != 3 else 144_000
    return slots * kbit // rate + padding


def adts_frame(header: bytes) -> int:
    """Return the length in bytes of the AAC frame (ADTS) that begins here, 0 if none does."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    if header[2] >> 2 & 0xF > 12:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length > 7 else 0
