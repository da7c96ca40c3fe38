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
from controller.domain.errors import Conflict, DomainError, ErrorCode
from controller.domain.ids import HashText
from controller.domain.occurrence import Occurrence, OccurrenceState, to_planned
from controller.domain.paging import PageRequest
from controller.domain.signing import Signed, SignRundown
from controller.services.context import Context
from controller.services.loops import Monotonic, attempt
from controller.services.ports import Transaction
from controller.services.roster import KnownTerminal, Roster
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
_AT_A_TIME: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Kept = Sequence[tuple[Targets, HashText]]
"""Stored emergency messages and who must hold them."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one terminal is to hold, before it is signed."""

    state: RundownState
    items: tuple[Occurrence, ...]
    approvals: Mapping[UUID, ApprovalRecord]
    keep: tuple[HashText, ...]
    held: Held | None


class Rundowns:
    """Makes rundowns while `run` runs; `mark` says that some must be made anew.

    `changed` is told of each terminal that got another rundown.
    """

    def __init__(
        self,
        context: Context,
        roster: Roster,
        monotonic: Monotonic,
        changed: Callable[[UUID], None],
    ) -> None:
        self._context = context
        self._roster = roster
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
                found = await tx.rundowns.due(now - REISSUE_AFTER, _AT_A_TIME + len(self._failed))
                waiting = [one for one in found if one not in self._failed]
                kept = await _kept(tx) if waiting else ()
            if not waiting:
                return
            for terminal in waiting:
                if not await attempt("rundown", self.make, terminal, kept):
                    self._failed[terminal] = self._monotonic() + AGAIN_S
                await asyncio.sleep(0)

    async def make(self, terminal_id: UUID, kept: Kept) -> None:
        """Make one terminal's rundown and put it on its way, where it differs or is a day old."""
        known = await self._roster.find(terminal_id)
        if known is None:
            return
        plan = await self._plan(known, kept)
        wanted = _horizon(plan, self._context.clock.now())
        fresh = wanted.issued - plan.state.issued_at < ASKED_AFTER
        if plan.state.version and fresh and due(plan.held, wanted) is None:
            async with self._context.database.begin() as tx:
                await tx.rundowns.save(replace(plan.state, made_of=plan.state.changes))
            return
        await self._store(known, plan, *await self._signed(known, plan))

    async def _plan(self, known: KnownTerminal, kept: Kept) -> _Plan:
        now = self._context.clock.now()
        async with self._context.database.read() as tx:
            state = await tx.rundowns.find(known.id)
            found = await tx.occurrences.for_terminal(known.id, now, now + COVERS)
            document = await tx.documents.find(MessageType.RUNDOWN, str(known.id))
            items = _settled(found)
            approvals = await tx.approvals.many(sorted({item.approval for item in items}))
        items = tuple(
            item
            for item in items
            if (approval := approvals.get(item.approval)) and approval.withdrawn_at is None
        )
        keep = sorted({one for targets, one in kept if _meant(targets, known)})[:MAX_KEEP]
        fresh = RundownState(known.id, 0, bytes(32), _EPOCH, _EPOCH)
        held = None if document is None else _held(document.envelope)
        return _Plan(state or fresh, _fitting(items, approvals), approvals, tuple(keep), held)

    async def _signed(self, known: KnownTerminal, plan: _Plan) -> tuple[SignRundown, Signed]:
        """Have the plan signed, leaving out what the signer refuses item by item."""
        left = list(plan.items)
        while True:
            request = _request(known.id, left, plan, self._context.clock.now() + VALID)
            try:
                return request, await self._context.signer.rundown(request)
            except DomainError as error:
                item = error.detail.get("item")
                kept = [one for one in left if one.id != item]
                if len(kept) == len(left):
                    raise
                left = kept
                _log.warning(
                    "%s stays out of a rundown: %s",
                    item,
                    error.detail.get("reason"),
                    extra={"action": "item_refused", "terminal": str(known.id)},
                )

    async def _store(
        self, known: KnownTerminal, plan: _Plan, request: SignRundown, signed: Signed
    ) -> None:
        now, until = self._context.clock.now(), to_datetime(request.valid_until)
        content = encode(_lasting(request))
        state = RundownState(
            terminal=known.id,
            version=signed.version,
            content=hashlib.sha256(content).digest(),
            issued_at=now,
            valid_until=until,
            changes=plan.state.changes,
            made_of=plan.state.changes,
        )
        try:
            async with self._context.database.begin() as tx:
                await tx.rundowns.save(state)
                await self._context.outbox.put(
                    tx,
                    signed,
                    kind=MessageType.RUNDOWN,
                    subject=known.id,
                    area=known.terminal.area,
                    targets=Targets(terminals=(known.id,)),
                    issued_at=now,
                    expires_at=until,
                )
        except Conflict as error:
            if error.code != ErrorCode.DOCUMENT_STALE:
                raise
            _log.info("another controller was first", extra={"action": "rundown"})
            return
        self._changed(known.id)
        self._context.outbox.wake()


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


def _request(
    terminal: UUID, items: Sequence[Occurrence], plan: _Plan, until: datetime
) -> SignRundown:
    used = sorted({one.approval for one in items})
    return SignRundown(
        terminal=terminal,
        valid_until=to_instant(until),
        items=tuple(_item(one) for one in items),
        approvals=tuple(
            SignedApproval(body=plan.approvals[one].body, signature=plan.approvals[one].signature)
            for one in used
        ),
        keep=tuple(bytes.fromhex(one) for one in plan.keep),
    )


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


def _horizon(plan: _Plan, now: datetime) -> Horizon:
    items = tuple(to_planned(one, ()) for one in plan.items)
    return Horizon(now, items, frozenset(plan.keep))


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


def _meant(targets: Targets, known: KnownTerminal) -> bool:
    return known.id in targets.terminals or bool(set(targets.areas) & set(known.chain))
