"""From the pinned root to a believed message: which key may sign what, where and when.

The chain is root (pinned at enrolment) → trust file → key grant → message. A terminal's own
place is the chain of areas in its assignment; a key counts only inside its own area.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from edge_agent.wire.catalogue import REPORTS, SIGNED
from edge_agent.wire.codec import Message, Report, decode_report, decode_strict
from edge_agent.wire.envelope import (
    Envelope,
    MessageType,
    key_id_of,
    pre_authentication_encoding,
    signature_holds,
    verify,
)
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.orders import Cancel, Play, Test
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import (
    Assignment,
    KeyGrant,
    Manifest,
    Policy,
    Rundown,
    Stop,
    Trust,
    TrustFile,
)

TRUST_GRACE_US: Final = 30 * 24 * 3600 * 1_000_000
"""Ordinary items go on for 30 days after the trust file expired; emergency always does."""

_R = TypeVar("_R", bound=Report)


@dataclass(frozen=True, slots=True)
class Believed:
    """A message whose signature, key, role, area and class hold."""

    type: MessageType
    message: Message
    grant: KeyGrant
    digest: bytes
    """SHA-256 of the whole envelope; acknowledgements carry it."""


def root_fingerprint(root_keys: Iterable[bytes], threshold: int) -> bytes:
    """Return the SHA-256 by which an enrolment code pins a set of root keys."""
    ordered = b"".join(sorted(root_keys))
    return hashlib.sha256(b"loaxa-root-1" + bytes((threshold,)) + ordered).digest()


def open_trust(envelope: Envelope) -> Trust:
    """Read a trust file and check that its own roots signed it often enough.

    Raises WireError. Whether those roots are the pinned ones is for `accept_trust`.
    """
    if envelope.type is not MessageType.TRUST:
        raise WireError(Refusal.UNKNOWN_TYPE, envelope.type.name.lower())
    file = decode_strict(TrustFile, envelope.payload)
    trust = decode_strict(Trust, file.trust)
    _require_roots(file, trust.root_keys, trust.threshold)
    for root in trust.root_keys:
        if key_id_of(root) == envelope.key_id:
            verify(envelope, root)
            return trust
    raise WireError(Refusal.UNKNOWN_KEY, "trust envelope")


def accept_trust(envelope: Envelope, held: Trust | None, pinned: bytes) -> Trust:
    """Return the trust to hold from now on.

    The first one must have the pinned root fingerprint; each later one must also carry
    enough signatures of the roots held before, so a new root is vouched for by the old.
    Raises WireError: bad_signature, unknown_key, stale_version.
    """
    trust = open_trust(envelope)
    if held is None:
        if root_fingerprint(trust.root_keys, trust.threshold) != pinned:
            raise WireError(Refusal.UNKNOWN_KEY, "root is not the pinned one")
        return trust
    _require_roots(decode_strict(TrustFile, envelope.payload), held.root_keys, held.threshold)
    if trust.version <= held.version:
        raise WireError(Refusal.STALE_VERSION, f"trust {trust.version}")
    return trust


def _require_roots(file: TrustFile, roots: tuple[bytes, ...], threshold: int) -> None:
    signed = pre_authentication_encoding(MessageType.TRUST, file.trust)
    valid = {
        item.key
        for item in file.signatures
        if item.key in roots and signature_holds(item.key, item.signature, signed)
    }
    if len(valid) < threshold:
        raise WireError(Refusal.BAD_SIGNATURE, f"{len(valid)} of {threshold} roots")


def grant_of(trust: Trust, key_id: bytes) -> KeyGrant:
    """Return the grant of a key. Raises WireError unknown_key."""
    for grant in trust.grants:
        if key_id_of(grant.key) == key_id:
            return grant
    raise WireError(Refusal.UNKNOWN_KEY, key_id.hex())


def believe(envelope: Envelope, trust: Trust, now: int | None, raw: bytes) -> Believed:
    """Check signature, canonical form, key, role, area scope and class of a message.

    `now` is UTC microseconds, None where the clock says nothing (then validity in time is
    not judged here). `raw` is the envelope's bytes, for the digest. Whether the message is
    meant for this terminal is `addressed_to`. Raises WireError.
    """
    signed = SIGNED.get(envelope.type)
    if signed is None or signed.role is None:
        raise WireError(Refusal.UNKNOWN_TYPE, envelope.type.name.lower())
    grant = grant_of(trust, envelope.key_id)
    verify(envelope, grant.key)
    if signed.role not in grant.roles:
        raise WireError(Refusal.WRONG_ROLE, envelope.type.name.lower())
    message = decode_strict(signed.kind, envelope.payload)
    emergency = isinstance(message, Play | Cancel)
    if now is not None:
        _require_time(trust, grant, now, emergency=emergency)
    _require_classes(message, grant)
    return Believed(envelope.type, message, grant, hashlib.sha256(raw).digest())


def _require_time(trust: Trust, grant: KeyGrant, now: int, *, emergency: bool) -> None:
    if now < grant.not_before or (now >= grant.not_after and not emergency):
        raise WireError(Refusal.KEY_NOT_VALID_NOW, grant.area)
    if now >= trust.expires + TRUST_GRACE_US and not emergency:
        raise WireError(Refusal.TRUST_EXPIRED)


def _require_classes(message: Message, grant: KeyGrant) -> None:
    wanted: set[MessageClass] = set()
    if isinstance(message, Rundown):
        wanted = {item.message_class for item in message.items}
        if MessageClass.EMERGENCY in wanted:
            raise WireError(Refusal.WRONG_CLASS, "emergency in a rundown")
    elif isinstance(message, Play):
        wanted = {message.message_class}
        if wanted != {MessageClass.EMERGENCY}:
            raise WireError(Refusal.WRONG_CLASS, "only emergency goes by order")
    if not wanted <= set(grant.classes):
        raise WireError(Refusal.WRONG_CLASS, ", ".join(sorted(wanted)))


def addressed_to(believed: Believed, held: Assignment) -> None:
    """Check that a message speaks to this terminal and that its key reaches here.

    Raises WireError: not_for_this_terminal, wrong_area.
    """
    message, chain = believed.message, held.chain
    terminal = getattr(message, "terminal", None)
    if terminal is not None and terminal != held.terminal:
        raise WireError(Refusal.NOT_FOR_THIS_TERMINAL)
    _require_reach(chain, believed.grant.area)
    if isinstance(message, Assignment):
        _require_reach(message.chain, believed.grant.area)
    elif isinstance(message, Policy | Rundown | Stop | Manifest | Play | Cancel | Test):
        _require_below(chain, believed.grant.area, message.area)
    if isinstance(message, Play):
        here = held.terminal in message.terminals
        if not here and not held.groups.intersection(message.targets):
            raise WireError(Refusal.NOT_FOR_THIS_TERMINAL)
    if isinstance(message, Rundown):
        for item in message.items:
            _require_reach(chain, item.area)


def _require_reach(chain: tuple[str, ...], area: str) -> None:
    if area not in chain:
        raise WireError(Refusal.WRONG_AREA, area)


def _require_below(chain: tuple[str, ...], key_area: str, area: str) -> None:
    _require_reach(chain, area)
    if chain.index(area) < chain.index(key_area):
        raise WireError(Refusal.WRONG_AREA, f"{key_area} may not speak for {area}")


def read_report(envelope: Envelope, kind: type[_R], public_key: bytes) -> _R:
    """Read a terminal's report, signed with its own key. Raises WireError."""
    if REPORTS.get(envelope.type) is not kind:
        raise WireError(Refusal.UNKNOWN_TYPE, envelope.type.name.lower())
    verify(envelope, public_key)
    return decode_report(kind, envelope.payload)
