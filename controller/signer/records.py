"""What the signer knows, read from and written to the journal's file as typed records."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from controller.domain.approval import ApprovalBody, read_approval
from controller.domain.area import Level
from controller.domain.signing import Right
from controller.signer.journal import Journal
from edge_agent.wire.codec import decode_strict, encode
from edge_agent.wire.orders import Cancel, Play
from edge_agent.wire.state import Assignment, Policy, Stop, Trust


@dataclass(frozen=True, slots=True)
class Place:
    """An area; `chain` leads from the top down to it. Key times are 0 for a hamlet."""

    id: str
    chain: tuple[str, ...]
    level: Level
    timezone: str
    granted_from: int = 0
    granted_until: int = 0

    @property
    def keyed(self) -> bool:
        """True when the area has keys of its own."""
        return self.level is not Level.HAMLET

    def within(self, area: str) -> bool:
        """True when it is that area or lies below it."""
        return area in self.chain


@dataclass(frozen=True, slots=True)
class Person:
    """Who may sign in; `password` is an Argon2 hash, empty until one is set."""

    account: UUID
    area: str
    rights: frozenset[Right]
    password: str
    disabled: bool
    tickets_from: int
    """Tickets issued earlier do not count."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time token, kept as its SHA-256."""

    token_hash: bytes
    account: UUID
    expires: int
    used: bool


@dataclass(frozen=True, slots=True)
class KeptApproval:
    """An approval that was signed here."""

    bytes: bytes
    body: ApprovalBody
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """An area's policy; the flag is None where no person has set rules yet."""

    policy: Policy
    author_may_approve: bool | None


class Records:
    """Typed access to the journal's tables. Writing needs `Journal.writing` around it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def place(self, area: str) -> Place | None:
        """Return an area."""
        row = self._journal.row("SELECT * FROM area WHERE id = ?", (area,))
        return None if row is None else _place(row)

    def places(self) -> tuple[Place, ...]:
        """Return all areas, those above first."""
        rows = [_place(row) for row in self._journal.rows("SELECT * FROM area")]
        return tuple(sorted(rows, key=lambda place: (len(place.chain), place.id)))

    def put_place(self, place: Place) -> None:
        """Store an area."""
        self._journal.write(
            "REPLACE INTO area VALUES (?, ?, ?, ?, ?, ?)",
            (
                place.id,
                " ".join(place.chain),
                place.level.value,
                place.timezone,
                place.granted_from,
                place.granted_until,
            ),
        )

    def keyed_chain(self, place: Place) -> tuple[Place, ...]:
        """Return the areas with keys from the top down to `place`."""
        chain = (self.place(area) for area in place.chain)
        return tuple(found for found in chain if found is not None and found.keyed)

    def trust(self) -> Trust | None:
        """Return the current trust file."""
        row = self._journal.row("SELECT payload FROM trust")
        return None if row is None else decode_strict(Trust, row[0])

    def put_trust(self, trust: Trust) -> None:
        """Store the trust file in place of the one before."""
        self._journal.write("REPLACE INTO trust VALUES (1, ?)", (encode(trust),))

    def person(self, account: UUID) -> Person | None:
        """Return a person."""
        row = self._journal.row("SELECT * FROM person WHERE account = ?", (account.bytes,))
        return None if row is None else _person(row)

    def people(self) -> int:
        """Return how many people there are."""
        return int(self._journal.row("SELECT count(*) FROM person")[0])

    def put_person(self, person: Person) -> None:
        """Store a person."""
        rights = " ".join(sorted(person.rights))
        self._journal.write(
            "REPLACE INTO person VALUES (?, ?, ?, ?, ?, ?)",
            (
                person.account.bytes,
                person.area,
                rights,
                person.password,
                int(person.disabled),
                person.tickets_from,
            ),
        )

    def invitation(self, token_hash: bytes) -> Invitation | None:
        """Return the invitation with that token."""
        row = self._journal.row("SELECT * FROM invitation WHERE token = ?", (token_hash,))
        if row is None:
            return None
        return Invitation(bytes(row[0]), UUID(bytes=row[1]), row[2], bool(row[3]))

    def put_invitation(self, invitation: Invitation) -> None:
        """Store an invitation; every other one of the same account no longer counts."""
        self._journal.write(
            "UPDATE invitation SET used = 1 WHERE account = ?", (invitation.account.bytes,)
        )
        self._journal.write(
            "REPLACE INTO invitation VALUES (?, ?, ?, ?)",
            (
                invitation.token_hash,
                invitation.account.bytes,
                invitation.expires,
                int(invitation.used),
            ),
        )

    def policy(self, area: str) -> KeptPolicy | None:
        """Return the policy of an area with keys."""
        row = self._journal.row(
            "SELECT payload, author_may_approve FROM policy WHERE area = ?", (area,)
        )
        if row is None:
            return None
        return KeptPolicy(decode_strict(Policy, row[0]), None if row[1] is None else bool(row[1]))

    def put_policy(self, kept: KeptPolicy) -> None:
        """Store an area's policy."""
        self._journal.write(
            "REPLACE INTO policy VALUES (?, ?, ?)",
            (kept.policy.area, encode(kept.policy), kept.author_may_approve),
        )

    def assignment(self, terminal: UUID) -> Assignment | None:
        """Return where a terminal belongs."""
        row = self._journal.row("SELECT payload FROM terminal WHERE id = ?", (terminal.bytes,))
        return None if row is None else decode_strict(Assignment, row[0])

    def put_assignment(self, assignment: Assignment) -> None:
        """Store where a terminal belongs."""
        self._journal.write(
            "REPLACE INTO terminal VALUES (?, ?, ?)",
            (assignment.terminal.bytes, assignment.chain[-1], encode(assignment)),
        )

    def approval(self, approval: UUID) -> KeptApproval | None:
        """Return an approval that was signed here."""
        row = self._journal.row(
            "SELECT body, withdrawn FROM approval WHERE id = ?", (approval.bytes,)
        )
        if row is None:
            return None
        return KeptApproval(bytes(row[0]), read_approval(row[0]), row[1] is not None)

    def add_approval(self, body: ApprovalBody, data: bytes) -> None:
        """Store a new approval."""
        self._journal.write("INSERT INTO approval VALUES (?, ?, NULL)", (body.id.bytes, data))
        for rendition in body.renditions:
            self._journal.write(
                "REPLACE INTO approved VALUES (?, ?)", (rendition.hash, body.id.bytes)
            )

    def withdraw(self, approval: UUID, at: int) -> None:
        """Store that an approval no longer counts."""
        self._journal.write(
            "UPDATE approval SET withdrawn = ? WHERE id = ? AND withdrawn IS NULL",
            (at, approval.bytes),
        )

    def approvals_of(self, rendition: bytes) -> Iterable[KeptApproval]:
        """Return the approvals that list a rendition."""
        rows = self._journal.rows("SELECT approval FROM approved WHERE rendition = ?", (rendition,))
        found = (self.approval(UUID(bytes=row[0])) for row in rows)
        return tuple(kept for kept in found if kept is not None)

    def stop(self, stop: UUID) -> Stop | None:
        """Return a stop as it was last signed."""
        row = self._journal.row("SELECT payload FROM stop WHERE id = ?", (stop.bytes,))
        return None if row is None else decode_strict(Stop, row[0])

    def put_stop(self, stop: Stop) -> None:
        """Store a stop."""
        self._journal.write("REPLACE INTO stop VALUES (?, ?)", (stop.id.bytes, encode(stop)))

    def play(self, order: UUID) -> Play | None:
        """Return a play order."""
        row = self._journal.row("SELECT payload FROM play WHERE id = ?", (order.bytes,))
        return None if row is None else decode_strict(Play, row[0])

    def add_play(self, play: Play) -> None:
        """Store a new play order."""
        self._journal.write(
            "INSERT INTO play VALUES (?, ?, ?, ?)",
            (play.id.bytes, encode(play), play.area, play.issued),
        )

    def plays_since(self, area: str, since: int) -> int:
        """Return how many play orders an area has given since an instant."""
        query = "SELECT count(*) FROM play WHERE area = ? AND issued >= ?"
        return int(self._journal.row(query, (area, since))[0])

    def cancel(self, cancel: UUID) -> Cancel | None:
        """Return a cancellation."""
        row = self._journal.row("SELECT payload FROM cancel WHERE id = ?", (cancel.bytes,))
        return None if row is None else decode_strict(Cancel, row[0])

    def add_cancel(self, cancel: Cancel) -> None:
        """Store a new cancellation."""
        self._journal.write("INSERT INTO cancel VALUES (?, ?)", (cancel.id.bytes, encode(cancel)))

    def tests_since(self, terminal: UUID, since: int) -> int:
        """Return how many audible tests a terminal was sent since an instant."""
        query = "SELECT count(*) FROM test WHERE terminal = ? AND issued >= ?"
        return int(self._journal.row(query, (terminal.bytes, since))[0])

    def add_test(self, terminal: UUID, issued: int) -> None:
        """Store that an audible test was sent."""
        self._journal.write("INSERT INTO test VALUES (?, ?)", (terminal.bytes, issued))


def _place(row: tuple[str, str, str, str, int, int]) -> Place:
    return Place(row[0], tuple(row[1].split()), Level(row[2]), row[3], row[4], row[5])


def _person(row: tuple[bytes, str, str, str, int, int]) -> Person:
    rights = frozenset(Right(right) for right in row[2].split())
    return Person(UUID(bytes=row[0]), row[1], rights, row[3], bool(row[4]), row[5])
