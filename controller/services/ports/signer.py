"""The signer as services see it: the only one that holds keys, in a process of its own.

Every method raises Unavailable `signer_unavailable` when it does not answer, and otherwise
the refusal it gave, as the DomainError of the same code.
"""

from typing import Protocol
from uuid import UUID

from controller.domain import signing
from controller.domain.approval import SignedApproval


class Signer(Protocol):
    """Signs what its own rules allow, whatever the database says."""

    async def status(self) -> signing.Status:
        """Return whether it is set up, and how long its trust file holds."""
        ...

    async def found(self, request: signing.FoundSystem) -> signing.Founded:
        """Set the system up, once."""
        ...

    async def sign_in(self, request: signing.SignIn) -> signing.Ticket:
        """Return a ticket for a right password."""
        ...

    async def change_password(self, request: signing.ChangePassword) -> signing.Ticket:
        """Change one's own password; earlier tickets end."""
        ...

    async def invite(self, request: signing.InvitePerson) -> None:
        """Make a person known, or open the way to a new password."""
        ...

    async def redeem(self, request: signing.RedeemInvitation) -> signing.Ticket:
        """Set the password by the one-time token."""
        ...

    async def set_rights(self, request: signing.SetRights) -> None:
        """Change a person's area and rights."""
        ...

    async def set_disabled(self, request: signing.SetDisabled) -> None:
        """Shut a person out or let one in again."""
        ...

    async def end_tickets(self, request: signing.EndTickets) -> None:
        """Sign an account out everywhere."""
        ...

    async def add_area(self, request: signing.AddArea) -> signing.AreaAdded:
        """Make an area known, with keys of its own for a province or commune."""
        ...

    async def trust(self) -> signing.TrustAnswer:
        """Return the current trust file, issued anew when it is time."""
        ...

    async def set_policy(self, request: signing.SetPolicy) -> signing.Signed:
        """Return the signed policy."""
        ...

    async def approve(self, request: signing.Approve) -> SignedApproval:
        """Return the approval with the signer's own signature."""
        ...

    async def withdraw(self, approval: UUID, by: UUID) -> None:
        """Take an approval back for good."""
        ...

    async def assign(self, request: signing.AssignTerminal) -> signing.Signed:
        """Return the signed assignment."""
        ...

    async def rundown(self, request: signing.SignRundown) -> signing.Signed:
        """Return the signed rundown."""
        ...

    async def manifest(self, request: signing.SignManifest) -> signing.Signed:
        """Return the signed manifest."""
        ...

    async def stop(self, request: signing.StopSound) -> signing.Signed:
        """Return the signed stop."""
        ...

    async def lift(self, stop: UUID) -> signing.Signed:
        """Return the stop's next version, which ends it now."""
        ...

    async def play(self, request: signing.PlayNow) -> signing.Signed:
        """Return the signed emergency order."""
        ...

    async def cancel(self, request: signing.CancelPlay) -> signing.Signed:
        """Return the signed cancellation."""
        ...

    async def test(self, request: signing.SendTest) -> signing.Signed:
        """Return the signed test."""
        ...

    async def time(self, terminal: UUID, nonce: bytes) -> signing.Signed:
        """Return the signed time."""
        ...

    async def receipt(self, terminal: UUID, log: UUID, sequence: int) -> signing.Signed:
        """Return the signed play log receipt."""
        ...
