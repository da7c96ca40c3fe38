"""Waiting for something or for time to pass, whichever comes first."""

import asyncio

from edge_agent.services.ports import Clock


async def wait_at_most(event: asyncio.Event, seconds: float, clock: Clock) -> bool:
    """Wait until the event is set or so many seconds have passed; tell whether it is set."""
    if event.is_set():
        return True
    waiters = {
        asyncio.ensure_future(event.wait()),
        asyncio.ensure_future(clock.sleep(max(0.0, seconds))),
    }
    try:
        await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()
    return event.is_set()
