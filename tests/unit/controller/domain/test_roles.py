"""Rights: one table, one place that checks."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.domain.errors import Forbidden, NotFound
from controller.domain.roles import PROGRAM_NEVER, Actor, Permission, Role, authorize, may

P = Permission
CHAIN = ("p-89", "c-1", "h-1")

EXPECTED = {
    Role.MONITOR: "see listen",
    Role.OPERATOR: "see listen compose submit skip stop",
    Role.APPROVER: "see listen compose submit skip stop decide withdraw",
    Role.ADMINISTRATOR: (
        "see listen stop manage_areas manage_accounts manage_terminals manage_policy see_audit"
    ),
}


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_the_product_says(role: Role) -> None:
    """Word by word, in its own area and below, and nothing more."""
    actor = Actor(UUID(int=1), "Ai", role, "c-1")
    assert {one.value for one in actor.permissions} == set(EXPECTED[role].split())


@pytest.mark.parametrize("role", set(Role) - {Role.APPROVER})
def test_only_an_approver_can_be_granted_the_release(role: Role) -> None:
    """The mark on any other account means nothing."""
    assert P.RELEASE_EMERGENCY not in Actor(UUID(int=1), "", role, "c-1", True).permissions
    approver = Actor(UUID(int=1), "", Role.APPROVER, "c-1", True)
    assert P.RELEASE_EMERGENCY in approver.permissions


@given(
    st.sampled_from(Role),
    st.sampled_from(["p-89", "c-1", "h-1", "c-2", "h-2"]),
    st.sampled_from(P),
    st.booleans(),
    st.booleans(),
)
def test_who_passes(role: Role, area: str, permission: P, released: bool, program: bool) -> None:
    """A foreign area is not found, a missing right forbidden; a program never decides."""
    actor = Actor(UUID(int=1), "", role, area, released, program)
    inside, held = area in CHAIN, permission in actor.permissions
    assert may(actor, permission, CHAIN) == (inside and held)
    if program:
        assert not actor.permissions & PROGRAM_NEVER
    if not inside:
        with pytest.raises(NotFound):
            authorize(actor, permission, CHAIN)
    elif not held:
        with pytest.raises(Forbidden):
            authorize(actor, permission, CHAIN)
    else:
        authorize(actor, permission, CHAIN)
