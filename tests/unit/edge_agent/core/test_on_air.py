"""What sounds when, told example by example."""

from dataclasses import replace

import pytest

from edge_agent.core.airing import SECOND, Kind, Reason
from edge_agent.core.rules import Hold
from edge_agent.wire.policy import EffectivePolicy
from edge_agent.wire.reports import ClockState, Outcome
from edge_agent.wire.state import QuietWindow
from tests.fakes.stage import Stage
from tests.unit.edge_agent.core.airings import (
    MINUTE,
    NOON,
    OPEN,
    item,
    order,
    outcomes,
    program,
    spans,
)


def test_an_item_sounds_whole_at_its_start(stage: Stage) -> None:
    """An item is heard from its first to its last frame at its instant, and logged twice."""
    program(stage, item(NOON + 10 * SECOND))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(10, 70, 0)]
    assert outcomes(stage) == [(Outcome.STARTED, Reason.NONE), (Outcome.SOUNDED, Reason.NONE)]
    assert stage.log[-1].sounded_ms == stage.log[-1].asked_ms == 60_000
    assert stage.log[-1].began == NOON + 10 * SECOND


def test_back_to_back_items_both_sound(stage: Stage) -> None:
    """An item that begins where another ends takes nothing from it."""
    program(stage, item(NOON + 10 * SECOND), item(NOON + 70 * SECOND, 30, "b"))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(10, 70, 0), (70, 100, 0)]


def test_a_late_terminal_joins_where_the_others_are(stage: Stage) -> None:
    """Within its latest start an item is joined at the position that it has reached."""
    program(stage, item(NOON - 20 * SECOND))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(0.5, 40, 20.5)]
    assert outcomes(stage)[-1] == (Outcome.CUT, Reason.LATE)


def test_past_its_latest_start_an_item_is_missed(stage: Stage) -> None:
    """Nothing is caught up."""
    program(stage, item(NOON - 20 * SECOND, latest=NOON - 10 * SECOND))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == []
    assert outcomes(stage) == [(Outcome.MISSED, Reason.LATE)]


def test_an_emergency_cuts_an_item_which_goes_on_where_its_timeline_is(stage: Stage) -> None:
    """A lower layer runs on silently and is never shifted."""
    program(stage, item(NOON + 10 * SECOND))
    stage.run_until(NOON + 20 * SECOND)
    stage.do(stage.machine.add(order(stage.now), stage.clock))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(10, 20, 0), (20.15, 30.15, 0), (30.65, 70, 20.65)]
    assert outcomes(stage)[-1] == (Outcome.CUT, Reason.PREEMPTED)
    assert stage.log[-1].sounded_ms == 49_350


def test_an_item_that_an_emergency_outlasts_is_cut(stage: Stage) -> None:
    """When the higher layer ends too late, the item is marked cut or missed."""
    program(stage, item(NOON + 10 * SECOND, 20), item(NOON + 40 * SECOND, 20, "b"))
    stage.run_until(NOON + 20 * SECOND)
    stage.do(stage.machine.add(order(stage.now, 60), stage.clock))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(10, 20, 0), (20.15, 80.15, 0)]
    assert [line.outcome for line in stage.log if line.item == item(0).id] == [
        Outcome.STARTED,
        Outcome.CUT,
    ]
    assert [line.reason for line in stage.log if line.item == item(0, name="b").id] == [
        Reason.PREEMPTED
    ]


def test_an_emergency_repeats_with_its_gap(stage: Stage) -> None:
    """An order is heard as often as it asks, in short gaps nothing else."""
    program(stage, item(NOON + SECOND, 300))
    stage.run_until(NOON + 10 * SECOND)
    stage.do(stage.machine.add(order(stage.now, 10, repeats=3, gap_ms=5000), stage.clock))
    stage.run_until(NOON + 120 * SECOND)
    emergency = [s for s, h in zip(spans(stage), stage.heard, strict=True) if h.airing.repeats == 3]
    assert emergency == [(10.15, 20.15, 0), (25.15, 35.15, 0), (40.15, 50.15, 0)]
    assert spans(stage)[-1][2] == 0 or spans(stage)[-1][0] > 50
    done = [line for line in stage.log if line.outcome is Outcome.SOUNDED]
    assert [(line.asked_ms, line.sounded_ms) for line in done] == [(30_000, 30_000)]


def test_in_a_long_gap_the_programme_goes_on(stage: Stage) -> None:
    """An emergency that repeats every few minutes does not silence what lies between."""
    program(stage, item(NOON + SECOND, 280))
    stage.do(stage.machine.add(order(stage.now, 10, repeats=2, gap_ms=120_000), stage.clock))
    stage.run_until(NOON + 400 * SECOND)
    kinds = [heard.airing.kind for heard in stage.heard]
    assert kinds == [Kind.ORDER, Kind.ITEM, Kind.ORDER, Kind.ITEM]


def test_of_two_emergencies_the_higher_level_is_heard_and_the_other_after_it(
    stage: Stage,
) -> None:
    """The lower order is not lost: it begins when the higher one has said its piece."""
    stage.do(stage.machine.add(order(NOON, 10, "low", level=1), stage.clock))
    stage.run_until(NOON + 5 * SECOND)
    stage.do(stage.machine.add(order(NOON + 5 * SECOND, 10, "high", level=0), stage.clock))
    stage.run_until(NOON + 2 * MINUTE)
    assert [(h.airing.level, h.position_ms) for h in stage.heard] == [(1, 0), (0, 0), (1, 0)]
    assert all(line.outcome is not Outcome.CUT for line in stage.log)


def test_a_cancelled_order_falls_silent(stage: Stage) -> None:
    """A cancellation ends the sound and all repeats."""
    emergency = order(NOON, 30, repeats=5)
    stage.do(stage.machine.add(emergency, stage.clock))
    stage.run_until(NOON + 10 * SECOND)
    stage.do(stage.machine.cancel(emergency.id, stage.clock))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(0.5, 10, 0)]
    assert outcomes(stage)[-1] == (Outcome.CUT, Reason.CANCELLED)


def test_no_repeat_begins_after_the_expiry(stage: Stage) -> None:
    """No repeat begins once the order is past its expiry."""
    stage.do(stage.machine.add(order(NOON, 10, repeats=50, expires_s=25), stage.clock))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(0.5, 10.5, 0), (11.5, 21.5, 0), (22.5, 32.5, 0)]


def test_a_stop_ends_what_sounds_and_holds(stage: Stage) -> None:
    """A stop cuts the item, refuses those within its hold, and lets the later ones sound."""
    program(
        stage,
        item(NOON + 10 * SECOND),
        item(NOON + 120 * SECOND, 60, "b"),
        item(NOON + 600 * SECOND, 60, "c"),
    )
    stage.run_until(NOON + 20 * SECOND)
    stage.change(replace(OPEN, holds=(Hold(stage.now, NOON + 300 * SECOND, 1),)))
    stage.run_until(NOON + 700 * SECOND)
    assert spans(stage) == [(10, 20, 0), (600, 660, 0)]
    assert [reason for _, reason in outcomes(stage) if reason] == [Reason.STOPPED, Reason.STOPPED]


def test_a_communes_stop_does_not_end_the_provinces_emergency(stage: Stage) -> None:
    """A stop ends emergencies of its own level and below that were issued before it."""
    stage.do(stage.machine.add(order(NOON, 10, "province", level=0), stage.clock))
    stage.do(stage.machine.add(order(NOON, 10, "commune", level=1), stage.clock))
    stage.run_until(NOON + SECOND)
    stage.change(replace(OPEN, holds=(Hold(stage.now, stage.now + MINUTE, 1),)))
    stage.do(stage.machine.add(order(stage.now + 1, 10, "later", level=1), stage.clock))
    stage.run_until(NOON + 2 * MINUTE)
    assert [heard.airing.id for heard in stage.heard] == [
        order(0, name="province").id,
        order(0, name="later").id,
    ]


def test_an_item_that_would_touch_quiet_hours_is_refused_whole(stage: Stage) -> None:
    """No part of an item lies in quiet hours, even if it begins before them."""
    quiet = EffectivePolicy((QuietWindow(start=721, end=725, weekdays=127),), 100, None, None)
    stage.change(replace(OPEN, policy=quiet))
    program(stage, item(NOON + 30 * SECOND), item(NOON + 300 * SECOND, 60, "b"))
    stage.do(stage.machine.add(order(NOON, 90), stage.clock))
    stage.run_until(NOON + 600 * SECOND)
    assert [h.airing.kind for h in stage.heard] == [Kind.ORDER, Kind.ITEM]
    assert (Outcome.MISSED, Reason.QUIET_HOURS) in outcomes(stage)


def test_a_policy_that_arrives_later_fades_the_item_before_its_quiet_hours(stage: Stage) -> None:
    """When the rules change while it sounds, an item is silent at the boundary."""
    program(stage, item(NOON + 10 * SECOND, 120))
    stage.run_until(NOON + 20 * SECOND)
    quiet = EffectivePolicy((QuietWindow(start=721, end=725, weekdays=127),), 100, None, None)
    stage.change(replace(OPEN, policy=quiet))
    stage.run_until(NOON + 600 * SECOND)
    assert spans(stage) == [(10, 59.3, 0)]
    assert outcomes(stage)[-1] == (Outcome.CUT, Reason.QUIET_HOURS)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"clock": ClockState.UNTRUSTED}, Reason.CLOCK_NOT_TRUSTED),
        ({"clock": ClockState.CONTRADICTED}, Reason.CLOCK_NOT_TRUSTED),
        ({"policy": None}, Reason.NO_POLICY),
        ({"trust_until": NOON}, Reason.TRUST_EXPIRED),
        ({"rundown_until": NOON + 15 * SECOND}, Reason.RUNDOWN_ENDED),
        ({"ledger_writable": False}, Reason.LEDGER_NOT_WRITABLE),
        ({"held": frozenset[bytes]()}, Reason.RECORDING_MISSING),
        ({"policy": EffectivePolicy((), 100, 59_999, None)}, Reason.SESSION_LIMIT),
        ({"policy": EffectivePolicy((), 100, None, 59_999)}, Reason.DAY_LIMIT),
    ],
)
def test_a_doubt_means_silence_and_its_reason(
    stage: Stage, change: dict[str, object], reason: Reason
) -> None:
    """Each rule by itself keeps an item silent and stands in the log."""
    stage.change(replace(OPEN, **change))  # type: ignore[arg-type]
    program(stage, item(NOON + 10 * SECOND))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == []
    assert outcomes(stage) == [(Outcome.MISSED, reason)]


def test_an_emergency_passes_what_keeps_items_silent(stage: Stage) -> None:
    """A full disk, no policy, a contradicted clock and an old trust file do not silence it."""
    stage.change(
        replace(
            OPEN,
            clock=ClockState.CONTRADICTED,
            policy=None,
            trust_until=0,
            rundown_until=0,
            ledger_writable=False,
        )
    )
    stage.do(stage.machine.add(order(NOON), stage.clock))
    stage.run_until(NOON + MINUTE)
    assert spans(stage) == [(0.5, 10.5, 0)]


def test_without_any_time_an_emergency_waits(stage: Stage) -> None:
    """An order is judged only once signed time is known, and then sounds at once."""
    stage.knows_time = False
    stage.change(replace(OPEN, clock=ClockState.UNTRUSTED))
    stage.do(stage.machine.add(order(NOON), stage.clock))
    stage.run_until(NOON + 30 * SECOND)
    assert spans(stage) == []
    stage.knows_time = True
    stage.change(OPEN)
    stage.run_until(NOON + MINUTE)
    assert spans(stage) == [(30.5, 40.5, 0)]


def test_the_clock_in_doubt_ends_an_item(stage: Stage) -> None:
    """An item does not go on when the clock that placed it is contradicted."""
    program(stage, item(NOON + 10 * SECOND))
    stage.run_until(NOON + 20 * SECOND)
    stage.change(replace(OPEN, clock=ClockState.CONTRADICTED))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(10, 20, 0)]
    assert outcomes(stage)[-1] == (Outcome.CUT, Reason.CLOCK_NOT_TRUSTED)
