"""Accounts: who may do what, one-time links, shutting out and letting in."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from controller.domain.account import Account, Invite, read_username
from controller.domain.area import Area
from controller.domain.errors import Conflict, ErrorCode, Forbidden, NotFound
from controller.domain.event import EventKind
from controller.domain.ids import AreaId
from controller.domain.paging import Page, PageRequest
from controller.domain.passwords import check_password
from controller.domain.roles import Actor, Permission, Role, authorize
from controller.domain.signing import (
    InvitePerson,
    RedeemInvitation,
    Right,
    SetDisabled,
    SetRights,
)
from controller.domain.text import read_title
from controller.services.access import Access, SignedIn, secret_hash
from controller.services.context import Context
from controller.services.ports import Transaction
from edge_agent.wire.policy import to_instant

LINK_LIFETIME: Final = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an administrator fills in."""

    username: str
    display_name: str
    role: Role
    area_id: AreaId
    may_release_emergency: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link's token, shown once."""

    account: Account
    token: str
    expires_at: datetime


class People:
    """Reads and changes accounts inside the actor's own area."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def list(self, actor: Actor, scope: AreaId, page: PageRequest) -> Page[Account]:
        """Return accounts of an area and below. Raises NotFound, Forbidden."""
        async with self._context.database.read() as tx:
            area = await tx.areas.get(actor.area, scope)
            authorize(actor, Permission.MANAGE_ACCOUNTS, area.chain)
            return await tx.accounts.list(area.id, page)

    async def get(self, actor: Actor, account_id: UUID) -> tuple[Account, Area]:
        """Return an account and its area; oneself always. Raises NotFound, Forbidden."""
        async with self._context.database.read() as tx:
            account = await tx.accounts.get(actor.area, account_id)
            area = await tx.areas.get(actor.area, account.area)
        if account.id != actor.account:
            authorize(actor, Permission.MANAGE_ACCOUNTS, area.chain)
        return account, area

    async def create(self, actor: Actor, wanted: NewAccount, ticket: str) -> Link:
        """Add an account; its owner sets the password through the link.

        Raises NotFound, Forbidden, Invalid, Conflict `username_taken`.
        """
        context = self._context
        async with context.database.read() as tx:
            area = await tx.areas.get(actor.area, wanted.area_id)
            taken = await tx.accounts.by_username(read_username(wanted.username))
        authorize(actor, Permission.MANAGE_ACCOUNTS, area.chain)
        if taken is not None:
            raise Conflict(ErrorCode.USERNAME_TAKEN, field="username")
        account = Account(
            id=context.ids.new(),
            area=area.id,
            username=wanted.username,
            display_name=read_title(wanted.display_name, "display_name"),
            role=wanted.role,
            created_at=context.clock.now(),
            may_release_emergency=wanted.may_release_emergency and wanted.role is Role.APPROVER,
        )
        invite, token = self._new_invite(actor, account)
        await self._invite(account, invite, ticket)
        async with context.database.begin() as tx:
            await tx.accounts.add(account)
            await tx.invites.add(invite)
            await context.note(
                tx, actor, area.id, "account.created", account.id,
                f"{account.username} {account.role}",
            )  # fmt: skip
        context.tell(EventKind.ACCOUNT, account.id, area.chain)
        return Link(account, token, invite.expires_at)

    async def link(self, actor: Actor, account_id: UUID, ticket: str) -> Link:
        """Make a new one-time link, for a forgotten password. Raises NotFound, Forbidden."""
        account, area = await self._managed(actor, account_id)
        invite, token = self._new_invite(actor, account)
        await self._invite(account, invite, ticket)
        async with self._context.database.begin() as tx:
            await tx.invites.add(invite)
            await self._context.note(tx, actor, area.id, "account.link", account.id)
        return Link(account, token, invite.expires_at)

    async def change(
        self,
        actor: Actor,
        account_id: UUID,
        *,
        display_name: str | None,
        may_release: bool | None,
        ticket: str,
    ) -> Account:
        """Change name or emergency right. Raises NotFound, Forbidden, Invalid."""
        account, area = await self._managed(actor, account_id)
        if display_name is not None:
            account = replace(account, display_name=read_title(display_name, "display_name"))
        if may_release is not None and may_release != account.may_release_emergency:
            account = replace(
                account, may_release_emergency=may_release and account.role is Role.APPROVER
            )
            await self._context.signer.set_rights(
                SetRights(
                    ticket=ticket,
                    account=account.id,
                    area=account.area,
                    rights=rights_of(account),
                )
            )
        async with self._context.database.begin() as tx:
            await tx.accounts.save(account)
            await self._context.note(tx, actor, area.id, "account.changed", account.id)
        self._context.tell(EventKind.ACCOUNT, account.id, area.chain)
        return account

    async def set_disabled(
        self, actor: Actor, account_id: UUID, *, disabled: bool, ticket: str
    ) -> Account:
        """Shut a person out (and sign out everywhere) or let one in again.

        Raises NotFound, Forbidden, Conflict `own_account`, `last_administrator`.
        """
        context = self._context
        account, area = await self._managed(actor, account_id)
        if disabled:
            await self._require_replaceable(actor, account)
        await context.signer.set_disabled(
            SetDisabled(ticket=ticket, account=account.id, disabled=disabled)
        )
        account = replace(account, disabled_at=context.clock.now() if disabled else None)
        async with context.database.begin() as tx:
            await tx.accounts.save(account)
            if disabled:
                await tx.sessions.remove_all(account.id)
                await tx.tokens.remove_all(account.id)
            action = "account.disabled" if disabled else "account.enabled"
            await context.note(tx, actor, area.id, action, account.id)
        context.tell(EventKind.ACCOUNT, account.id, area.chain)
        return account

    async def sign_out_everywhere(self, actor: Actor, account_id: UUID, ticket: str) -> None:
        """End all sessions of an account, one's own or a managed one."""
        account, area = await self.get(actor, account_id)
        await self._access.sign_out_everywhere(account, ticket)
        async with self._context.database.begin() as tx:
            await self._context.note(tx, actor, area.id, "account.signed_out", account.id)

    async def invited(self, token: str) -> tuple[Account, Area]:
        """Return whose link this is. Raises NotFound, Conflict `link_used`, `link_expired`."""
        async with self._context.database.read() as tx:
            account = await self._of_link(tx, token)
            area = await tx.areas.find(account.area)
        if area is None:
            raise NotFound(ErrorCode.NOT_FOUND)
        return account, area

    async def redeem(self, token: str, password: str) -> SignedIn:
        """Set the password through a one-time link and sign in. Raises as `invited`, Invalid."""
        account, _ = await self.invited(token)
        check_password(password, (account.username, account.display_name))
        ticket = await self._context.signer.redeem(
            RedeemInvitation(token=token.encode(), password=password)
        )
        async with self._context.database.begin() as tx:
            await tx.invites.use(secret_hash(token), self._context.clock.now())
            account = replace(account, password_set=True)
            await tx.accounts.save(account)
            await tx.sessions.remove_all(account.id)
            actor = account.actor()
            await self._context.note(tx, actor, account.area, "password.set", account.id)
        return await self._access.open_session(account, ticket)

    async def _managed(self, actor: Actor, account_id: UUID) -> tuple[Account, Area]:
        account, area = await self.get(actor, account_id)
        authorize(actor, Permission.MANAGE_ACCOUNTS, area.chain)
        return account, area

    async def _require_replaceable(self, actor: Actor, account: Account) -> None:
        if account.id == actor.account:
            raise Conflict(ErrorCode.OWN_ACCOUNT)
        if account.role is not Role.ADMINISTRATOR or account.area != actor.area:
            return
        async with self._context.database.read() as tx:
            left = await tx.accounts.count_administrators(account.area)
        if left <= 1:
            raise Conflict(ErrorCode.LAST_ADMINISTRATOR)

    def _new_invite(self, actor: Actor, account: Account) -> tuple[Invite, str]:
        now = self._context.clock.now()
        token = self._context.ids.secret().hex()
        invite = Invite(
            token_hash=secret_hash(token),
            account=account.id,
            created_by=actor.account,
            created_at=now,
            expires_at=now + LINK_LIFETIME,
        )
        return invite, token

    async def _invite(self, account: Account, invite: Invite, ticket: str) -> None:
        await self._context.signer.invite(
            InvitePerson(
                ticket=ticket,
                account=account.id,
                area=account.area,
                rights=rights_of(account),
                token_hash=invite.token_hash,
                expires=to_instant(invite.expires_at),
            )
        )

    async def _of_link(self, tx: Transaction, token: str) -> Account:
        invite = await tx.invites.find(secret_hash(token))
        account = await tx.accounts.find(invite.account) if invite else None
        if invite is None or account is None:
            raise NotFound(ErrorCode.NOT_FOUND)
        if invite.used_at is not None:
            raise Conflict(ErrorCode.LINK_USED)
        if self._context.clock.now() >= invite.expires_at:
            raise Conflict(ErrorCode.LINK_EXPIRED)
        if account.disabled:
            raise Forbidden(ErrorCode.ACCOUNT_DISABLED)
        return account


def rights_of(account: Account) -> tuple[Right, ...]:
    """Return what the signer must know a person for."""
    if account.role is Role.ADMINISTRATOR:
        return (Right.ADMINISTER,)
    if account.role is not Role.APPROVER:
        return ()
    return (Right.APPROVE, Right.RELEASE) if account.may_release_emergency else (Right.APPROVE,)
