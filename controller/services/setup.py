"""First-run set-up: the top of the area tree, its first administrator, the first rules."""

import hmac
from dataclasses import dataclass
from uuid import UUID

from controller.domain.account import Account, read_username
from controller.domain.announcement import Targets
from controller.domain.area import Area, Level, found_area, new_area_id
from controller.domain.errors import Conflict, ErrorCode, Forbidden
from controller.domain.passwords import check_password
from controller.domain.policy import PolicySettings
from controller.domain.roles import Role
from controller.domain.signing import Founded, FoundSystem, SetPolicy, Signed
from controller.domain.text import read_title
from controller.services.access import Access, SignedIn
from controller.services.areas import known_timezone
from controller.services.context import Context
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.state import QuietWindow

FIRST_QUIET = QuietWindow(start=21 * 60, end=5 * 60, weekdays=127)
"""Quiet hours that a new system begins with, until its administrator sets others."""


@dataclass(frozen=True, slots=True)
class SetupRequest:
    """What the first administrator fills in."""

    area_name: str
    level: Level
    area_code: str
    timezone: str
    username: str
    display_name: str
    password: str


class Setup:
    """Sets a new system up, once. `code` is what the program printed at its first start."""

    def __init__(self, context: Context, access: Access, code: str) -> None:
        self._context = context
        self._access = access
        self._code = code

    async def is_done(self) -> bool:
        """Tell whether the system is set up."""
        async with self._context.database.read() as tx:
            return await tx.areas.top() is not None

    async def by_code(self, code: str, request: SetupRequest) -> SignedIn:
        """Set up for whoever read the code on the server. Raises Forbidden, as `run` does."""
        if not hmac.compare_digest(code.strip().encode(), self._code.encode()):
            raise Forbidden(ErrorCode.SETUP_CODE_WRONG, field="code")
        return await self.run(request)

    async def run(self, request: SetupRequest) -> SignedIn:
        """Set up. Raises Conflict `already_set_up`, Invalid for a bad field."""
        if await self.is_done():
            raise Conflict(ErrorCode.ALREADY_SET_UP)
        context = self._context
        spare = context.ids.secret(4).hex()
        area = found_area(
            new_area_id(request.level, request.area_code, spare),
            request.level,
            request.area_name,
            request.area_code,
            known_timezone(request.timezone),
        )
        account = Account(
            id=context.ids.new(),
            area=area.id,
            username=read_username(request.username),
            display_name=read_title(request.display_name, "display_name"),
            role=Role.ADMINISTRATOR,
            created_at=context.clock.now(),
            password_set=True,
        )
        check_password(request.password, (account.username, account.display_name))
        founded = await context.signer.found(
            FoundSystem(
                area=area.id,
                level=area.level,
                timezone=area.timezone,
                account=account.id,
                password=request.password,
            )
        )
        await self._store(area, account, founded)
        return await self._access.open_session(account, founded.ticket)

    async def _store(self, area: Area, account: Account, founded: Founded) -> None:
        context, now = self._context, self._context.clock.now()
        rules = first_rules(area, account.id, self._context)
        policy = await context.signer.set_policy(
            SetPolicy(
                ticket=founded.ticket.token,
                area=area.id,
                quiet=rules.quiet,
                max_volume=rules.max_volume,
                max_session=None,
                max_day=None,
                author_may_approve=False,
            )
        )
        async with context.database.begin() as tx:
            await tx.areas.add(area)
            await tx.accounts.add(account)
            await tx.policies.save(rules)
            trust = Signed(envelope=founded.trust, version=founded.trust_version)
            for kind, signed in ((MessageType.TRUST, trust), (MessageType.POLICY, policy)):
                await context.outbox.put(
                    tx,
                    signed,
                    kind=kind,
                    subject=area.id,
                    area=area.id,
                    targets=Targets(areas=(area.id,)),
                    issued_at=now,
                )
            await context.note(tx, account.actor(), area.id, "system.set_up", area.id, area.name)


def first_rules(area: Area, by: UUID, context: Context) -> PolicySettings:
    """Return the rules that the top area begins with."""
    return PolicySettings(
        area=area.id, quiet=(FIRST_QUIET,), changed_at=context.clock.now(), changed_by=by
    )
