"""Sign-in, accounts, invitations and tokens for programs."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from controller.web.schemas.base import Body, Id, Password, Text, Username, View

RoleName = Literal["administrator", "operator", "approver", "monitor"]
Level = Literal["province", "commune", "hamlet"]


class SystemView(View, frozen=True, kw_only=True):
    """What anybody may know before signing in."""

    version: str
    set_up: bool
    demonstration: bool


class SetupBody(Body, frozen=True, kw_only=True):
    """First-run set-up: the top area and the first administrator.

    `code` is printed by the program when it starts for the first time.
    """

    code: Annotated[str, msgspec.Meta(min_length=8, max_length=64)]
    area_name: Text
    area_level: Literal["province", "commune"]
    area_code: Annotated[str, msgspec.Meta(max_length=10)] = ""
    timezone: Annotated[str, msgspec.Meta(max_length=64)] = "Asia/Ho_Chi_Minh"
    username: Username
    display_name: Text
    password: Password


class SignInBody(Body, frozen=True, kw_only=True):
    """User name and password."""

    username: Annotated[str, msgspec.Meta(max_length=100)]
    password: Annotated[str, msgspec.Meta(max_length=200)]


class AccountView(View, frozen=True, kw_only=True):
    """One person (or program's owner)."""

    id: Id
    username: str
    display_name: str
    role: RoleName
    area_id: Id
    area_name: str
    may_release_emergency: bool
    disabled: bool
    password_set: bool
    last_seen_at: datetime | None


class SessionView(View, frozen=True, kw_only=True):
    """Who is signed in; send `csrf_token` as X-CSRF-Token with every change."""

    account: AccountView
    csrf_token: str
    expires_at: datetime
    permissions: list[str]


class PasswordBody(Body, frozen=True, kw_only=True):
    """Change of one's own password."""

    current: Annotated[str, msgspec.Meta(max_length=200)]
    new: Password


class AccountBody(Body, frozen=True, kw_only=True):
    """A new account; its owner sets the password through a one-time link."""

    username: Username
    display_name: Text
    role: RoleName
    area_id: Id
    may_release_emergency: bool = False


class AccountChange(Body, frozen=True, kw_only=True):
    """Fields left out stay as they are."""

    display_name: Text | None = None
    may_release_emergency: bool | None = None


class LinkView(View, frozen=True, kw_only=True):
    """A one-time link, shown once."""

    account: AccountView
    link: str
    expires_at: datetime


class InvitationView(View, frozen=True, kw_only=True):
    """Whose password the one-time link sets."""

    username: str
    display_name: str
    area_name: str


class InvitationBody(Body, frozen=True, kw_only=True):
    """The chosen password."""

    password: Password


class TokenBody(Body, frozen=True, kw_only=True):
    """A bearer token for a program, with the rights of its owner except approving."""

    name: Text
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 90


class TokenView(View, frozen=True, kw_only=True):
    """A token without its secret."""

    id: Id
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class NewTokenView(View, frozen=True, kw_only=True):
    """A token with its secret, shown once."""

    token: TokenView
    secret: str


class AuditView(View, frozen=True, kw_only=True):
    """Who did what, when."""

    id: Id
    at: datetime
    actor: str
    action: str
    subject: str
    area_id: Id
    detail: str
