"""Makes the signed rundown of each terminal: everything it is to sound in the next days."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from controller.domain.announcement import Announcement, AnnouncementState, ApprovalRecord, Targets
from controller.domain.approval import SignedApproval
from controller.domain.document import RundownState
from controller.domain.errors import Conflict, DomainError, ErrorCode, Unavailable
from controller.domain.ids import AreaId, HashText
from controller.domain.occurrence import Occurrence, OccurrenceState, to_planned
from controller.domain.paging import PageRequest
from controller.domain.signer_refusal import Reason
from controller.domain.signing import Signed, SignRundown
from controller.domain.terminal import Terminal
from controller.services.context import Context
from controller.services.loops import Monotonic, attempt
from controller.services.ports import Transaction
from edge_agent.wire.codec import decode_strict, encode
from edge_agent.wire.envelope import MessageType, parse
from edge_agent.wire.errors import WireError
from edge_agent.wire.policy import to_datetime, to_instant
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import Rundown, RundownItem
from scheduler.conflict import settle
from scheduler.engine import EngineRules
from scheduler.horizon import COVERS, REISSUE_AFTER, VALID, Held, HeldItem, Horizon, due
from scheduler.programme import MessageClass as ScheduledClass

_log = logging.getLogger(__name__)

LOOK_S: Final = 30.0
AGAIN_S: Final = 30.0
"""How long a terminal waits whose rundown could not be made."""
ASKED_AFTER: Final = EngineRules().night_age
"""A rundown of this age is issued anew when the engine asks, changed or not."""
MAX_ITEM_BYTES: Final = 200_000
MAX_APPROVAL_BYTES: Final = 600_000
"""What one request to the signer has room for; the rest of the week follows in time."""
MAX_KEEP: Final = 100
AT_A_TIME: Final = 25
_OF_APPROVAL: Final = frozenset(
    {Reason.APPROVAL_FORGED, Reason.APPROVAL_UNKNOWN, Reason.APPROVAL_WITHDRAWN}
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Kept = Sequence[tuple[Targets, HashText]]
"""Stored emergency messages and who must hold them."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one terminal is to hold, before it is signed."""

    terminal: Terminal
    state: RundownState
    items: tuple[Occurrence, ...]
    approvals: Mapping[UUID, ApprovalRecord]
    keep: tuple[HashText, ...]
    held: Held | None


@dataclass(frozen=True, slots=True)
class _Made:
    """A plan as it was signed."""

    plan: _Plan
    request: SignRundown
    signed: Signed


class Rundowns:
    """Makes rundowns while `run` runs; `mark` says that some must be made anew.

    Many at a time: a change in a commune concerns all its terminals, and each commit waits for
    the disk. `changed` is told of each terminal that got another rundown.
    """

    def __init__(
        self, context: Context, monotonic: Monotonic, changed: Callable[[UUID], None]
    ) -> None:
        self._context = context
        self._monotonic = monotonic
        self._changed = changed
        self._wanted = asyncio.Event()
        self._failed: dict[UUID, float] = {}

    async def mark(self, terminals: Collection[UUID]) -> None:
        """Have the rundowns of terminals made anew."""
        async with self._context.database.begin() as tx:
            await tx.rundowns.mark_stale(sorted(terminals))
        self.wake()

    def wake(self) -> None:
        """Look at once for rundowns that must be made."""
        self._wanted.set()

    async def run(self) -> None:
        """Make what is due until cancelled."""
        while True:
            self._wanted.clear()
            await attempt("rundowns", self.make_due)
            try:
                await asyncio.wait_for(self._wanted.wait(), LOOK_S)
            except TimeoutError:
                continue

    async def make_due(self) -> None:
        """Make every rundown that is stale, missing or a day old."""
        while True:
            now = self._context.clock.now()
            self._failed = {
                one: until for one, until in self._failed.items() if until > self._monotonic()
            }
            async with self._context.database.read() as tx:
                found = await tx.rundowns.due(now - REISSUE_AFTER, AT_A_TIME + len(self._failed))
                waiting = [one for one in found if one not in self._failed][:AT_A_TIME]
                kept = await _kept(tx) if waiting else ()
            if not waiting:
                return
            if not await attempt("rundowns", self._make, waiting, kept):
                # One terminal's trouble must not cost the others theirs.
                for terminal in waiting:
                    if not await attempt("rundown", self._make, [terminal], kept):
                        self._postpone(terminal)

    def _postpone(self, terminal: UUID) -> None:
        self._failed[terminal] = self._monotonic() + AGAIN_S

    async def _make(self, terminals: Sequence[UUID], kept: Kept) -> None:
        """Make rundowns and put on their way those that differ or are old."""
        async with self._context.database.read() as tx:
            plans = [await self._plan(tx, terminal, kept) for terminal in terminals]
        now = self._context.clock.now()
        known = [plan for plan in plans if plan is not None]
        fresh = [plan for plan in known if not _is_due(plan, now)]
        made = await asyncio.gather(*(self._sign(plan) for plan in known if plan not in fresh))
        async with self._context.database.begin() as tx:
            for plan in fresh:
                await tx.rundowns.save(replace(plan.state, made_of=plan.state.changes))
            stored = [one for one in made if one is not None and await self._store(tx, one)]
        for one in stored:
            self._changed(one.plan.terminal.id)
        if stored:
            self._context.outbox.wake()

    async def _plan(self, tx: Transaction, terminal_id: UUID, kept: Kept) -> _Plan | None:
        """Gather what a terminal is to hold; None for one that has left service."""
        now = self._context.clock.now()
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
            if (approval := approvals.get(item.approval)) and approval.withdrawn_at is None
        )
        keep = sorted({one for targets, one in kept if _meant(targets, terminal.id, chain)})
        return _Plan(
            terminal=terminal,
            state=state or RundownState(terminal.id, 0, bytes(32), _EPOCH, _EPOCH),
            items=_fitting(items, approvals),
            approvals=approvals,
            keep=tuple(keep[:MAX_KEEP]),
            held=None if document is None else _held(document.envelope),
        )

    async def _sign(self, plan: _Plan) -> _Made | None:
        """Have a plan signed, leaving out what the signer refuses item by item.

        None when it refuses the whole: the terminal's turn comes again later.
        """
        left = list(plan.items)
        while True:
            request = _request(left, plan, self._context.clock.now() + VALID)
            try:
                return _Made(plan, request, await self._context.signer.rundown(request))
            except Unavailable:
                raise
            except DomainError as error:
                extra = {"action": "item_refused", "terminal": str(plan.terminal.id)}
                item, reason = error.detail.get("item"), error.detail.get("reason")
                kept = _without(left, item, str(reason))
                if len(kept) == len(left):
                    _log.warning("a rundown is refused: %s", reason, extra=extra)
                    self._postpone(plan.terminal.id)
                    return None
                left = kept
                _log.warning("%s stays out of a rundown: %s", item, reason, extra=extra)

    async def _store(self, tx: Transaction, made: _Made) -> bool:
        """Put a rundown on its way; False when another controller was first."""
        now, until = self._context.clock.now(), to_datetime(made.request.valid_until)
        terminal, before = made.plan.terminal, made.plan.state
        try:
            await self._context.outbox.put(
                tx,
                made.signed,
                kind=MessageType.RUNDOWN,
                subject=terminal.id,
                area=terminal.area,
                targets=Targets(terminals=(terminal.id,)),
                issued_at=now,
                expires_at=until,
            )
        except Conflict as error:
            if error.code != ErrorCode.DOCUMENT_STALE:
                raise
            _log.info("another controller was first", extra={"action": "rundown"})
            self._postpone(terminal.id)
            return False
        await tx.rundowns.save(
            RundownState(
                terminal=terminal.id,
                version=made.signed.version,
                content=hashlib.sha256(encode(_lasting(made.request))).digest(),
                issued_at=now,
                valid_until=until,
                changes=before.changes,
                made_of=before.changes,
            )
        )
        return True


async def mark_stored(tx: Transaction, announcement: Announcement) -> None:
    """An emergency was approved or taken back: whether terminals hold its sound has changed.

    Nobody plans emergencies, so that nobody else has these rundowns made anew. Wake the outbox
    after the transaction.
    """
    if announcement.content.message_class is MessageClass.EMERGENCY:
        terminals = await tx.terminals.addressed(announcement.content.targets)
        await tx.rundowns.mark_stale([terminal.id for terminal in terminals])


def _is_due(plan: _Plan, now: datetime) -> bool:
    """Tell whether a rundown differs from the one that is held, or is old."""
    if not plan.state.version or now - plan.state.issued_at >= ASKED_AFTER:
        return True
    items = tuple(to_planned(one, ()) for one in plan.items)
    return due(plan.held, Horizon(now, items, frozenset(plan.keep))) is not None


def _lasting(request: SignRundown) -> SignRundown:
    """Return a request without what differs each time it is made."""
    return SignRundown(
        terminal=request.terminal,
        valid_until=0,
        items=request.items,
        approvals=request.approvals,
        keep=request.keep,
    )


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


def _request(items: Sequence[Occurrence], plan: _Plan, until: datetime) -> SignRundown:
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


def _without(items: Sequence[Occurrence], refused: object, reason: str) -> list[Occurrence]:
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


async def _kept(tx: Transaction) -> Kept:
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
