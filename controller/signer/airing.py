"""Approvals, and what is scheduled by them: rundowns and manifests."""

from contextlib import nullcontext
from uuid import UUID

from controller.domain.approval import ApprovalBody, SignedApproval, read_approval
from controller.domain.signer_refusal import Reason
from controller.domain.signing import (
    Approve,
    Nothing,
    Right,
    Signed,
    SignManifest,
    SignRundown,
    Withdraw,
)
from controller.signer.errors import Refused
from controller.signer.records import Person, Place
from controller.signer.rules import Receiver, Targets, about, check_approval, check_rundown
from controller.signer.sign import (
    PROGRAM,
    Desk,
    bearer,
    believed_approval,
    payload_of,
    sealed,
    signed_approval,
)
from edge_agent.wire.carousel import check_manifest
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.errors import WireError
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import Manifest, Rundown

MAX_KEEP = 100


def approve(desk: Desk, request: Approve) -> SignedApproval:
    """Check an approval and sign its bytes; the same bytes once more are answered as before."""
    try:
        body = read_approval(request.body)
    except WireError as error:
        raise Refused(Reason.APPROVAL_MALFORMED, error.detail) from error
    owner = desk.place(body.area)
    person = bearer(desk, request.ticket, Right.APPROVE, owner)
    if body.approver != person.account:
        raise Refused(Reason.TICKET_FOREIGN, "the ticket is another person's")
    kept = desk.records.approval(body.id)
    if kept is not None:
        if kept.bytes != request.body or kept.withdrawn:
            raise Refused(Reason.APPROVAL_EXISTS, str(body.id))
        return signed_approval(desk, request.body)
    _require_person(desk, body, person, owner)
    targets = Targets(
        areas={area: desk.records.place(area) for area in body.areas},
        terminals={terminal: _home(desk, terminal) for terminal in body.terminals},
    )
    known = [place for place in (*targets.areas.values(), *targets.terminals.values()) if place]
    check_approval(body, targets, desk.policies(owner, *known), desk.clock())
    with desk.journal.writing():
        desk.enter("approve", person.account, body.id, request.body)
        desk.records.add_approval(body, request.body)
    return signed_approval(desk, request.body)


def _require_person(desk: Desk, body: ApprovalBody, person: Person, owner: Place) -> None:
    if body.message_class is MessageClass.EMERGENCY and Right.RELEASE not in person.rights:
        raise Refused(Reason.MAY_NOT_RELEASE)
    if body.author == body.approver and not author_may_approve(desk, owner):
        raise Refused(Reason.AUTHOR_IS_APPROVER)


def author_may_approve(desk: Desk, owner: Place) -> bool:
    """True when every area above that a person set rules for allows it, and one has."""
    kept = (desk.records.policy(area.id) for area in desk.records.keyed_chain(owner))
    said = [policy.author_may_approve for policy in kept if policy is not None]
    known = [allows for allows in said if allows is not None]
    return bool(known) and all(known)


def _home(desk: Desk, terminal: UUID) -> Place | None:
    held = desk.records.assignment(terminal)
    return None if held is None else desk.records.place(held.chain[-1])


def withdraw(desk: Desk, request: Withdraw) -> Nothing:
    """Take an approval back for good; no ticket is needed to make something silent."""
    if desk.records.approval(request.approval) is None:
        raise Refused(Reason.APPROVAL_UNKNOWN, str(request.approval))
    with desk.journal.writing():
        desk.enter("withdraw", request.by, request.approval)
        desk.records.withdraw(request.approval, desk.clock())
    return Nothing()


def rundown(desk: Desk, request: SignRundown) -> Signed:
    """Sign all that a terminal is to sound, if every item of it was approved."""
    place = desk.home(request.terminal)
    signer, now = desk.keyed(place), desk.clock()
    approvals: dict[UUID, ApprovalBody] = {}
    first = {item.approval: item for item in reversed(request.items)}
    named = tuple(dict.fromkeys(item.approval for item in request.items))
    for number, approval in enumerate(request.approvals):
        with about(first[named[number]]) if number < len(named) else nullcontext():
            body = believed_approval(desk, approval)
        approvals[body.id] = body
    if len(request.keep) > MAX_KEEP:
        raise Refused(Reason.MALFORMED, f"more than {MAX_KEEP} renditions to keep")
    receiver = Receiver(request.terminal, place, desk.policies(place))
    check_rundown(request.items, approvals, receiver, now, request.valid_until)
    with desk.journal.writing():
        message = Rundown(
            terminal=request.terminal,
            area=signer.id,
            version=desk.journal.next_version("rundown", str(request.terminal)),
            issued=now,
            valid_until=request.valid_until,
            items=request.items,
            keep=request.keep,
        )
        payload = payload_of(MessageType.RUNDOWN, message)
        desk.enter("rundown", PROGRAM, request.terminal, payload)
    return sealed(desk, MessageType.RUNDOWN, message, signer.id, message.version)


def manifest(desk: Desk, request: SignManifest) -> Signed:
    """Sign how a rendition is cut, if an approval that counts lists it for that area."""
    place = desk.place(request.area)
    message = Manifest(
        area=place.id,
        rendition=request.rendition,
        size=request.size,
        block_size=request.block_size,
        blocks=request.blocks,
        duration=request.duration,
    )
    payload = payload_of(MessageType.MANIFEST, message)
    try:
        check_manifest(message)
    except WireError as error:
        raise Refused(Reason.MANIFEST_INCONSISTENT, error.detail) from error
    if not any(
        not kept.withdrawn and _touches(desk, kept.body, place)
        for kept in desk.records.approvals_of(request.rendition)
    ):
        raise Refused(Reason.RENDITION_NOT_APPROVED, request.rendition.hex())
    with desk.journal.writing():
        desk.enter("manifest", PROGRAM, request.rendition.hex(), payload)
    return sealed(desk, MessageType.MANIFEST, message, desk.keyed(place).id)


def _touches(desk: Desk, body: ApprovalBody, place: Place) -> bool:
    """True when an approval's area is at, above or below a place."""
    return place.within(body.area) or desk.place(body.area).within(place.id)
