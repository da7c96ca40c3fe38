"""MessagePack encoding of wire messages: strict for what is signed, tolerant for reports."""

from functools import cache
from typing import Annotated, Any, Final, TypeVar

import msgspec

from edge_agent.wire.errors import Refusal, WireError

MAX_SIGNED_BYTES: Final = 256 * 1024
"""No signed payload is larger; a larger one is refused before it is parsed."""

Instant = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
"""UTC microseconds since 1970-01-01."""
DurationMs = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
"""Milliseconds."""
Samples = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
"""A position or length in samples at 48 kHz."""
Version = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
"""Strictly rising number of a state document."""
Sha256 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
PublicKey = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
"""Raw Ed25519 public key (RFC 8032)."""
Signature = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
AreaId = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9][a-z0-9-]{0,39}\Z")]
"""Identity of an area; also the name of its group on the broker."""
Title = Annotated[str, msgspec.Meta(max_length=200)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of everything that is signed by the controller's side; unknown fields are refused."""


class Report(msgspec.Struct, frozen=True):
    """Base of what terminals report; a newer terminal may send fields we do not know."""


_M = TypeVar("_M", bound=msgspec.Struct)
_encoder = msgspec.msgpack.Encoder()


@cache
def _decoder(kind: type[msgspec.Struct]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)


def encode(message: msgspec.Struct) -> bytes:
    """Return the one encoding of a message."""
    return _encoder.encode(message)


def decode_strict(kind: type[_M], payload: bytes, limit: int = MAX_SIGNED_BYTES) -> _M:
    """Read a signed payload; only the exact bytes that `encode` would write count.

    Raises WireError: too_large, malformed (unknown field, wrong type, out of range)
    or not_canonical (duplicate keys, other orders or longer forms of the same value).
    """
    if len(payload) > limit:
        raise WireError(Refusal.TOO_LARGE, f"{len(payload)} bytes")
    message = _decode(kind, payload)
    if _encoder.encode(message) != payload:
        raise WireError(Refusal.NOT_CANONICAL)
    return message


def decode_report(kind: type[_M], payload: bytes) -> _M:
    """Read a report; unknown fields are ignored. Raises WireError: too_large, malformed."""
    if len(payload) > MAX_SIGNED_BYTES:
        raise WireError(Refusal.TOO_LARGE, f"{len(payload)} bytes")
    return _decode(kind, payload)


def to_json(message: msgspec.Struct) -> bytes:
    """Return a message as JSON, bytes as base64: for HTTP and for files that a person reads."""
    return msgspec.json.encode(message)


def from_json(kind: type[_M], data: bytes) -> _M:
    """Read what `to_json` wrote. Raises WireError: too_large, malformed."""
    if len(data) > MAX_SIGNED_BYTES:
        raise WireError(Refusal.TOO_LARGE, f"{len(data)} bytes")
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(Refusal.MALFORMED, str(error)) from error


def _decode(kind: type[_M], payload: bytes) -> _M:
    try:
        message: _M = _decoder(kind).decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(Refusal.MALFORMED, str(error)) from error
    return message
