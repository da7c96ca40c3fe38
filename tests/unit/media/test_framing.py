"""Signs that a file was cut off."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.audio import AudioFormat
from media.framing import is_cut, opus_length
from tests.fakes.ogg_opus import recording
from tests.unit.media.test_audio import ADTS_HEADER, MP3_HEADER

SECOND = bytes(96_000)


def chunk(name: bytes, body: bytes, order: str = "<") -> bytes:
    return name + struct.pack(order + "I", len(body)) + body + bytes(len(body) % 2)


WHOLE = {
    AudioFormat.WAV: b"RIFF\0\0\0\0WAVE" + chunk(b"fmt ", bytes(16)) + chunk(b"data", bytes(200)),
    AudioFormat.AIFF: b"FORM\0\0\0\0AIFF"
    + chunk(b"COMM", bytes(18), ">")
    + chunk(b"SSND", bytes(200), ">"),
    AudioFormat.MP4: b"\0\0\0\x10ftypM4A \0\0\0\0" + b"\0\0\0\x68mdat" + bytes(96),
    AudioFormat.AMR: b"#!AMR\n" + (b"\x3c" + bytes(31)) * 5,
    AudioFormat.AAC: (ADTS_HEADER + bytes(93)) * 4,
    AudioFormat.MP3: (MP3_HEADER + bytes(413)) * 4,
    AudioFormat.OGG: recording(SECOND),
    AudioFormat.WEBM: b"\x1a\x45\xdf\xa3\x84webm" + b"\x18\x53\x80\x67\x40\x50" + bytes(80),
}

BEGINS = {
    AudioFormat.WAV: 44,
    AudioFormat.AIFF: 38,
    AudioFormat.MP4: 17,
    AudioFormat.AMR: 7,
    AudioFormat.AAC: 8,
    AudioFormat.MP3: 8,
    AudioFormat.OGG: 5,
    AudioFormat.WEBM: 13,
}
"""From which byte on a cut file still shows that it is of this format."""


@pytest.mark.parametrize("container", WHOLE)
def test_a_whole_file_gives_no_sign(container: AudioFormat) -> None:
    """What its writer finished is not called cut."""
    assert not is_cut(container, WHOLE[container])


def boundaries(container: AudioFormat) -> set[int]:
    """Return where a file may end without anybody being able to tell."""
    data = WHOLE[container]
    size = {AudioFormat.AMR: 32, AudioFormat.AAC: 100, AudioFormat.MP3: 417}.get(container)
    if size:
        first = 6 if container is AudioFormat.AMR else 0
        # Fewer than seven bytes of a next frame are too few to be sure.
        spare = 1 if container is AudioFormat.AMR else 7
        return {at + more for at in range(first, len(data), size) for more in range(spare)}
    return {16} if container is AudioFormat.MP4 else set()


@pytest.mark.parametrize("container", WHOLE)
def test_each_cut_is_seen(container: AudioFormat) -> None:
    """Cut at any byte but a frame's boundary, a file is called cut."""
    data, silent = WHOLE[container], boundaries(container)
    if container is AudioFormat.MP4:
        silent |= set(range(17, 24))  # no whole box begins there
    missed = [
        end
        for end in range(BEGINS[container], len(data), 1 if len(data) < 2000 else 7)
        if end not in silent and not is_cut(container, data[:end])
    ]
    assert missed == []


def test_lengths_left_open_by_streaming_writers_are_no_cut() -> None:
    """A WAV written to a pipe has 0 or all ones for its length, and is whole."""
    for size in (0, 0xFFFF_FFFF):
        head = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0" + bytes(16)
        assert not is_cut(AudioFormat.WAV, head + b"data" + struct.pack("<I", size) + bytes(99))


def test_an_open_segment_is_no_cut() -> None:
    """What a browser records while it streams declares no length."""
    head = WHOLE[AudioFormat.WEBM][:9]
    for size in (b"\xff", b"\x01" + b"\xff" * 7):
        assert not is_cut(AudioFormat.WEBM, head + b"\x18\x53\x80\x67" + size + bytes(9))
    assert is_cut(AudioFormat.WEBM, head + b"\x18\x53\x80\x67\x85" + bytes(4))


def test_a_wide_box_length_is_followed() -> None:
    """MP4 boxes above 4 GiB carry a length of eight bytes; one of 0 goes to the end."""
    head = b"\0\0\0\x10ftypM4A \0\0\0\0"
    wide = b"\0\0\0\x01mdat" + struct.pack(">Q", 24) + bytes(8)
    assert not is_cut(AudioFormat.MP4, head + wide)
    assert is_cut(AudioFormat.MP4, head + wide[:-1])
    assert not is_cut(AudioFormat.MP4, head + b"\0\0\0\0mdat" + bytes(8))


@given(st.sampled_from(list(AudioFormat)), st.binary(max_size=300), st.integers(0, 20))
def test_any_bytes_get_an_answer(container: AudioFormat, data: bytes, start: int) -> None:
    """Walks end on any bytes, and never fail."""
    assert is_cut(container, data, start) in (True, False)


@given(st.sampled_from(list(WHOLE)), st.data())
def test_damaged_files_get_an_answer(container: AudioFormat, data: st.DataObject) -> None:
    """A whole file with any one byte changed makes no walk fail or run on."""
    whole = bytearray(WHOLE[container])
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert is_cut(container, bytes(whole)) in (True, False)


def test_millions_of_tiny_frames_end_the_walk() -> None:
    """A hostile file of one-byte frames costs no more than an honest hour."""
    hostile = b"#!AMR\n" + b"\x7c" * 3_000_000
    assert not is_cut(AudioFormat.AMR, hostile)


@given(st.integers(960, 200_000))
def test_length_of_opus_is_what_a_player_sounds(frames: int) -> None:
    """Pre-skip and end trimming are taken off, to the sample."""
    assert opus_length(recording(bytes(frames * 2))) == frames


@pytest.mark.parametrize("data", [b"", b"OggS", b"RIFF" + bytes(99), recording(SECOND)[:-1]])
def test_no_length_without_a_whole_file(data: bytes) -> None:
    """What is no complete Ogg Opus file has no length."""
    assert opus_length(data) is None
