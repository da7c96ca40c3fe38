"""Strict for what is signed, tolerant for what terminals report."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.wire.codec import (
    MAX_SIGNED_BYTES,
    decode_report,
    decode_strict,
    encode,
    from_json,
    to_json,
)
from edge_agent.wire.envelope import HEADER_BYTES, parse
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.orders import Time
from edge_agent.wire.reports import Status, TimeQuestion
from edge_agent.wire.state import QuietWindow
from tests.vectors.messages import ALL, NOW, TERMINAL, envelope_of

TIME = Time(terminal=TERMINAL, nonce=bytes(16), now=NOW)


def refusal(payload: bytes) -> Refusal:
    with pytest.raises(WireError) as refused:
        decode_strict(Time, payload)
    return refused.value.reason


def test_an_unknown_field_of_a_signed_message_is_refused() -> None:
    """What we do not know might be a condition; a signed message with it does not count."""
    fields = msgspec.to_builtins(TIME, builtin_types=(bytes,)) | {"unless": "raining"}
    assert refusal(msgspec.msgpack.encode(fields)) is Refusal.MALFORMED


def test_an_unknown_field_of_a_report_is_passed_over() -> None:
    """A newer terminal may say more than we understand."""
    question = TimeQuestion(terminal=TERMINAL, nonce=bytes(16))
    fields = msgspec.to_builtins(question, builtin_types=(bytes,)) | {"mood": "fine"}
    assert decode_report(TimeQuestion, msgspec.msgpack.encode(fields)) == question


def test_another_order_or_length_of_the_same_values_is_refused() -> None:
    """One message has one encoding: no second form can slip past what compares bytes."""
    fields = msgspec.to_builtins(TIME, builtin_types=(bytes,))
    turned = dict(reversed(fields.items()))
    assert refusal(msgspec.msgpack.encode(turned)) is Refusal.NOT_CANONICAL
    longer = encode(TIME).replace(b"\x83", b"\xde\x00\x03", 1)
    assert refusal(longer) is Refusal.NOT_CANONICAL


def test_what_is_too_large_is_not_even_read() -> None:
    """More than 256 KiB is refused by its length."""
    assert refusal(bytes(MAX_SIGNED_BYTES + 1)) is Refusal.TOO_LARGE
    with pytest.raises(WireError) as refused:
        decode_report(Status, bytes(MAX_SIGNED_BYTES + 1))
    assert refused.value.reason is Refusal.TOO_LARGE
    data = envelope_of("time")[:HEADER_BYTES] + bytes(MAX_SIGNED_BYTES + 1)
    with pytest.raises(WireError) as refused:
        parse(data)
    assert refused.value.reason is Refusal.TOO_LARGE


@pytest.mark.parametrize(
    ("at", "value", "reason"),
    [(0, 0x4D, Refusal.MALFORMED), (2, 0, Refusal.UNKNOWN_VERSION), (3, 99, Refusal.UNKNOWN_TYPE)],
)
def test_a_strange_head_says_what_is_strange(at: int, value: int, reason: Refusal) -> None:
    """Magic, version and type are told apart in the refusal."""
    data = bytearray(envelope_of("time"))
    data[at] = value
    with pytest.raises(WireError) as refused:
        parse(bytes(data))
    assert refused.value.reason is reason


@given(st.binary(max_size=400))
def test_any_bytes_give_a_message_or_a_refusal(data: bytes) -> None:
    """Noise never gives another error."""
    for kind in (Time, QuietWindow):
        try:
            decode_strict(kind, data)
        except WireError:
            continue
    try:
        parse(data)
    except WireError:
        return


@pytest.mark.parametrize("name", ALL)
def test_json_keeps_everything(name: str) -> None:
    """Written as JSON and read again, a message is the same."""
    message = ALL[name][1]
    assert from_json(type(message), to_json(message)) == message


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\xff", b'{"nonce":1}'])
def test_bad_json_is_refused(data: bytes) -> None:
    """Cut, deep, not UTF-8, or of a wrong type: a refusal."""
    with pytest.raises(WireError):
        from_json(Time, data)
