"""Accounts, and what lets a person or a program in."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update

from controller.adapters.database.rows import Repository, below, read_row, to_page, values_of
from controller.adapters.database.tables import accounts, invites, sessions, tokens
from controller.domain.account import Account, ApiToken, Invite, Session
from controller.domain.errors import Conflict, ErrorCode, NotFound
from controller.domain.ids import AreaId
from controller.domain.paging import Page, PageRequest
from controller.domain.roles import Role


class SqlAccounts(Repository):
    """People."""

    async def add(self, account: Account) -> None:
        """Store a new account. Raises Conflict `username_taken`."""
        statement = self.insert(accounts).values(values_of(account))
        if not await self.run(statement.on_conflict_do_nothing(index_elements=["username"])):
            raise Conflict(ErrorCode.USERNAME_TAKEN, field="username")

    async def save(self, account: Account) -> None:
        """Store a changed account (its id, area and user name stay)."""
        values = values_of(account, "id", "area", "username", "created_at")
        await self.run(update(accounts).where(accounts.c.id == account.id).values(values))

    async def find(self, account_id: UUID) -> Account | None:
        """Return the account of that id."""
        row = await self.first(select(accounts).where(accounts.c.id == account_id))
        return None if row is None else read_row(Account, row, accounts)

    async def get(self, scope: AreaId, account_id: UUID) -> Account:
        """Return an account inside `scope`. Raises NotFound."""
        query = select(accounts).where(
            accounts.c.id == account_id, accounts.c.area.in_(below(scope))
        )
        row = await self.first(query)
        if row is None:
            raise NotFound(ErrorCode.NOT_FOUND)
        return read_row(Account, row, accounts)

    async def by_username(self, username: str) -> Account | None:
        """Return the account of that user name."""
        row = await self.first(select(accounts).where(accounts.c.username == username))
        return None if row is None else read_row(Account, row, accounts)

    async def names(self, account_ids: Sequence[UUID]) -> dict[UUID, str]:
        """Return display names."""
        query = select(accounts.c.id, accounts.c.display_name)
        rows = await self.all(query.where(accounts.c.id.in_(set(account_ids))))
        return {row["id"]: row["display_name"] for row in rows}

    async def list(self, scope: AreaId, page: PageRequest) -> Page[Account]:
        """Return accounts of `scope` and below, by user name."""
        query = select(accounts).where(accounts.c.area.in_(below(scope)))
        rows = await self.page(query, [accounts.c.username], page)
        return to_page(rows, lambda row: read_row(Account, row, accounts))

    async def count_administrators(self, area: AreaId) -> int:
        """Return how many administrators of exactly this area can sign in."""
        query = select(func.count()).where(
            accounts.c.area == area,
            accounts.c.role == Role.ADMINISTRATOR,
            accounts.c.password_set.is_(True),
            accounts.c.disabled_at.is_(None),
        )
        return int((await self.connection.execute(query)).scalar_one())

    async def touch(self, account_id: UUID, at: datetime) -> None:
        """Store when the account was last seen."""
        seen = update(accounts).where(accounts.c.id == account_id)
        await self.run(seen.values(last_seen_at=at))


class SqlSessions(Repository):
    """Signed-in browsers."""

    async def add(self, session: Session) -> None:
        """Store a new session."""
        await self.run(sessions.insert().values(values_of(session)))

    async def find(self, token_hash: bytes) -> Session | None:
        """Return the session of that cookie."""
        row = await self.first(select(sessions).where(sessions.c.token_hash == token_hash))
        return None if row is None else read_row(Session, row, sessions)

    async def touch(self, token_hash: bytes, seen_at: datetime) -> None:
        """Store when it was last used."""
        seen = update(sessions).where(sessions.c.token_hash == token_hash)
        await self.run(seen.values(seen_at=seen_at))

    async def remove(self, token_hash: bytes) -> None:
        """Sign one browser out."""
        await self.run(delete(sessions).where(sessions.c.token_hash == token_hash))

    async def remove_all(self, account_id: UUID) -> int:
        """Sign an account out everywhere; returns from how many browsers."""
        return await self.run(delete(sessions).where(sessions.c.account == account_id))

    async def remove_expired(self, now: datetime) -> int:
        """Forget sessions that no longer hold."""
        return await self.run(delete(sessions).where(sessions.c.expires_at <= now))


class SqlTokens(Repository):
    """Bearer tokens of programs."""

    async def add(self, token: ApiToken) -> None:
        """Store a new token."""
        await self.run(tokens.insert().values(values_of(token)))

    async def find(self, secret_hash: bytes) -> ApiToken | None:
        """Return the token of that secret."""
        row = await self.first(select(tokens).where(tokens.c.secret_hash == secret_hash))
        return None if row is None else read_row(ApiToken, row, tokens)

    async def list(self, account_id: UUID) -> tuple[ApiToken, ...]:
        """Return an account's own tokens, newest first."""
        query = select(tokens).where(tokens.c.account == account_id)
        ordered = query.order_by(tokens.c.created_at.desc(), tokens.c.id)
        return tuple(read_row(ApiToken, row, tokens) for row in await self.all(ordered))

    async def touch(self, token_id: UUID, at: datetime) -> None:
        """Store when it was last used."""
        await self.run(update(tokens).where(tokens.c.id == token_id).values(last_used_at=at))

    async def remove(self, account_id: UUID, token_id: UUID) -> None:
        """Revoke one of the account's own tokens. Raises NotFound."""
        own = delete(tokens).where(tokens.c.id == token_id, tokens.c.account == account_id)
        if not await self.run(own):
            raise NotFound(ErrorCode.NOT_FOUND)

    async def remove_all(self, account_id: UUID) -> int:
        """Revoke all tokens of an account; returns how many."""
        return await self.run(delete(tokens).where(tokens.c.account == account_id))


class SqlInvites(Repository):
    """One-time links."""

    async def add(self, invite: Invite) -> None:
        """Store a new link; older unused links of the same account stop working."""
        older = delete(invites).where(
            invites.c.account == invite.account, invites.c.used_at.is_(None)
        )
        await self.run(older)
        await self.run(invites.insert().values(values_of(invite)))

    async def find(self, token_hash: bytes) -> Invite | None:
        """Return the link of that token, used or not."""
        row = await self.first(select(invites).where(invites.c.token_hash == token_hash))
        return None if row is None else read_row(Invite, row, invites)

    async def use(self, token_hash: bytes, at: datetime) -> Invite:
        """Use the link, once. Raises NotFound, Conflict `link_used`, `link_expired`."""
        use = update(invites).where(
            invites.c.token_hash == token_hash,
            invites.c.used_at.is_(None),
            invites.c.expires_at > at,
        )
        used = await self.run(use.values(used_at=at))
        found = await self.find(token_hash)
        if found is None:
            raise NotFound(ErrorCode.NOT_FOUND)
        if not used:
            expired = found.used_at is None
            raise Conflict(ErrorCode.LINK_EXPIRED if expired else ErrorCode.LINK_USED)
        return found
