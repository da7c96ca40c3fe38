"""What waits for a handler."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.link import Message
from edge_agent.link.inbox import Inbox


def make_inbox(got: list[bytes], *, may_drop: bool, messages: int = 4, size: int = 100) -> Inbox:
    async def take(message: Message) -> None:
        got.append(message.payload)

    return Inbox(take, may_drop=may_drop, max_messages=messages, max_bytes=size)


async def drain(inbox: Inbox) -> None:
    feeder = asyncio.create_task(inbox.run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    feeder.cancel()
    await asyncio.gather(feeder, return_exceptions=True)


@given(sizes=st.lists(st.integers(0, 150), max_size=30), may_drop=st.booleans())
def test_every_message_is_handed_over_refused_or_counted(
    sizes: list[int], *, may_drop: bool
) -> None:
    """Nothing vanishes: delivered + refused + dropped is what was put, in order, within bounds."""
    got: list[bytes] = []
    refused = 0

    async def scenario() -> int:
        nonlocal refused
        inbox = make_inbox(got, may_drop=may_drop)
        for number, size in enumerate(sizes):
            payload = bytes([number]) * size
            refused += not inbox.put(Message("t", payload))
        await drain(inbox)
        return inbox.dropped

    dropped = asyncio.run(scenario())
    assert len(got) + refused + dropped == len(sizes)
    assert (dropped == 0) or may_drop
    assert (refused == 0) or not may_drop
    assert len(got) <= 4
    assert sum(map(len, got)) <= 100 or len(got) == 1
    assert [p[0] for p in got if p] == sorted(p[0] for p in got if p)


async def test_the_newest_survives_where_dropping_is_allowed() -> None:
    """Of more live packets than fit, the latest are kept."""
    got: list[bytes] = []
    inbox = make_inbox(got, may_drop=True)
    for number in range(10):
        inbox.put(Message("g", bytes([number])))
    await drain(inbox)
    assert got == [bytes([number]) for number in range(6, 10)]
    assert inbox.dropped == 6


async def test_the_oldest_survive_where_dropping_is_forbidden() -> None:
    """Of more orders than fit, the first are kept and the others are refused openly."""
    got: list[bytes] = []
    inbox = make_inbox(got, may_drop=False)
    taken = [inbox.put(Message("t", bytes([number]))) for number in range(6)]
    await drain(inbox)
    assert taken == [True, True, True, True, False, False]
    assert got == [bytes([number]) for number in range(4)]
