"""Which block goes where next: requests merged, links spared, nothing sent that nobody wants.

Pure: time is given as seconds of a clock that never steps. A terminal says which blocks of a
rendition it misses; a block is published once, on the group of the lowest area that holds all
who want it. What a terminal no longer asks for has arrived; that is its only acknowledgement,
and from how soon it comes follows how much its link takes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from controller.domain.ids import AreaId, HashText
from controller.domain.pace import Pace

QUEUE_S: Final = 4.0
"""What is on its way to a terminal is at most what its link takes in this time."""
GRACE_S: Final = 3.0
"""A block that is missed so long after it should have arrived was lost."""
SLOW_S: Final = 1.5
"""A block that is missed so long after it was sent waits in a queue: the link is full."""
STALLED_S: Final = 5.0
"""Who takes no more and says nothing for so long holds up nobody."""
REMEMBER_S: Final = 30.0
"""What a link took longer ago than this no longer tells what it takes."""
FORGET_S: Final = 180.0
"""A request that is not repeated for so long is forgotten; terminals repeat within 80 s."""
GATHER_S: Final = 0.6
GATHER_MOST_S: Final = 3.0
"""A recording with time to spare is begun when nobody new has asked for so long: terminals hear
of it within seconds of each other, and one publication then serves them all."""
MOST_RENDITIONS: Final = 200
"""Different renditions that one terminal may ask for at a time."""
_BURST_S: Final = 0.1
"""So much of a second's worth may go at once: timers are not finer than that."""


@dataclass(frozen=True, slots=True)
class Portion:
    """One block to publish, and for whom. `areas`: on which groups; none: to the one terminal."""

    rendition: HashText
    index: int
    areas: tuple[AreaId, ...]
    terminals: tuple[UUID, ...]


@dataclass(slots=True)
class _Turn:
    """Where the carousel is with one rendition, and when it begins."""

    asked_at: float
    begins: float
    last: int = -1


@dataclass(slots=True)
class _Want:
    """What one terminal misses of one rendition; bit i of `missing` is block i."""

    missing: int
    urgency: int
    asked_at: float


@dataclass(slots=True)
class _Flow:
    """What one terminal wants, what is on its way to it, and what its link takes."""

    chain: tuple[AreaId, ...]
    bytes_s: float
    proven: bool = False
    free_at: float = 0.0
    full_since: float | None = None
    busy_since: float | None = None
    busy_bytes: float = 0.0
    """Arrived since then: what a full link took tells how much it takes."""
    under_way: dict[tuple[HashText, int], tuple[float, int]] = field(default_factory=dict)
    under_way_bytes: int = 0
    wants: dict[HashText, _Want] = field(default_factory=dict)

    def window(self, pace: Pace) -> float:
        """Return how many bytes may be on their way."""
        if not self.proven:
            return pace.first_window
        return max(pace.least_window, min(pace.most_window, self.bytes_s * QUEUE_S))

    def stalled(self, now: float) -> bool:
        """Tell whether it takes no more and has said nothing for a while."""
        return self.full_since is not None and now - self.full_since > STALLED_S


class Carousel:
    """All requests, and what comes next."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._flows: dict[UUID, _Flow] = {}
        self._rates: dict[UUID, float] = {}
        self._wanters: dict[HashText, set[UUID]] = defaultdict(set)
        self._turns: dict[HashText, _Turn] = {}
        self._free_at = 0.0
        self._held_back: dict[AreaId, float] = {}

    @property
    def idle(self) -> bool:
        """True when nobody wants anything."""
        return not self._wanters

    def missing(self, terminal: UUID, rendition: HashText) -> int:
        """Return the blocks (bits) that a terminal misses and that were not sent to it."""
        flow = self._flows.get(terminal)
        want = flow.wants.get(rendition) if flow else None
        return want.missing if want else 0

    def ask(
        self,
        terminal: UUID,
        chain: tuple[AreaId, ...],
        rendition: HashText,
        missing: int,
        urgency: int,
        now: float,
        *,
        soon: bool = True,
    ) -> None:
        """A terminal says which blocks of a rendition it misses now (bits); 0: none.

        `urgency` orders renditions, the least first; 0 goes through whatever holds bulk back.
        `soon`: it is needed so soon that nobody else is waited for.
        """
        flow = self._flows.get(terminal)
        if flow is None:
            known = self._rates.get(terminal)
            flow = _Flow(chain, known or self._pace.first_bytes_s, proven=known is not None)
            self._flows[terminal] = flow
        flow.chain = chain
        under_way = self._hear(terminal, flow, rendition, missing, now)
        crowded = rendition not in flow.wants and len(flow.wants) >= MOST_RENDITIONS
        if not missing or crowded:
            self._drop(terminal, rendition)
            return
        self._gather(rendition, now, new=rendition not in flow.wants, soon=soon)
        flow.wants[rendition] = _Want(missing & ~under_way, urgency, now)
        self._wanters[rendition].add(terminal)

    def _gather(self, rendition: HashText, now: float, *, new: bool, soon: bool) -> None:
        turn = self._turns.setdefault(rendition, _Turn(now, now if soon else now + GATHER_S))
        if soon:
            turn.begins = min(turn.begins, now)
        elif new and turn.begins > now:
            turn.begins = min(turn.asked_at + GATHER_MOST_S, now + GATHER_S)

    def finished(self, terminal: UUID, rendition: HashText, now: float) -> None:
        """A terminal has all of a rendition."""
        flow = self._flows.get(terminal)
        if flow is not None:
            self._hear(terminal, flow, rendition, 0, now)
            self._drop(terminal, rendition)

    def forget(self, terminal: UUID) -> None:
        """A terminal moved or left service."""
        flow = self._flows.get(terminal)
        for rendition in tuple(flow.wants) if flow else ():
            self._drop(terminal, rendition)
        self._flows.pop(terminal, None)

    def withdraw(self, rendition: HashText) -> None:
        """A rendition cannot be had; who still wants it asks again."""
        for terminal in tuple(self._wanters.get(rendition, ())):
            self._drop(terminal, rendition)

    def hold_back(self, areas: Iterable[AreaId], until: float) -> None:
        """Send nothing into these areas for a while but what is needed at once (urgency 0)."""
        for area in areas:
            self._held_back[area] = max(until, self._held_back.get(area, 0.0))

    def next(self, now: float) -> Portion | float | None:
        """Return the next block to publish, or in how many seconds to ask again, or None."""
        self._forget_old(now)
        if self.idle:
            return None
        if self._free_at - now > _BURST_S:
            return self._free_at - now - _BURST_S
        soonest = STALLED_S
        for rendition in sorted(self._wanters, key=self._urgency):
            if self._turns[rendition].begins > now:
                soonest = min(soonest, self._turns[rendition].begins - now)
                continue
            wanters = [
                (terminal, flow)
                for terminal in self._wanters[rendition]
                if (flow := self._flows[terminal]).wants[rendition].missing
            ]
            ready, voters = [], 0
            for terminal, flow in wanters:
                pause = self._pause(flow, rendition, now)
                voters += not flow.stalled(now)
                if pause <= 0:
                    ready.append((terminal, flow))
                else:
                    soonest = min(soonest, pause)
            # Half of those who want a block and live must be able to take it: a slow link
            # does not hold the others up, and asks in the end for what it missed.
            if ready and 2 * len(ready) >= voters:
                return self._portion(rendition, wanters, ready)
        return max(0.001, soonest)

    def sent(self, portion: Portion, size: int, now: float) -> None:
        """A block was handed to the network; `size` is in bytes."""
        bit = 1 << portion.index
        for terminal in portion.terminals:
            flow = self._flows.get(terminal)
            if flow is None:
                continue
            want = flow.wants.get(portion.rendition)
            if want is not None:
                want.missing &= ~bit
            if flow.busy_since is None:
                flow.busy_since, flow.busy_bytes = now, 0.0
            flow.under_way[portion.rendition, portion.index] = (now, size)
            flow.under_way_bytes += size
            if flow.full_since is None and flow.under_way_bytes >= flow.window(self._pace):
                flow.full_since = now
            flow.free_at = max(flow.free_at, now) + size / flow.bytes_s
        total = size * len(portion.terminals) / self._pace.all_bytes_s
        self._free_at = max(self._free_at, now) + total
        if portion.rendition in self._turns:
            self._turns[portion.rendition].last = portion.index

    def _hear(
        self, terminal: UUID, flow: _Flow, rendition: HashText, missing: int, now: float
    ) -> int:
        """Settle what was sent against what is still missed; return what is on its way (bits)."""
        # What a link takes is guessed: half as much again before a block counts as lost.
        late = GRACE_S + 1.5 * flow.under_way_bytes / flow.bytes_s
        under_way = arrived = 0
        oldest = now
        lost = False
        for key, (at, size) in list(flow.under_way.items()):
            bit = 1 << key[1]
            if key[0] != rendition:
                continue
            if missing & bit and now - at <= late:
                under_way |= bit
                oldest = min(oldest, at)
                continue
            del flow.under_way[key]
            flow.under_way_bytes -= size
            if missing & bit:
                lost = True
            else:
                arrived += size
        flow.busy_bytes += arrived
        if lost or now - oldest > SLOW_S:
            self._slow_down(flow, now, lost=lost)
        elif arrived:
            self._speed_up(flow, now)
        self._rates[terminal] = flow.bytes_s
        if flow.under_way_bytes < flow.window(self._pace):
            flow.full_since = None
        return under_way

    def _speed_up(self, flow: _Flow, now: float) -> None:
        """All arrives soon: try twice as much."""
        flow.bytes_s = min(self._pace.most_bytes_s, 2 * flow.bytes_s)
        flow.proven = True
        flow.free_at = min(flow.free_at, now)
        flow.busy_since, flow.busy_bytes = (now if flow.under_way else None), 0.0

    def _slow_down(self, flow: _Flow, now: float, *, lost: bool) -> None:
        """The link is full: send what it took since it is; half when nothing arrived at all."""
        elapsed = now - (now if flow.busy_since is None else flow.busy_since)
        if flow.busy_bytes and elapsed > 0:
            wanted = flow.busy_bytes / elapsed
            flow.proven = True
        elif lost:
            wanted = flow.bytes_s / 2
        else:
            return
        if elapsed > REMEMBER_S:
            # What was long ago counts less.
            flow.busy_bytes *= REMEMBER_S / 2 / elapsed
            flow.busy_since = now - REMEMBER_S / 2
        flow.bytes_s = max(self._pace.least_bytes_s, min(self._pace.most_bytes_s, wanted))

    def _pause(self, flow: _Flow, rendition: HashText, now: float) -> float:
        """Return in how many seconds a terminal can take a block; 0 or less: now."""
        held = max((self._held_back.get(area, 0.0) for area in flow.chain), default=0.0)
        if held > now and flow.wants[rendition].urgency > 0:
            return held - now
        if flow.under_way_bytes >= flow.window(self._pace):
            return STALLED_S
        return flow.free_at - now - _BURST_S

    def _portion(
        self,
        rendition: HashText,
        wanters: Sequence[tuple[UUID, _Flow]],
        ready: Sequence[tuple[UUID, _Flow]],
    ) -> Portion:
        union = 0
        for _, flow in ready:
            union |= flow.wants[rendition].missing
        index = _next_bit(union, self._turns[rendition].last + 1)
        bit = 1 << index
        takers = {
            terminal: flow.chain
            for terminal, flow in wanters
            if flow.wants[rendition].missing & bit
        }
        if len(takers) == 1:
            return Portion(rendition, index, (), tuple(takers))
        listening = [flow.chain for flow in self._flows.values() if flow.wants]
        areas = tuple(cover(tuple(takers.values()), listening))
        return Portion(rendition, index, areas, tuple(takers))

    def _urgency(self, rendition: HashText) -> tuple[int, HashText]:
        return (
            min(self._flows[one].wants[rendition].urgency for one in self._wanters[rendition]),
            rendition,
        )

    def _forget_old(self, now: float) -> None:
        for terminal, flow in list(self._flows.items()):
            for rendition, want in list(flow.wants.items()):
                if now - want.asked_at > FORGET_S:
                    self._drop(terminal, rendition)
        self._held_back = {area: at for area, at in self._held_back.items() if at > now}

    def _drop(self, terminal: UUID, rendition: HashText) -> None:
        """Forget a want; who wants nothing any more is remembered by its rate only."""
        flow = self._flows.get(terminal)
        if flow is None:
            return
        flow.wants.pop(rendition, None)
        if not flow.wants:
            del self._flows[terminal]
        if rendition in self._wanters:
            self._wanters[rendition].discard(terminal)
            if not self._wanters[rendition]:
                del self._wanters[rendition]
                del self._turns[rendition]


def cover(
    takers: Sequence[tuple[AreaId, ...]], listening: Iterable[tuple[AreaId, ...]]
) -> Iterator[AreaId]:
    """Yield areas whose groups together reach all takers, each once (all given by chains).

    The lowest area that holds them all, unless most who listen in it want something else:
    then one for each area below, so that their links are spared.
    """
    depth = _shared(takers)
    area = takers[0][depth - 1]
    below: Mapping[AreaId, list[tuple[AreaId, ...]]] = defaultdict(list)
    for chain in takers:
        if len(chain) == depth:
            # Somebody hangs on this very area and hears no lower group.
            yield area
            return
        below[chain[depth]].append(chain)
    others = [chain for chain in listening if len(chain) >= depth and chain[depth - 1] == area]
    if len(below) == 1 or len(others) <= 2 * len(takers):
        yield area
        return
    for inside in below.values():
        yield from cover(inside, others)


def bits(ranges: Iterable[tuple[int, int]], count: int) -> int:
    """Return the blocks first ≤ i < end of each range as bits, below `count` only."""
    found = 0
    for first, end in ranges:
        low, high = min(first, count), min(end, count)
        if high > low:
            found |= (1 << high) - (1 << low)
    return found


def _next_bit(mask: int, start: int) -> int:
    """Return the lowest set bit at or above `start`, else the lowest of all."""
    above = mask >> start << start
    chosen = above or mask
    return (chosen & -chosen).bit_length() - 1


def _shared(chains: Sequence[tuple[AreaId, ...]]) -> int:
    """Return how many areas, from the top, all chains share."""
    shortest, longest = min(chains), max(chains)
    depth = 0
    for one, other in zip(shortest, longest, strict=False):
        if one != other:
            break
        depth += 1
    return depth
