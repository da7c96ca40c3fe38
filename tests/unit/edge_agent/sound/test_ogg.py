"""The Ogg reader: every packet with its place, jumps, damage, and hostile files."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.adapters.ogg import (
    PRE_ROLL,
    OggOpusReader,
    packet_frames,
    page_checksum,
)
from edge_agent.services.sound_ports import Packet, SoundError, SoundFault
from tests.fakes.ogg_opus import (
    OPUS_TAGS,
    PRE_SKIP,
    Page,
    checksum,
    lacing_of,
    opus_head,
    pages,
)

FRAMES = 960
COUNT = 400


def packet(number: int) -> bytes:
    """A packet of 20 ms that tells its number; lengths vary, also around 255."""
    return bytes([0x78]) + number.to_bytes(4, "big") + bytes(number * 37 % 600)


def file_of(count: int = COUNT, packets_per_page: int = 10) -> list[Page]:
    length = count * FRAMES - PRE_SKIP - 100
    packets = [packet(number) for number in range(count)]
    return list(pages(packets, frames=FRAMES, length=length, packets_per_page=packets_per_page))


def joined(made: list[Page]) -> bytes:
    return b"".join(page.encode() for page in made)


WHOLE = joined(file_of())
PAGED = {count: joined(file_of(packets_per_page=count)) for count in (1, 7, 50, 100)}


def everything(reader: OggOpusReader) -> list[Packet]:
    found = []
    while (one := reader.read()) is not None:
        found.append(one)
    return found


def unless_damaged(raw: bytes, position: int = 0) -> list[Packet]:
    """All packets from a position on; none when the file is refused as damaged."""
    try:
        reader = OggOpusReader(raw)
        if position:
            reader.seek(position)
        return everything(reader)
    except SoundError as error:
        if error.fault is not SoundFault.RECORDING_DAMAGED:
            raise
        return []


def number_of(one: Packet) -> int:
    return int.from_bytes(one.data[1:5], "big")


@given(st.binary(max_size=400))
def test_the_checksum_is_the_one_of_the_standard(data: bytes) -> None:
    """The fast checksum equals the one worked out byte by byte."""
    assert page_checksum(data) == checksum(data)


def test_all_packets_come_in_order_with_their_places() -> None:
    """Each packet comes once, whole, at its position; the first ones lie before 0 by pre-skip."""
    found = everything(OggOpusReader(WHOLE))
    assert [one.data for one in found] == [packet(number) for number in range(COUNT)]
    assert [one.position for one in found] == [n * FRAMES - PRE_SKIP for n in range(COUNT)]


def test_length_is_read_from_the_end() -> None:
    """The length is that of the sound: without run-up and without what is cut at the end."""
    assert OggOpusReader(WHOLE).length == COUNT * FRAMES - PRE_SKIP - 100 - 0


def test_a_path_reads_as_the_bytes_do(tmp_path: Path) -> None:
    """A file on disk and its bytes give the same packets."""
    file = tmp_path / "a.opus"
    file.write_bytes(WHOLE)
    reader = OggOpusReader(str(file))
    assert everything(reader) == everything(OggOpusReader(WHOLE))
    reader.close()
    reader.close()


def test_a_missing_file_is_told() -> None:
    """A path that does not exist is RECORDING_MISSING."""
    with pytest.raises(SoundError) as caught:
        OggOpusReader("/nowhere/a.opus")
    assert caught.value.fault is SoundFault.RECORDING_MISSING


@given(st.integers(0, COUNT * FRAMES), st.sampled_from(sorted(PAGED)))
def test_a_jump_lands_early_enough_and_not_too_early(position: int, packets_per_page: int) -> None:
    """After a jump the first packet begins at least 80 ms before the wish, at most 110 ms."""
    reader = OggOpusReader(PAGED[packets_per_page])
    reader.seek(position)
    first = reader.read()
    assert first is not None
    assert first.position <= max(position - PRE_ROLL, -PRE_SKIP)
    assert first.position >= min(position, COUNT * FRAMES) - PRE_ROLL - 2 * FRAMES
    assert number_of(first) * FRAMES - PRE_SKIP == first.position
    rest = everything(reader)
    assert len(rest) == COUNT - 1 - number_of(first)


def test_a_jump_in_a_long_recording_reads_little(tmp_path: Path) -> None:
    """A jump into the second hour reads less than 1 MB of 5 MB."""
    count = 2 * 3600 * 50
    body = bytes([0x78]) + bytes(9)
    length = count * FRAMES - PRE_SKIP
    made = pages((body for _ in range(count)), frames=FRAMES, length=length)
    file = tmp_path / "long.opus"
    file.write_bytes(joined(list(made)))
    reader = OggOpusReader(str(file))
    begun = time.perf_counter()
    reader.seek(5400 * 48_000)
    first = reader.read()
    reader.close()
    assert time.perf_counter() - begun < 1
    assert first is not None
    assert 0 <= 5400 * 48_000 - first.position - PRE_ROLL < 2 * FRAMES


def test_packets_may_cross_pages() -> None:
    """A packet that is continued on the next page comes whole."""
    big = bytes([0x78]) + bytes(range(256)) * 4
    lacing = lacing_of(len(big))
    head = opus_head()
    made = [
        Page(lacing_of(len(head)), head, 0, flags=2),
        Page(lacing_of(len(OPUS_TAGS)), OPUS_TAGS, 0, sequence=1),
        Page(lacing[:2], big[:510], -1, sequence=2),
        Page(lacing[2:] + lacing_of(3), big[510:] + b"\x78ab", 2 * FRAMES, flags=5, sequence=3),
    ]
    found = everything(OggOpusReader(joined(made)))
    assert [one.data for one in found] == [big, b"\x78ab"]
    assert [one.position for one in found] == [-PRE_SKIP, FRAMES - PRE_SKIP]


def test_other_streams_are_passed_over() -> None:
    """Pages of another stream in the same file change nothing."""
    made = file_of()
    foreign = [Page(b"\x05", b"hello", 99_999_999, serial=8, sequence=n) for n in range(len(made))]
    mixed = [page for pair in zip(made, foreign, strict=True) for page in pair]
    assert everything(OggOpusReader(joined(mixed))) == everything(OggOpusReader(WHOLE))


def test_a_damaged_page_leaves_a_hole_and_no_shift() -> None:
    """Packets behind a damaged page keep their places; those on it are missing."""
    encoded = [page.encode() for page in file_of()]
    hurt = bytearray(encoded[10])
    hurt[100] ^= 1
    found = everything(OggOpusReader(b"".join([*encoded[:10], bytes(hurt), *encoded[11:]])))
    numbers = [number_of(one) for one in found]
    assert numbers == [n for n in range(COUNT) if not 80 <= n < 90]
    assert all(number_of(one) * FRAMES - PRE_SKIP == one.position for one in found)


@given(st.data())
def test_damage_anywhere_costs_only_what_it_hit(data: st.DataObject) -> None:
    """Whatever is flipped, cut or put in: packets stay whole, in order, at their places."""
    raw = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(200, len(raw) - 1))
        kind = data.draw(st.sampled_from(["flip", "cut", "insert"]))
        if kind == "flip":
            raw[at] ^= data.draw(st.integers(1, 255))
        elif kind == "cut":
            del raw[at : at + data.draw(st.integers(1, 5000))]
        else:
            raw[at:at] = data.draw(st.binary(min_size=1, max_size=300))
    found = unless_damaged(bytes(raw))
    numbers = [number_of(one) for one in found]
    assert all(before < after for before, after in pairwise(numbers))
    assert all(one.data == packet(number_of(one)) for one in found)
    shifts = {one.position + PRE_SKIP - number_of(one) * FRAMES for one in found[:-10]}
    assert shifts <= {0}


@given(st.binary(max_size=3000), st.integers(0, 10_000_000))
def test_any_bytes_are_answered(noise: bytes, position: int) -> None:
    """Arbitrary bytes, alone or behind good headers, end in packets or in RECORDING_DAMAGED."""
    for raw in (noise, joined(file_of(2)[:2]) + noise, WHOLE[:5000] + noise):
        unless_damaged(raw, position)


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(-1, 2**62), st.integers(0, 9)), max_size=9)
)
def test_absurd_pages_are_answered(odd: list[tuple[int, int, int]]) -> None:
    """Pages with a right checksum and absurd flags, granules and numbers do no harm."""
    made = file_of(30)[:2]
    made += [
        Page(b"\x06\xff\x00", packet(0)[:5] + bytes(256), granule, flags, sequence=sequence)
        for flags, granule, sequence in odd
    ]
    reader = OggOpusReader(joined(made))
    for position in (0, 48_000, 2**40):
        reader.seek(position)
        assert len(everything(reader)) <= 2 * len(odd)


def test_a_file_made_of_false_pages_is_refused_in_time() -> None:
    """Millions of page beginnings, each with 64 KiB to check, are refused within seconds."""
    head = b"OggS\0\0" + bytes(20) + b"\xff" + b"\xff" * 255
    raw = joined(file_of(2)[:2]) + (head + b"OggS\0" * 1000) * 400
    begun = time.perf_counter()
    with pytest.raises(SoundError) as caught:
        everything(OggOpusReader(raw))
    assert caught.value.fault is SoundFault.RECORDING_DAMAGED
    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize(
    "head",
    [
        b"OpusHead",
        opus_head(channels=6),
        opus_head()[:8] + b"\x20" + opus_head()[9:],
        opus_head()[:18] + b"\x01",
        b"\x01vorbis" + bytes(20),
    ],
    ids=["short", "six channels", "version 2", "mapping 1", "vorbis"],
)
def test_other_headers_are_refused(head: bytes) -> None:
    """A stream that we do not play is RECORDING_DAMAGED."""
    raw = Page(lacing_of(len(head)), head, 0, flags=2).encode() + WHOLE[100:]
    with pytest.raises(SoundError) as caught:
        OggOpusReader(raw)
    assert caught.value.fault is SoundFault.RECORDING_DAMAGED


def test_the_header_names_a_gain() -> None:
    """The gain of the header is read as signed 256ths of a decibel."""
    head = opus_head(gain_q8=-640)
    raw = Page(lacing_of(len(head)), head, 0, flags=2).encode()
    raw += Page(lacing_of(len(OPUS_TAGS)), OPUS_TAGS, 0, sequence=1).encode()
    assert OggOpusReader(raw).header_gain_db == -2.5


@pytest.mark.parametrize(
    ("first", "frames"),
    [
        (b"\x00", 480), (b"\x18", 2880), (b"\x1b\x02", 5760), (b"\x1b\x03", 0), (b"\x60", 480),
        (b"\x68", 960), (b"\x80", 120), (b"\x98", 960), (b"\x99", 1920), (b"\xfb\x06", 5760),
        (b"\xfb\x00", 0), (b"\xfb", 0), (b"", 0),
    ],
)  # fmt: skip
def test_packets_tell_their_length(first: bytes, frames: int) -> None:
    """The first bytes of a packet say how many frames it holds (RFC 6716, 3.1); 0 = not valid."""
    assert packet_frames(first) == frames
