"""From a checked message to an envelope: which key signs it, and its place in the journal."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from controller.domain.approval import ApprovalBody, SignedApproval, signed_bytes
from controller.domain.signer_refusal import Reason
from controller.domain.signing import Right, Signed
from controller.signer.errors import Refused
from controller.signer.journal import Entry, Journal
from controller.signer.keys import KeyFolder, SigningKey
from controller.signer.people import TicketBody, Tickets
from controller.signer.records import Person, Place, Records
from controller.signer.rules import Policies
from edge_agent.wire.catalogue import SIGNED
from edge_agent.wire.codec import Message, decode_strict, encode
from edge_agent.wire.envelope import MessageType, seal
from edge_agent.wire.errors import WireError
from edge_agent.wire.state import Role

ROOT_KEY: Final = "root"
APPROVAL_KEY: Final = "approval"
TICKET_SECRET: Final = "ticket"  # noqa: S105  a file's name
PROGRAM: Final = "program"
"""Actor of what no person's ticket was asked for."""
_BRIEF_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything an operation works with. `clock` gives UTC microseconds."""

    keys: KeyFolder
    journal: Journal
    records: Records
    tickets: Tickets
    clock: Callable[[], int]

    def place(self, area: str) -> Place:
        """Return an area. Raises Refused area_unknown."""
        found = self.records.place(area)
        if found is None:
            raise Refused(Reason.AREA_UNKNOWN, area)
        return found

    def keyed(self, place: Place) -> Place:
        """Return the lowest area with keys at or above a place."""
        return self.records.keyed_chain(place)[-1]

    def policies(self, *places: Place) -> Policies:
        """Return the policies that hold at any of the places."""
        areas = {area.id for place in places for area in self.records.keyed_chain(place)}
        kept = {area: self.records.policy(area) for area in areas}
        return {area: None if found is None else found.policy for area, found in kept.items()}

    def home(self, terminal: UUID) -> Place:
        """Return the area that a terminal belongs to. Raises Refused terminal_unknown."""
        held = self.records.assignment(terminal)
        if held is None:
            raise Refused(Reason.TERMINAL_UNKNOWN, str(terminal))
        return self.place(held.chain[-1])

    def enter(self, kind: str, actor: UUID | str, subject: object, detail: bytes = b"") -> None:
        """Write a journal entry, inside `journal.writing`; a long detail as its SHA-256."""
        short = detail if len(detail) <= _BRIEF_BYTES else hashlib.sha256(detail).digest()
        self.journal.enter(Entry(self.clock(), kind, str(actor), str(subject), short))


def area_key(desk: Desk, area: str, role: Role) -> SigningKey:
    """Return an area's key for a role: emergency has a key of its own."""
    return desk.keys.signing_key(key_name(area, emergency=role is Role.EMERGENCY))


def key_name(area: str, *, emergency: bool) -> str:
    """Return the file name of an area's key."""
    return f"{area}.{'emergency' if emergency else 'work'}"


def payload_of(kind: MessageType, message: Message) -> bytes:
    """Return a message's bytes, or refuse one that terminals would not read (malformed)."""
    payload = encode(message)
    try:
        decode_strict(SIGNED[kind].kind, payload)
    except WireError as error:
        raise Refused(Reason.MALFORMED, f"{kind.name.lower()}: {error.detail}") from error
    return payload


def sealed(desk: Desk, kind: MessageType, message: Message, area: str, version: int = 0) -> Signed:
    """Sign a message with the key of `area` that has the role for it.

    What sounds or changes a terminal must be in the journal before.
    """
    role = SIGNED[kind].role
    if role is None:
        raise ValueError("trust files are signed by the root")
    key = area_key(desk, area, role)
    envelope = seal(kind, payload_of(kind, message), key.public, key.sign)
    return Signed(envelope=envelope, version=version)


def bearer(desk: Desk, token: str, right: Right, *areas: Place) -> Person:
    """Return the person whose ticket gives a right in all of the areas.

    Both count: the rights when the ticket was issued, and the person's rights now.
    Raises Refused: ticket_*, account_disabled, right_missing, area_foreign.
    """
    ticket, person = holder(desk, token)
    if right not in ticket.rights or right not in person.rights:
        raise Refused(Reason.RIGHT_MISSING, right.value)
    for area in areas:
        if not (area.within(person.area) and area.within(ticket.area)):
            raise Refused(Reason.AREA_FOREIGN, area.id)
    return person


def holder(desk: Desk, token: str) -> tuple[TicketBody, Person]:
    """Return a valid ticket and its person. Raises Refused: ticket_*, account_disabled."""
    ticket = desk.tickets.read(token, desk.clock())
    person = desk.records.person(ticket.account)
    if person is None or ticket.issued < person.tickets_from:
        raise Refused(Reason.TICKET_EXPIRED, "signed out")
    if person.disabled:
        raise Refused(Reason.ACCOUNT_DISABLED)
    return ticket, person


def signed_approval(desk: Desk, data: bytes) -> SignedApproval:
    """Sign an approval's bytes; they must be in the journal before."""
    key = desk.keys.signing_key(APPROVAL_KEY)
    return SignedApproval(body=data, signature=key.sign(signed_bytes(data)))


def believed_approval(desk: Desk, approval: SignedApproval) -> ApprovalBody:
    """Return what an approval says, if it was given here and still counts.

    Raises Refused: approval_forged, approval_unknown, approval_withdrawn.
    """
    public = Ed25519PublicKey.from_public_bytes(desk.keys.signing_key(APPROVAL_KEY).public)
    try:
        public.verify(approval.signature, signed_bytes(approval.body))
        body = decode_strict(ApprovalBody, approval.body)
    except (InvalidSignature, WireError) as error:
        raise Refused(Reason.APPROVAL_FORGED) from error
    kept = desk.records.approval(body.id)
    if kept is None or kept.bytes != approval.body:
        raise Refused(Reason.APPROVAL_UNKNOWN, str(body.id))
    if kept.withdrawn:
        raise Refused(Reason.APPROVAL_WITHDRAWN, str(body.id))
    return body
