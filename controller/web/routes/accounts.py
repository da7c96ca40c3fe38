"""Accounts, one-time links, tokens for programs, the audit trail."""

from uuid import UUID

from aiohttp import web

from controller.domain.account import Account, ApiToken
from controller.domain.ids import read_area_id, read_id
from controller.domain.paging import PageRequest
from controller.domain.roles import Permission, Role, authorize
from controller.services.people import Link, NewAccount
from controller.web.auth import ticket
from controller.web.binding import handles
from controller.web.call import Call
from controller.web.endpoints import AccountList, AuditPage, PageQuery, TokenList
from controller.web.keys import ACCESS, AREAS, CONTEXT, ENTRY, PEOPLE
from controller.web.schemas.access import (
    AccountBody,
    AccountChange,
    AccountView,
    AuditView,
    InvitationBody,
    InvitationView,
    LinkView,
    NewTokenView,
    TokenBody,
    TokenView,
)
from controller.web.signed_in import signed_in_response
from controller.web.views import account_view


@handles("list_accounts")
async def list_accounts(call: Call) -> AccountList:
    """Accounts of an area and below."""
    query: PageQuery = call.query
    scope = read_area_id(query.area_id) if query.area_id else call.actor.area
    page = await call.request.app[PEOPLE].list(
        call.actor, scope, PageRequest(query.cursor, query.limit)
    )
    areas, _ = await call.request.app[AREAS].list(call.actor)
    names = {area.id: area.name for area in areas}
    return AccountList(
        items=[account_view(item, names.get(item.area, item.area)) for item in page.items]
    )


@handles("create_account")
async def create_account(call: Call) -> LinkView:
    """Add an account and show its one-time link."""
    body: AccountBody = call.body
    wanted = NewAccount(
        username=body.username,
        display_name=body.display_name,
        role=Role(body.role),
        area_id=read_area_id(body.area_id),
        may_release_emergency=body.may_release_emergency,
    )
    link = await call.request.app[PEOPLE].create(call.actor, wanted, ticket(call.request))
    return await _link_view(call, link)


@handles("account")
async def account(call: Call) -> AccountView:
    """One account."""
    found, area = await call.request.app[PEOPLE].get(call.actor, _account_id(call))
    return account_view(found, area.name)


@handles("change_account")
async def change_account(call: Call) -> AccountView:
    """Change an account."""
    body: AccountChange = call.body
    changed = await call.request.app[PEOPLE].change(
        call.actor,
        _account_id(call),
        display_name=body.display_name,
        may_release=body.may_release_emergency,
        ticket=ticket(call.request),
    )
    return await _view(call, changed)


@handles("account_link")
async def account_link(call: Call) -> LinkView:
    """Show a new one-time link."""
    link = await call.request.app[PEOPLE].link(call.actor, _account_id(call), ticket(call.request))
    return await _link_view(call, link)


@handles("disable_account")
async def disable_account(call: Call) -> AccountView:
    """Shut a person out."""
    return await _set_disabled(call, disabled=True)


@handles("enable_account")
async def enable_account(call: Call) -> AccountView:
    """Let a person in again."""
    return await _set_disabled(call, disabled=False)


@handles("sign_out_account")
async def sign_out_account(call: Call) -> None:
    """End all sessions of an account."""
    await call.request.app[PEOPLE].sign_out_everywhere(
        call.actor, _account_id(call), ticket(call.request)
    )


@handles("invitation")
async def invitation(call: Call) -> InvitationView:
    """Whose one-time link this is."""
    found, area = await call.request.app[PEOPLE].invited(call.part("token"))
    return InvitationView(
        username=found.username, display_name=found.display_name, area_name=area.name
    )


@handles("redeem_invitation")
async def redeem_invitation(call: Call) -> web.Response:
    """Set the password and sign in."""
    body: InvitationBody = call.body
    signed_in = await call.request.app[PEOPLE].redeem(call.part("token"), body.password)
    return await signed_in_response(call, signed_in)


@handles("list_tokens")
async def list_tokens(call: Call) -> TokenList:
    """One's own tokens."""
    tokens = await call.request.app[ACCESS].tokens(call.actor)
    return TokenList(items=[_token_view(token) for token in tokens])


@handles("create_token")
async def create_token(call: Call) -> NewTokenView:
    """Make a token; its secret is shown once."""
    body: TokenBody = call.body
    token, secret = await call.request.app[ACCESS].create_token(call.actor, body.name, body.days)
    return NewTokenView(token=_token_view(token), secret=secret)


@handles("delete_token")
async def delete_token(call: Call) -> None:
    """Revoke a token."""
    await call.request.app[ACCESS].delete_token(call.actor, read_id(call.part("token_id")))


@handles("audit")
async def audit(call: Call) -> AuditPage:
    """Who did what."""
    query: PageQuery = call.query
    scope = read_area_id(query.area_id) if query.area_id else call.actor.area
    async with call.request.app[CONTEXT].database.read() as tx:
        area = await tx.areas.get(call.actor.area, scope)
        authorize(call.actor, Permission.SEE_AUDIT, area.chain)
        page = await tx.audit.list(area.id, PageRequest(query.cursor, query.limit))
    return AuditPage(
        items=[
            AuditView(
                id=str(entry.draft.id),
                at=entry.draft.at,
                actor=entry.draft.actor_name,
                action=entry.draft.action,
                subject=entry.draft.subject,
                area_id=entry.draft.area,
                detail=entry.draft.detail,
            )
            for entry in page.items
        ],
        next=page.next,
    )


def _account_id(call: Call) -> UUID:
    return read_id(call.part("account_id"))


async def _set_disabled(call: Call, *, disabled: bool) -> AccountView:
    changed = await call.request.app[PEOPLE].set_disabled(
        call.actor, _account_id(call), disabled=disabled, ticket=ticket(call.request)
    )
    return await _view(call, changed)


async def _view(call: Call, changed: Account) -> AccountView:
    area, _ = await call.request.app[AREAS].get(call.actor, changed.area)
    return account_view(changed, area.name)


async def _link_view(call: Call, link: Link) -> LinkView:
    return LinkView(
        account=await _view(call, link.account),
        link=f"{call.request.app[ENTRY].address}/invitation/{link.token}",
        expires_at=link.expires_at,
    )


def _token_view(token: ApiToken) -> TokenView:
    return TokenView(
        id=str(token.id),
        name=token.name,
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
    )
