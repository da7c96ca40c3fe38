"""Topics, enrolment codes and blocks: written and read again, and nothing else is taken for one."""

import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.wire.carousel import (
    MAX_BLOCK_BYTES,
    Block,
    block_fits,
    block_length,
    check_manifest,
    read_block,
    write_block,
)
from edge_agent.wire.enrolment import EnrolmentCode, read_code, write_code
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.state import Manifest
from edge_agent.wire.topics import UpKind, UpTopic, down, parse_up, up

TERMINAL = UUID("01a20ce9-0000-7000-8000-000000000001")
CODE = EnrolmentCode(
    url="https://loa.example:8443", root=bytes(32), tls=bytes(32), token=bytes(16), area="c-30280"
)


@pytest.mark.parametrize("kind", UpKind)
def test_up_topics_are_read_as_written(kind: UpKind) -> None:
    """Each kind of report has one topic of its own."""
    assert parse_up(up(TERMINAL, kind)) == UpTopic(TERMINAL, kind)


@pytest.mark.parametrize(
    "topic",
    [
        down(TERMINAL),
        "",
        f"t/{TERMINAL}/up/",
        f"t/{TERMINAL}/up/shout",
        f"t/{TERMINAL}/up/hello/",
        f"t/{TERMINAL}/up/hello\n",
        f"t/{str(TERMINAL).upper()}/up/hello",
        f"x/{TERMINAL}/up/hello",
        "t/+/up/hello",
        "t/#",
    ],
)
def test_nothing_else_is_an_up_topic(topic: str) -> None:
    """Foreign, cut, spelt otherwise or with wildcards: none of ours."""
    assert parse_up(topic) is None


@given(st.text(max_size=80))
def test_any_text_is_an_up_topic_or_not(topic: str) -> None:
    """Reading a topic never fails, and what it reads writes the same topic."""
    found = parse_up(topic)
    assert found is None or up(found.terminal, found.kind) == topic


def test_a_code_survives_being_typed() -> None:
    """White space around and inside, as a phone or a person puts it, changes nothing."""
    text = write_code(CODE)
    assert text.startswith("LX1.")
    assert read_code(text) == CODE
    assert read_code(f"  {text[:20]}\n{text[20:40]} {text[40:]}\t") == CODE


def test_a_damaged_code_is_refused() -> None:
    """Cut anywhere, or of another kind: a refusal, never another error."""
    text = write_code(CODE)
    for end in range(len(text)):
        with pytest.raises(WireError):
            read_code(text[:end])
    for wrong in ("", "LX2." + text[4:], "LX1.", "LX1.ễễễ", "LX1.===="):
        with pytest.raises(WireError):
            read_code(wrong)


@given(st.text(max_size=300))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    """Whatever a person types gives an answer."""
    try:
        read_code("LX1." + text)
    except WireError:
        return


MANIFEST = Manifest(
    area="c-1",
    rendition=bytes(32),
    size=2500,
    block_size=1024,
    blocks=tuple(hashlib.sha256(bytes([n]) * (1024 if n < 2 else 452)).digest() for n in range(3)),
    duration=48_000,
)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**32 - 1), st.binary(min_size=1))
def test_blocks_are_read_as_written(rendition: bytes, index: int, data: bytes) -> None:
    """Hash, number and bytes come back."""
    block = Block(rendition, index, data)
    assert read_block(write_block(block)) == block


def test_a_block_counts_at_its_own_place_only() -> None:
    """The right bytes with another number, another length or another recording do not fit."""
    right = Block(bytes(32), 2, b"\2" * 452)
    assert block_fits(MANIFEST, right)
    assert block_length(MANIFEST, 2) == 452
    for wrong in (
        Block(bytes(32), 1, right.data),
        Block(bytes(32), 3, right.data),
        Block(bytes(32), 2, right.data + b"\2"),
        Block(bytes(32), 2, b"\3" * 452),
        Block(b"\1" * 32, 2, right.data),
    ):
        assert not block_fits(MANIFEST, wrong)


@pytest.mark.parametrize("payload", [b"", bytes(36), bytes(37 + MAX_BLOCK_BYTES)])
def test_no_block_is_refused(payload: bytes) -> None:
    """Without bytes, or with more than a block may have."""
    with pytest.raises(WireError):
        read_block(payload)


def test_a_manifest_must_fit_its_size() -> None:
    """As many hashes as the size has blocks."""
    check_manifest(MANIFEST)
    broken = Manifest(
        area="c-1",
        rendition=bytes(32),
        size=2500,
        block_size=1024,
        blocks=MANIFEST.blocks[:2],
        duration=1,
    )
    with pytest.raises(WireError) as refused:
        check_manifest(broken)
    assert refused.value.reason is Refusal.INCONSISTENT
