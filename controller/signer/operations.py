"""The table of operations: what each is asked with, who does it, and what goes first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, Protocol, TypeVar

from controller.domain import signing
from controller.domain.signer_refusal import Reason
from controller.domain.signing import (
    FRAME_LIMIT,
    ChangePassword,
    Founded,
    FoundSystem,
    Operation,
    RedeemInvitation,
    SignIn,
    Ticket,
)
from controller.signer import access, airing, orders, territory
from controller.signer.errors import Refused
from controller.signer.people import Passwords, Throttle
from controller.signer.sign import Desk
from edge_agent.wire.codec import Message, decode_strict
from edge_agent.wire.errors import WireError

_T = TypeVar("_T")


class Urgency(IntEnum):
    """Order in which waiting requests are taken."""

    WARN = 0
    """Emergencies, and everything that makes silent."""
    PERSON = 1
    """Somebody waits at a screen, or a terminal for its time."""
    BULK = 2


class Run(Protocol):
    """Does a piece of work on the one thread that owns journal and keys."""

    def __call__(self, work: Callable[[], _T], urgency: Urgency) -> Awaitable[_T]:
        """Return what `work` returns, or raise what it raises."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """An operation that is done in one go."""

    asked: type[Message]
    work: Callable[[Desk, Any], Message]
    urgency: Urgency


_W, _P, _B = Urgency.WARN, Urgency.PERSON, Urgency.BULK

STEPS: Final[dict[Operation, Step]] = {
    Operation.STATUS: Step(signing.Nothing, territory.status, _P),
    Operation.INVITE: Step(signing.InvitePerson, access.invite, _P),
    Operation.SET_RIGHTS: Step(signing.SetRights, access.set_rights, _P),
    Operation.SET_DISABLED: Step(signing.SetDisabled, access.set_disabled, _W),
    Operation.END_TICKETS: Step(signing.EndTickets, access.end_tickets, _W),
    Operation.ADD_AREA: Step(signing.AddArea, territory.add_area, _P),
    Operation.TRUST: Step(signing.Nothing, territory.trust, _P),
    Operation.SET_POLICY: Step(signing.SetPolicy, territory.set_policy, _P),
    Operation.APPROVE: Step(signing.Approve, airing.approve, _P),
    Operation.WITHDRAW: Step(signing.Withdraw, airing.withdraw, _W),
    Operation.ASSIGN: Step(signing.AssignTerminal, territory.assign, _P),
    Operation.RUNDOWN: Step(signing.SignRundown, airing.rundown, _B),
    Operation.MANIFEST: Step(signing.SignManifest, airing.manifest, _B),
    Operation.STOP: Step(signing.StopSound, orders.stop, _W),
    Operation.LIFT: Step(signing.LiftStop, orders.lift, _P),
    Operation.PLAY: Step(signing.PlayNow, orders.play, _W),
    Operation.CANCEL: Step(signing.CancelPlay, orders.cancel, _W),
    Operation.TEST: Step(signing.SendTest, orders.test, _P),
    Operation.TIME: Step(signing.TellTime, orders.time, _P),
    Operation.RECEIPT: Step(signing.ReceiveLog, orders.receipt, _B),
}


class Operations:
    """Does what a request names. Work on passwords happens beside the desk's own thread."""

    def __init__(self, desk: Desk, passwords: Passwords, throttle: Throttle, run: Run) -> None:
        self._desk = desk
        self._passwords = passwords
        self._throttle = throttle
        self._run = run
        self._guarded: dict[Operation, tuple[type[Message], Callable[[Any], Awaitable[Message]]]]
        self._guarded = {
            Operation.FOUND: (FoundSystem, self._found),
            Operation.SIGN_IN: (SignIn, self._sign_in),
            Operation.CHANGE_PASSWORD: (ChangePassword, self._change_password),
            Operation.REDEEM: (RedeemInvitation, self._redeem),
        }

    async def do(self, name: str, body: bytes) -> Message:
        """Return the answer to a request. Raises Refused."""
        try:
            operation = Operation(name)
        except ValueError as error:
            raise Refused(Reason.UNKNOWN_OPERATION, name[:40]) from error
        if operation in self._guarded:
            asked, work = self._guarded[operation]
            return await work(_read(asked, body))
        step = STEPS[operation]
        request = _read(step.asked, body)
        return await self._run(lambda: step.work(self._desk, request), step.urgency)

    async def _at_desk(self, work: Callable[[], _T]) -> _T:
        return await self._run(work, Urgency.PERSON)

    async def _require_password(self, request: SignIn | ChangePassword, password: str) -> None:
        account = request.account
        self._throttle.take(account, request.source)
        kept = await self._at_desk(lambda: access.kept_password(self._desk, account))
        if not await self._passwords.fits(kept, password):
            raise Refused(Reason.WRONG_CREDENTIALS)
        self._throttle.right(account, request.source)

    async def _found(self, request: FoundSystem) -> Founded:
        desk = self._desk
        founder = await self._at_desk(lambda: access.founded_again(desk, request))
        if founder is not None:
            # Asking again is a try at the founder's password like any other.
            self._throttle.take(request.account, "found")
            if not await self._passwords.fits(founder.password, request.password):
                raise Refused(Reason.ALREADY_SET_UP)
            return await self._at_desk(lambda: access.found_again(desk, founder))
        kept = await self._passwords.hash(request.password)
        return await self._at_desk(lambda: access.found(desk, request, kept))

    async def _sign_in(self, request: SignIn) -> Ticket:
        await self._require_password(request, request.password)
        return await self._at_desk(lambda: access.signed_in(self._desk, request.account))

    async def _change_password(self, request: ChangePassword) -> Ticket:
        await self._require_password(request, request.current)
        kept = await self._passwords.hash(request.new)
        return await self._at_desk(lambda: access.set_password(self._desk, request.account, kept))

    async def _redeem(self, request: RedeemInvitation) -> Ticket:
        # The token first: only its owner may cost us the time of a password's hash.
        await self._at_desk(lambda: access.invited(self._desk, request.token))
        kept = await self._passwords.hash(request.password)
        return await self._at_desk(lambda: access.redeem(self._desk, request.token, kept))


def _read(kind: type[Message], body: bytes) -> Message:
    try:
        return decode_strict(kind, body, FRAME_LIMIT)
    except WireError as error:
        raise Refused(Reason.MALFORMED, f"{kind.__name__}: {error.detail}") from error
