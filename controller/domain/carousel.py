"""Which block goes where next: requests merged, links spared, nothing sent that nobody wants.

Pure: time is given as seconds of a clock that never steps. A terminal says which blocks of a
rendition it misses; a block is published once, on the group of the lowest area that holds all
who want it. What a terminal no longer asks for has arrived; that is its only acknowledgement.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from controller.domain.ids import AreaId, HashText

GRACE_S: Final = 2.0
"""How long a block may be on its way before asking for it again means that it was lost."""
SILENCE_S: Final = 2.0
"""After this without a word what was sent counts as arrived: some terminals speak seldom."""
FORGET_S: Final = 600.0
"""A request that is not repeated for so long is forgotten; a hello brings it back."""
MOST_RENDITIONS: Final = 200
"""Different renditions that one terminal may ask for at a time."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast blocks go out.

    link_bytes_s: to any one terminal. all_bytes_s: counted once for each terminal that a
    block is for, since the broker's way out is what gets crowded. The window is what may be
    on its way to a terminal before it says what has arrived, in bytes.
    """

    link_bytes_s: float = 2_000_000.0
    all_bytes_s: float = 100_000_000.0
    window: int = 8 * 32_768
    least_window: int = 2 * 32_768
    most_window: int = 64 * 32_768


@dataclass(frozen=True, slots=True)
class Portion:
    """One block to publish: on which groups, and for whom."""

    rendition: HashText
    index: int
    areas: tuple[AreaId, ...]
    terminals: tuple[UUID, ...]


@dataclass(slots=True)
class _Want:
    """What one terminal misses of one rendition; bit i of `missing` is block i."""

    missing: int
    urgency: int
    asked_at: float


@dataclass(slots=True)
class _Flow:
    """What is on its way to one terminal, and how much its link takes."""

    chain: tuple[AreaId, ...]
    window: float
    free_at: float = 0.0
    last_sent: float = 0.0
    under_way: dict[tuple[HashText, int], tuple[float, int]] = field(default_factory=dict)
    under_way_bytes: int = 0
    wants: dict[HashText, _Want] = field(default_factory=dict)


class Carousel:
    """All requests, and what comes next."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._flows: dict[UUID, _Flow] = {}
        self._wanters: dict[HashText, set[UUID]] = defaultdict(set)
        self._last: dict[HashText, int] = {}
        self._free_at = 0.0
        self._held_back: dict[AreaId, float] = {}

    @property
    def idle(self) -> bool:
        """True when nobody wants anything."""
        return not self._wanters

    def wants(self, terminal: UUID, rendition: HashText) -> int:
        """Return the blocks that a terminal misses and that were not sent, as bits."""
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
    ) -> None:
        """A terminal says which blocks of a rendition it misses now (bits); 0: none.

        `urgency` orders renditions, the least first.
        """
        flow = self._flows.get(terminal)
        if flow is None:
            flow = self._flows[terminal] = _Flow(chain, float(self._pace.window))
        flow.chain = chain
        under_way = self._judge(flow, rendition, missing, now)
        left = missing & ~under_way
        if not missing or (rendition not in flow.wants and len(flow.wants) >= MOST_RENDITIONS):
            self._drop(terminal, rendition)
            return
        flow.wants[rendition] = _Want(left, urgency, now)
        self._wanters[rendition].add(terminal)

    def finished(self, terminal: UUID, rendition: HashText) -> None:
        """A terminal has all of a rendition."""
        flow = self._flows.get(terminal)
        if flow is not None:
            self._judge(flow, rendition, 0, 0.0)
            self._drop(terminal, rendition)

    def forget(self, terminal: UUID) -> None:
        """A terminal connects anew or leaves service: it says anew what it misses."""
        flow = self._flows.pop(terminal, None)
        for rendition in tuple(flow.wants) if flow else ():
            self._unwant(terminal, rendition)

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
        if self._free_at > now:
            return self._free_at - now
        soonest = SILENCE_S
        for rendition in sorted(self._wanters, key=self._urgency):
            wanters = [
                (terminal, self._flows[terminal])
                for terminal in self._wanters[rendition]
                if self._flows[terminal].wants[rendition].missing
            ]
            ready: list[tuple[UUID, _Flow]] = []
            for terminal, flow in wanters:
                pause = self._pause(flow, rendition, now)
                if pause <= 0:
                    ready.append((terminal, flow))
                else:
                    soonest = min(soonest, pause)
            # A slow link must not hold the others up, nor they drown it one by one: a block
            # goes when half of those who want it can take it.
            if ready and 2 * len(ready) >= len(wanters):
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
            flow.under_way[portion.rendition, portion.index] = (now, size)
            flow.under_way_bytes += size
            flow.last_sent = now
            flow.free_at = max(flow.free_at, now) + size / self._pace.link_bytes_s
        total = size * len(portion.terminals) / self._pace.all_bytes_s
        self._free_at = max(self._free_at, now) + total
        self._last[portion.rendition] = portion.index

    def _judge(self, flow: _Flow, rendition: HashText, missing: int, now: float) -> int:
        """Settle what was sent against what is still missed; return what is on its way (bits)."""
        under_way = arrived = lost = 0
        for key, (at, size) in list(flow.under_way.items()):
            if key[0] != rendition:
                continue
            bit = 1 << key[1]
            if missing & bit and now - at < GRACE_S:
                under_way |= bit
                continue
            del flow.under_way[key]
            flow.under_way_bytes -= size
            if missing & bit:
                lost += size
            else:
                arrived += size
        if lost:
            flow.window = max(self._pace.least_window, flow.window / 2)
        elif arrived:
            flow.window = min(self._pace.most_window, flow.window + arrived)
        return under_way

    def _pause(self, flow: _Flow, rendition: HashText, now: float) -> float:
        """Return in how many seconds a terminal can take a block; 0: now."""
        held = max((self._held_back.get(area, 0.0) for area in flow.chain), default=0.0)
        if held > now and flow.wants[rendition].urgency > 0:
            return held - now
        if flow.under_way_bytes >= flow.window:
            silent = flow.last_sent + SILENCE_S - now
            if silent > 0:
                return silent
            flow.under_way.clear()
            flow.under_way_bytes = 0
        # A tenth of a second's worth may go at once: timers are not finer than that.
        return flow.free_at - now - 0.1

    def _portion(
        self,
        rendition: HashText,
        wanters: Sequence[tuple[UUID, _Flow]],
        ready: Sequence[tuple[UUID, _Flow]],
    ) -> Portion:
        union = 0
        for _, flow in ready:
            union |= flow.wants[rendition].missing
        index = _next_bit(union, self._last.get(rendition, -1) + 1)
        bit = 1 << index
        takers = {
            terminal: flow.chain
            for terminal, flow in wanters
            if flow.wants[rendition].missing & bit
        }
        listening = [flow.chain for flow in self._flows.values() if flow.wants]
        return Portion(
            rendition, index, tuple(cover(tuple(takers.values()), listening)), tuple(takers)
        )

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
        flow = self._flows.get(terminal)
        if flow is None:
            return
        flow.wants.pop(rendition, None)
        self._unwant(terminal, rendition)

    def _unwant(self, terminal: UUID, rendition: HashText) -> None:
        self._wanters[rendition].discard(terminal)
        if not self._wanters[rendition]:
            del self._wanters[rendition]
            self._last.pop(rendition, None)


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
