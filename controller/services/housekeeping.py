"""What is swept up now and then: nothing that anybody still needs."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from controller.services.context import Context
from controller.services.loops import attempt
from controller.services.recordings import Recordings

_log = logging.getLogger(__name__)

EVERY_S: Final = 600.0
ANSWERS_KEPT: Final = timedelta(days=1)
DOCUMENTS_KEPT: Final = timedelta(days=1)
UNHEARD_AFTER: Final = timedelta(hours=72)
"""A terminal without a network for so long may still bring its log; the row is corrected then."""
UNHEARD: Final = "unheard"


class Housekeeping:
    """Forgets what has run out, and closes diary rows that nobody will answer."""

    def __init__(self, context: Context, recordings: Recordings) -> None:
        self._context = context
        self._recordings = recordings

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await attempt("housekeeping", self.sweep)
            await asyncio.sleep(EVERY_S)

    async def sweep(self) -> None:
        """Sweep once."""
        now = self._context.clock.now()
        async with self._context.database.begin() as tx:
            await tx.sessions.remove_expired(now)
            await tx.idempotency.remove_before(now - ANSWERS_KEPT)
            await tx.documents.remove_expired(now - DOCUMENTS_KEPT)
            closed = await tx.diary.close_unheard(now - UNHEARD_AFTER, UNHEARD)
        if closed:
            _log.info("%d airings without a word", closed, extra={"action": "close_unheard"})
        await self._recordings.sweep()
