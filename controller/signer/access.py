"""People: first set-up, sign-in, invitations, rights, and how tickets end."""

import hashlib
from dataclasses import replace
from uuid import UUID

from controller.domain.area import Level
from controller.domain.signer_refusal import Reason
from controller.domain.signing import (
    EndTickets,
    Founded,
    FoundSystem,
    InvitePerson,
    Nothing,
    Right,
    SetDisabled,
    SetRights,
    Ticket,
)
from controller.signer import territory, trusting
from controller.signer.errors import Refused
from controller.signer.records import Invitation, Person, Place
from controller.signer.sign import APPROVAL_KEY, ROOT_KEY, Desk, bearer, holder

ADMINISTRATOR = frozenset({Right.ADMINISTER})


def found(desk: Desk, request: FoundSystem, password: str) -> Founded:
    """Make root key, top area and its administrator; `password` is the hash to keep."""
    if desk.records.people():
        raise Refused(Reason.ALREADY_SET_UP)
    if request.level is Level.HAMLET:
        raise Refused(Reason.AREA_CHAIN, "the top is a province or a commune")
    territory.require_zone(request.timezone)
    now = desk.clock()
    place = Place(request.area, (request.area,), request.level, request.timezone)
    person = Person(request.account, request.area, ADMINISTRATOR, password, False, now)  # noqa: FBT003 a row
    # Keys first: a journal never names keys that are not on disk.
    for name in (ROOT_KEY, APPROVAL_KEY):
        desk.keys.signing_key(name, make=True)
    territory.make_keys(desk, place.id)
    with desk.journal.writing():
        desk.enter("found", request.account, request.area)
        desk.records.put_place(trusting.granted(place, now))
        desk.records.put_person(person)
        trust = trusting.issue(desk)
    return _founded(desk, person, trust.version)


def founded_again(desk: Desk, request: FoundSystem) -> Person | None:
    """Return the founder when this is the same set-up once more, as after a lost answer."""
    person = desk.records.person(request.account)
    place = desk.records.place(request.area)
    same = person is not None and place is not None and place.chain == (request.area,)
    return person if same and desk.records.people() == 1 else None


def found_again(desk: Desk, person: Person) -> Founded:
    """Answer the same set-up once more; the password was right."""
    return _founded(desk, person, trusting.current(desk).version)


def _founded(desk: Desk, person: Person, version: int) -> Founded:
    trust = trusting.current(desk)
    return Founded(
        trust=trusting.envelope_of(desk, trust),
        trust_version=version,
        fingerprint=trusting.fingerprint(trust),
        ticket=desk.tickets.issue(person, desk.clock()),
    )


def signed_in(desk: Desk, account: UUID) -> Ticket:
    """Return a ticket to a person whose password was right."""
    person = _person(desk, account)
    if person.disabled:
        raise Refused(Reason.ACCOUNT_DISABLED)
    with desk.journal.writing():
        desk.enter("sign_in", account, account)
    return desk.tickets.issue(person, desk.clock())


def set_password(desk: Desk, account: UUID, password: str) -> Ticket:
    """Keep a new password's hash, end earlier tickets and return a new one."""
    now = desk.clock()
    person = replace(_person(desk, account), password=password, tickets_from=now)
    if person.disabled:
        raise Refused(Reason.ACCOUNT_DISABLED)
    with desk.journal.writing():
        desk.enter("password", account, account)
        desk.records.put_person(person)
    return desk.tickets.issue(person, now)


def kept_password(desk: Desk, account: UUID) -> str:
    """Return the hash to compare with; empty for an account that is not known."""
    person = desk.records.person(account)
    return "" if person is None else person.password


def invite(desk: Desk, request: InvitePerson) -> Nothing:
    """Let the owner of a one-time token set a password; adds the person if new."""
    place, rights = desk.place(request.area), frozenset(request.rights)
    by = _administrator(desk, request.ticket, place, request.account, rights)
    person = desk.records.person(request.account)
    if person is None:
        person = Person(request.account, place.id, rights, "", False, desk.clock())  # noqa: FBT003 a row
    with desk.journal.writing():
        desk.enter("invite", by.account, request.account, _told(place, rights))
        desk.records.put_person(replace(person, area=place.id, rights=rights))
        desk.records.put_invitation(
            Invitation(request.token_hash, request.account, request.expires, used=False)
        )
    return Nothing()


def invited(desk: Desk, token: bytes) -> Invitation:
    """Return the open invitation of a token. Raises Refused: link_used, link_expired."""
    invitation = desk.records.invitation(hashlib.sha256(token).digest())
    if invitation is None or invitation.used:
        raise Refused(Reason.LINK_USED)
    if desk.clock() >= invitation.expires:
        raise Refused(Reason.LINK_EXPIRED)
    return invitation


def redeem(desk: Desk, token: bytes, password: str) -> Ticket:
    """Set the password that a token allows; once."""
    invitation, now = invited(desk, token), desk.clock()
    person = _person(desk, invitation.account)
    if person.disabled:
        raise Refused(Reason.ACCOUNT_DISABLED)
    person = replace(person, password=password, tickets_from=now)
    with desk.journal.writing():
        desk.enter("redeem", person.account, person.account)
        desk.records.put_person(person)
        desk.records.put_invitation(replace(invitation, used=True))
    return desk.tickets.issue(person, now)


def set_rights(desk: Desk, request: SetRights) -> Nothing:
    """Change a person's area and rights."""
    place, rights = desk.place(request.area), frozenset(request.rights)
    by = _administrator(desk, request.ticket, place, request.account, rights)
    person = replace(_person(desk, request.account), area=place.id, rights=rights)
    with desk.journal.writing():
        desk.enter("rights", by.account, person.account, _told(place, rights))
        desk.records.put_person(person)
    return Nothing()


def set_disabled(desk: Desk, request: SetDisabled) -> Nothing:
    """Shut a person out or let one in again; tickets from before never count again."""
    person = _person(desk, request.account)
    by = bearer(desk, request.ticket, Right.ADMINISTER, desk.place(person.area))
    with desk.journal.writing():
        desk.enter("disable" if request.disabled else "enable", by.account, person.account)
        desk.records.put_person(
            replace(person, disabled=request.disabled, tickets_from=desk.clock() + 1)
        )
    return Nothing()


def end_tickets(desk: Desk, request: EndTickets) -> Nothing:
    """End every ticket that an account has now."""
    person = _person(desk, request.account)
    _, by = holder(desk, request.ticket)
    if by.account != person.account:
        by = bearer(desk, request.ticket, Right.ADMINISTER, desk.place(person.area))
    with desk.journal.writing():
        desk.enter("end_tickets", by.account, person.account)
        desk.records.put_person(replace(person, tickets_from=desk.clock() + 1))
    return Nothing()


def _person(desk: Desk, account: UUID) -> Person:
    found = desk.records.person(account)
    if found is None:
        raise Refused(Reason.ACCOUNT_UNKNOWN, str(account))
    return found


def _administrator(
    desk: Desk, ticket: str, place: Place, account: UUID, rights: frozenset[Right]
) -> Person:
    """Return who may give these rights there, and may change that account."""
    person = desk.records.person(account)
    places = [place] if person is None else [place, desk.place(person.area)]
    by = bearer(desk, ticket, Right.ADMINISTER, *places)
    held = frozenset() if person is None else person.rights
    if Right.RELEASE in rights - held and by.area != place.chain[0]:
        raise Refused(Reason.MAY_NOT_RELEASE, "given by an administrator of the top area only")
    return by


def _told(place: Place, rights: frozenset[Right]) -> bytes:
    return f"{place.id} {' '.join(sorted(rights))}".encode()
