"""The audit trail: who did what, when; each entry is chained to the one before."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from controller.domain.ids import AreaId


@dataclass(frozen=True, slots=True)
class AuditDraft:
    """An entry before it has its place in the chain.

    `actor` None: the program itself. `action` is a stable word ("announcement.approved"),
    `subject` what it was done to (an id as text), `detail` a short text for people.
    """

    id: UUID
    at: datetime
    area: AreaId
    actor: UUID | None
    actor_name: str
    action: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An entry in its place: `digest` covers the draft, the number and `previous`."""

    sequence: int
    draft: AuditDraft
    previous: bytes
    digest: bytes


FIRST_PREVIOUS = bytes(32)
"""What the first entry is chained to."""


def chain(draft: AuditDraft, sequence: int, previous: bytes) -> AuditEntry:
    """Return the entry with its digest."""
    fields = (
        str(sequence),
        str(draft.id),
        draft.at.isoformat(),
        draft.area,
        str(draft.actor or ""),
        draft.actor_name,
        draft.action,
        draft.subject,
        draft.detail,
    )
    digest = hashlib.sha256(b"loaxa-audit-1" + previous)
    for text in fields:
        data = text.encode()
        digest.update(len(data).to_bytes(4, "big") + data)
    return AuditEntry(sequence, draft, previous, digest.digest())


def broken_at(entries: Iterable[AuditEntry], previous: bytes = FIRST_PREVIOUS) -> int | None:
    """Return the number of the first entry that does not fit, None when all do.

    `entries` in order; `previous` is the digest of the one before the first.
    """
    expected: int | None = None
    for entry in entries:
        fits = entry.previous == previous and (expected is None or entry.sequence == expected)
        if not fits or chain(entry.draft, entry.sequence, entry.previous) != entry:
            return entry.sequence
        previous, expected = entry.digest, entry.sequence + 1
    return None
