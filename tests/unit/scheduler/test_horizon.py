"""What a terminal holds, when that is issued anew, and how stored occurrences are judged."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.conflict import settle
from scheduler.errors import ErrorCode, PlanningError
from scheduler.horizon import (
    COVERS,
    REISSUE_AFTER,
    VALID,
    Due,
    OccurrenceState,
    Revision,
    StoredOccurrence,
    due,
    horizon,
    judge,
    revision,
)
from scheduler.occurrence import Occurrence, PlannedOccurrence
from scheduler.programme import of_announcement
from tests.unit.scheduler.strategies import planned

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
GRACE = timedelta(seconds=30)
SECOND = timedelta(seconds=1)
State = OccurrenceState


def airing(number: int, start: timedelta, minutes: int = 10) -> PlannedOccurrence:
    """Return occurrence ``number``, so long after NOW."""
    one = Occurrence(UUID(int=number), UUID(int=number), "x", NOW + start, minutes * 60_000)
    return planned(one)


def hours(*values: int) -> list[PlannedOccurrence]:
    return [airing(number, timedelta(hours=value)) for number, value in enumerate(values)]


offsets = st.lists(st.integers(-50, 200), max_size=20, unique=True)


@given(offsets)
def test_a_horizon_is_what_sounds_from_now_for_seven_days(starts: list[int]) -> None:
    """It lists what has not ended and starts within seven days, in order, without overlap."""
    every = hours(*starts)
    held = horizon(every, NOW)
    expected = [one for one in every if one.end > NOW and one.start < NOW + timedelta(days=7)]
    assert sorted(held.items, key=lambda one: one.id) == sorted(expected, key=lambda one: one.id)
    assert not any(later.start < earlier.end for earlier, later in pairwise(held.items))
    assert held.covers_until - held.issued == COVERS == timedelta(days=7)
    assert held.valid_until - held.issued == VALID == timedelta(days=8)


def test_what_sounds_now_is_listed_until_it_ends() -> None:
    """A terminal that restarts in the middle of an item can join it."""
    every = [airing(1, timedelta(minutes=-10)), airing(2, timedelta(minutes=-9))]
    assert [one.id.int for one in horizon(every, NOW).items] == [2]


def test_all_that_must_be_on_disk_is_named() -> None:
    """Renditions are those of the items and those that are never evicted."""
    held = horizon(hours(1, 2), NOW, keep=["f" * 64])
    assert held.renditions == {"f" * 64, f"{0:064x}", f"{1:064x}"}
    assert held.keep == {"f" * 64}


def test_overlapping_items_are_refused() -> None:
    """A rundown with an overlap is never made; settling decides first."""
    every = [airing(1, timedelta(hours=1)), airing(2, timedelta(hours=1, minutes=9))]
    with pytest.raises(PlanningError) as refused:
        horizon(every, NOW)
    assert refused.value.code is ErrorCode.RUNDOWN_OVERLAP
    assert horizon(settle(every).kept, NOW).items == ()


@given(offsets, st.integers(0, 23))
def test_time_alone_is_no_change(starts: list[int], later: int) -> None:
    """Hours after the issue, with nothing edited, there is nothing to issue."""
    every = hours(*starts)
    held = horizon(every, NOW).held
    assert due(held, horizon(every, NOW + timedelta(hours=later))) is None


@given(offsets)
def test_each_day_it_is_issued_anew(starts: list[int]) -> None:
    """After a day it is due although nothing in it changed."""
    every = hours(*starts)
    held = horizon(every, NOW).held
    assert due(held, horizon(every, NOW + REISSUE_AFTER)) is Due.DAILY


def test_reasons_to_issue() -> None:
    """Never issued, changed, other emergency set, or issued in a future that is none."""
    every = hours(1, 30)
    held = horizon(every, NOW).held
    assert due(None, horizon(every, NOW)) is Due.FIRST
    assert due(held, horizon(every[:1], NOW)) is Due.CHANGED
    assert due(held, horizon([*every, airing(9, timedelta(hours=50))], NOW)) is Due.CHANGED
    assert due(held, horizon(every, NOW, keep=["f" * 64])) is Due.CHANGED
    assert due(held, horizon(every, NOW - timedelta(hours=1))) is Due.CLOCK
    other = of_announcement(UUID(int=5), "e" * 64, every[0].occurrence.duration_ms)
    assert due(held, horizon([replace(every[0], programme=other), every[1]], NOW)) is Due.CHANGED


def test_what_a_terminal_is_not_told_is_no_change() -> None:
    """Other targets of the same occurrence change nothing in this terminal's rundown."""
    every = hours(1)
    wider = [replace(every[0], targets=frozenset({"hamlet", "zone"}))]
    assert due(horizon(every, NOW).held, horizon(wider, NOW)) is None


@pytest.mark.parametrize(
    ("began", "since_start", "expected"),
    [
        (False, -SECOND, State.PLANNED),
        (False, timedelta(), State.AIRING),
        (False, timedelta(minutes=10) + GRACE, State.AIRING),
        (False, timedelta(minutes=10) + GRACE + SECOND, State.MISSED),
        (True, -SECOND, State.AIRING),
        (True, timedelta(minutes=10) - SECOND, State.AIRING),
        (True, timedelta(minutes=10), State.OVER),
        (True, timedelta(days=3), State.OVER),
    ],
)
def test_states_follow_time_and_reports(
    began: bool, since_start: timedelta, expected: OccurrenceState
) -> None:
    """Whatever it was held for, an occurrence's state is judged by its times and reports."""
    one = airing(1, -since_start)
    for before in (State.PLANNED, State.AIRING, State.MISSED):
        assert judge(StoredOccurrence(one, before, began), NOW, GRACE) is expected
    for final in (State.OVER, State.CANCELLED):
        assert judge(StoredOccurrence(one, final, began), NOW, GRACE) is final


AHEAD = airing(1, timedelta(hours=1))
BEHIND = airing(1, timedelta(hours=-1))
FURTHER = airing(1, timedelta(days=20))


@pytest.mark.parametrize(
    ("stored", "began", "was", "wanted", "expected"),
    [
        (State.PLANNED, False, AHEAD, AHEAD, "nothing"),
        (State.PLANNED, False, AHEAD, FURTHER, "change"),
        (State.PLANNED, False, AHEAD, BEHIND, "change"),
        (State.PLANNED, False, AHEAD, None, "cancel"),
        (State.PLANNED, True, AHEAD, FURTHER, "nothing"),
        (State.PLANNED, True, AHEAD, None, "nothing"),
        (State.PLANNED, False, BEHIND, FURTHER, "nothing"),
        (State.PLANNED, False, BEHIND, None, "nothing"),
        (State.AIRING, False, BEHIND, FURTHER, "nothing"),
        (State.AIRING, False, BEHIND, None, "nothing"),
        (State.OVER, True, BEHIND, FURTHER, "nothing"),
        (State.MISSED, False, BEHIND, BEHIND, "nothing"),
        (State.MISSED, False, BEHIND, FURTHER, "change"),
        (State.MISSED, True, BEHIND, FURTHER, "nothing"),
        (State.MISSED, False, BEHIND, None, "nothing"),
        (State.CANCELLED, False, AHEAD, AHEAD, "change"),
        (State.CANCELLED, False, BEHIND, BEHIND, "nothing"),
        (State.CANCELLED, False, AHEAD, None, "nothing"),
    ],
)
def test_only_what_has_not_begun_follows_the_schedule(
    stored: OccurrenceState,
    began: bool,
    was: PlannedOccurrence,
    wanted: PlannedOccurrence | None,
    expected: str,
) -> None:
    """What lies ahead, was missed or cancelled can change; what began or may have, cannot."""
    row = StoredOccurrence(was, stored, began)
    for elsewhere in (False, True):
        given_now = [] if wanted is None else [wanted]
        inside, outside = ([], given_now) if elsewhere else (given_now, [])
        found = revision(inside, outside, [row], NOW)
        if expected == "nothing":
            assert not found
        elif expected == "cancel":
            assert found == Revision(cancel=(was.id,))
        else:
            assert found == Revision(change=tuple(given_now))


def test_revising_twice_changes_nothing_more() -> None:
    """What is not stored is added; once it is stored, there is nothing to do."""
    every = hours(-30, 1, 2)
    first = revision(every, [], [], NOW)
    assert first.add == tuple(every)
    rows = [StoredOccurrence(one, State.PLANNED) for one in every]
    assert not revision(every, [], rows, NOW)


def test_every_case_of_judging_is_a_state() -> None:
    """No combination of state and report is left without an answer, or moves twice."""
    for state, began, shift in product(State, (False, True), range(-20, 30)):
        row = StoredOccurrence(airing(1, timedelta(minutes=shift)), state, began)
        once = replace(row, state=judge(row, NOW, GRACE))
        assert judge(once, NOW, GRACE) is once.state
