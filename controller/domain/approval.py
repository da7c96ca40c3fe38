"""Approval: a person's yes to exact bytes, areas, times and class, as the signer signs it.

The canonical bytes are the encoding of `ApprovalBody`; the signature is by the signer's own
approval key over the DSSE pre-authentication encoding of those bytes.
"""

import json
from typing import Final
from uuid import UUID

from edge_agent.wire.codec import (
    AreaId,
    DurationMs,
    Instant,
    Message,
    Sha256,
    Signature,
    Version,
    decode_strict,
    encode,
)
from edge_agent.wire.precedence import MessageClass
from scheduler.schedule import Schedule, from_data, to_data

_TYPE: Final = b"application/vnd.loaxa.approval.1"


class ApprovedRendition(Message, frozen=True, kw_only=True):
    """The exact sound that was heard, and how long it is."""

    hash: Sha256
    duration: DurationMs


class ApprovalBody(Message, frozen=True, kw_only=True):
    """All that an approval binds. Another value in any field needs another approval."""

    id: UUID
    announcement: UUID
    revision: Version
    area: AreaId
    """The area that owns the announcement and orders it."""
    message_class: MessageClass
    renditions: tuple[ApprovedRendition, ...]
    areas: tuple[AreaId, ...]
    """Areas whose terminals may sound it; each is `area` or lies below it."""
    terminals: tuple[UUID, ...]
    """Single terminals that may sound it as well."""
    schedules: tuple[str, ...]
    """Each as `write_schedule` writes it; empty for an emergency."""
    not_before: Instant
    not_after: Instant
    """Airings start, and orders are given, in [not_before, not_after)."""
    author: UUID
    approver: UUID
    decided_at: Instant
    assertion: None = None
    """Place of a passkey's assertion; none is asked for yet."""


class SignedApproval(Message, frozen=True, kw_only=True):
    """An approval's exact bytes and the signer's signature over `signed_bytes` of them."""

    body: bytes
    signature: Signature


def write_approval(body: ApprovalBody) -> bytes:
    """Return the canonical bytes of an approval."""
    return encode(body)


def read_approval(body: bytes) -> ApprovalBody:
    """Read canonical bytes. Raises edge_agent.wire.errors.WireError."""
    return decode_strict(ApprovalBody, body)


def signed_bytes(body: bytes) -> bytes:
    """Return what the signer's approval key signs for these canonical bytes (DSSE v1, PAE)."""
    return b"DSSEv1 %d %b %d %b" % (len(_TYPE), _TYPE, len(body), body)


def write_schedule(schedule: Schedule) -> str:
    """Return the one text of a schedule that an approval may hold: JSON, keys sorted."""
    return json.dumps(to_data(schedule), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def read_schedule(text: str) -> Schedule:
    """Read what `write_schedule` wrote and nothing else.

    Raises scheduler.errors.ScheduleError, or ValueError for any other text of the same.
    """
    try:
        data = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    schedule = from_data(data)
    if write_schedule(schedule) != text:
        raise ValueError("not the canonical text of a schedule")
    return schedule
