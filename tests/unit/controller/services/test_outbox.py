"""Waiting for what goes out ends when it is told to."""

import asyncio

import pytest

from controller.services.outbox import Outbox


async def _for_ever(outbox: Outbox) -> None:
    while True:
        await outbox.wait(60)


@pytest.mark.parametrize("steps", range(6))
async def test_a_cancellation_that_meets_a_wake_is_not_lost(steps: int) -> None:
    """However close it comes behind a wake, a loop that waits ends when it is told to."""
    outbox = Outbox()
    loop = asyncio.create_task(_for_ever(outbox))
    for _ in range(3):
        await asyncio.sleep(0)
    outbox.wake()
    for _ in range(steps):
        await asyncio.sleep(0)
    loop.cancel()
    done, _ = await asyncio.wait([loop], timeout=1)
    loop.cancel()
    assert done == {loop}
