"""Who may do what, where: the one table of rights and the one place that checks them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from controller.domain.errors import ErrorCode, Forbidden, NotFound
from controller.domain.ids import AreaId


class Role(StrEnum):
    """What a person is, inside one area and everything below it."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    APPROVER = "approver"
    MONITOR = "monitor"


class Permission(StrEnum):
    """One kind of act."""

    SEE = "see"
    LISTEN = "listen"
    COMPOSE = "compose"
    """Record, write, edit, delete drafts."""
    SUBMIT = "submit"
    DECIDE = "decide"
    """Approve or return."""
    WITHDRAW = "withdraw"
    SKIP = "skip"
    """Leave one airing out."""
    STOP = "stop"
    RELEASE_EMERGENCY = "release_emergency"
    MANAGE_AREAS = "manage_areas"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_TERMINALS = "manage_terminals"
    MANAGE_POLICY = "manage_policy"
    SEE_AUDIT = "see_audit"


_P = Permission
_READ: Final = frozenset({_P.SEE, _P.LISTEN})
_OPERATE: Final = _READ | {_P.COMPOSE, _P.SUBMIT, _P.SKIP, _P.STOP}

PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    Role.MONITOR: _READ,
    Role.OPERATOR: _OPERATE,
    Role.APPROVER: _OPERATE | {_P.DECIDE, _P.WITHDRAW},
    Role.ADMINISTRATOR: _READ
    | {
        _P.STOP,
        _P.MANAGE_AREAS,
        _P.MANAGE_ACCOUNTS,
        _P.MANAGE_TERMINALS,
        _P.MANAGE_POLICY,
        _P.SEE_AUDIT,
    },
}
"""Releasing an emergency is nobody's by role: it is granted to single approvers."""

PROGRAM_NEVER: Final = frozenset(
    {
        _P.DECIDE,
        _P.RELEASE_EMERGENCY,
        _P.MANAGE_AREAS,
        _P.MANAGE_ACCOUNTS,
        _P.MANAGE_TERMINALS,
        _P.MANAGE_POLICY,
    }
)
"""What a program's bearer token never may, whoever owns it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with the rights it has now. `by_program`: with a bearer token."""

    account: UUID
    name: str
    role: Role
    area: AreaId
    may_release_emergency: bool = False
    by_program: bool = False

    @property
    def permissions(self) -> frozenset[Permission]:
        """All that this actor may do inside its area."""
        held = PERMISSIONS[self.role]
        if self.may_release_emergency and self.role is Role.APPROVER:
            held |= {Permission.RELEASE_EMERGENCY}
        return held - PROGRAM_NEVER if self.by_program else held


def can_see(actor: Actor, area_chain: Sequence[AreaId]) -> bool:
    """True when an area (given by its chain) is the actor's own or lies below it."""
    return actor.area in area_chain


def may(actor: Actor, permission: Permission, area_chain: Sequence[AreaId]) -> bool:
    """True when `authorize` would let the actor pass."""
    return can_see(actor, area_chain) and permission in actor.permissions


def authorize(actor: Actor, permission: Permission, area_chain: Sequence[AreaId]) -> None:
    """Let the actor pass or refuse.

    Raises NotFound for an area outside the actor's (so nothing is given away) and
    Forbidden `forbidden` where the actor sees the area but may not do that.
    """
    if not can_see(actor, area_chain):
        raise NotFound(ErrorCode.NOT_FOUND)
    if permission not in actor.permissions:
        raise Forbidden(ErrorCode.FORBIDDEN, detail={"permission": permission.value})
