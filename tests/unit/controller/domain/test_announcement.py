"""What may happen to an announcement, and to whom it is open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.domain import announcement as domain
from controller.domain.announcement import (
    TRANSITIONS,
    Action,
    Announcement,
    AnnouncementState,
    Content,
    Targets,
)
from controller.domain.errors import Conflict, Forbidden, NotFound
from controller.domain.roles import Actor, Role
from edge_agent.wire.precedence import MessageClass
from scheduler.schedule import Daily, Move, Schedule, Skip

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CHAIN = ("p-89", "c-1")
AUTHOR, APPROVER, APPROVAL = UUID(int=1), UUID(int=2), UUID(int=3)
LOCAL = NOW.replace(tzinfo=None, hour=6)
RULE = Daily((time(5, 30),), date(2026, 11, 20))
SCHEDULE = Schedule(UUID(int=9), RULE, exceptions=(Move("20261125T053000", LOCAL),))
CONTENT = Content("Tin", targets=Targets(("c-1",)), schedules=(SCHEDULE,))
DRAFT = Announcement(UUID(int=4), "c-1", CONTENT, AUTHOR, NOW, NOW)


def _do(action: Action, one: Announcement, at: datetime) -> Announcement:
    acts: dict[Action, Callable[[], Announcement]] = {
        Action.EDIT: lambda: domain.edit(one, one.content, AUTHOR, at),
        Action.SUBMIT: lambda: domain.submit(one, AUTHOR, at),
        Action.APPROVE: lambda: domain.approve(one, APPROVAL, APPROVER, at),
        Action.RETURN: lambda: domain.send_back(one, APPROVER, at, "Sai ngày"),
        Action.WITHDRAW: lambda: domain.withdraw(one, APPROVER, at, "Hoãn"),
    }
    return acts[action]()


CHANGES = (Action.EDIT, Action.SUBMIT, Action.APPROVE, Action.RETURN, Action.WITHDRAW)


@given(st.lists(st.sampled_from(CHANGES), max_size=20))
def test_every_life_follows_the_table(actions: list[Action]) -> None:
    """Whatever is tried in any order: the table decides, and what stands is consistent."""
    one = DRAFT
    for number, action in enumerate(actions):
        at = NOW + number * timedelta(minutes=1)
        allowed = TRANSITIONS.get((one.state, action))
        if allowed is None:
            with pytest.raises(Conflict, match="action_not_open"):
                _do(action, one, at)
            continue
        before, one = one, _do(action, one, at)
        assert one.state is allowed.to
        assert one.changed_at == at
        assert one.revision == before.revision + (action is Action.EDIT)
        assert (one.approval is not None) == (one.state is AnnouncementState.APPROVED)
        assert one.ever_approved == (before.ever_approved or action is Action.APPROVE)
        in_hands = one.state in {AnnouncementState.DRAFT, AnnouncementState.SUBMITTED}
        assert (one.decided_at is None) == in_hands
        reasoned = {AnnouncementState.RETURNED, AnnouncementState.WITHDRAWN}
        assert (one.reason is not None) == (one.state in reasoned)


def _actor(role: Role, area: str = "c-1", **more: bool) -> Actor:
    return Actor(APPROVER, "Ai", role, area, **more)


def test_what_was_approved_once_is_never_deleted() -> None:
    """Neither as the draft of its next revision."""
    assert Action.DELETE in domain.open_actions(DRAFT, _actor(Role.OPERATOR), CHAIN)
    later = replace(DRAFT, ever_approved=True)
    assert Action.DELETE not in domain.open_actions(later, _actor(Role.OPERATOR), CHAIN)
    with pytest.raises(Conflict):
        domain.allow(later, Action.DELETE, _actor(Role.OPERATOR), CHAIN)


def test_only_an_emergency_is_released() -> None:
    """And only by an approver to whom that was granted."""
    approved = replace(DRAFT, state=AnnouncementState.APPROVED, approval=APPROVAL)
    urgent = replace(approved, content=replace(CONTENT, message_class=MessageClass.EMERGENCY))
    granted = _actor(Role.APPROVER, may_release_emergency=True)
    with pytest.raises(Conflict):
        domain.allow(approved, Action.RELEASE, granted, CHAIN)
    with pytest.raises(Forbidden):
        domain.allow(urgent, Action.RELEASE, _actor(Role.APPROVER), CHAIN)
    assert domain.allow(urgent, Action.RELEASE, granted, CHAIN).to is AnnouncementState.APPROVED
    by_program = replace(granted, by_program=True)
    assert Action.RELEASE not in domain.open_actions(urgent, by_program, CHAIN)


@given(
    state=st.sampled_from(AnnouncementState),
    action=st.sampled_from(Action),
    role=st.sampled_from(Role),
    area=st.sampled_from(["p-89", "c-1", "c-2", "h-1"]),
    ever=st.booleans(),
    granted=st.booleans(),
)
def test_screens_offer_exactly_what_is_allowed(
    state: AnnouncementState, action: Action, role: Role, area: str, *, ever: bool, granted: bool
) -> None:
    """An action is offered when, and only when, `allow` lets it pass."""
    one = replace(DRAFT, state=state, ever_approved=ever)
    actor = _actor(role, area, may_release_emergency=granted)
    refused = None
    try:
        domain.allow(one, action, actor, CHAIN)
    except (Conflict, Forbidden, NotFound) as error:
        refused = error
    assert (action in domain.open_actions(one, actor, CHAIN)) == (refused is None)
    assert isinstance(refused, NotFound) == (area not in CHAIN)


def test_an_author_may_be_kept_from_approving() -> None:
    """Neither who wrote it nor who sent it."""
    sent = domain.submit(DRAFT, UUID(int=5), NOW)
    for person in (AUTHOR, UUID(int=5)):
        with pytest.raises(Forbidden, match="author_is_approver"):
            domain.require_other_approver(sent, person)
    domain.require_other_approver(sent, APPROVER)


def test_another_revision_than_the_one_read_is_refused() -> None:
    """Whoever decides has seen what he decides on."""
    domain.require_revision(DRAFT, 1)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        domain.require_revision(DRAFT, 2)


def test_leaving_an_airing_out_keeps_everything_else() -> None:
    """It replaces a move of the same airing; twice is once; an unknown schedule is not found."""
    once = domain.leave_out(DRAFT, SCHEDULE.id, "20261126T053000")
    (its,) = once.content.schedules
    assert its.exceptions == (*SCHEDULE.exceptions, Skip("20261126T053000"))
    assert replace(once, content=CONTENT) == DRAFT
    assert domain.leave_out(once, SCHEDULE.id, "20261126T053000") is once
    moved = domain.leave_out(DRAFT, SCHEDULE.id, "20261125T053000")
    assert moved.content.schedules[0].exceptions == (Skip("20261125T053000"),)
    with pytest.raises(NotFound):
        domain.leave_out(DRAFT, UUID(int=99), "20261125T053000")
