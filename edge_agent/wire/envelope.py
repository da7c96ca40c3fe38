"""The signed envelope around every message.

Layout: magic "LX" | wire version, 1 byte | type, 1 byte | key id, 8 bytes |
Ed25519 signature, 64 bytes | payload. The signature covers the DSSE pre-authentication
encoding (PAE) of type name and payload, so the bytes on the wire are never re-serialised.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge_agent.wire.codec import MAX_SIGNED_BYTES
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.version import SPOKEN_VERSIONS, WIRE_VERSION

MAGIC: Final = b"LX"
HEADER_BYTES: Final = 2 + 1 + 1 + 8 + 64

Sign = Callable[[bytes], bytes]
"""Signs bytes with one Ed25519 key and returns the 64-byte signature."""


class MessageType(IntEnum):
    """What an envelope carries; the number is the type byte on the wire."""

    TRUST = 1
    ASSIGNMENT = 2
    POLICY = 3
    RUNDOWN = 4
    STOP = 5
    MANIFEST = 6
    PLAY = 16
    CANCEL = 17
    TEST = 18
    TIME = 32
    LOG_RECEIPT = 33
    HELLO = 64
    ACKNOWLEDGEMENT = 65
    STATUS = 66
    TELEMETRY = 67
    LOG_BATCH = 68
    WANT = 69
    REFUSED = 70
    TIME_QUESTION = 71


@dataclass(frozen=True, slots=True)
class Envelope:
    """One envelope, parsed but not yet believed."""

    type: MessageType
    key_id: bytes
    signature: bytes
    payload: bytes


def key_id_of(public_key: bytes) -> bytes:
    """Return the 8 bytes by which an envelope names the key that signed it."""
    return hashlib.sha256(public_key).digest()[:8]


def pre_authentication_encoding(kind: MessageType, payload: bytes) -> bytes:
    """Return the bytes that are signed (DSSE v1, PAE)."""
    name = f"application/vnd.loaxa.{WIRE_VERSION}.{kind.name.lower()}".encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def seal(kind: MessageType, payload: bytes, public_key: bytes, sign: Sign) -> bytes:
    """Return the envelope's bytes, signed by the key whose public half is given."""
    signature = sign(pre_authentication_encoding(kind, payload))
    head = MAGIC + bytes((WIRE_VERSION, kind)) + key_id_of(public_key)
    return head + signature + payload


def parse(data: bytes) -> Envelope:
    """Split an envelope. Raises WireError: malformed, unknown_version, unknown_type, too_large."""
    if len(data) < HEADER_BYTES or data[:2] != MAGIC:
        raise WireError(Refusal.MALFORMED, "no envelope")
    if data[2] not in SPOKEN_VERSIONS:
        raise WireError(Refusal.UNKNOWN_VERSION, str(data[2]))
    if len(data) > HEADER_BYTES + MAX_SIGNED_BYTES:
        raise WireError(Refusal.TOO_LARGE, f"{len(data)} bytes")
    try:
        kind = MessageType(data[3])
    except ValueError as error:
        raise WireError(Refusal.UNKNOWN_TYPE, str(data[3])) from error
    return Envelope(kind, data[4:12], data[12:HEADER_BYTES], data[HEADER_BYTES:])


def verify(envelope: Envelope, public_key: bytes) -> None:
    """Check the signature. Raises WireError bad_signature (also for a foreign key id)."""
    signed = pre_authentication_encoding(envelope.type, envelope.payload)
    if envelope.key_id != key_id_of(public_key) or not signature_holds(
        public_key, envelope.signature, signed
    ):
        raise WireError(Refusal.BAD_SIGNATURE, envelope.type.name.lower())


def signature_holds(public_key: bytes, signature: bytes, signed: bytes) -> bool:
    """Tell whether an Ed25519 signature over `signed` is by `public_key`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True
