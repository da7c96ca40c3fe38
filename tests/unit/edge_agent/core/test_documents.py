"""Which document, order or block is taken, and why another is not."""

import hashlib
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.core.assembly import MAX_RANGES, Assembly
from edge_agent.core.orders import AHEAD_US, LONGEST_US, check_order, may_cancel
from edge_agent.core.rundown import check_rundown
from edge_agent.core.stops import KEPT_US, check_stop, holds_of, kept, stopped_until
from edge_agent.core.versions import Stamp, Verdict, compare
from edge_agent.wire.carousel import Block
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.orders import Cancel
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import Manifest, Rundown, RundownItem, Stop

NOW = 1_795_521_600_000_000
SECOND = 1_000_000
DAY = 24 * 3600 * SECOND


def stamp(version: int, *, epoch: int = 1, area: str = "c-1", issued: int = NOW) -> Stamp:
    digest = hashlib.sha256(f"{version} {epoch} {area} {issued}".encode()).digest()
    return Stamp(area, epoch, version, issued, digest)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 3)), min_size=1, max_size=20))
def test_versions_only_rise(offers: list[tuple[int, int]]) -> None:
    """In whatever order documents come, what is held never falls, within a key's epoch."""
    held: Stamp | None = None
    for version, epoch in offers:
        offered = stamp(version, epoch=epoch)
        before = held
        with suppress(WireError):
            if compare(held, offered) is Verdict.NEW:
                held = offered
        assert held is not None
        if before is not None:
            assert (held.epoch, held.version) >= (before.epoch, before.version)
    assert held is not None
    assert (held.epoch, held.version) == max((e, v) for v, e in offers)


def test_a_new_epoch_cures_a_huge_version_and_a_moved_terminal_goes_by_date() -> None:
    """Rotation restarts the count; documents of another area's key count when they are newer."""
    assert compare(stamp(2**50), stamp(1, epoch=2)) is Verdict.NEW
    assert compare(stamp(9), stamp(1, area="c-2", issued=NOW + 1)) is Verdict.NEW
    with pytest.raises(WireError):
        compare(stamp(1), stamp(9, area="c-2", issued=NOW - 1))
    assert compare(stamp(3), stamp(3)) is Verdict.KNOWN


def rundown(*items: RundownItem, until: int = NOW + DAY) -> Rundown:
    return Rundown(
        terminal=UUID(int=1),
        area="c-1",
        version=1,
        issued=NOW,
        valid_until=until,
        items=items,
        keep=(),
    )


def item(
    start: int,
    *,
    duration: int = 10_000,
    latest: int | None = None,
    number: int = 1,
    message_class: MessageClass = MessageClass.ORDINARY,
) -> RundownItem:
    return RundownItem(
        occurrence=UUID(int=number),
        announcement=UUID(int=2),
        approval=UUID(int=3),
        area="c-1",
        message_class=message_class,
        title="Bản tin",
        rendition=bytes(32),
        start=start,
        duration=duration,
        latest_start=start if latest is None else latest,
    )


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (rundown(until=NOW - 1), Refusal.EXPIRED),
        (rundown(until=NOW + 9 * DAY), Refusal.INCONSISTENT),
        (rundown(item(NOW), item(NOW + DAY)), Refusal.INCONSISTENT),
        (rundown(item(NOW), item(NOW + 9 * SECOND, number=2)), Refusal.INCONSISTENT),
        (rundown(item(NOW + DAY), item(NOW, number=2)), Refusal.INCONSISTENT),
        (rundown(item(NOW, duration=0)), Refusal.INCONSISTENT),
        (rundown(item(NOW, latest=NOW - 1)), Refusal.INCONSISTENT),
        (rundown(item(NOW, message_class=MessageClass.EMERGENCY)), Refusal.WRONG_CLASS),
    ],
)
def test_a_rundown_is_taken_whole_or_not_at_all(document: Rundown, reason: Refusal) -> None:
    """Over, too long, doubled, overlapping, unordered, impossible or emergency: refused."""
    with pytest.raises(WireError) as refused:
        check_rundown(document, NOW)
    assert refused.value.reason is reason


def test_a_good_rundown_is_taken() -> None:
    """Items that touch are good; without a clock its end is not judged."""
    check_rundown(rundown(item(NOW), item(NOW + 10 * SECOND, number=2)), NOW)
    check_rundown(rundown(), None)


def cancel(issued: int, expires: int) -> Cancel:
    return Cancel(id=UUID(int=1), area="c-1", order=UUID(int=2), issued=issued, expires=expires)


@pytest.mark.parametrize(
    ("issued", "expires", "reason"),
    [
        (NOW - 10, NOW, Refusal.EXPIRED),
        (NOW + AHEAD_US + 1, NOW + AHEAD_US + 2, Refusal.NOT_YET_VALID),
        (NOW, NOW + LONGEST_US + 1, Refusal.INCONSISTENT),
        (NOW, NOW - 1, Refusal.INCONSISTENT),
    ],
)
def test_an_order_is_fresh_or_refused(issued: int, expires: int, reason: Refusal) -> None:
    """Over, from the future, or meant to live longer than it is remembered."""
    with pytest.raises(WireError) as refused:
        check_order(cancel(issued, expires), NOW)
    assert refused.value.reason is reason


def test_a_fresh_order_is_taken_and_dates_wait_for_the_clock() -> None:
    """Without a clock only what the dates say of each other is judged."""
    check_order(cancel(NOW, NOW + SECOND), NOW)
    check_order(cancel(5, 10), None)


def test_who_may_cancel() -> None:
    """The ordering area itself and those above it."""
    chain = ("p", "c", "h")
    allowed = {(a, b) for a in (*chain, "x") for b in (*chain, "x") if may_cancel(a, b, chain)}
    assert allowed == {("p", "p"), ("p", "c"), ("p", "h"), ("c", "c"), ("c", "h"), ("h", "h")}


def stop(issued: int, hold_s: int, area: str = "c-1") -> Stop:
    return Stop(
        id=UUID(int=issued),
        area=area,
        terminal=None,
        version=1,
        issued=issued,
        hold_until=issued + hold_s * SECOND,
    )


def test_stops_hold_for_a_day_at_most_and_are_then_forgotten() -> None:
    """A longer one is inconsistent, an old one expired; a lifted one holds nothing back."""
    check_stop(stop(NOW, 24 * 3600), NOW)
    with pytest.raises(WireError):
        check_stop(stop(NOW, 24 * 3600 + 1), NOW)
    with pytest.raises(WireError):
        check_stop(stop(NOW - KEPT_US, 10), NOW)
    assert kept(stop(NOW, 10), NOW + KEPT_US - 1)
    assert not kept(stop(NOW, 10), NOW + KEPT_US)
    holds = holds_of([stop(NOW, 60), stop(NOW, 0), stop(NOW, 90, area="x")], ("p", "c-1"))
    assert [hold.level for hold in holds] == [1, 1]
    assert stopped_until(holds, NOW + SECOND) == NOW + 60 * SECOND
    assert stopped_until(holds, NOW + 61 * SECOND) is None


def manifest(data: bytes, size: int = 1024) -> Manifest:
    blocks = tuple(
        hashlib.sha256(data[at : at + size]).digest() for at in range(0, len(data), size)
    )
    return Manifest(
        area="c-1",
        rendition=hashlib.sha256(data).digest(),
        size=len(data),
        block_size=size,
        blocks=blocks,
        duration=0,
    )


@given(st.integers(1, 150), st.sets(st.integers(0, 149)))
def test_the_gaps_are_exactly_what_is_missing(blocks: int, held: set[int]) -> None:
    """Ranges name every missing block once, in order, up to the most that fit."""
    data = bytes((blocks - 1) * 1024 + 7)
    assembly = Assembly(manifest(data))
    for index in held & set(range(blocks)):
        assembly.mark(index)
    missing = [i for span in assembly.missing() for i in range(span.first, span.end)]
    expected = [i for i in range(blocks) if i not in held]
    assert missing == expected[: len(missing)]
    assert missing == expected or len(assembly.missing()) == MAX_RANGES
    assert assembly.complete is (not expected)


def test_only_the_right_bytes_at_the_right_place_are_taken() -> None:
    """Another rendition, another place, another length: not taken; a block once only."""
    data = bytes(range(256)) * 9
    whole = manifest(data)
    assembly = Assembly(whole)
    right = Block(whole.rendition, 1, data[1024:2048])
    assert not assembly.take(Block(bytes(32), 1, right.data))
    assert not assembly.take(Block(whole.rendition, 0, data[1:1025]))
    assert not assembly.take(Block(whole.rendition, 2, data[2048:] + b"x"))
    assert not assembly.take(Block(whole.rendition, 99, right.data))
    assert assembly.take(right)
    assembly.mark(1)
    assert not assembly.take(right)
