"""What the controller asks of the signer, and what comes back.

Requests and answers cross the signer's Unix socket as frames: length, 4 bytes big-endian,
and one `Request` or `Answer`. Instants are UTC microseconds, durations milliseconds.
"""

from enum import StrEnum
from typing import Final
from uuid import UUID

from controller.domain.approval import SignedApproval
from controller.domain.area import Level
from edge_agent.wire.codec import (
    AreaId,
    DurationMs,
    Instant,
    Message,
    Percent,
    Samples,
    Sha256,
    Title,
    Version,
)
from edge_agent.wire.orders import TestKind
from edge_agent.wire.state import QuietWindow, RundownItem

FRAME_LIMIT: Final = 1024 * 1024
"""No frame is longer, in either direction."""
LENGTH_BYTES: Final = 4
PASSWORD_LENGTH: Final = 12
"""Shortest password that the signer takes."""
TICKET_LIFETIME_US: Final = 12 * 3600 * 1_000_000
MAX_HOLD_US: Final = 24 * 3600 * 1_000_000
MAX_VALIDITY_US: Final = 8 * 24 * 3600 * 1_000_000
MAX_ORDER_US: Final = 12 * 3600 * 1_000_000
MAX_WINDOW_US: Final = 366 * 24 * 3600 * 1_000_000
MAX_SCHEDULES: Final = 20


class Right(StrEnum):
    """What a person may have signed, inside one area and everything below it."""

    ADMINISTER = "administer"
    """People, areas, policies, moves of terminals."""
    APPROVE = "approve"
    RELEASE = "release"
    """Approve and release emergencies; given by an administrator of the top area only."""


class Operation(StrEnum):
    """Names of what the signer does."""

    STATUS = "status"
    FOUND = "found"
    SIGN_IN = "sign_in"
    CHANGE_PASSWORD = "change_password"  # noqa: S105  a name, not a password
    INVITE = "invite"
    REDEEM = "redeem"
    SET_RIGHTS = "set_rights"
    SET_DISABLED = "set_disabled"
    END_TICKETS = "end_tickets"
    ADD_AREA = "add_area"
    TRUST = "trust"
    SET_POLICY = "set_policy"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    ASSIGN = "assign"
    RUNDOWN = "rundown"
    MANIFEST = "manifest"
    STOP = "stop"
    LIFT = "lift"
    PLAY = "play"
    CANCEL = "cancel"
    TEST = "test"
    TIME = "time"
    RECEIPT = "receipt"


class Request(Message, frozen=True, kw_only=True):
    """One frame to the signer; `body` is the encoded request of that operation."""

    number: int
    operation: str
    body: bytes


class Answer(Message, frozen=True, kw_only=True):
    """One frame from the signer; `refused` is a reason's code, None when `body` is an answer."""

    number: int
    refused: str | None
    detail: str
    item: UUID | None
    """The occurrence that a refused rundown is refused for, where it is one."""
    retry_after_s: int | None
    body: bytes


class Nothing(Message, frozen=True):
    """A request or answer without content."""


class Status(Message, frozen=True, kw_only=True):
    """State of the signer, for the health page and the start of the program."""

    set_up: bool
    areas: tuple[AreaId, ...]
    people: int
    trust_version: int
    trust_expires: Instant
    """0 before the set-up."""
    renew_from: Instant
    """From here on the trust file is issued anew; 0 before the set-up."""
    entries: int
    head: bytes
    """Digest of the last journal entry."""


class Ticket(Message, frozen=True, kw_only=True):
    """What the signer gives for a right password. `token` goes into the browser's cookie only."""

    token: str
    account: UUID
    area: AreaId
    rights: tuple[Right, ...]
    expires: Instant


class Signed(Message, frozen=True, kw_only=True):
    """A signed envelope; `version` is that of a state document, 0 for orders and answers."""

    envelope: bytes
    version: int


class FoundSystem(Message, frozen=True, kw_only=True):
    """First set-up: makes the root key, the top area and its administrator."""

    area: AreaId
    level: Level
    timezone: Title
    account: UUID
    password: str


class Founded(Message, frozen=True, kw_only=True):
    """The new system's trust file, the fingerprint that terminals pin, and a ticket."""

    trust: bytes
    trust_version: int
    fingerprint: Sha256
    ticket: Ticket


class SignIn(Message, frozen=True, kw_only=True):
    """A password; `source` (the browser's address) separates an attacker from its victim."""

    account: UUID
    password: str
    source: str


class ChangePassword(Message, frozen=True, kw_only=True):
    """One's own new password; every earlier ticket of the account ends."""

    account: UUID
    current: str
    new: str
    source: str


class InvitePerson(Message, frozen=True, kw_only=True):
    """A new person, or a new password for one: the owner of the one-time token sets it."""

    ticket: str
    account: UUID
    area: AreaId
    rights: tuple[Right, ...]
    token_hash: Sha256
    expires: Instant


class RedeemInvitation(Message, frozen=True, kw_only=True):
    """The one-time token and the chosen password."""

    token: bytes
    password: str


class SetRights(Message, frozen=True, kw_only=True):
    """A person's area and rights from now on."""

    ticket: str
    account: UUID
    area: AreaId
    rights: tuple[Right, ...]


class SetDisabled(Message, frozen=True, kw_only=True):
    """Shuts a person out, or lets one in again."""

    ticket: str
    account: UUID
    disabled: bool


class EndTickets(Message, frozen=True, kw_only=True):
    """Signs an account out everywhere: one's own, or one that the ticket's owner administers."""

    ticket: str
    account: UUID


class AddArea(Message, frozen=True, kw_only=True):
    """A new area; `chain` leads from the top down to and including it.

    Provinces and communes get keys of their own, hamlets use their commune's.
    """

    ticket: str
    chain: tuple[AreaId, ...]
    level: Level
    timezone: Title


class AreaAdded(Message, frozen=True, kw_only=True):
    """Documents that a new area brings; None for a hamlet, which has no keys."""

    trust: bytes | None
    trust_version: int
    policy: bytes | None
    """The new area's policy: no rule of its own, so that those from above hold."""


class TrustAnswer(Message, frozen=True, kw_only=True):
    """The current trust file."""

    trust: bytes
    version: Version
    fingerprint: Sha256
    expires: Instant


class SetPolicy(Message, frozen=True, kw_only=True):
    """The rules of one area that has keys. `author_may_approve` stays inside the signer."""

    ticket: str
    area: AreaId
    quiet: tuple[QuietWindow, ...]
    max_volume: Percent
    max_session: DurationMs | None
    max_day: DurationMs | None
    author_may_approve: bool


class Approve(Message, frozen=True, kw_only=True):
    """An approver's ticket and the canonical bytes of the approval."""

    ticket: str
    body: bytes


class Withdraw(Message, frozen=True, kw_only=True):
    """Takes an approval back for good; `by` is for the journal."""

    approval: UUID
    by: UUID


class AssignTerminal(Message, frozen=True, kw_only=True):
    """Where a terminal belongs; its chain, zone of time and policies follow from `area`.

    Moving a known terminal needs the ticket of an administrator above both places.
    """

    terminal: UUID
    area: AreaId
    name: Title
    zones: tuple[AreaId, ...]
    volume: Percent
    amplifier_lead: DurationMs
    ticket: str | None = None


class SignRundown(Message, frozen=True, kw_only=True):
    """All that a terminal is to sound until `valid_until` (at most 8 days ahead)."""

    terminal: UUID
    valid_until: Instant
    items: tuple[RundownItem, ...]
    """In order of start."""
    approvals: tuple[SignedApproval, ...]
    """One for each approval that the items name, in the order in which they first name it."""
    keep: tuple[Sha256, ...]


class SignManifest(Message, frozen=True, kw_only=True):
    """How an approved rendition is cut into blocks; `duration` in samples at 48 kHz."""

    area: AreaId
    rendition: Sha256
    size: int
    block_size: int
    blocks: tuple[Sha256, ...]
    duration: Samples


class StopSound(Message, frozen=True, kw_only=True):
    """Silences an area, or one terminal in it; `hold_until` at most 24 h ahead."""

    id: UUID
    area: AreaId
    terminal: UUID | None
    hold_until: Instant


class LiftStop(Message, frozen=True, kw_only=True):
    """Ends a stop early."""

    id: UUID


class PlayNow(Message, frozen=True, kw_only=True):
    """Releases an approved emergency; `ticket` is that of a person with the release right."""

    id: UUID
    ticket: str
    approval: SignedApproval
    targets: tuple[AreaId, ...]
    terminals: tuple[UUID, ...]
    title: Title
    rendition: Sha256
    repeats: int
    gap: DurationMs
    expires: Instant


class CancelPlay(Message, frozen=True, kw_only=True):
    """Ends a released emergency everywhere."""

    id: UUID
    order: UUID


class SendTest(Message, frozen=True, kw_only=True):
    """A silent test or a chime on one terminal."""

    id: UUID
    terminal: UUID
    kind: TestKind
    volume: Percent
    expires: Instant


class TellTime(Message, frozen=True, kw_only=True):
    """A terminal's time question."""

    terminal: UUID
    nonce: bytes


class ReceiveLog(Message, frozen=True, kw_only=True):
    """Play log entries up to and including `sequence` are stored."""

    terminal: UUID
    log: UUID
    sequence: int


def frame(message: bytes) -> bytes:
    """Return a message with its length before it."""
    return len(message).to_bytes(LENGTH_BYTES, "big") + message
