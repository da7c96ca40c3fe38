"""Answers terminals that ask for the signed time."""

import asyncio
from typing import Final

from controller.domain.signing import TellTime
from controller.services.context import Context
from controller.services.loops import attempt
from controller.services.ports import Messenger
from controller.services.roster import KnownTerminal
from edge_agent.wire.reports import TimeQuestion
from edge_agent.wire.topics import down

AT_ONCE: Final = 16
"""Questions answered side by side; an answer later than two seconds is worth nothing, so
what does not fit is dropped and asked again."""
_SEND_S: Final = 2.0


class ClockExchange:
    """Takes time questions. The signer's clock is the one that counts."""

    def __init__(self, context: Context, messenger: Messenger) -> None:
        self._context = context
        self._messenger = messenger
        self._answering: set[asyncio.Task[bool]] = set()
        self.answered = 0

    async def asked(self, known: KnownTerminal, question: TimeQuestion) -> None:
        """Answer beside whatever else goes on."""
        if len(self._answering) >= AT_ONCE:
            return
        task = asyncio.create_task(attempt("time", self._answer, known, question))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def close(self) -> None:
        """End what is still being answered."""
        for task in tuple(self._answering):
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _answer(self, known: KnownTerminal, question: TimeQuestion) -> None:
        request = TellTime(terminal=known.id, nonce=question.nonce)
        signed = await self._context.signer.time(request)
        await self._messenger.publish(down(known.id), signed.envelope, _SEND_S)
        self.answered += 1
