"""Announcements: written, looked ahead at, edited, sent for approval, deleted."""

from uuid import UUID

from controller.domain.announcement import (
    Action,
    Announcement,
    AnnouncementState,
    allow,
    edit,
    require_revision,
    submit,
)
from controller.domain.errors import Conflict, ErrorCode, Invalid
from controller.domain.event import EventKind
from controller.domain.ids import AreaId
from controller.domain.paging import Page, PageRequest
from controller.domain.roles import Actor, Permission, authorize
from controller.services.airing import Planner
from controller.services.approvals import TRIES, Approvals, require_no_problem
from controller.services.context import Context
from controller.services.drafts import Draft, read_draft
from controller.services.outlook import Outlook, Outlooks
from controller.services.ports import Transaction
from controller.services.rundowns import mark_stored
from controller.services.shown import Shown, held, schedules_of, show


class Announcements:
    """Reads and changes announcements inside the actor's own area."""

    def __init__(
        self, context: Context, outlooks: Outlooks, approvals: Approvals, planner: Planner
    ) -> None:
        self._context = context
        self._planner = planner
        self._outlooks = outlooks
        self._approvals = approvals

    async def list(
        self, actor: Actor, scope: AreaId, page: PageRequest, state: AnnouncementState | None
    ) -> Page[Shown]:
        """Return announcements of an area and below, last changed first. Raises NotFound."""
        async with self._context.database.read() as tx:
            area = await tx.areas.get(actor.area, scope)
            authorize(actor, Permission.SEE, area.chain)
            found = await tx.announcements.list(area.id, page, state)
            return Page(await show(tx, actor, self._context.clock.now(), found.items), found.next)

    async def get(self, actor: Actor, announcement_id: UUID) -> Shown:
        """Return one announcement. Raises NotFound."""
        async with self._context.database.read() as tx:
            announcement = await tx.announcements.get(actor.area, announcement_id)
            return (await show(tx, actor, self._context.clock.now(), [announcement]))[0]

    async def preview(self, actor: Actor, draft: Draft, known: UUID | None = None) -> Outlook:
        """Say what would happen, without saving. `known`: the announcement that is edited.

        Raises NotFound, Forbidden, Invalid as `create`.
        """
        async with self._context.database.read() as tx:
            area = await tx.areas.get(actor.area, draft.area_id)
            authorize(actor, Permission.COMPOSE, area.chain)
            before = await tx.announcements.get(actor.area, known) if known else None
            content = await read_draft(tx, actor, area, draft, self._context.ids, before)
        return await self._outlooks.of(area, content, before)

    async def create(self, actor: Actor, draft: Draft) -> Shown:
        """Save a new draft; it may be incomplete.

        Raises NotFound, Forbidden, Invalid for what could never be sent.
        """
        context, now = self._context, self._context.clock.now()
        async with context.database.begin() as tx:
            area = await tx.areas.get(actor.area, draft.area_id)
            authorize(actor, Permission.COMPOSE, area.chain)
            announcement = Announcement(
                id=context.ids.new(),
                area=area.id,
                content=await read_draft(tx, actor, area, draft, context.ids, None),
                author=actor.account,
                created_at=now,
                changed_at=now,
            )
            await tx.announcements.add(announcement)
            await self._note(tx, actor, announcement, "announcement.drafted")
            shown = await show(tx, actor, self._context.clock.now(), [announcement])
        context.tell(EventKind.ANNOUNCEMENT, announcement.id, area.chain)
        return shown[0]

    async def edit(self, actor: Actor, announcement_id: UUID, revision: int, draft: Draft) -> Shown:
        """Change it: a draft of the next revision; an approval is void from then on.

        Raises NotFound, Forbidden, Invalid as `create`, Conflict `changed_meanwhile`,
        `action_not_open`, Unavailable.
        """
        for _ in range(TRIES - 1):
            try:
                return await self._edit(actor, announcement_id, revision, draft)
            except Conflict as error:
                # A left-out airing, say: what was edited is still the revision that was read.
                if error.code != ErrorCode.CHANGED_MEANWHILE or error.field is not None:
                    raise
        return await self._edit(actor, announcement_id, revision, draft)

    async def _edit(
        self, actor: Actor, announcement_id: UUID, revision: int, draft: Draft
    ) -> Shown:
        context = self._context
        async with context.database.read() as tx:
            before, area = await held(tx, actor, announcement_id)
            allow(before, Action.EDIT, actor, area.chain)
            require_revision(before, revision)
            if draft.area_id != area.id:
                raise Invalid(ErrorCode.INVALID_FIELD, field="area_id")
            content = await read_draft(tx, actor, area, draft, context.ids, before)
        after = edit(before, content, actor.account, context.clock.now())
        void = await self._approvals.take_back(actor, before)
        async with context.database.begin() as tx:
            await tx.announcements.save(after, before)
            if void is not None:
                await tx.approvals.save(void)
                await mark_stored(tx, before)
            await self._note(tx, actor, after, "announcement.edited")
        if before.approval is not None:
            context.outbox.wake()
            await self._planner.schedules_changed(schedules_of(before, after))
        context.tell(EventKind.ANNOUNCEMENT, after.id, area.chain)
        return await self.get(actor, after.id)

    async def submit(self, actor: Actor, announcement_id: UUID, revision: int) -> Shown:
        """Send exactly this revision for approval. A second time changes nothing.

        Raises NotFound, Forbidden, Conflict `changed_meanwhile`, `action_not_open`, Invalid
        with the first problem's code; `detail["problems"]` lists all.
        """
        context = self._context
        async with context.database.read() as tx:
            before, area = await held(tx, actor, announcement_id)
        require_revision(before, revision)
        if before.state is AnnouncementState.SUBMITTED and before.submitted_by == actor.account:
            return await self.get(actor, before.id)
        allow(before, Action.SUBMIT, actor, area.chain)
        require_no_problem(await self._outlooks.of(area, before.content, before))
        after = submit(before, actor.account, context.clock.now())
        async with context.database.begin() as tx:
            await tx.announcements.save(after, before)
            await self._note(tx, actor, after, "announcement.submitted")
        context.tell(EventKind.ANNOUNCEMENT, after.id, area.chain)
        return await self.get(actor, after.id)

    async def delete(self, actor: Actor, announcement_id: UUID) -> None:
        """Delete a draft that was never approved. Raises NotFound, Forbidden, Conflict."""
        async with self._context.database.begin() as tx:
            announcement, area = await held(tx, actor, announcement_id)
            allow(announcement, Action.DELETE, actor, area.chain)
            await tx.announcements.remove(announcement.id)
            await self._note(tx, actor, announcement, "announcement.deleted")
        self._context.tell(EventKind.ANNOUNCEMENT, announcement.id, area.chain)

    async def _note(
        self, tx: Transaction, actor: Actor, announcement: Announcement, action: str
    ) -> None:
        await self._context.note(
            tx, actor, announcement.area, action, announcement.id, announcement.content.title
        )
