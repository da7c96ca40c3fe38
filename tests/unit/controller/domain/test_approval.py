"""The exact bytes of an approval, and what the signer's refusals become."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.domain.approval import (
    ApprovalBody,
    ApprovedRendition,
    read_approval,
    read_schedule,
    signed_bytes,
    write_approval,
    write_schedule,
)
from controller.domain.errors import DomainError, ErrorCode
from controller.domain.signer_refusal import Reason, refusal_of
from edge_agent.wire.errors import WireError
from edge_agent.wire.precedence import MessageClass
from scheduler.errors import ScheduleError
from scheduler.schedule import Schedule
from tests.unit.scheduler.strategies import rules

BODY = ApprovalBody(
    id=UUID(int=1),
    announcement=UUID(int=2),
    revision=3,
    area="c-1",
    message_class=MessageClass.PRIORITY,
    renditions=(ApprovedRendition(hash=bytes(32), duration=60_000),),
    areas=("h-1",),
    terminals=(UUID(int=4),),
    schedules=(),
    not_before=0,
    not_after=2**52,
    author=UUID(int=5),
    approver=UUID(int=6),
    decided_at=1,
)


def test_an_approval_has_one_form() -> None:
    """What is read is what was written; any other bytes are refused."""
    data = write_approval(BODY)
    assert read_approval(data) == BODY
    for other in (data + b"\0", data[:-1], b"", b"\xc1", data.replace(b"c-1", b"C-1")):
        with pytest.raises(WireError):
            read_approval(other)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_no_two_bodies_are_signed_as_the_same(one: bytes, other: bytes) -> None:
    """The length is part of what is signed."""
    assert (signed_bytes(one) == signed_bytes(other)) == (one == other)


@given(rules, st.uuids())
def test_a_schedule_has_one_text(rule: object, schedule_id: UUID) -> None:
    """It comes back as it was; the same content in another text is refused."""
    one = Schedule(schedule_id, rule)  # type: ignore[arg-type]
    text = write_schedule(one)
    assert read_schedule(text) == one
    with pytest.raises(ValueError, match="canonical"):
        read_schedule(json.dumps(json.loads(text), indent=1))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "1", "[" * 100_000, '{"id":1}'])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    """Whatever the text, with one of two errors."""
    with pytest.raises((ValueError, ScheduleError)):
        read_schedule(text)


@pytest.mark.parametrize("reason", [*Reason, "something new"])
def test_every_refusal_of_the_signer_has_an_answer(reason: str) -> None:
    """A code of ours, with the signer's own word for the log."""
    error = refusal_of(reason, "text", item=UUID(int=1), retry_after_s=5)
    assert type(error) is not DomainError
    assert error.code in set(ErrorCode)
    assert error.detail["reason"] == reason
    assert error.detail["retry_after_s"] == 5
