"""Signed documents on their way out: kept in the database, sent by dispatch until acknowledged."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime

from controller.domain.announcement import Targets
from controller.domain.document import Document
from controller.domain.ids import AreaId
from controller.domain.signing import Signed
from controller.services.ports import Transaction
from edge_agent.wire.envelope import MessageType


class Outbox:
    """Where services put what terminals must get. Call `wake` after the transaction ended."""

    def __init__(self) -> None:
        self._fresh = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def on_wake(self, listener: Callable[[], None]) -> None:
        """Tell `listener` as well whenever something is new; it must return at once."""
        self._listeners.append(listener)

    async def put(
        self,
        tx: Transaction,
        signed: Signed,
        *,
        kind: MessageType,
        subject: object,
        area: AreaId,
        targets: Targets,
        issued_at: datetime,
        expires_at: datetime | None = None,
    ) -> Document:
        """Store a document in place of the earlier one of its subject."""
        document = Document(
            type=kind,
            subject=str(subject),
            area=area,
            version=signed.version,
            envelope=signed.envelope,
            digest=hashlib.sha256(signed.envelope).digest(),
            targets=targets,
            issued_at=issued_at,
            expires_at=expires_at,
        )
        await tx.documents.put(document)
        return document

    def wake(self) -> None:
        """Let dispatch look at once for what is new."""
        self._fresh.set()
        for listener in self._listeners:
            listener()

    async def wait(self, seconds: float) -> None:
        """Return when something is new, or after that many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._fresh.wait()
        except TimeoutError:
            return
        self._fresh.clear()
