"""Repositories of areas, people and what they are let in with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from controller.domain.account import Account, ApiToken, Invite, Session
from controller.domain.area import Area, Level
from controller.domain.ids import AreaId
from controller.domain.paging import Page, PageRequest
from controller.domain.policy import PolicySettings


class Areas(Protocol):
    """The area tree."""

    async def add(self, area: Area) -> None:
        """Store a new area. Raises Conflict `area_exists` (same id)."""
        ...

    async def save(self, area: Area) -> None:
        """Store changed name, code, time zone and validity; the place in the tree stays."""
        ...

    async def find(self, area_id: AreaId) -> Area | None:
        """Return the area of that id, for the program's own use."""
        ...

    async def get(self, scope: AreaId, area_id: AreaId) -> Area:
        """Return an area inside `scope`. Raises NotFound."""
        ...

    async def top(self) -> Area | None:
        """Return the top of the tree, None before set-up."""
        ...

    async def list(self, scope: AreaId) -> tuple[Area, ...]:
        """Return `scope` and all below it, parents first, then by name."""
        ...

    async def chains(self, area_ids: Sequence[AreaId]) -> dict[AreaId, tuple[AreaId, ...]]:
        """Return the chain of each of these areas that exists."""
        ...

    async def by_code(self, level: Level, code: str) -> tuple[Area, ...]:
        """Return the areas that have or had an official code, the present one first."""
        ...

    async def terminal_counts(self, scope: AreaId) -> dict[AreaId, int]:
        """Return how many terminals in service each area holds with all below it."""
        ...


class Accounts(Protocol):
    """People."""

    async def add(self, account: Account) -> None:
        """Store a new account. Raises Conflict `username_taken`."""
        ...

    async def save(self, account: Account) -> None:
        """Store a changed account (its id, area and user name stay)."""
        ...

    async def find(self, account_id: UUID) -> Account | None:
        """Return the account of that id, for the program's own use."""
        ...

    async def get(self, scope: AreaId, account_id: UUID) -> Account:
        """Return an account inside `scope`. Raises NotFound."""
        ...

    async def by_username(self, username: str) -> Account | None:
        """Return the account of that user name."""
        ...

    async def names(self, account_ids: Sequence[UUID]) -> dict[UUID, str]:
        """Return display names."""
        ...

    async def list(self, scope: AreaId, page: PageRequest) -> Page[Account]:
        """Return accounts of `scope` and below, by user name."""
        ...

    async def count_administrators(self, area: AreaId) -> int:
        """Return how many administrators of exactly this area can sign in."""
        ...

    async def touch(self, account_id: UUID, at: datetime) -> None:
        """Store when the account was last seen."""
        ...


class Sessions(Protocol):
    """Signed-in browsers."""

    async def add(self, session: Session) -> None:
        """Store a new session."""
        ...

    async def find(self, token_hash: bytes) -> Session | None:
        """Return the session of that cookie."""
        ...

    async def touch(self, token_hash: bytes, seen_at: datetime) -> None:
        """Store when it was last used."""
        ...

    async def remove(self, token_hash: bytes) -> None:
        """Sign one browser out."""
        ...

    async def remove_all(self, account_id: UUID) -> int:
        """Sign an account out everywhere; returns from how many browsers."""
        ...

    async def remove_expired(self, now: datetime) -> int:
        """Forget sessions that no longer hold."""
        ...


class Tokens(Protocol):
    """Bearer tokens of programs."""

    async def add(self, token: ApiToken) -> None:
        """Store a new token."""
        ...

    async def find(self, secret_hash: bytes) -> ApiToken | None:
        """Return the token of that secret."""
        ...

    async def list(self, account_id: UUID) -> tuple[ApiToken, ...]:
        """Return an account's own tokens, newest first."""
        ...

    async def touch(self, token_id: UUID, at: datetime) -> None:
        """Store when it was last used."""
        ...

    async def remove(self, account_id: UUID, token_id: UUID) -> None:
        """Revoke one of the account's own tokens. Raises NotFound."""
        ...

    async def remove_all(self, account_id: UUID) -> int:
        """Revoke all tokens of an account; returns how many."""
        ...


class Invites(Protocol):
    """One-time links."""

    async def add(self, invite: Invite) -> None:
        """Store a new link; older unused links of the same account stop working."""
        ...

    async def find(self, token_hash: bytes) -> Invite | None:
        """Return the link of that token, used or not."""
        ...

    async def use(self, token_hash: bytes, at: datetime) -> Invite:
        """Use the link, once. Raises NotFound, Conflict `link_used`, `link_expired`."""
        ...


class Policies(Protocol):
    """Rules of areas."""

    async def save(self, settings: PolicySettings) -> None:
        """Store an area's own rules in place of those before."""
        ...

    async def find(self, area_id: AreaId) -> PolicySettings | None:
        """Return an area's own rules."""
        ...

    async def chain(self, area_id: AreaId) -> tuple[PolicySettings, ...]:
        """Return the rules of the areas from the top down to and including this one."""
        ...
