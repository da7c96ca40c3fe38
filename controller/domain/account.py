"""Accounts, and what lets a person or a program in: sessions, one-time links, tokens.

Passwords are not here: their hashes are the signer's. Secrets are kept as SHA-256 only.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from controller.domain.errors import ErrorCode, Invalid
from controller.domain.ids import AreaId
from controller.domain.roles import Actor, Role

_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


@dataclass(frozen=True, slots=True)
class Account:
    """One person. `area` is the top of what the person sees."""

    id: UUID
    area: AreaId
    username: str
    display_name: str
    role: Role
    created_at: datetime
    may_release_emergency: bool = False
    password_set: bool = False
    disabled_at: datetime | None = None
    last_seen_at: datetime | None = None

    @property
    def disabled(self) -> bool:
        """True when the person may not sign in."""
        return self.disabled_at is not None

    def actor(self, *, by_program: bool = False) -> Actor:
        """The account as one who acts."""
        return Actor(
            account=self.id,
            name=self.display_name,
            role=self.role,
            area=self.area,
            may_release_emergency=self.may_release_emergency,
            by_program=by_program,
        )


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, known by the SHA-256 of its cookie."""

    token_hash: bytes
    account: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime

    def holds_at(self, now: datetime) -> bool:
        """True while the session counts."""
        return now < self.expires_at


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A bearer token of a program, known by the SHA-256 of its secret."""

    id: UUID
    account: UUID
    name: str
    secret_hash: bytes
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None

    def holds_at(self, now: datetime) -> bool:
        """True while the token counts."""
        return now < self.expires_at


@dataclass(frozen=True, slots=True)
class Invite:
    """A one-time link with which a person sets a password, known by its SHA-256."""

    token_hash: bytes
    account: UUID
    created_by: UUID
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


def read_username(text: str) -> str:
    """Return a user name: 3..40 of a-z, 0-9, dot, dash, underscore. Raises Invalid."""
    if not _USERNAME.fullmatch(text):
        raise Invalid(ErrorCode.INVALID_FIELD, field="username")
    return text
