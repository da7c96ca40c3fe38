"""Signing in and out: sessions of browsers, tokens of programs."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from controller.domain.account import Account, ApiToken, Session
from controller.domain.errors import ErrorCode, SignInNeeded
from controller.domain.passwords import check_password
from controller.domain.roles import Actor
from controller.domain.signing import ChangePassword, EndTickets, SignIn, Ticket
from controller.domain.text import read_title
from controller.services.context import Context
from edge_agent.wire.policy import to_datetime

_SEEN_EVERY: Final = timedelta(minutes=1)
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: its secret and the signer's ticket go into the cookie and nowhere else."""

    account: Account
    secret: str
    ticket: Ticket

    @property
    def expires_at(self) -> datetime:
        """When the session ends."""
        return to_datetime(self.ticket.expires)


class Access:
    """Lets people and programs in."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def sign_in(self, username: str, password: str, source: str) -> SignedIn:
        """Open a session for a right password.

        `source` is the caller's address. Raises SignInNeeded `wrong_credentials` (also for an
        unknown name), Forbidden `account_disabled`, TooMany, Unavailable.
        """
        async with self._context.database.read() as tx:
            account = await tx.accounts.by_username(username.strip().lower())
        # An unknown name costs the same work and gives the same answer as a wrong password.
        request = SignIn(
            account=account.id if account else _NOBODY, password=password, source=source
        )
        ticket = await self._context.signer.sign_in(request)
        if account is None:
            raise SignInNeeded(ErrorCode.WRONG_CREDENTIALS)
        return await self.open_session(account, ticket)

    async def open_session(self, account: Account, ticket: Ticket) -> SignedIn:
        """Open a session for a ticket that the signer just gave."""
        now = self._context.clock.now()
        secret = self._context.ids.secret().hex()
        session = Session(
            token_hash=secret_hash(secret),
            account=account.id,
            created_at=now,
            seen_at=now,
            expires_at=to_datetime(ticket.expires),
        )
        async with self._context.database.begin() as tx:
            await tx.sessions.remove_expired(now)
            await tx.sessions.add(session)
            await tx.accounts.touch(account.id, now)
            actor = account.actor()
            await self._context.note(tx, actor, account.area, "session.opened", account.id)
        return SignedIn(account, secret, ticket)

    async def by_session(self, secret: str) -> Actor:
        """Return who holds a session. Raises SignInNeeded `sign_in_needed`."""
        return (await self.account_of(secret))[0].actor()

    async def account_of(self, secret: str) -> tuple[Account, Session]:
        """Return account and session of a cookie. Raises SignInNeeded."""
        now = self._context.clock.now()
        token_hash = secret_hash(secret)
        async with self._context.database.read() as tx:
            session = await tx.sessions.find(token_hash)
            account = await tx.accounts.find(session.account) if session else None
        if session is None or account is None or not session.holds_at(now) or account.disabled:
            raise SignInNeeded(ErrorCode.SIGN_IN_NEEDED)
        if now - session.seen_at > _SEEN_EVERY:
            async with self._context.database.begin() as tx:
                await tx.sessions.touch(token_hash, now)
                await tx.accounts.touch(account.id, now)
        return account, session

    async def by_token(self, secret: str) -> Actor:
        """Return whose token this is, as a program. Raises SignInNeeded."""
        now = self._context.clock.now()
        async with self._context.database.read() as tx:
            token = await tx.tokens.find(secret_hash(secret))
            account = await tx.accounts.find(token.account) if token else None
        if token is None or account is None or not token.holds_at(now) or account.disabled:
            raise SignInNeeded(ErrorCode.SIGN_IN_NEEDED)
        if token.last_used_at is None or now - token.last_used_at > _SEEN_EVERY:
            async with self._context.database.begin() as tx:
                await tx.tokens.touch(token.id, now)
        return account.actor(by_program=True)

    async def sign_out(self, secret: str) -> None:
        """Close one session; an unknown one changes nothing."""
        async with self._context.database.begin() as tx:
            await tx.sessions.remove(secret_hash(secret))

    async def change_password(self, secret: str, current: str, new: str, source: str) -> SignedIn:
        """Set one's own password; every other session and ticket of the account ends."""
        account, _ = await self.account_of(secret)
        check_password(new, (account.username, account.display_name))
        ticket = await self._context.signer.change_password(
            ChangePassword(account=account.id, current=current, new=new, source=source)
        )
        async with self._context.database.begin() as tx:
            await tx.sessions.remove_all(account.id)
            actor = account.actor()
            await self._context.note(tx, actor, account.area, "password.changed", account.id)
        return await self.open_session(account, ticket)

    async def sign_out_everywhere(self, account: Account, ticket: str) -> None:
        """End all sessions and tickets of an account."""
        await self._context.signer.end_tickets(EndTickets(ticket=ticket, account=account.id))
        async with self._context.database.begin() as tx:
            await tx.sessions.remove_all(account.id)

    async def tokens(self, actor: Actor) -> tuple[ApiToken, ...]:
        """Return the actor's own tokens."""
        async with self._context.database.read() as tx:
            return await tx.tokens.list(actor.account)

    async def create_token(self, actor: Actor, name: str, days: int) -> tuple[ApiToken, str]:
        """Make a bearer token; its secret is returned once and kept nowhere."""
        now = self._context.clock.now()
        secret = f"lxt_{self._context.ids.secret().hex()}"
        token = ApiToken(
            id=self._context.ids.new(),
            account=actor.account,
            name=read_title(name, "name"),
            secret_hash=secret_hash(secret),
            created_at=now,
            expires_at=now.astimezone(UTC) + timedelta(days=days),
        )
        async with self._context.database.begin() as tx:
            await tx.tokens.add(token)
            await self._context.note(tx, actor, actor.area, "token.created", token.id, token.name)
        return token, secret

    async def delete_token(self, actor: Actor, token_id: UUID) -> None:
        """Revoke one of the actor's own tokens. Raises NotFound."""
        async with self._context.database.begin() as tx:
            await tx.tokens.remove(actor.account, token_id)
            await self._context.note(tx, actor, actor.area, "token.revoked", token_id)


def secret_hash(secret: str) -> bytes:
    """Return what the database keeps of a secret: its SHA-256 (secrets are 256 random bits)."""
    return hashlib.sha256(secret.encode()).digest()
