"""What anybody may know, first-run set-up, signing in and out."""

from aiohttp import web

from controller.domain.area import Level
from controller.services.setup import SetupRequest
from controller.web import auth
from controller.web.binding import handles
from controller.web.call import Call
from controller.web.keys import ACCESS, ENTRY, SETUP
from controller.web.schemas.access import (
    PasswordBody,
    SessionView,
    SetupBody,
    SignInBody,
    SystemView,
)
from controller.web.signed_in import area_name_of, signed_in_response
from controller.web.views import account_view


@handles("system")
async def system(call: Call) -> SystemView:
    """What anybody may know."""
    entry = call.request.app[ENTRY]
    return SystemView(
        version=entry.version,
        set_up=await call.request.app[SETUP].is_done(),
        demonstration=entry.demonstration,
    )


@handles("setup")
async def setup(call: Call) -> web.Response:
    """First-run set-up; signs the new administrator in."""
    body: SetupBody = call.body
    signed_in = await call.request.app[SETUP].by_code(
        body.code,
        SetupRequest(
            area_name=body.area_name,
            level=Level(body.area_level),
            area_code=body.area_code,
            timezone=body.timezone,
            username=body.username,
            display_name=body.display_name,
            password=body.password,
        ),
    )
    return await signed_in_response(call, signed_in)


@handles("sign_in")
async def sign_in(call: Call) -> web.Response:
    """Open a session."""
    body: SignInBody = call.body
    signed_in = await call.request.app[ACCESS].sign_in(
        body.username, body.password, call.request.remote or ""
    )
    return await signed_in_response(call, signed_in)


@handles("session")
async def session(call: Call) -> SessionView:
    """Who is signed in."""
    secret = auth.session_secret(call.request)
    account, held = await call.request.app[ACCESS].account_of(secret)
    return SessionView(
        account=account_view(account, await area_name_of(call, account)),
        csrf_token=auth.csrf_token(secret),
        expires_at=held.expires_at,
        permissions=sorted(account.actor().permissions),
    )


@handles("sign_out")
async def sign_out(call: Call) -> web.Response:
    """Close the session."""
    await call.request.app[ACCESS].sign_out(auth.session_secret(call.request))
    response = web.Response(status=204)
    auth.let_out(call.request, response)
    return response


@handles("change_password")
async def change_password(call: Call) -> web.Response:
    """Set one's own password; this browser stays signed in, all others do not."""
    body: PasswordBody = call.body
    signed_in = await call.request.app[ACCESS].change_password(
        auth.session_secret(call.request), body.current, body.new, call.request.remote or ""
    )
    response = web.Response(status=204)
    auth.let_in(call.request, response, signed_in)
    return response
