"""Restarts, withdrawals, faults, the button and the chime, told example by example."""

from dataclasses import replace

from edge_agent.core.airing import SECOND, Reason
from edge_agent.core.on_air_table import table_rows
from edge_agent.core.rules import Hold, rule_rows
from edge_agent.wire.policy import EffectivePolicy
from edge_agent.wire.reports import Outcome
from tests.fakes.stage import Stage
from tests.unit.edge_agent.core.airings import (
    HASH,
    MINUTE,
    NOON,
    OPEN,
    chime,
    item,
    order,
    outcomes,
    program,
    spans,
)


def test_a_restarted_terminal_goes_on_where_the_others_are_at_most_twice(stage: Stage) -> None:
    """After a restart an item is joined; a third restart leaves it cut."""
    program(stage, item(NOON + 10 * SECOND))
    for second in (20, 30, 40):
        stage.run_until(NOON + second * SECOND)
        stage.crash()
        stage.boot()
        program(stage, item(NOON + 10 * SECOND))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(10, 20, 0), (20.5, 30, 10.5), (30.5, 40, 20.5)]
    assert outcomes(stage)[-1] == (Outcome.CUT, Reason.RESTARTED)


def test_a_finished_item_never_sounds_again(stage: Stage) -> None:
    """Neither a restart nor the clock set back repeats what has sounded."""
    program(stage, item(NOON + 10 * SECOND))
    stage.run_until(NOON + 100 * SECOND)
    stage.boot()
    stage.skew = -95 * SECOND
    program(stage, item(NOON + 10 * SECOND))
    stage.run_until(NOON + 10 * MINUTE)
    assert spans(stage) == [(10, 70, 0)]


def test_a_clock_set_back_repeats_nothing_of_a_cut_item(stage: Stage) -> None:
    """After a crash and a step back, an item goes on only from where it had got to."""
    program(stage, item(NOON + 10 * SECOND))
    stage.run_until(NOON + 40 * SECOND)
    assert stage.ledger[item(0).id].position_ms == 30_000
    stage.crash()
    stage.skew = -20 * SECOND
    stage.boot()
    program(stage, item(NOON + 10 * SECOND))
    stage.run_until(NOON + 10 * MINUTE)
    assert spans(stage) == [(10, 40, 0), (60.5, 90, 30.5)]


def test_what_nobody_asks_for_after_a_restart_is_closed(stage: Stage) -> None:
    """A record without an item becomes one line of the log and is never asked about again."""
    program(stage, item(NOON + 10 * SECOND))
    stage.run_until(NOON + 40 * SECOND)
    stage.crash()
    for _ in range(2):
        stage.boot()
        stage.do(stage.machine.settle_past(stage.clock))
    assert outcomes(stage)[1:] == [(Outcome.CUT, Reason.RESTARTED)]


def test_a_withdrawn_item_fades(stage: Stage) -> None:
    """A new rundown without the item that sounds ends it."""
    program(stage, item(NOON + 10 * SECOND), item(NOON + 90 * SECOND, 10, "b"))
    stage.run_until(NOON + 20 * SECOND)
    program(stage, item(NOON + 90 * SECOND, 10, "b"))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(10, 20, 0), (90, 100, 0)]
    assert (Outcome.CUT, Reason.WITHDRAWN) in outcomes(stage)


def test_a_withdrawn_item_that_waits_leaves_no_line(stage: Stage) -> None:
    """What the controller takes back before its start was not missed."""
    program(stage, item(NOON + 10 * SECOND))
    program(stage)
    stage.run_until(NOON + 5 * MINUTE)
    assert stage.log == []


def test_a_missed_item_that_is_moved_to_later_sounds(stage: Stage) -> None:
    """A move keeps the identity; what never sounded may sound at its new time."""
    program(stage, item(NOON - MINUTE, 10))
    program(stage, item(NOON + MINUTE, 10))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(60, 70, 0)]


def test_a_fault_is_tried_again_on_the_timeline(stage: Stage) -> None:
    """A voice that fails goes on a second later, twice; then the item is cut by the fault."""
    program(stage, item(NOON + 10 * SECOND))
    for second in (20, 30, 40):
        stage.run_until(NOON + second * SECOND)
        stage.fail(Reason.CARD_LOST)
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(10, 20, 0), (21.5, 30, 11.5), (31.5, 40, 21.5)]
    assert outcomes(stage)[-1] == (Outcome.CUT, Reason.CARD_LOST)


def test_the_button_cuts_an_item_and_one_repeat_of_an_emergency(stage: Stage) -> None:
    """The local button ends an item for good; an emergency's next repeat sounds."""
    program(stage, item(NOON + SECOND, 20))
    stage.run_until(NOON + 5 * SECOND)
    stage.do(stage.machine.button(stage.clock))
    stage.do(stage.machine.add(order(stage.now, 10, repeats=2, gap_ms=2000), stage.clock))
    stage.run_until(NOON + 10 * SECOND)
    stage.do(stage.machine.button(stage.clock))
    stage.run_until(NOON + 5 * MINUTE)
    assert spans(stage) == [(1, 5, 0), (5.5, 10, 0), (17.5, 27.5, 0), (29.5, 39.5, 0)]
    assert (Outcome.CUT, Reason.LOCAL_STOP) in outcomes(stage)


def test_a_chime_sounds_once_and_never_beside_something_else(stage: Stage) -> None:
    """A test chime is refused where quiet hours, a stop or another sound stand against it."""
    stage.do(stage.machine.add(chime(NOON), stage.clock))
    stage.run_until(NOON + MINUTE)
    assert spans(stage) == [(0.5, 2.5, 0)]
    busy = Stage(NOON, OPEN)
    program(busy, item(NOON + 4 * SECOND))
    busy.do(busy.machine.add(chime(NOON), busy.clock))
    assert outcomes(busy) == [(Outcome.MISSED, Reason.BUSY)]
    stopped = Stage(NOON, replace(OPEN, holds=(Hold(NOON, NOON + MINUTE, 0),)))
    stopped.do(stopped.machine.add(chime(NOON), stopped.clock))
    assert outcomes(stopped) == [(Outcome.MISSED, Reason.STOPPED)]


def test_the_ceiling_limits_every_voice(stage: Stage) -> None:
    """Items keep to the terminal's volume and the ceiling; an emergency to the ceiling alone."""
    program(stage, item(NOON + 10 * SECOND))
    stage.run_until(NOON + 20 * SECOND)
    stage.change(replace(OPEN, policy=EffectivePolicy((), 50, None, None)))
    stage.do(stage.machine.add(order(stage.now), stage.clock))
    stage.run_until(NOON + 21 * SECOND)
    assert [round(gain, 1) for gain in stage.gains] == [-3.9, -12.0, -12.0]


def test_a_recording_is_checked_two_minutes_ahead(stage: Stage) -> None:
    """A damaged recording is noticed while there is time to fetch it again."""
    program(stage, item(NOON + 10 * MINUTE))
    stage.run_until(NOON + 8 * MINUTE - 1)
    assert stage.checked == []
    stage.run_until(NOON + 8 * MINUTE)
    assert stage.checked == [HASH]


def test_the_tables_have_a_row_for_each_rule_and_step() -> None:
    """What the documents print comes from the tables that decide."""
    assert ("once", "heard", "covered", "hidden", "stop") in table_rows()
    assert len(table_rows()) == len(set(table_rows()))
    assert (
        "quiet_hours",
        "refused",
        "refused",
        "passes",
        "any part of it touches quiet hours",
    ) in (rule_rows())
