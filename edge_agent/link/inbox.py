"""What waits between the network and a handler: bounded, and never dropped in silence."""

import asyncio
import logging
from collections import deque

from edge_agent.link.messenger import Handler, Message

_log = logging.getLogger(__name__)


class Inbox:
    """The queue of one filter, with the task that feeds its handler.

    Each filter has its own, so that a slow write of a block never delays an order.
    """

    def __init__(
        self, handler: Handler, *, may_drop: bool, max_messages: int, max_bytes: int
    ) -> None:
        self.handler = handler
        self.may_drop = may_drop
        self.dropped = 0
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._waiting: deque[Message] = deque()
        self._bytes = 0
        self._arrived = asyncio.Event()

    def put(self, message: Message) -> bool:
        """Take a message; False when it does not fit and this inbox may not drop.

        A message larger than the inbox is taken when it is the only one.
        """
        size = len(message.payload)
        while self._waiting and not self._fits(size):
            if not self.may_drop:
                return False
            self._bytes -= len(self._waiting.popleft().payload)
            self.dropped += 1
        self._waiting.append(message)
        self._bytes += size
        self._arrived.set()
        return True

    def _fits(self, size: int) -> bool:
        return len(self._waiting) < self._max_messages and self._bytes + size <= self._max_bytes

    async def run(self) -> None:
        """Feed the handler until cancelled."""
        while True:
            await self._arrived.wait()
            while self._waiting:
                message = self._waiting.popleft()
                self._bytes -= len(message.payload)
                try:
                    await self.handler(message)
                except Exception:  # noqa: BLE001 - boundary to every handler
                    # A handler's fault must not deafen the program to later messages.
                    _log.exception(
                        "a handler failed", extra={"action": "handle", "topic": message.topic}
                    )
            self._arrived.clear()
