"""Brings the signer's newest trust file to all terminals."""

import asyncio
from typing import Final

from controller.domain.announcement import Targets
from controller.domain.errors import Conflict
from controller.domain.signing import Signed
from controller.services.context import Context
from controller.services.loops import attempt
from edge_agent.wire.envelope import MessageType

LOOK_S: Final = 3600.0
SOON_S: Final = 30.0


class TrustWatch:
    """The signer issues the trust file anew by itself, long before it ends."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def run(self) -> None:
        """Look from time to time until cancelled."""
        while True:
            done = await attempt("trust", self.look)
            await asyncio.sleep(LOOK_S if done else SOON_S)

    async def look(self) -> None:
        """Put a newer trust file than the one on its way in its place."""
        context = self._context
        async with context.database.read() as tx:
            top = await tx.areas.top()
            if top is None:
                return
            held = await tx.documents.find(MessageType.TRUST, top.id)
        current = await context.signer.trust()
        if held is not None and held.version >= current.version:
            return
        try:
            async with context.database.begin() as tx:
                await context.outbox.put(
                    tx,
                    Signed(envelope=current.trust, version=current.version),
                    kind=MessageType.TRUST,
                    subject=top.id,
                    area=top.id,
                    targets=Targets(areas=(top.id,)),
                    issued_at=context.clock.now(),
                )
        except Conflict:
            return  # somebody else was quicker
        context.outbox.wake()
