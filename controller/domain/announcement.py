"""Announcements: one thing to say, and the table of what may happen to it.

State after each action (– = not open):

    state      edit   submit     approve   return    withdraw   release   delete
    draft      draft  submitted  –         –         –          –         gone
    submitted  draft  –          approved  returned  –          –         –
    returned   draft  submitted  –         –         –          –         gone
    approved   draft  –          –         –         withdrawn  approved  –
    withdrawn  draft  –          –         –         –          –         –

Editing raises the revision and voids an approval; what was approved once is never deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from controller.domain.errors import Conflict, ErrorCode, Forbidden, NotFound
from controller.domain.ids import AreaId, HashText
from controller.domain.roles import Actor, Permission, authorize, may
from edge_agent.wire.precedence import MessageClass
from scheduler.schedule import Schedule, Skip

MAX_SCHEDULES: Final = 20


class AnnouncementState(StrEnum):
    """Where an announcement stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What a person may do with an announcement."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    WITHDRAW = "withdraw"
    RELEASE = "release"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Transition:
    """State afterwards (None: it is gone) and the permission that the action needs."""

    to: AnnouncementState | None
    permission: Permission


_S, _A, _P = AnnouncementState, Action, Permission

TRANSITIONS: Final[dict[tuple[AnnouncementState, Action], Transition]] = {
    (_S.DRAFT, _A.EDIT): Transition(_S.DRAFT, _P.COMPOSE),
    (_S.DRAFT, _A.SUBMIT): Transition(_S.SUBMITTED, _P.SUBMIT),
    (_S.DRAFT, _A.DELETE): Transition(None, _P.COMPOSE),
    (_S.SUBMITTED, _A.EDIT): Transition(_S.DRAFT, _P.COMPOSE),
    (_S.SUBMITTED, _A.APPROVE): Transition(_S.APPROVED, _P.DECIDE),
    (_S.SUBMITTED, _A.RETURN): Transition(_S.RETURNED, _P.DECIDE),
    (_S.RETURNED, _A.EDIT): Transition(_S.DRAFT, _P.COMPOSE),
    (_S.RETURNED, _A.SUBMIT): Transition(_S.SUBMITTED, _P.SUBMIT),
    (_S.RETURNED, _A.DELETE): Transition(None, _P.COMPOSE),
    (_S.APPROVED, _A.EDIT): Transition(_S.DRAFT, _P.COMPOSE),
    (_S.APPROVED, _A.WITHDRAW): Transition(_S.WITHDRAWN, _P.WITHDRAW),
    (_S.APPROVED, _A.RELEASE): Transition(_S.APPROVED, _P.RELEASE_EMERGENCY),
    (_S.WITHDRAWN, _A.EDIT): Transition(_S.DRAFT, _P.COMPOSE),
}


@dataclass(frozen=True, slots=True)
class Targets:
    """Who is to hear it: whole areas and single terminals."""

    areas: tuple[AreaId, ...] = ()
    terminals: tuple[UUID, ...] = ()

    @property
    def empty(self) -> bool:
        """True when nobody is to hear it."""
        return not self.areas and not self.terminals


@dataclass(frozen=True, slots=True)
class Content:
    """All that a person edits."""

    title: str
    message_class: MessageClass = MessageClass.ORDINARY
    recording: UUID | None = None
    targets: Targets = field(default_factory=Targets)
    schedules: tuple[Schedule, ...] = ()


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announcement as it stands. `area` owns it; `approval` is the one that counts now."""

    id: UUID
    area: AreaId
    content: Content
    author: UUID
    created_at: datetime
    changed_at: datetime
    revision: int = 1
    state: AnnouncementState = AnnouncementState.DRAFT
    submitted_at: datetime | None = None
    submitted_by: UUID | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    reason: str | None = None
    approval: UUID | None = None
    ever_approved: bool = False


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """An approval as the signer gave it: exact bytes and signature.

    The database is where it is looked up; only the signer decides whether it counts.
    """

    id: UUID
    announcement: UUID
    revision: int
    area: AreaId
    message_class: MessageClass
    renditions: tuple[HashText, ...]
    approver: UUID
    decided_at: datetime
    body: bytes
    signature: bytes
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None
    reason: str | None = None


def allow(
    announcement: Announcement, action: Action, actor: Actor, area_chain: Sequence[AreaId]
) -> Transition:
    """Return what the action leads to when this actor may take it now.

    Raises NotFound (foreign area), Forbidden (no right), Conflict `action_not_open`.
    """
    authorize(actor, Permission.SEE, area_chain)
    transition = _open(announcement, action)
    if transition is None:
        detail = {"state": announcement.state.value, "action": action.value}
        raise Conflict(ErrorCode.ACTION_NOT_OPEN, detail=detail)
    authorize(actor, transition.permission, area_chain)
    return transition


def open_actions(
    announcement: Announcement, actor: Actor, area_chain: Sequence[AreaId]
) -> tuple[Action, ...]:
    """Return the actions that this actor may take now, in the order of `Action`."""
    return tuple(
        action
        for action in Action
        if (transition := _open(announcement, action)) is not None
        and may(actor, transition.permission, area_chain)
    )


def require_revision(announcement: Announcement, revision: int) -> None:
    """Refuse an act on another revision than the one read (Conflict changed_meanwhile)."""
    if announcement.revision != revision:
        detail = {"revision": announcement.revision}
        raise Conflict(ErrorCode.CHANGED_MEANWHILE, field="revision", detail=detail)


def require_other_approver(announcement: Announcement, approver: UUID) -> None:
    """Refuse the author (or who sent it) as approver. Raises Forbidden author_is_approver.

    Called where the area's policy says that authors may not approve.
    """
    if approver in {announcement.author, announcement.submitted_by}:
        raise Forbidden(ErrorCode.AUTHOR_IS_APPROVER)


def edit(announcement: Announcement, content: Content, by: UUID, at: datetime) -> Announcement:
    """Return the announcement with new content: a draft of the next revision."""
    return replace(
        announcement,
        content=content,
        author=by,
        state=_after(announcement, Action.EDIT),
        revision=announcement.revision + 1,
        changed_at=at,
        submitted_at=None,
        submitted_by=None,
        decided_at=None,
        decided_by=None,
        reason=None,
        approval=None,
    )


def submit(announcement: Announcement, by: UUID, at: datetime) -> Announcement:
    """Return it sent for approval. What must be complete is the service's check."""
    return replace(
        announcement,
        state=_after(announcement, Action.SUBMIT),
        changed_at=at,
        submitted_at=at,
        submitted_by=by,
        decided_at=None,
        decided_by=None,
        reason=None,
    )


def approve(announcement: Announcement, approval: UUID, by: UUID, at: datetime) -> Announcement:
    """Return it approved by the approval of that id."""
    return replace(
        announcement,
        state=_after(announcement, Action.APPROVE),
        changed_at=at,
        decided_at=at,
        decided_by=by,
        approval=approval,
        ever_approved=True,
    )


def send_back(announcement: Announcement, by: UUID, at: datetime, reason: str) -> Announcement:
    """Return it sent back to its author for a reason."""
    return _decided(announcement, Action.RETURN, by, at, reason)


def withdraw(announcement: Announcement, by: UUID, at: datetime, reason: str) -> Announcement:
    """Return it withdrawn; the approval no longer counts."""
    return _decided(announcement, Action.WITHDRAW, by, at, reason)


def leave_out(announcement: Announcement, schedule: UUID, recurrence_id: str) -> Announcement:
    """Return the announcement without one airing; it stays approved, since less is asked.

    Raises NotFound for a schedule that it does not have; leaving out twice changes nothing.
    """
    found = next((one for one in announcement.content.schedules if one.id == schedule), None)
    if found is None:
        raise NotFound(ErrorCode.NOT_FOUND)
    if Skip(recurrence_id) in found.exceptions:
        return announcement
    kept = tuple(one for one in found.exceptions if one.recurrence_id != recurrence_id)
    skipped = replace(found, exceptions=(*kept, Skip(recurrence_id)))
    schedules = tuple(
        skipped if one.id == schedule else one for one in announcement.content.schedules
    )
    return replace(announcement, content=replace(announcement.content, schedules=schedules))


def _decided(
    announcement: Announcement, action: Action, by: UUID, at: datetime, reason: str
) -> Announcement:
    return replace(
        announcement,
        state=_after(announcement, action),
        changed_at=at,
        decided_at=at,
        decided_by=by,
        reason=reason,
        approval=None,
    )


def _open(announcement: Announcement, action: Action) -> Transition | None:
    if action is Action.DELETE and announcement.ever_approved:
        return None
    emergency = announcement.content.message_class is MessageClass.EMERGENCY
    if action is Action.RELEASE and not emergency:
        return None
    return TRANSITIONS.get((announcement.state, action))


def _after(announcement: Announcement, action: Action) -> AnnouncementState:
    transition = _open(announcement, action)
    if transition is None or transition.to is None:
        detail = {"state": announcement.state.value, "action": action.value}
        raise Conflict(ErrorCode.ACTION_NOT_OPEN, detail=detail)
    return transition.to
