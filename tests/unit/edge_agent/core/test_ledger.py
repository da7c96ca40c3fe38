"""The ledger survives any torn write and forgets nothing that is young."""

from dataclasses import replace
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.core.airing import Kind
from edge_agent.core.ledger import (
    KEPT_US,
    RECORD_BYTES,
    Ledger,
    LedgerFull,
    StartRecord,
    Write,
    decode_record,
    encode_record,
)
from edge_agent.wire.precedence import MessageClass

NAMES = UUID(int=3)
NOW = 1_795_521_600_000_000

records = st.builds(
    StartRecord,
    id=st.uuids(),
    kind=st.sampled_from(Kind),
    message_class=st.sampled_from(MessageClass),
    announcement=st.none() | st.uuids().filter(lambda value: value.int != 0),
    rendition=st.binary(min_size=32, max_size=32),
    planned=st.integers(0, 2**53),
    begin=st.integers(0, 2**53),
    began=st.none() | st.integers(0, 2**53),
    duration_ms=st.integers(0, 2**31),
    repeats=st.integers(1, 100),
    heard=st.integers(0, 100),
    position_ms=st.integers(0, 2**31),
    sounded_ms=st.integers(0, 2**31),
    joins=st.integers(0, 255),
    over=st.booleans(),
)


def record(name: str, *, over: bool = False, planned: int = NOW) -> StartRecord:
    return StartRecord(
        id=uuid5(NAMES, name),
        kind=Kind.ITEM,
        message_class=MessageClass.ORDINARY,
        announcement=None,
        rendition=bytes(32),
        planned=planned,
        begin=planned,
        began=None,
        duration_ms=1000,
        repeats=1,
        heard=0,
        position_ms=0,
        sounded_ms=0,
        joins=0,
        over=over,
    )


def apply(data: bytes, write: Write, upto: int = RECORD_BYTES) -> bytes:
    end = write.offset + upto
    return data[: write.offset] + write.data[:upto] + data[end:]


@given(records, st.integers(0, 2**63))
def test_a_record_reads_as_it_was_written(written: StartRecord, generation: int) -> None:
    """Every field comes back, in 128 bytes."""
    data = encode_record(written, generation)
    assert len(data) == RECORD_BYTES
    assert decode_record(data) == (written, generation)


@given(records, st.integers(0, RECORD_BYTES - 1), st.integers(1, 255))
def test_a_damaged_record_counts_as_never_written(
    written: StartRecord, place: int, flip: int
) -> None:
    """Any changed byte is noticed."""
    data = bytearray(encode_record(written, 1))
    data[place] ^= flip
    assert decode_record(bytes(data)) is None


@given(st.integers(0, RECORD_BYTES), st.integers(1, 6))
def test_a_torn_write_leaves_the_record_before_it(upto: int, updates: int) -> None:
    """Power fails after any number of bytes of a write: the newest whole record holds."""
    data = bytes(2 * 4 * RECORD_BYTES)
    ledger = Ledger(data)
    wanted = record("a")
    for number in range(updates):
        wanted = replace(wanted, position_ms=number)
        data = apply(data, ledger.put(wanted))
    data = apply(data, ledger.put(replace(wanted, position_ms=99)), upto)
    (found,) = Ledger(data).records
    assert found.position_ms in (wanted.position_ms, 99)
    assert found.position_ms == 99 or upto < RECORD_BYTES


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=40))
def test_what_was_put_is_what_is_read(puts: list[tuple[int, bool]]) -> None:
    """After any updates a new reading of the file shows the last state of each."""
    data = bytes(2 * 8 * RECORD_BYTES)
    ledger, expected = Ledger(data), {}
    for number, over in puts:
        written = record(str(number), over=over)
        data = apply(data, ledger.put(written))
        expected[written.id] = written
    assert {found.id: found for found in Ledger(data).records} == expected


def test_only_old_and_finished_records_give_way() -> None:
    """A full ledger refuses a new record while all others are young or unfinished."""
    data = bytes(2 * 2 * RECORD_BYTES)
    ledger = Ledger(data)
    ledger.put(record("old", over=True, planned=NOW - KEPT_US - 1))
    ledger.put(record("running"))
    ledger.put(record("new"))
    assert {found.id for found in ledger.records} == {
        uuid5(NAMES, name) for name in ("running", "new")
    }
    with pytest.raises(LedgerFull):
        ledger.put(record("another"))


def test_a_file_of_garbage_is_an_empty_ledger() -> None:
    """What is not a record counts as nothing, whatever it is."""
    assert Ledger(b"\xff" * 4 * RECORD_BYTES).records == []
    assert Ledger(b"").records == []
