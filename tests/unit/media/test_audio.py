"""Formats by their bytes, and lengths by the clock of 48 kHz."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.audio import (
    HEAD_BYTES,
    AudioFormat,
    Samples,
    adts_frame,
    from_seconds,
    mp3_frame,
    recognise,
    samples_at,
    seconds,
    tag_length,
)

MP3_HEADER = bytes([0xFF, 0xFB, 0x90, 0x64])
"""MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes."""

ADTS_HEADER = bytes([0xFF, 0xF1, 0x50, 0x80, 0x0C, 0x80, 0xFC])
"""AAC-LC at 44.1 kHz, 100 bytes a frame."""

TAKEN = {
    AudioFormat.WAV: b"RIFF\x24\0\0\0WAVEfmt ",
    AudioFormat.AIFF: b"FORM\0\0\0\x24AIFFCOMM",
    AudioFormat.FLAC: b"fLaC\0\0\0\x22",
    AudioFormat.OGG: b"OggS\0\x02" + bytes(20),
    AudioFormat.AMR: b"#!AMR\n\x3c",
    AudioFormat.MP4: b"\0\0\0\x18ftypM4A \0\0\0\0",
    AudioFormat.WEBM: b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm",
    AudioFormat.MP3: (MP3_HEADER + bytes(413)) * 2,
    AudioFormat.AAC: (ADTS_HEADER + bytes(93)) * 2,
}

REFUSED = {
    "nothing": b"",
    "zeros": bytes(HEAD_BYTES),
    "HLS playlist": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
    "concat script": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "PLS playlist": b"[playlist]\nFile1=http://example.org/\n",
    "SDP": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
    "DASH": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">',
    "page": b"<!DOCTYPE html><script>alert(1)</script>",
    "zip": b"PK\x03\x04\x14\0\0\0\x08\0",
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0",
    "AVIF": b"\0\0\0\x18ftypavif\0\0\0\0",
    "AVI": b"RIFF\x24\0\0\0AVI LIST",
    "MPEG-TS": b"G@\0\x10" + bytes(184) + b"G@\0\x10",
    "PDF": b"%PDF-1.7\n",
    "program": b"\x7fELF\x02\x01\x01",
    "one MP3 frame in the middle of something": MP3_HEADER + bytes(HEAD_BYTES),
    "endless ftyp box": b"\xff\xff\xff\xffftypM4A ",
}


@pytest.mark.parametrize(("expected", "head"), TAKEN.items())
def test_each_format_is_known_by_its_bytes(expected: AudioFormat, head: bytes) -> None:
    """Every container we take is recognised without a name."""
    assert recognise(head) is expected


@pytest.mark.parametrize("what", REFUSED)
def test_nothing_else_is_taken_for_sound(what: str) -> None:
    """Playlists, scripts, archives, pictures and films are no sound, whatever they are called."""
    assert recognise(REFUSED[what]) is None


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_get_an_answer(head: bytes) -> None:
    """No bytes at all make recognising fail."""
    assert recognise(head) in (None, *AudioFormat)
    assert tag_length(head) >= 0


@given(st.binary(min_size=4, max_size=7))
def test_a_frame_has_a_length_or_none(header: bytes) -> None:
    """A frame's length is positive, so that a walk over frames always moves."""
    assert mp3_frame(header) >= 0
    assert adts_frame(header) == 0 or adts_frame(header) > 7


def test_frame_lengths_are_those_of_the_standard() -> None:
    """128 kbit/s at 44.1 kHz: 417 bytes, 418 with padding; the ADTS header tells its own."""
    assert mp3_frame(MP3_HEADER) == 417
    assert mp3_frame(bytes([0xFF, 0xFB, 0x92, 0x64])) == 418
    assert mp3_frame(bytes([0xFF, 0xF3, 0x90, 0x64])) == 72_000 * 80 // 22_050
    assert adts_frame(ADTS_HEADER) == 100


def test_a_tag_is_skipped_by_its_own_length() -> None:
    """ID3v2 sizes are seven bits a byte; a footer adds ten."""
    assert tag_length(b"ID3\x04\0\0\0\0\x02\x01") == 10 + 257
    assert tag_length(b"ID3\x04\0\x10\0\0\x02\x01") == 20 + 257
    assert tag_length(b"ID3\xff\0\0\0\0\x02\x01") == 0
    assert tag_length(b"ID3\x04\0\0\0\0\x82\x01") == 0
    assert tag_length(b"RIFF") == 0


@given(st.integers(0, 10**10), st.sampled_from([8000, 11025, 16000, 44100, 48000, 192000]))
def test_lengths_are_the_same_at_each_rate(count: int, rate: int) -> None:
    """A length in samples of any rate is kept to half a sample of 48 kHz."""
    assert abs(seconds(samples_at(rate, count)) - count / rate) <= 0.5001 / 48_000


@given(st.integers(0, 10**10))
def test_samples_survive_seconds(count: int) -> None:
    """Samples to seconds and back are the same samples."""
    assert from_seconds(seconds(Samples(count))) == count
