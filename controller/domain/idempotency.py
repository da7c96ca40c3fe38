"""Answers kept so that a repeated request is answered, not done again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """One request by (`actor`, `key`, `route`); `status` None while it still runs.

    `body_hash` is the SHA-256 of the request's body: the same key with another body is a
    mistake of the client.
    """

    actor: UUID
    key: str
    route: str
    body_hash: bytes
    created_at: datetime
    status: int | None = None
    answer: bytes = b""
