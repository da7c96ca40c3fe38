"""Makes the signed rundown of each terminal: everything it is to sound in the next days."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from controller.domain.announcement import Announcement, Targets
from controller.domain.document import RundownState
from controller.domain.errors import Conflict, DomainError, ErrorCode, Unavailable
from controller.domain.signing import Signed, SignRundown
from controller.services.context import Context
from controller.services.loops import Monotonic, attempt
from controller.services.ports import Transaction
from controller.services.rundown_plan import (
    Kept,
    Plan,
    gather,
    is_due,
    kept_sounds,
    lasting,
    request_of,
    without,
)
from edge_agent.wire.codec import encode
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.policy import to_datetime
from edge_agent.wire.precedence import MessageClass
from scheduler.horizon import REISSUE_AFTER, VALID

_log = logging.getLogger(__name__)

LOOK_S: Final = 30.0
AGAIN_S: Final = 30.0
"""How long a terminal waits whose rundown could not be made."""
AT_A_TIME: Final = 25


@dataclass(frozen=True, slots=True)
class _Made:
    """A plan as it was signed."""

    plan: Plan
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
                async with asyncio.timeout(LOOK_S):
                    await self._wanted.wait()
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
                kept = await kept_sounds(tx) if waiting else ()
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
        now = self._context.clock.now()
        async with self._context.database.read() as tx:
            plans = [await gather(tx, terminal, kept, now) for terminal in terminals]
        known = [plan for plan in plans if plan is not None]
        fresh = [plan for plan in known if not is_due(plan, now)]
        made = await asyncio.gather(*(self._sign(plan) for plan in known if plan not in fresh))
        async with self._context.database.begin() as tx:
            for plan in fresh:
                await tx.rundowns.save(replace(plan.state, made_of=plan.state.changes))
            stored = [one for one in made if one is not None and await self._store(tx, one)]
        for one in stored:
            self._changed(one.plan.terminal.id)
        if stored:
            self._context.outbox.wake()

    async def _sign(self, plan: Plan) -> _Made | None:
        """Have a plan signed, leaving out what the signer refuses item by item.

        None when it refuses the whole: the terminal's turn comes again later.
        """
        left = list(plan.items)
        while True:
            request = request_of(left, plan, self._context.clock.now() + VALID)
            try:
                return _Made(plan, request, await self._context.signer.rundown(request))
            except Unavailable:
                raise
            except DomainError as error:
                extra = {"action": "item_refused", "terminal": str(plan.terminal.id)}
                item, reason = error.detail.get("item"), error.detail.get("reason")
                kept = without(left, item, str(reason))
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
                content=hashlib.sha256(encode(lasting(made.request))).digest(),
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
