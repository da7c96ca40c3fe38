"""The state documents that this terminal holds: stored before they count, believed again at start.

A document that the trust file no longer vouches for is dropped; dates of keys are judged when a
document arrives, so that the mere passing of time never takes away what was stored.
"""

import hashlib
import logging
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge_agent.core.rundown import check_rundown
from edge_agent.core.stops import check_stop, kept
from edge_agent.core.versions import Stamp, Verdict, compare
from edge_agent.services.ports import Documents, InThread
from edge_agent.wire.authority import Believed, accept_trust, addressed_to, believe, open_trust
from edge_agent.wire.codec import Message
from edge_agent.wire.envelope import Envelope, MessageType, parse
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.reports import HeldState
from edge_agent.wire.state import Assignment, Policy, Rundown, Stop, Trust

_log = logging.getLogger(__name__)

TRUST: Final = "trust"
ASSIGNMENT: Final = "assignment"
RUNDOWN: Final = "rundown"

_TYPES: Final[dict[type[Message], MessageType]] = {
    Policy: MessageType.POLICY,
    Rundown: MessageType.RUNDOWN,
    Stop: MessageType.STOP,
}

_D = TypeVar("_D", bound=Message)


@dataclass(frozen=True, slots=True)
class Held(Generic[_D]):
    """A document, what orders it among its like, and its envelope's bytes."""

    message: _D
    stamp: Stamp
    raw: bytes


class Holdings:
    """All state documents of one terminal. `pinned`: fingerprint of the root keys."""

    def __init__(
        self, documents: Documents, in_thread: InThread, terminal: UUID, pinned: bytes
    ) -> None:
        self._documents = documents
        self._in_thread = in_thread
        self._terminal = terminal
        self._pinned = pinned
        self._trust: Held[Trust] | None = None
        self._assignment: Held[Assignment] | None = None
        self.policies: dict[str, Held[Policy]] = {}
        self.rundown: Held[Rundown] | None = None
        self.stops: dict[UUID, Held[Stop]] = {}
        self._stored: set[bytes] = set()

    # -- what is held

    @property
    def trust(self) -> Trust:
        """The trust file. Raises WireError no_trust."""
        if self._trust is None:
            raise WireError(Refusal.NO_TRUST)
        return self._trust.message

    @property
    def assignment(self) -> Assignment:
        """Where this terminal belongs. Raises WireError no_trust."""
        if self._assignment is None:
            raise WireError(Refusal.NO_TRUST, "no assignment")
        return self._assignment.message

    @property
    def ready(self) -> bool:
        """Whether trust and assignment are held, without which nothing can be believed."""
        return self._trust is not None and self._assignment is not None

    @property
    def all_held(self) -> tuple[HeldState, ...]:
        """What hello says: the trust file stands for the top area, the assignment for our own."""
        if self._trust is None or self._assignment is None:
            return ()
        chain = self.assignment.chain
        trust = HeldState(type=MessageType.TRUST, area=chain[0], version=self.trust.version)
        own = HeldState(
            type=MessageType.ASSIGNMENT, area=chain[-1], version=self.assignment.version
        )
        others = [
            HeldState(type=_TYPES[type(document)], area=document.area, version=document.version)
            for document in self._dated()
        ]
        return (trust, own, *others)

    def digest_of(self, document: Message) -> bytes | None:
        """SHA-256 of a held document's envelope, None when it is not (or no longer) held."""
        held = [self._trust, self._assignment, *self.policies.values(), self.rundown]
        for one in (*held, *self.stops.values()):
            if one is not None and one.message == document:
                return one.stamp.digest
        return None

    # -- loading

    async def load(self) -> None:
        """Read what is stored, believing nothing that is not signed as it should be."""
        documents = await self._in_thread(self._documents.read_all)
        if TRUST in documents:
            self._load_trust(documents[TRUST])
        if ASSIGNMENT in documents:
            self._load_one(documents[ASSIGNMENT])
        for name, raw in documents.items():
            if name == RUNDOWN or name.startswith(("policy-", "stop-")):
                self._load_one(raw)

    def _load_trust(self, raw: bytes) -> None:
        try:
            # Its roots were checked when it was stored; with the consent of the pinned root
            # they may have become others since.
            trust = open_trust(parse(raw))
        except WireError as error:
            _log.warning(
                "the stored trust file does not count: %s", error, extra={"action": "load"}
            )
            return
        self._trust = Held(trust, _trust_stamp(trust, raw), raw)

    def _load_one(self, raw: bytes) -> None:
        try:
            believed = self._believe(parse(raw), raw, None)
            self._put(believed, raw)
        except WireError as error:
            _log.warning("a stored document does not count: %s", error, extra={"action": "load"})

    # -- arrivals

    async def offer(self, envelope: Envelope, raw: bytes, now: int | None) -> Message:
        """Take a state document: believe it, store it, hold it. Raises WireError, OSError.

        One that is held already changes nothing and is returned as well.
        """
        if envelope.type is MessageType.TRUST:
            return await self._offer_trust(envelope, raw)
        believed = self._believe(envelope, raw, now)
        self._check(believed, now)
        if compare(self._held_like(believed), _stamp(believed)) is Verdict.KNOWN:
            return believed.message
        await self._in_thread(lambda: self._documents.write(_name(believed.message), raw))
        self._put(believed, raw)
        if isinstance(believed.message, Assignment):
            await self._drop_foreign()
        return believed.message

    def hold_stop(self, envelope: Envelope, raw: bytes, now: int | None) -> Stop:
        """Take a stop at once: silence waits for no disk. Raises WireError.

        `keep_stop` is to follow.
        """
        believed = self._believe(envelope, raw, now)
        stop = believed.message
        if not isinstance(stop, Stop):
            raise WireError(Refusal.UNKNOWN_TYPE, believed.type.name.lower())
        self._check(believed, now)
        if compare(self._held_like(believed), _stamp(believed)) is Verdict.NEW:
            self._put(believed, raw)
        return stop

    async def keep_stop(self, stop: UUID) -> None:
        """Store a stop that is held. Raises OSError."""
        held = self.stops.get(stop)
        if held is not None and held.stamp.digest not in self._stored:
            await self._in_thread(lambda: self._documents.write(_name(held.message), held.raw))
            self._stored.add(held.stamp.digest)

    async def _offer_trust(self, envelope: Envelope, raw: bytes) -> Trust:
        held = self._trust
        if held is not None and held.raw == raw:
            return held.message
        trust = accept_trust(envelope, None if held is None else held.message, self._pinned)
        await self._in_thread(lambda: self._documents.write(TRUST, raw))
        self._trust = Held(trust, _trust_stamp(trust, raw), raw)
        await self._drop_disowned()
        return trust

    def believe_order(self, envelope: Envelope, raw: bytes, now: int | None) -> Believed:
        """Believe a message that is not a state document. Raises WireError."""
        return self._believe(envelope, raw, now)

    def _believe(self, envelope: Envelope, raw: bytes, now: int | None) -> Believed:
        believed = believe(envelope, self.trust, now, raw)
        if self._assignment is None and isinstance(believed.message, Assignment):
            _check_first_assignment(believed, self._terminal)
        else:
            addressed_to(believed, self.assignment)
        return believed

    def _check(self, believed: Believed, now: int | None) -> None:
        if isinstance(believed.message, Rundown):
            check_rundown(believed.message, now)
        elif isinstance(believed.message, Stop):
            check_stop(believed.message, now)
        elif isinstance(believed.message, Assignment):
            _check_zone(believed.message)

    def _held_like(self, believed: Believed) -> Stamp | None:
        message = believed.message
        held: Held[Assignment] | Held[Policy] | Held[Rundown] | Held[Stop] | None = None
        if isinstance(message, Assignment):
            held = self._assignment
        elif isinstance(message, Policy):
            held = self.policies.get(message.area)
        elif isinstance(message, Rundown):
            held = self.rundown
        elif isinstance(message, Stop):
            held = self.stops.get(message.id)
        return None if held is None else held.stamp

    def _put(self, believed: Believed, raw: bytes) -> None:
        message, stamp = believed.message, _stamp(believed)
        if isinstance(message, Assignment):
            self._assignment = Held(message, stamp, raw)
        elif isinstance(message, Policy):
            self.policies[message.area] = Held(message, stamp, raw)
        elif isinstance(message, Rundown):
            self.rundown = Held(message, stamp, raw)
        elif isinstance(message, Stop):
            self.stops[message.id] = Held(message, stamp, raw)

    # -- letting go

    async def forget_old_stops(self, now: int | None) -> None:
        """Remove stops that no longer matter. Raises OSError."""
        for stop in [s.message for s in self.stops.values() if not kept(s.message, now)]:
            await self._drop(stop)

    async def _drop_foreign(self) -> None:
        """After a move, what other areas said no longer counts here."""
        chain = self.assignment.chain
        for message in self._dated():
            if message.area not in chain:
                await self._drop(message)

    async def _drop_disowned(self) -> None:
        """After a new trust file, what it does not vouch for no longer counts."""
        held = [self._assignment, *self.policies.values(), self.rundown, *self.stops.values()]
        for document in held:
            if document is None:
                continue
            try:
                believed = self._believe(parse(document.raw), document.raw, None)
            except WireError as error:
                _log.warning("no longer vouched for: %s", error, extra={"action": "trust"})
                if not isinstance(document.message, Assignment):
                    await self._drop(document.message)
            else:
                self._put(believed, document.raw)

    def _dated(self) -> list[Policy | Rundown | Stop]:
        rundown = [] if self.rundown is None else [self.rundown.message]
        policies = [policy.message for policy in self.policies.values()]
        return [*policies, *rundown, *(stop.message for stop in self.stops.values())]

    async def _drop(self, message: Message) -> None:
        await self._in_thread(lambda: self._documents.remove(_name(message)))
        if isinstance(message, Policy):
            self.policies.pop(message.area, None)
        elif isinstance(message, Rundown):
            self.rundown = None
        elif isinstance(message, Stop):
            self.stops.pop(message.id, None)


def _check_zone(assignment: Assignment) -> None:
    try:
        ZoneInfo(assignment.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WireError(Refusal.INCONSISTENT, f"no time zone {assignment.timezone}") from error


def _check_first_assignment(believed: Believed, terminal: UUID) -> None:
    """The assignment that comes with the enrolment: for us, by a key of an area above us."""
    message = believed.message
    if not isinstance(message, Assignment) or message.terminal != terminal:
        raise WireError(Refusal.NOT_FOR_THIS_TERMINAL)
    if believed.grant.area not in message.chain:
        raise WireError(Refusal.WRONG_AREA, believed.grant.area)


def _stamp(believed: Believed) -> Stamp:
    message = believed.message
    if not isinstance(message, Assignment | Policy | Rundown | Stop):
        raise WireError(Refusal.UNKNOWN_TYPE, believed.type.name.lower())
    grant = believed.grant
    return Stamp(grant.area, grant.epoch, message.version, message.issued, believed.digest)


def _trust_stamp(trust: Trust, raw: bytes) -> Stamp:
    return Stamp("", 0, trust.version, trust.issued, hashlib.sha256(raw).digest())


def _name(message: Message) -> str:
    if isinstance(message, Policy):
        return f"policy-{message.area}"
    if isinstance(message, Stop):
        return f"stop-{message.id}"
    return ASSIGNMENT if isinstance(message, Assignment) else RUNDOWN
