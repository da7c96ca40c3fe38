"""The signer as services see it; controller/adapters/signer_client.py implements it.

Every call raises controller.domain.errors.DomainError: Unavailable `signer_unavailable` when
the signer does not answer, else what controller.domain.signer_refusal makes of its reason.
"""

from typing import Protocol

from controller.domain.approval import SignedApproval
from controller.domain.signing import (
    AddArea,
    Approve,
    AreaAdded,
    AssignTerminal,
    CancelPlay,
    ChangePassword,
    EndTickets,
    Founded,
    FoundSystem,
    InvitePerson,
    LiftStop,
    PlayNow,
    ReceiveLog,
    RedeemInvitation,
    SendTest,
    SetDisabled,
    SetPolicy,
    SetRights,
    Signed,
    SignIn,
    SignManifest,
    SignRundown,
    Status,
    StopSound,
    TellTime,
    Ticket,
    TrustAnswer,
    Withdraw,
)


class Signer(Protocol):
    """The only holder of keys. It re-checks everything and journals before it signs."""

    async def status(self) -> Status:
        """Return whether it is set up, and what it holds."""
        ...

    async def found(self, request: FoundSystem) -> Founded:
        """Set the system up. Raises Conflict `already_set_up`."""
        ...

    async def sign_in(self, request: SignIn) -> Ticket:
        """Return a ticket for a right password.

        Raises SignInNeeded `wrong_credentials`, Forbidden `account_disabled` (right password
        only), TooMany `too_many_attempts`.
        """
        ...

    async def change_password(self, request: ChangePassword) -> Ticket:
        """Set one's own new password and return a new ticket."""
        ...

    async def invite(self, request: InvitePerson) -> None:
        """Let the owner of a one-time token set a password; adds the person if new."""
        ...

    async def redeem(self, request: RedeemInvitation) -> Ticket:
        """Set the password that a one-time token allows. Raises Conflict `link_used`, …."""
        ...

    async def set_rights(self, request: SetRights) -> None:
        """Change a person's area and rights."""
        ...

    async def set_disabled(self, request: SetDisabled) -> None:
        """Shut a person out or let one in again."""
        ...

    async def end_tickets(self, request: EndTickets) -> None:
        """End every ticket that an account has now."""
        ...

    async def add_area(self, request: AddArea) -> AreaAdded:
        """Add an area; one with keys brings a new trust file and its first policy."""
        ...

    async def trust(self) -> TrustAnswer:
        """Return the current trust file, issued anew when 60 days or less are left."""
        ...

    async def set_policy(self, request: SetPolicy) -> Signed:
        """Return a POLICY envelope."""
        ...

    async def approve(self, request: Approve) -> SignedApproval:
        """Check an approval and return it signed."""
        ...

    async def withdraw(self, request: Withdraw) -> None:
        """Take an approval back; a second time changes nothing."""
        ...

    async def assign(self, request: AssignTerminal) -> Signed:
        """Return an ASSIGNMENT envelope."""
        ...

    async def rundown(self, request: SignRundown) -> Signed:
        """Return a RUNDOWN envelope; one bad item and nothing is signed."""
        ...

    async def manifest(self, request: SignManifest) -> Signed:
        """Return a MANIFEST envelope."""
        ...

    async def stop(self, request: StopSound) -> Signed:
        """Return a STOP envelope."""
        ...

    async def lift(self, request: LiftStop) -> Signed:
        """Return the STOP envelope that ends a stop now."""
        ...

    async def play(self, request: PlayNow) -> Signed:
        """Return a PLAY envelope."""
        ...

    async def cancel(self, request: CancelPlay) -> Signed:
        """Return a CANCEL envelope."""
        ...

    async def test(self, request: SendTest) -> Signed:
        """Return a TEST envelope."""
        ...

    async def time(self, request: TellTime) -> Signed:
        """Return a TIME envelope."""
        ...

    async def receipt(self, request: ReceiveLog) -> Signed:
        """Return a LOG_RECEIPT envelope."""
        ...
