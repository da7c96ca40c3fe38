"""Overlaps on one terminal, and what stands when two occurrences want the same time.

Nothing is shifted and nothing that sounds is cut. A priority item displaces an ordinary one
that it overlaps; between equals a person answers, and until then neither is planned.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import heappop, heappush
from itertools import count
from uuid import UUID

from scheduler.occurrence import PlannedOccurrence
from scheduler.programme import MessageClass

Pair = frozenset[UUID]
"""The ids of two occurrences that overlap."""

Answers = Mapping[Pair, UUID]
"""For each conflict that a person has answered, the id of the one that airs."""


class Precedence(StrEnum):
    """Why the one occurrence stands and the other does not."""

    RUNNING = "running"
    """It sounds already; a scheduled item never cuts another."""
    PRIORITY = "priority"
    """It is a priority item and the other is ordinary."""
    ANSWER = "answer"
    """They are equals and a person decided."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two occurrences of one terminal, ``first`` starting no later, that share time.

    They share [start, end), UTC, which is never empty.
    """

    first: PlannedOccurrence
    second: PlannedOccurrence

    @property
    def start(self) -> datetime:
        """The first instant they share."""
        return self.second.start

    @property
    def end(self) -> datetime:
        """The first instant they no longer share."""
        return min(self.first.end, self.second.end)

    @property
    def pair(self) -> Pair:
        """The key of a person's answer to it."""
        return frozenset({self.first.id, self.second.id})


@dataclass(frozen=True, slots=True)
class Displaced:
    """An occurrence that does not air on this terminal because ``by`` does, and why."""

    occurrence: PlannedOccurrence
    by: PlannedOccurrence
    precedence: Precedence


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a terminal's occurrences come to.

    ``kept`` is ordered by start and free of overlaps, fit for a rundown. ``displaced`` lists
    what yields by rule or answer, ``conflicts`` the overlaps that a person has to answer;
    the two sides of those are not in ``kept``. Every occurrence given is in one of the three.
    """

    kept: tuple[PlannedOccurrence, ...]
    displaced: tuple[Displaced, ...]
    conflicts: tuple[Overlap, ...]


def overlaps(occurrences: Iterable[PlannedOccurrence]) -> tuple[Overlap, ...]:
    """Return each pair of one terminal's occurrences that shares time, by its start.

    Intervals are [start, end): one that starts when another ends does not overlap it.
    """
    return tuple(_sweep(occurrences))


def settle(
    occurrences: Iterable[PlannedOccurrence],
    answers: Answers | None = None,
    running: Collection[UUID] = (),
) -> Settlement:
    """Decide what of one terminal's ``occurrences`` airs.

    What sounds now (``running``) comes first, then priority, then ordinary. Within a class
    only ``answers`` decide, and answers that go round in a circle decide nothing.
    """
    every = sorted(occurrences, key=_order)
    clashes: dict[UUID, dict[UUID, Overlap]] = {one.id: {} for one in every}
    for overlap in _sweep(every):
        clashes[overlap.first.id][overlap.second.id] = overlap
        clashes[overlap.second.id][overlap.first.id] = overlap
    ranks: dict[Precedence, list[PlannedOccurrence]] = {rank: [] for rank in Precedence}
    for one in every:
        ranks[_rank(one, running)].append(one)
    kept: dict[UUID, PlannedOccurrence] = {}
    displaced: list[Displaced] = []
    conflicts: list[Overlap] = []
    for members in ranks.values():
        standing = {}
        for one in members:
            winner = next((kept[other] for other in clashes[one.id] if other in kept), None)
            if winner is None:
                standing[one.id] = one
            else:
                displaced.append(Displaced(one, winner, _rank(winner, running)))
        kept |= _answered(standing, clashes, answers or {}, displaced)
        conflicts += [
            overlap
            for one in standing
            for other, overlap in clashes[one].items()
            if other in standing and overlap.first.id == one
        ]
    return Settlement(tuple(sorted(kept.values(), key=_order)), tuple(displaced), tuple(conflicts))


def _answered(
    standing: dict[UUID, PlannedOccurrence],
    clashes: Mapping[UUID, Mapping[UUID, Overlap]],
    answers: Answers,
    displaced: list[Displaced],
) -> dict[UUID, PlannedOccurrence]:
    """Move out of ``standing`` all that overlaps no equal or has won against each, and losers.

    What stays in ``standing`` waits for an answer.
    """
    kept: dict[UUID, PlannedOccurrence] = {}
    while True:
        won = [
            one
            for one in standing
            if all(
                answers.get(frozenset({one, other})) == one
                for other in clashes[one]
                if other in standing
            )
        ]
        if not won:
            return kept
        for one in won:
            winner = kept[one] = standing.pop(one)
            for other in clashes[one]:
                if other in standing:
                    loser = standing.pop(other)
                    displaced.append(Displaced(loser, winner, Precedence.ANSWER))


def _sweep(occurrences: Iterable[PlannedOccurrence]) -> Iterator[Overlap]:
    """Walk along time, holding what still sounds in a heap by its end."""
    sounding: list[tuple[datetime, int, PlannedOccurrence]] = []
    tie = count()
    for one in sorted(occurrences, key=_order):
        while sounding and sounding[0][0] <= one.start:
            heappop(sounding)
        for _, _, other in sorted(sounding):
            yield Overlap(other, one)
        heappush(sounding, (one.end, next(tie), one))


def _rank(one: PlannedOccurrence, running: Collection[UUID]) -> Precedence:
    if one.id in running:
        return Precedence.RUNNING
    if one.message_class is MessageClass.PRIORITY:
        return Precedence.PRIORITY
    return Precedence.ANSWER


def _order(one: PlannedOccurrence) -> tuple[datetime, UUID]:
    return one.start, one.id
