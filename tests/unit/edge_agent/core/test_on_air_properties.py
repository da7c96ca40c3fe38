"""Whatever happens in whatever order, these hold for what is heard."""

from dataclasses import replace
from itertools import pairwise
from uuid import UUID, uuid5

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from edge_agent.core.airing import MS, SECOND, Airing, Kind, Reason
from edge_agent.core.rules import Hold
from edge_agent.wire.policy import EffectivePolicy, is_quiet
from edge_agent.wire.reports import ClockState, Outcome
from edge_agent.wire.state import QuietWindow
from tests.fakes.stage import Heard, Stage
from tests.unit.edge_agent.core.airings import NOON, OPEN, item, order

FADE = 800 * MS
"""What a stopped voice may still sound: its fade and what the card holds."""
NAMES = UUID(int=9)


class Broadcasting(RuleBasedStateMachine):
    """Items, emergencies, stops, cancels, quiet hours, faults, clock errors, crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(NOON, OPEN)
        self.items: dict[UUID, Airing] = {}
        self.orders: dict[UUID, Airing] = {}
        self.count = 0
        self.cancelled: dict[UUID, int] = {}
        self.silent_since: int | None = None
        self.silences: list[tuple[int, int]] = []

    def name(self) -> str:
        self.count += 1
        return str(uuid5(NAMES, str(self.count)))

    @initialize(gaps=st.lists(st.integers(1, 90), min_size=1, max_size=5))
    def programme(self, gaps: list[int]) -> None:
        """A rundown of items of 5 to 60 seconds."""
        at = NOON
        for number, gap in enumerate(gaps):
            at += gap * SECOND
            seconds = 5 + (number * 17 + gap) % 56
            airing = item(at, seconds, self.name())
            self.items[airing.id] = airing
            at += seconds * SECOND
        self.tell_items()

    def tell_items(self) -> None:
        machine = self.stage.machine
        self.stage.do(machine.set_items(self.items.values(), self.stage.clock))

    @rule(seconds=st.floats(0.05, 40))
    def time_passes(self, seconds: float) -> None:
        self.stage.run_until(self.stage.now + int(seconds * SECOND))

    @rule(
        seconds=st.integers(2, 20),
        level=st.integers(0, 2),
        repeats=st.integers(1, 3),
        gap_s=st.integers(1, 40),
    )
    def emergency(self, seconds: int, level: int, repeats: int, gap_s: int) -> None:
        airing = order(
            self.stage.now,
            seconds,
            self.name(),
            level,
            repeats=repeats,
            gap_ms=gap_s * 1000,
            expires_s=300,
        )
        self.orders[airing.id] = airing
        self.stage.do(self.stage.machine.add(airing, self.stage.clock))

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.orders)))
        self.cancelled.setdefault(chosen, self.stage.now)
        self.stage.do(self.stage.machine.cancel(chosen, self.stage.clock))

    @rule(level=st.integers(0, 2), hold_s=st.integers(0, 60))
    def stop(self, level: int, hold_s: int) -> None:
        now = self.stage.now
        hold = Hold(now, now + hold_s * SECOND, level)
        self.silences.append((hold.issued + FADE, hold.until))
        self.stage.change(
            replace(self.stage.conditions, holds=(*self.stage.conditions.holds, hold))
        )

    @rule(state=st.sampled_from(list(ClockState)))
    def clock_state(self, state: ClockState) -> None:
        self.stage.change(replace(self.stage.conditions, clock=state))
        doubtful = state in (ClockState.UNTRUSTED, ClockState.CONTRADICTED)
        if doubtful and self.silent_since is None:
            self.silent_since = self.stage.now
        elif not doubtful and self.silent_since is not None:
            self.silences.append((self.silent_since + FADE, self.stage.now))
            self.silent_since = None

    @rule(writable=st.booleans())
    def ledger(self, *, writable: bool) -> None:
        self.stage.change(replace(self.stage.conditions, ledger_writable=writable))

    @rule()
    def fault(self) -> None:
        self.stage.fail(Reason.CARD_LOST)

    @rule()
    def button(self) -> None:
        self.stage.do(self.stage.machine.button(self.stage.clock))

    @rule(seconds=st.floats(0, 30))
    def crash(self, seconds: float) -> None:
        self.stage.crash()
        self.stage.now += int(seconds * SECOND)
        self.stage.boot()
        self.tell_items()
        for airing in self.orders.values():
            if airing.id not in self.cancelled:
                self.stage.do(self.stage.machine.add(airing, self.stage.clock))
        self.stage.do(self.stage.machine.settle_past(self.stage.clock))

    # -- what holds

    def spans(self, kind: Kind) -> list[Heard]:
        return [heard for heard in self.stage.heard if heard.airing.kind is kind]

    @invariant()
    def one_thing_is_heard_at_a_time(self) -> None:
        ordered = sorted(self.stage.heard, key=lambda heard: heard.start)
        for before, after in pairwise(ordered):
            assert before.end <= after.start

    @invariant()
    def no_part_of_an_item_is_heard_twice_and_all_of_it_in_step(self) -> None:
        for heard in self.spans(Kind.ITEM):
            airing = heard.airing
            assert heard.start - heard.position_ms * MS == airing.planned
            assert airing.planned <= heard.start <= heard.end <= airing.end

    @invariant()
    def doubt_and_stops_silence_the_programme(self) -> None:
        for heard in self.spans(Kind.ITEM):
            for start, end in self.silences:
                assert heard.end <= start or heard.start >= end or start >= end

    @invariant()
    def a_cancelled_order_stays_silent(self) -> None:
        for heard in self.spans(Kind.ORDER):
            at = self.cancelled.get(heard.airing.id)
            assert at is None or heard.end <= at + FADE

    @invariant()
    def no_order_is_heard_more_often_than_asked(self) -> None:
        for airing in self.orders.values():
            whole = [
                heard
                for heard in self.spans(Kind.ORDER)
                if heard.airing.id == airing.id
                and heard.end - heard.start >= airing.duration_ms * MS
            ]
            assert len(whole) <= airing.repeats
            assert all(heard.start < airing.latest + SECOND for heard in whole)

    @invariant()
    def an_end_is_logged_once_and_claims_no_more_than_was_heard(self) -> None:
        ends: dict[UUID, int] = {}
        for line in self.stage.log:
            if line.outcome is Outcome.STARTED:
                continue
            assert line.item not in ends
            ends[line.item] = line.sounded_ms
        for item_id, claimed in ends.items():
            heard = sum(h.end - h.start for h in self.stage.heard if h.airing.id == item_id)
            assert claimed <= heard // MS + 10

    @invariant()
    def nothing_sounds_before_its_start_is_remembered(self) -> None:
        for heard in self.stage.heard:
            assert heard.airing.id in self.stage.ledger


Broadcasting.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestBroadcasting = Broadcasting.TestCase


class Nights(RuleBasedStateMachine):
    """Quiet hours that change while items are on their way."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(NOON, OPEN)

    @initialize(starts=st.lists(st.integers(0, 40), min_size=1, max_size=6, unique=True))
    def programme(self, starts: list[int]) -> None:
        """Items of a minute, some minutes apart, around a quiet time."""
        items = [item(NOON + m * 90 * SECOND, 60, f"n{m}") for m in starts]
        self.stage.do(self.stage.machine.set_items(items, self.stage.clock))

    @rule(seconds=st.integers(1, 600))
    def time_passes(self, seconds: int) -> None:
        self.stage.run_until(self.stage.now + seconds * SECOND)

    @rule(start=st.integers(12 * 60, 13 * 60), length=st.integers(1, 30))
    def quiet(self, start: int, length: int) -> None:
        """A policy arrives; from its arrival on its quiet hours hold."""
        window = QuietWindow(start=start, end=start + length, weekdays=127)
        policy = EffectivePolicy((window,), 100, None, None)
        arrived = self.stage.now
        self.stage.change(replace(self.stage.conditions, policy=policy))
        before = len(self.stage.heard)
        self.stage.run_until(arrived + 700 * SECOND)
        zone = self.stage.conditions.zone
        for heard in self.stage.heard[before:]:
            first = max(heard.start, arrived + FADE)
            if first < heard.end:
                assert not is_quiet(policy, heard.airing.message_class, first, heard.end, zone)


Nights.TestCase.settings = settings(max_examples=40, stateful_step_count=8, deadline=None)
TestNights = Nights.TestCase
