"""Enrolment: the code a technician scans, and what the terminal gets for it over HTTPS."""

import base64
import binascii
from typing import Annotated, Final
from uuid import UUID

import msgspec

from edge_agent.wire.codec import (
    AreaId,
    Message,
    PublicKey,
    Report,
    Sha256,
    Signature,
    decode_strict,
    encode,
)
from edge_agent.wire.errors import Refusal, WireError

_PREFIX: Final = "LX1."
_PROOF: Final = b"loaxa-enrol-1"


class EnrolmentCode(Message, frozen=True, kw_only=True):
    """All a fresh terminal needs: shown as text and as a QR code, used once."""

    url: Annotated[str, msgspec.Meta(max_length=300)]
    """Address of the controller; plain HTTP on loopback only."""
    root: Sha256
    """Fingerprint of the root keys that the terminal pins."""
    tls: Sha256 | None
    """SHA-256 of the certificate authority's SubjectPublicKeyInfo; None on loopback HTTP."""
    token: Annotated[bytes, msgspec.Meta(min_length=16, max_length=32)]
    area: AreaId


class EnrolRequest(Report, frozen=True, kw_only=True):
    """Sent by the terminal to POST /api/v1/enrolments/redeem, as JSON."""

    token: Annotated[str, msgspec.Meta(max_length=64)]
    """The code's token in hexadecimal."""
    public_key: PublicKey
    proof: Signature
    """Signature of the terminal's key over `enrolment_proof`."""
    hardware: Annotated[str, msgspec.Meta(max_length=120)]
    agent: Annotated[str, msgspec.Meta(max_length=64)]


class EnrolAnswer(Message, frozen=True, kw_only=True):
    """The terminal's place in the system, as JSON."""

    terminal: UUID
    mqtt_host: str
    mqtt_port: int
    mqtt_tls: bool
    ca_pem: str
    mqtt_password: str
    trust: bytes
    """TRUST envelope."""
    assignment: bytes
    """ASSIGNMENT envelope."""
    policies: tuple[bytes, ...]
    """POLICY envelopes."""


def write_code(code: EnrolmentCode) -> str:
    """Return the code as text: `LX1.` and base64url without padding."""
    return _PREFIX + base64.urlsafe_b64encode(encode(code)).rstrip(b"=").decode()


def read_code(text: str) -> EnrolmentCode:
    """Read a code, tolerating white space around and inside. Raises WireError malformed."""
    packed = "".join(text.split())
    if not packed.startswith(_PREFIX):
        raise WireError(Refusal.MALFORMED, "an enrolment code begins with LX1.")
    body = packed[len(_PREFIX) :]
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise WireError(Refusal.MALFORMED, "the enrolment code is damaged") from error
    return decode_strict(EnrolmentCode, raw)


def enrolment_proof(token: bytes, public_key: bytes) -> bytes:
    """Return the bytes that the terminal signs to show that it holds its key."""
    return _PROOF + token + public_key
