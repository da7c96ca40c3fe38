"""Areas, their keys and policies, and where terminals belong."""

from zoneinfo import ZoneInfo

from controller.domain.area import Level
from controller.domain.signer_refusal import Reason
from controller.domain.signing import (
    AddArea,
    AreaAdded,
    AssignTerminal,
    Nothing,
    Right,
    SetPolicy,
    Signed,
    Status,
    TrustAnswer,
)
from controller.signer import trusting
from controller.signer.errors import Refused
from controller.signer.records import KeptPolicy, Place
from controller.signer.sign import PROGRAM, Desk, bearer, key_name, payload_of, sealed
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.state import Assignment, Policy
from scheduler.errors import ScheduleError
from scheduler.schedule import load_zone

MAX_DEPTH = 10


def status(desk: Desk, _: Nothing) -> Status:
    """Return what the signer holds."""
    trust = desk.records.trust()
    entries, head = desk.journal.head()
    return Status(
        set_up=trust is not None,
        areas=tuple(place.id for place in desk.records.places()),
        people=desk.records.people(),
        trust_version=0 if trust is None else trust.version,
        trust_expires=0 if trust is None else trust.expires,
        renew_from=0 if trust is None else trusting.renew_from(trust),
        entries=entries,
        head=head,
    )


def trust(desk: Desk, _: Nothing) -> TrustAnswer:
    """Return the current trust file."""
    return trusting.answer(desk, trusting.current(desk))


def require_zone(name: str) -> ZoneInfo:
    """Return a zone of the IANA database. Raises Refused timezone_unknown."""
    try:
        return load_zone(name)
    except ScheduleError as error:
        raise Refused(Reason.TIMEZONE_UNKNOWN, name) from error


def make_keys(desk: Desk, area: str) -> None:
    """Make the two keys of an area, if there are none yet."""
    for emergency in (False, True):
        desk.keys.signing_key(key_name(area, emergency=emergency), make=True)


def add_area(desk: Desk, request: AddArea) -> AreaAdded:
    """Add an area below another; the same once more is answered as before."""
    if not 2 <= len(request.chain) <= MAX_DEPTH:
        raise Refused(Reason.AREA_CHAIN, "an area lies below another")
    parent = desk.place(request.chain[-2])
    by = bearer(desk, request.ticket, Right.ADMINISTER, parent)
    place = Place(request.chain[-1], request.chain, request.level, request.timezone)
    if parent.chain != request.chain[:-1] or (place.keyed and not parent.keyed):
        raise Refused(Reason.AREA_CHAIN, " ".join(request.chain))
    require_zone(request.timezone)
    known = desk.records.place(place.id)
    if known is not None:
        if (known.chain, known.level, known.timezone) != (
            place.chain,
            place.level,
            place.timezone,
        ):
            raise Refused(Reason.AREA_EXISTS, place.id)
        return _added(desk, known)
    if place.keyed:
        make_keys(desk, place.id)
        place = trusting.granted(place, desk.clock())
    with desk.journal.writing():
        desk.enter("area", by.account, place.id, " ".join(place.chain).encode())
        desk.records.put_place(place)
        if place.keyed:
            trusting.issue(desk)
            _put_policy(desk, _no_rules(desk, place.id), author_may_approve=None)
    return _added(desk, place)


def _added(desk: Desk, place: Place) -> AreaAdded:
    if not place.keyed:
        return AreaAdded(trust=None, trust_version=0, policy=None)
    held = trusting.current(desk)
    kept = desk.records.policy(place.id)
    policy = None if kept is None else sealed(desk, MessageType.POLICY, kept.policy, place.id)
    return AreaAdded(
        trust=trusting.envelope_of(desk, held),
        trust_version=held.version,
        policy=None if policy is None else policy.envelope,
    )


def set_policy(desk: Desk, request: SetPolicy) -> Signed:
    """Sign the rules of an area that has keys."""
    place = desk.place(request.area)
    by = bearer(desk, request.ticket, Right.ADMINISTER, place)
    if place.level is Level.HAMLET:
        raise Refused(Reason.AREA_WITHOUT_KEY, place.id)
    with desk.journal.writing():
        policy = Policy(
            area=place.id,
            version=desk.journal.next_version("policy", place.id),
            issued=desk.clock(),
            quiet=request.quiet,
            max_volume=request.max_volume,
            max_session=request.max_session,
            max_day=request.max_day,
        )
        desk.enter("policy", by.account, place.id, payload_of(MessageType.POLICY, policy))
        _put_policy(desk, policy, author_may_approve=request.author_may_approve)
    return sealed(desk, MessageType.POLICY, policy, place.id, policy.version)


def _no_rules(desk: Desk, area: str) -> Policy:
    return Policy(
        area=area,
        version=desk.journal.next_version("policy", area),
        issued=desk.clock(),
        quiet=(),
        max_volume=100,
        max_session=None,
        max_day=None,
    )


def _put_policy(desk: Desk, policy: Policy, *, author_may_approve: bool | None) -> None:
    desk.records.put_policy(KeptPolicy(policy, author_may_approve))


def assign(desk: Desk, request: AssignTerminal) -> Signed:
    """Sign where a terminal belongs. Zone of time and policies follow from its area.

    Signed with the key of the lowest area that the terminal was in and will be in.
    """
    place = desk.place(request.area)
    held = desk.records.assignment(request.terminal)
    by: object = PROGRAM
    shared = place.chain
    if held is not None and held.chain != place.chain:
        shared = tuple(area for area in place.chain if area in held.chain)
        if not shared or request.ticket is None:
            raise Refused(Reason.RIGHT_MISSING, "a move needs an administrator above both places")
        common = desk.place(shared[-1])
        by = bearer(desk, request.ticket, Right.ADMINISTER, common).account
    signer = desk.keyed(desk.place(shared[-1]))
    with desk.journal.writing():
        assignment = Assignment(
            terminal=request.terminal,
            version=desk.journal.next_version("assignment", str(request.terminal)),
            issued=desk.clock(),
            name=request.name,
            chain=place.chain,
            zones=request.zones,
            policies=tuple(area.id for area in desk.records.keyed_chain(place)),
            timezone=place.timezone,
            volume=request.volume,
            amplifier_lead=request.amplifier_lead,
        )
        payload = payload_of(MessageType.ASSIGNMENT, assignment)
        desk.enter("assignment", str(by), request.terminal, payload)
        desk.records.put_assignment(assignment)
    return sealed(desk, MessageType.ASSIGNMENT, assignment, signer.id, assignment.version)
