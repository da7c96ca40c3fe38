"""A recording from the first byte to what terminals play."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.domain import recording as domain
from controller.domain.errors import Conflict, Invalid
from controller.domain.recording import Recording, RecordingState, Rendition, Sound

NOW = datetime(2026, 11, 24, tzinfo=UTC)
FRESH = Recording(UUID(int=1), "c-1", "Tin", 1000, UUID(int=2), NOW)
SOUND = Sound("ab" * 32, 60_000, -16.0, -1.5, (1, 2))


@given(st.lists(st.tuples(st.integers(0, 1100), st.integers(1, 600)), max_size=12))
def test_pieces_join_without_gap_or_overrun(pieces: list[tuple[int, int]]) -> None:
    """A piece at another place is told the right one; more than was promised is refused."""
    one = FRESH
    for offset, length in pieces:
        if offset != one.received:
            with pytest.raises(Conflict, match="recording_wrong_offset") as caught:
                domain.receive(one, offset, length)
            assert caught.value.detail == {"offset": one.received}
        elif one.received + length > one.size:
            with pytest.raises(Invalid, match="recording_too_large"):
                domain.receive(one, offset, length)
        else:
            one = domain.receive(one, offset, length)
        assert 0 <= one.progress <= 100
        assert (one.progress == 100) == (one.received == one.size)


def test_checks_begin_when_all_is_there() -> None:
    """Every byte must have arrived, and they begin once only."""
    with pytest.raises(Conflict, match="recording_incomplete"):
        domain.begin_checks(FRESH)
    checking = domain.begin_checks(domain.receive(FRESH, 0, 1000))
    assert (checking.state, checking.progress) == (RecordingState.CHECKING, 0)
    with pytest.raises(Conflict, match="recording_wrong_state"):
        domain.begin_checks(checking)
    with pytest.raises(Conflict, match="recording_wrong_state"):
        domain.receive(checking, 1000, 1)


def test_what_ended_stays_as_it_ended() -> None:
    """A ready or refused recording is neither accepted nor refused again."""
    checking = domain.begin_checks(domain.receive(FRESH, 0, 1000))
    for ended in (domain.accept(checking, SOUND, None), domain.refuse(checking, "silent")):
        with pytest.raises(Conflict):
            domain.accept(ended, SOUND, None)
        with pytest.raises(Conflict):
            domain.refuse(ended, "silent")


def test_a_doubtful_recording_must_be_heard() -> None:
    """A sound one need not; a refused one cannot."""
    checking = domain.begin_checks(domain.receive(FRESH, 0, 1000))
    assert domain.accept(checking, SOUND, None).usable
    doubtful = domain.accept(checking, SOUND, "long_silence")
    assert not doubtful.usable
    assert domain.heard(doubtful, UUID(int=2), NOW).usable
    assert not replace(FRESH, heard_at=NOW).usable
    with pytest.raises(Conflict, match="recording_not_ready"):
        domain.heard(FRESH, UUID(int=2), NOW)


@given(st.integers(1, 2**31))
def test_a_rendition_is_never_shorter_than_its_sound(samples: int) -> None:
    """Its length in milliseconds is rounded up."""
    one = Rendition("ab" * 32, "c-1", None, 1, samples, 1, (), NOW)
    assert 0 <= one.duration_ms * 48 - samples < 48
