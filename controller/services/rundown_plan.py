"""What one terminal's rundown is to say: gathered, settled, cut to what fits, made a request."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from controller.domain.announcement import Announcement, AnnouncementState, ApprovalRecord, Targets
from controller.domain.approval import SignedApproval
from controller.domain.document import RundownState
from controller.domain.ids import AreaId, HashText
from controller.domain.occurrence import Occurrence, OccurrenceState, to_planned
from controller.domain.paging import PageRequest
from controller.domain.signer_refusal import Reason
from controller.domain.signing import SignRundown
from controller.domain.terminal import Terminal
from controller.services.ports import Transaction
from edge_agent.wire.codec import decode_strict, encode
from edge_agent.wire.envelope import MessageType, parse
from edge_agent.wire.errors import WireError
from edge_agent.wire.policy import to_datetime, to_instant
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import Rundown, RundownItem
from scheduler.conflict import settle
from scheduler.engine import EngineRules
from scheduler.horizon import COVERS, Held, HeldItem, Horizon, due
from scheduler.programme import MessageClass as ScheduledClass

_log = logging.getLogger(__name__)

ASKED_AFTER: Final = EngineRules().night_age
"""A rundown of this age is issued anew when the engine asks, changed or not."""
MAX_ITEM_BYTES: Final = 200_000
MAX_APPROVAL_BYTES: Final = 600_000
"""What one request to the signer has room for; the rest of the week follows in time."""
MAX_BODY_BYTES: Final = 100_000
SIGNATURE_BYTES: Final = 64
"""No approval that the signer gave has another signature or a longer text."""
MAX_KEEP: Final = 100
_OF_APPROVAL: Final = frozenset(
    {Reason.APPROVAL_FORGED, Reason.APPROVAL_UNKNOWN, Reason.APPROVAL_WITHDRAWN}
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Kept = Sequence[tuple[Targets, HashText]]
"""Stored emergency messages and who must hold them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one terminal is to hold, before it is signed."""

    terminal: Terminal
    state: RundownState
    items: tuple[Occurrence, ...]
    approvals: Mapping[UUID, ApprovalRecord]
    keep: tuple[HashText, ...]
    held: Held | None


async def gather(tx: Transaction, terminal_id: UUID, kept: Kept, now: datetime) -> Plan | None:
    """Return what a terminal is to hold; None for one that has left service."""
    terminal = await tx.terminals.find(terminal_id)
    if terminal is None or terminal.retired_at is not None:
        return None
    # The count of changes first: what happens while the rest is read is not overlooked.
    state = await tx.rundowns.find(terminal.id)
    chain = (await tx.areas.chains([terminal.area]))[terminal.area]
    found = await tx.occurrences.for_terminal(terminal.id, now, now + COVERS)
    document = await tx.documents.find(MessageType.RUNDOWN, str(terminal.id))
    items = _settled(found)
    approvals = await tx.approvals.many(sorted({item.approval for item in items}))
    items = tuple(
        item
        for item in items
        if (approval := approvals.get(item.approval)) and _presentable(approval)
    )
    keep = sorted({one for targets, one in kept if _meant(targets, terminal.id, chain)})
    return Plan(
        terminal=terminal,
        state=state or RundownState(terminal.id, 0, bytes(32), _EPOCH, _EPOCH),
        items=_fitting(items, approvals),
        approvals=approvals,
        keep=tuple(keep[:MAX_KEEP]),
        held=None if document is None else _held(document.envelope),
    )


def is_due(plan: Plan, now: datetime) -> bool:
    """Tell whether a rundown differs from the one that is held, or is old."""
    if not plan.state.version or now - plan.state.issued_at >= ASKED_AFTER:
        return True
    items = tuple(to_planned(one, ()) for one in plan.items)
    return due(plan.held, Horizon(now, items, frozenset(plan.keep))) is not None


def lasting(request: SignRundown) -> SignRundown:
    """Return a request without what differs each time it is made."""
    return SignRundown(
        terminal=request.terminal,
        valid_until=0,
        items=request.items,
        approvals=request.approvals,
        keep=request.keep,
    )


def _presentable(approval: ApprovalRecord) -> bool:
    """Tell whether the signer can read an approval at all; whether it counts is for the signer."""
    sized = len(approval.signature) == SIGNATURE_BYTES and len(approval.body) <= MAX_BODY_BYTES
    return sized and approval.withdrawn_at is None


def _settled(found: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    """Return what of a terminal's occurrences airs: no two share time."""
    by_id = {one.id: one for one in found}
    running = [one.id for one in by_id.values() if one.state is OccurrenceState.SOUNDING]
    planned = [to_planned(one, ()) for one in by_id.values()]
    settlement = settle(planned, running=running)
    for one in (*settlement.displaced, *settlement.conflicts):
        _log.info("overlap: %s", one, extra={"action": "overlap"})
    return tuple(by_id[one.id] for one in settlement.kept)


def _fitting(
    items: Iterable[Occurrence], approvals: Mapping[UUID, ApprovalRecord]
) -> tuple[Occurrence, ...]:
    """Return as many of the first items as fit into one document."""
    fitting: list[Occurrence] = []
    seen: set[UUID] = set()
    item_bytes = approval_bytes = 0
    for one in items:
        item_bytes += len(encode(_item(one))) + 4
        if one.approval not in seen:
            seen.add(one.approval)
            approval_bytes += len(approvals[one.approval].body) + 128
        if item_bytes > MAX_ITEM_BYTES or approval_bytes > MAX_APPROVAL_BYTES:
            _log.warning("a rundown is full", extra={"action": "rundown_full"})
            break
        fitting.append(one)
    return tuple(fitting)


def request_of(items: Sequence[Occurrence], plan: Plan, until: datetime) -> SignRundown:
    """Return what the signer is asked for some of a plan's items."""
    used = dict.fromkeys(one.approval for one in items)
    return SignRundown(
        terminal=plan.terminal.id,
        valid_until=to_instant(until),
        items=tuple(_item(one) for one in items),
        approvals=tuple(
            SignedApproval(body=plan.approvals[one].body, signature=plan.approvals[one].signature)
            for one in used
        ),
        keep=tuple(bytes.fromhex(one) for one in plan.keep),
    )


def without(items: Sequence[Occurrence], refused: object, reason: str) -> list[Occurrence]:
    """Return the other items; all of one approval go when the approval itself is at fault."""
    at_fault = {one.approval for one in items if one.id == refused and reason in _OF_APPROVAL}
    return [one for one in items if one.id != refused and one.approval not in at_fault]


def _item(one: Occurrence) -> RundownItem:
    return RundownItem(
        occurrence=one.id,
        announcement=one.announcement,
        approval=one.approval,
        area=one.area,
        message_class=one.message_class,
        title=one.title,
        rendition=bytes.fromhex(one.rendition),
        start=to_instant(one.start),
        duration=one.duration_ms,
        latest_start=to_instant(one.latest_start),
    )


def _held(envelope: bytes) -> Held | None:
    """Return what a terminal holds by the rundown it was last sent."""
    try:
        rundown = decode_strict(Rundown, parse(envelope).payload)
    except WireError:
        return None
    items = frozenset(
        HeldItem(
            occurrence_id=item.occurrence,
            start=to_datetime(item.start),
            duration_ms=item.duration,
            latest_start=to_datetime(item.latest_start),
            message_class=ScheduledClass(item.message_class.value),
            renditions=(item.rendition.hex(),),
        )
        for item in rundown.items
    )
    return Held(to_datetime(rundown.issued), items, frozenset(one.hex() for one in rundown.keep))


async def kept_sounds(tx: Transaction) -> Kept:
    """Return every approved emergency with its sound: terminals hold it before it is needed."""
    top = await tx.areas.top()
    found: list[tuple[Targets, HashText]] = []
    cursor: str | None = None
    while top is not None:
        page = await tx.announcements.list(
            top.id, PageRequest(cursor, 500), AnnouncementState.APPROVED
        )
        for one in page.items:
            found += await _sounds_of(tx, one)
        cursor = page.next
        if cursor is None:
            break
    return found


async def _sounds_of(tx: Transaction, one: Announcement) -> list[tuple[Targets, HashText]]:
    if one.content.message_class is not MessageClass.EMERGENCY or one.approval is None:
        return []
    approval = await tx.approvals.find(one.approval)
    if approval is None or approval.withdrawn_at is not None:
        return []
    return [(one.content.targets, rendition) for rendition in approval.renditions]


def _meant(targets: Targets, terminal: UUID, chain: Collection[AreaId]) -> bool:
    return terminal in targets.terminals or bool(set(targets.areas) & set(chain))
