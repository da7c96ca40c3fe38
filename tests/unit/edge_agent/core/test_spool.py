"""The play log's file: chained lines, torn ends, receipts."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.core.spool import (
    BATCH_LINES,
    GENESIS,
    Spool,
    frame,
    line_hash,
    read_spool,
    replace_line,
)
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.reports import LogEntry, Outcome

LOG = UUID(int=5)


def line(number: int) -> LogEntry:
    return LogEntry(
        sequence=0,
        previous=GENESIS,
        at=1000 + number,
        outcome=Outcome.SOUNDED,
        item=UUID(int=number),
        announcement=None,
        message_class=MessageClass.ORDINARY,
        rendition=bytes(32),
        planned=number,
        began=number,
        asked=10,
        sounded=10,
        reason="",
    )


def spool_of(count: int) -> Spool:
    spool = Spool(LOG, 0, GENESIS)
    for number in range(count):
        spool = spool.appended(spool.numbered(line(number)))
    return spool


def file_of(spool: Spool) -> bytes:
    return b"".join(frame(part) for part in (spool.file_head(), *spool.lines))


@given(st.integers(0, 12), st.integers(0, 12))
def test_a_log_reads_as_it_was_written(count: int, confirmed: int) -> None:
    """Also when its confirmed beginning is gone: numbers and chain go on."""
    spool = spool_of(count).received(confirmed - 1) if confirmed else spool_of(count)
    shorter = spool.shortened()
    data = file_of(shorter)
    read, good = read_spool(data)
    assert read is not None
    assert (read.lines, read.next, read.head) == (shorter.lines, spool.next, spool.head)
    assert good == len(data)


@given(st.integers(1, 6), st.data())
def test_a_torn_end_costs_only_what_was_torn(count: int, data: st.DataObject) -> None:
    """Cut anywhere: all whole lines before the cut are there, and the file goes on behind them."""
    whole = file_of(spool_of(count))
    cut = data.draw(st.integers(0, len(whole) - 1))
    read, good = read_spool(whole[:cut])
    assert good <= cut
    if read is None:
        assert cut < len(frame(spool_of(0).file_head()))
        return
    again, _ = read_spool(whole[:good] + frame(read.numbered(line(99))))
    assert again is not None
    assert again.lines == (*spool_of(count).lines[: len(read.lines)], again.lines[-1])


@given(st.integers(1, 6), st.data())
def test_a_changed_byte_ends_the_log_before_it(count: int, data: st.DataObject) -> None:
    """Nothing behind a damage is believed."""
    whole = bytearray(file_of(spool_of(count)))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    read, good = read_spool(bytes(whole))
    assert good <= place
    assert read is None or read.lines == spool_of(count).lines[: len(read.lines)]


def test_a_line_that_does_not_follow_is_not_read() -> None:
    """A line with a right checksum but a wrong chain or number ends the log."""
    spool = spool_of(2)
    forged = replace_line(line(7), 2, bytes(32))
    skipped = replace_line(line(7), 3, line_hash(spool.lines[-1]))
    for wrong in (forged, skipped):
        read, _ = read_spool(file_of(spool) + frame(wrong))
        assert read is not None
        assert read.lines == spool.lines


def test_receipts_only_move_forward() -> None:
    """A receipt for what was never written, or an older one, changes nothing."""
    spool = spool_of(5).received(2)
    assert [entry.sequence for entry in spool.pending] == [3, 4]
    assert spool.received(0).acknowledged == 3
    assert spool.received(99).acknowledged == 3
    assert spool.received(4).pending == ()


def test_a_batch_is_bounded() -> None:
    """Many lines go out in pieces, the oldest first."""
    spool = spool_of(BATCH_LINES + 5)
    assert len(spool.batch()) == BATCH_LINES
    assert spool.received(BATCH_LINES - 1).batch()[0].sequence == BATCH_LINES
