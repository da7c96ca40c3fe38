"""The answer to whoever has just signed in."""

from aiohttp import web

from controller.domain.account import Account
from controller.services.access import SignedIn
from controller.web import auth
from controller.web.call import Call
from controller.web.keys import CONTEXT
from controller.web.schemas.access import SessionView
from controller.web.schemas.base import write_json
from controller.web.views import account_view


async def signed_in_response(call: Call, signed_in: SignedIn) -> web.Response:
    """Answer with a new session and its cookie."""
    view = SessionView(
        account=account_view(signed_in.account, await area_name_of(call, signed_in.account)),
        csrf_token=auth.csrf_token(signed_in.secret),
        expires_at=signed_in.expires_at,
        permissions=sorted(signed_in.account.actor().permissions),
    )
    response = web.Response(
        status=call.endpoint.status, body=write_json(view), content_type="application/json"
    )
    auth.let_in(call.request, response, signed_in)
    return response


async def area_name_of(call: Call, account: Account) -> str:
    """Return the name of an account's area."""
    async with call.request.app[CONTEXT].database.read() as tx:
        area = await tx.areas.find(account.area)
    return area.name if area else account.area
