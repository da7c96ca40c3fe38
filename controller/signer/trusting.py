"""The trust file: which keys count where, issued anew long before it ends.

The demonstration keeps the root key beside the others; a province keeps it offline.
"""

from dataclasses import replace
from typing import Final

from controller.domain.signer_refusal import Reason
from controller.domain.signing import TrustAnswer
from controller.signer.errors import Refused
from controller.signer.records import Place
from controller.signer.sign import PROGRAM, ROOT_KEY, Desk, key_name
from edge_agent.wire.authority import root_fingerprint
from edge_agent.wire.codec import encode
from edge_agent.wire.envelope import MessageType, pre_authentication_encoding, seal
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import KeyGrant, Role, RootSignature, Trust, TrustFile

DAY_US: Final = 24 * 3600 * 1_000_000
YEAR_US: Final = 365 * DAY_US
RENEW_BEFORE_US: Final = 60 * DAY_US
BACKDATED_US: Final = DAY_US
"""Grants begin this much earlier, for terminals whose clock is a little behind."""

WORK_ROLES: Final = (Role.FLEET, Role.POLICY, Role.SCHEDULE, Role.COMMAND, Role.SERVICE)
WORK_CLASSES: Final = (MessageClass.ORDINARY, MessageClass.PRIORITY)


def grants_of(desk: Desk, place: Place) -> tuple[KeyGrant, KeyGrant]:
    """Return what the two keys of an area may do: its work, and its emergencies."""
    work = desk.keys.signing_key(key_name(place.id, emergency=False)).public
    emergency = desk.keys.signing_key(key_name(place.id, emergency=True)).public
    return (
        _grant(place, work, WORK_ROLES, WORK_CLASSES),
        _grant(place, emergency, (Role.EMERGENCY,), (MessageClass.EMERGENCY,)),
    )


def _grant(
    place: Place, key: bytes, roles: tuple[Role, ...], classes: tuple[MessageClass, ...]
) -> KeyGrant:
    return KeyGrant(
        key=key,
        roles=roles,
        area=place.id,
        classes=classes,
        not_before=place.granted_from,
        not_after=place.granted_until,
        epoch=1,
    )


def granted(place: Place, now: int) -> Place:
    """Return a new area with keys that count for a year."""
    return replace(place, granted_from=max(0, now - BACKDATED_US), granted_until=now + YEAR_US)


def issue(desk: Desk) -> Trust:
    """Write a new trust file over all areas that have keys, inside `journal.writing`."""
    now = desk.clock()
    grants: list[KeyGrant] = []
    for place in desk.records.places():
        if not place.keyed:
            continue
        if place.granted_until - now < RENEW_BEFORE_US:
            place = replace(place, granted_until=now + YEAR_US)  # noqa: PLW2901 renewed
            desk.records.put_place(place)
        grants.extend(grants_of(desk, place))
    trust = Trust(
        version=desk.journal.next_version("trust", ""),
        issued=now,
        expires=now + YEAR_US,
        root_keys=(desk.keys.signing_key(ROOT_KEY).public,),
        threshold=1,
        grants=tuple(grants),
    )
    desk.records.put_trust(trust)
    desk.enter("trust", PROGRAM, trust.version, encode(trust))
    return trust


def envelope_of(desk: Desk, trust: Trust) -> bytes:
    """Return a TRUST envelope, signed by the root."""
    root = desk.keys.signing_key(ROOT_KEY)
    data = encode(trust)
    signature = root.sign(pre_authentication_encoding(MessageType.TRUST, data))
    file = TrustFile(trust=data, signatures=(RootSignature(key=root.public, signature=signature),))
    return seal(MessageType.TRUST, encode(file), root.public, root.sign)


def fingerprint(trust: Trust) -> bytes:
    """Return what enrolment codes pin."""
    return root_fingerprint(trust.root_keys, trust.threshold)


def renew_from(trust: Trust) -> int:
    """Return the instant from which a trust file is to be issued anew."""
    ends = (trust.expires, *(grant.not_after for grant in trust.grants))
    return min(ends) - RENEW_BEFORE_US


def current(desk: Desk) -> Trust:
    """Return the trust file, issued anew when it is time. Raises Refused not_set_up."""
    held = desk.records.trust()
    if held is None:
        raise Refused(Reason.NOT_SET_UP)
    if desk.clock() < renew_from(held):
        return held
    with desk.journal.writing():
        return issue(desk)


def answer(desk: Desk, trust: Trust) -> TrustAnswer:
    """Return a trust file as the controller is told of it."""
    return TrustAnswer(
        trust=envelope_of(desk, trust),
        version=trust.version,
        fingerprint=fingerprint(trust),
        expires=trust.expires,
    )
