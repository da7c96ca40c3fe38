"""Overlaps and what stands: found completely, decided only by rule or by a person."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from scheduler.conflict import Answers, Precedence, overlaps, settle
from scheduler.occurrence import Occurrence, PlannedOccurrence
from scheduler.programme import MessageClass
from tests.unit.scheduler.strategies import planned

DAWN = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
ORDINARY, PRIORITY = MessageClass.ORDINARY, MessageClass.PRIORITY


def airing(
    number: int, start: int, minutes: int, message_class: MessageClass = ORDINARY
) -> PlannedOccurrence:
    """Return occurrence ``number``, so many minutes after dawn and so long."""
    begins = DAWN + timedelta(minutes=start)
    one = Occurrence(UUID(int=number), UUID(int=number), "x", begins, minutes * 60_000)
    return planned(one, message_class)


@st.composite
def evenings(draw: st.DrawFn) -> list[PlannedOccurrence]:
    """Draw up to eight occurrences crowded into half an hour."""
    return [
        airing(number, draw(st.integers(0, 30)), draw(st.integers(1, 12)), draw(classes))
        for number in range(draw(st.integers(0, 8)))
    ]


classes = st.sampled_from(MessageClass)


@st.composite
def answered(draw: st.DrawFn) -> tuple[list[PlannedOccurrence], Answers]:
    every = draw(evenings())
    answers = {
        frozenset({a.id, b.id}): draw(st.sampled_from([a.id, b.id]))
        for a, b in combinations(every, 2)
        if draw(st.booleans())
    }
    return every, answers


def share_time(a: PlannedOccurrence, b: PlannedOccurrence) -> bool:
    return a.start < b.end and b.start < a.end


@given(evenings())
def test_every_overlap_is_found_once(every: list[PlannedOccurrence]) -> None:
    """Comparing all pairs finds the same, with the time that they share."""
    found = overlaps(every)
    expected = {frozenset({a.id, b.id}) for a, b in combinations(every, 2) if share_time(a, b)}
    assert {overlap.pair for overlap in found} == expected
    assert len(found) == len(expected)
    for overlap in found:
        assert overlap.first.start <= overlap.second.start
        assert overlap.start == max(overlap.first.start, overlap.second.start)
        assert overlap.start < overlap.end == min(overlap.first.end, overlap.second.end)


def test_one_that_starts_when_another_ends_does_not_overlap() -> None:
    """Intervals are half open, so sessions may follow each other without a gap."""
    assert overlaps([airing(1, 0, 10), airing(2, 10, 10)]) == ()


@given(answered())
def test_a_settlement_is_complete_and_free_of_overlaps(
    case: tuple[list[PlannedOccurrence], Answers],
) -> None:
    """Each occurrence is kept, displaced or waiting; what is kept could be a rundown."""
    every, answers = case
    result = settle(every, answers)
    assert not any(later.start < earlier.end for earlier, later in pairwise(result.kept))
    kept = {one.id for one in result.kept}
    displaced = {one.occurrence.id for one in result.displaced}
    waiting = {one.id for conflict in result.conflicts for one in (conflict.first, conflict.second)}
    assert kept | displaced | waiting == {one.id for one in every}
    assert len(kept) + len(displaced) + len(waiting) == len(every)


@given(answered())
def test_every_loss_and_every_conflict_has_its_reason(
    case: tuple[list[PlannedOccurrence], Answers],
) -> None:
    """An ordinary yields to priority, equals yield to a person's answer, or they wait."""
    every, answers = case
    result = settle(every, answers)
    kept = {one.id for one in result.kept}
    for loss in result.displaced:
        assert share_time(loss.occurrence, loss.by)
        assert loss.by.id in kept
        if loss.precedence is Precedence.PRIORITY:
            assert loss.occurrence.message_class is ORDINARY
            assert loss.by.message_class is PRIORITY
        else:
            assert loss.precedence is Precedence.ANSWER
            assert answers[frozenset({loss.occurrence.id, loss.by.id})] == loss.by.id
    for conflict in result.conflicts:
        assert conflict.first.message_class is conflict.second.message_class


@given(evenings())
def test_without_answers_no_equal_is_preferred(every: list[PlannedOccurrence]) -> None:
    """Equals that overlap are conflicts, and neither of them is planned."""
    result = settle(every)
    kept = {one.id for one in result.kept}
    displaced = {one.occurrence.id for one in result.displaced}
    for a, b in combinations(every, 2):
        if share_time(a, b) and a.message_class is b.message_class:
            in_play = not displaced & {a.id, b.id}
            assert not kept & {a.id, b.id} if in_play else not {a.id, b.id} <= kept


@given(answered())
def test_the_order_of_asking_changes_nothing(
    case: tuple[list[PlannedOccurrence], Answers],
) -> None:
    """The same occurrences and answers settle in the same way."""
    every, answers = case
    assert settle(every, answers) == settle(list(reversed(every)), answers)


def test_priority_displaces_an_ordinary_one() -> None:
    """The province's warning at 05:35 takes the place of the bulletin it runs into."""
    bulletin, warning = airing(1, 0, 10), airing(2, 5, 2, PRIORITY)
    result = settle([bulletin, warning])
    assert result.kept == (warning,)
    (loss,) = result.displaced
    assert (loss.occurrence, loss.by, loss.precedence) == (bulletin, warning, Precedence.PRIORITY)


def test_what_is_displaced_displaces_nothing() -> None:
    """The bulletin yields to the warning, so the lesson that it overlapped can sound."""
    warning, bulletin, lesson = airing(1, 0, 5, PRIORITY), airing(2, 4, 10), airing(3, 12, 5)
    result = settle([warning, bulletin, lesson])
    assert result.kept == (warning, lesson)
    assert result.conflicts == ()


def test_what_sounds_is_not_cut() -> None:
    """A priority item does not interrupt the ordinary one that is already on air."""
    bulletin, warning = airing(1, 0, 10), airing(2, 5, 2, PRIORITY)
    result = settle([bulletin, warning], running={bulletin.id})
    assert result.kept == (bulletin,)
    assert result.displaced[0].precedence is Precedence.RUNNING


def test_answers_in_a_circle_decide_nothing() -> None:
    """Three that each win against the next stay a question."""
    a, b, c = (airing(number, number, 10) for number in (1, 2, 3))
    answers = {
        frozenset({a.id, b.id}): a.id,
        frozenset({b.id, c.id}): b.id,
        frozenset({c.id, a.id}): c.id,
    }
    result = settle([a, b, c], answers)
    assert result.kept == ()
    assert len(result.conflicts) == 3


def test_a_chain_of_answers_is_followed() -> None:
    """The first beats the second; so the third, which lost to the second, can sound."""
    a, b, c = airing(1, 0, 10), airing(2, 8, 10), airing(3, 16, 10)
    answers = {frozenset({a.id, b.id}): a.id, frozenset({b.id, c.id}): b.id}
    assert settle([a, b, c], answers).kept == (a, c)
