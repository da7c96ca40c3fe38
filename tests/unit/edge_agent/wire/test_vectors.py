"""The bytes of every message: written as ever, read whole, and refused when damaged."""

import pytest

from edge_agent.wire import catalogue
from edge_agent.wire.codec import Message, Report, decode_report, decode_strict, encode
from edge_agent.wire.envelope import HEADER_BYTES, MessageType, parse, verify
from edge_agent.wire.errors import WireError
from tests.vectors.messages import ALL, PUBLIC, REPORTS, SIGNED, envelope_of, stored

STORED = stored()


def read(data: bytes) -> Message | Report:
    """Read an envelope as its receiver does: split, verify, decode."""
    envelope = parse(data)
    verify(envelope, PUBLIC)
    if envelope.type in catalogue.SIGNED:
        return decode_strict(catalogue.SIGNED[envelope.type].kind, envelope.payload)
    return decode_report(catalogue.REPORTS[envelope.type], envelope.payload)


def test_every_message_type_has_an_example() -> None:
    """No type is on the wire without its bytes being held here, and none is held in vain."""
    assert {kind for kind, _ in ALL.values()} == set(MessageType)
    assert {kind for kind, _ in SIGNED.values()} == set(catalogue.SIGNED)
    assert {kind for kind, _ in REPORTS.values()} == set(catalogue.REPORTS)
    assert STORED.keys() == ALL.keys()


@pytest.mark.parametrize("name", ALL)
def test_written(name: str) -> None:
    """An example is written as exactly these bytes; another byte is another wire version."""
    assert envelope_of(name) == STORED[name]


@pytest.mark.parametrize("name", ALL)
def test_read_whole(name: str) -> None:
    """The bytes are read as the example, each field as it was."""
    kind, message = ALL[name]
    assert parse(STORED[name]).type is kind
    assert read(STORED[name]) == message


@pytest.mark.parametrize("name", ALL)
def test_read_cut(name: str) -> None:
    """Cut at any length, and with a byte too many, nothing is believed."""
    data = STORED[name]
    for end in (*range(len(data)), None):
        damaged = data[:end] if end is not None else data + b"\0"
        with pytest.raises(WireError):
            read(damaged)


@pytest.mark.parametrize("name", ALL)
def test_read_altered(name: str) -> None:
    """Any byte altered, nothing is believed."""
    data = STORED[name]
    for at in range(len(data)):
        damaged = data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :]
        with pytest.raises(WireError):
            read(damaged)


@pytest.mark.parametrize("name", ALL)
def test_payloads_are_read_without_another_error(name: str) -> None:
    """Whatever a payload is, behind a right signature too, only WireError comes out of it."""
    kind, message = ALL[name]
    payload = encode(message)
    assert STORED[name][HEADER_BYTES:] == payload
    for at in range(len(payload)):
        for value in (0x00, 0x7F, 0x80, 0x9F, 0xC0, 0xC1, 0xD9, 0xDF, 0xFF):
            damaged = payload[:at] + bytes([value]) + payload[at + 1 :]
            try:
                if kind in catalogue.SIGNED:
                    decode_strict(catalogue.SIGNED[kind].kind, damaged)
                else:
                    decode_report(catalogue.REPORTS[kind], damaged)
            except WireError:
                continue
