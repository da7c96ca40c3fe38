"""The audit chain, play logs, orders, terminals' health, sessions and codes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.domain import order as orders
from controller.domain.account import Account, ApiToken, Session
from controller.domain.audit import AuditDraft, AuditEntry, broken_at, chain
from controller.domain.enrolment import Enrolment, require_open
from controller.domain.errors import Conflict, Invalid
from controller.domain.occurrence import Occurrence, OccurrenceState, require_ahead, to_planned
from controller.domain.play_log import PlayLogCursor, PlayLogEntry, airing_of, follows
from controller.domain.roles import Role
from controller.domain.terminal import Health, Terminal, TerminalStatus, health, require_in_service
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.reports import ClockState, Outcome

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ONE = UUID(int=1)


def _trail(length: int) -> list[AuditEntry]:
    trail: list[AuditEntry] = []
    for number in range(length):
        draft = AuditDraft(UUID(int=number), NOW, "c-1", ONE, "A", "done", "x", f"{number}")
        previous = trail[-1].digest if trail else bytes(32)
        trail.append(chain(draft, number + 1, previous))
    return trail


@given(
    st.integers(1, 6),
    st.integers(0, 5),
    st.sampled_from(["at", "area", "actor", "actor_name", "action", "subject", "detail", "id"]),
)
def test_any_change_of_the_trail_shows(length: int, which: int, field: str) -> None:
    """The first entry that was changed is named."""
    trail, which = _trail(length), which % length
    assert broken_at(trail) is None
    other = {"at": NOW + SECOND, "actor": None, "id": UUID(int=999)}.get(field, "other")
    changed = replace(trail[which].draft, **{field: other})  # type: ignore[arg-type]
    trail[which] = replace(trail[which], draft=changed)
    assert broken_at(trail) == which + 1


def test_a_missing_entry_shows() -> None:
    """Left out in the middle, or moved; a part can be checked from its own start."""
    trail = _trail(5)
    assert broken_at(trail[:2] + trail[3:]) == 4
    assert broken_at([trail[1], trail[0]]) == 2
    assert broken_at(trail[2:], trail[1].digest) is None
    assert broken_at([]) is None


def test_fields_of_an_entry_cannot_run_into_each_other() -> None:
    """Moving a character from one field to the next gives another digest."""
    one = AuditDraft(ONE, NOW, "c-1", ONE, "ab", "c", "x")
    other = replace(one, actor_name="a", action="bc")
    assert chain(one, 1, bytes(32)).digest != chain(other, 1, bytes(32)).digest


def _line(sequence: int, outcome: Outcome, **changes: object) -> PlayLogEntry:
    began = None if outcome is Outcome.MISSED else NOW + sequence * SECOND
    made = PlayLogEntry(
        ONE, ONE, sequence, bytes(32), bytes([sequence]) * 32, NOW, outcome, ONE, None,
        MessageClass.ORDINARY, "ab" * 32, NOW, began, 1000, sequence, "", NOW,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


@given(st.permutations(range(4)))
def test_the_last_final_line_holds(order: list[int]) -> None:
    """Whatever the order in which lines are given, and whatever the terminal's clock says."""
    lines = [
        _line(0, Outcome.STARTED),
        _line(1, Outcome.CUT, at=NOW + 9 * SECOND),
        _line(2, Outcome.STARTED, at=NOW + 10 * SECOND),
        _line(3, Outcome.SOUNDED, at=NOW - 5 * SECOND),
    ]
    airing = airing_of([lines[number] for number in order])
    assert (airing.outcome, airing.sounded_ms, airing.began) == (Outcome.SOUNDED, 3, NOW)


def test_a_later_log_follows_an_earlier_one() -> None:
    """After a new card the numbers begin anew; what was heard later counts."""
    old = _line(7, Outcome.CUT)
    new = _line(1, Outcome.SOUNDED, log=UUID(int=0), received_at=NOW + SECOND)
    assert airing_of([new, old]).outcome is Outcome.SOUNDED
    assert airing_of([replace(new, outcome=Outcome.STARTED), old]).outcome is Outcome.CUT


def test_a_log_goes_on_exactly() -> None:
    """The next number, chained to the last line; the first to nothing."""
    assert follows(_line(0, Outcome.STARTED), None)
    assert follows(_line(1, Outcome.STARTED), None)
    assert not follows(_line(2, Outcome.STARTED), None)
    assert not follows(_line(0, Outcome.STARTED, previous=bytes([1]) * 32), None)
    cursor = PlayLogCursor(ONE, ONE, 4, bytes([4]) * 32)
    assert follows(_line(5, Outcome.STARTED, previous=cursor.digest), cursor)
    assert not follows(_line(6, Outcome.STARTED, previous=cursor.digest), cursor)
    assert not follows(_line(5, Outcome.STARTED), cursor)


TERMINAL = Terminal(ONE, "h-1", "Loa", bytes(32), "", NOW)
STATUS = TerminalStatus(ONE, NOW, NOW, ClockState.TRUSTED, "", None, None, 0, 80, None, 1, 0, 0, ())
LONG_AGO = NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("terminal", "status", "after_s", "listening", "expected"),
    [
        (TERMINAL, STATUS, 0, LONG_AGO, Health.READY),
        (TERMINAL, STATUS, 90, LONG_AGO, Health.READY),
        (TERMINAL, STATUS, 91, LONG_AGO, Health.SILENT),
        (TERMINAL, STATUS, 91, None, Health.UNKNOWN),
        (TERMINAL, STATUS, 91, NOW + 60 * SECOND, Health.UNKNOWN),
        (TERMINAL, None, 0, LONG_AGO, Health.UNKNOWN),
        (TERMINAL, replace(STATUS, sounding=ONE), 0, LONG_AGO, Health.ON_AIR),
        (TERMINAL, replace(STATUS, sounding=ONE, problems=("x",)), 0, LONG_AGO, Health.FAULTY),
        (TERMINAL, replace(STATUS, clock=ClockState.UNTRUSTED), 0, LONG_AGO, Health.FAULTY),
        (TERMINAL, replace(STATUS, clock=ClockState.HOLDOVER), 0, LONG_AGO, Health.READY),
        (replace(TERMINAL, quarantined_at=NOW), STATUS, 0, LONG_AGO, Health.FAULTY),
        (replace(TERMINAL, retired_at=NOW), STATUS, 0, LONG_AGO, Health.RETIRED),
    ],
)
def test_health_in_one_word(
    terminal: Terminal,
    status: TerminalStatus | None,
    after_s: int,
    listening: datetime | None,
    expected: Health,
) -> None:
    """Silence counts only when we would have heard something."""
    assert health(terminal, status, NOW + after_s * SECOND, listening) is expected


def test_a_retired_terminal_is_out_of_service() -> None:
    """Nothing more is done with it."""
    require_in_service(TERMINAL)
    with pytest.raises(Conflict, match="terminal_retired"):
        require_in_service(replace(TERMINAL, retired_at=NOW))


def test_codes_sessions_and_tokens_end_on_time() -> None:
    """At the instant of their end they no longer count."""
    code = Enrolment(ONE, "h-1", "Loa", bytes(32), ONE, NOW, NOW + SECOND)
    require_open(code, NOW)
    for spoilt, at in (
        (code, NOW + SECOND),
        (replace(code, used_at=NOW), NOW),
        (replace(code, voided_at=NOW), NOW),
    ):
        with pytest.raises(Conflict):
            require_open(spoilt, at)
    session = Session(bytes(32), ONE, NOW, NOW, NOW + SECOND)
    token = ApiToken(ONE, ONE, "x", bytes(32), NOW, NOW + SECOND)
    for one in (session, token):
        assert one.holds_at(NOW)
        assert not one.holds_at(NOW + SECOND)


def test_an_account_acts_with_its_rights() -> None:
    """Names and area are its own; a token makes it a program."""
    account = Account(ONE, "c-1", "user", "Tên", Role.APPROVER, NOW, may_release_emergency=True)
    actor = account.actor(by_program=True)
    assert (actor.name, actor.area, actor.role) == ("Tên", "c-1", Role.APPROVER)
    assert actor.by_program
    assert actor.may_release_emergency
    assert not account.disabled
    assert replace(account, disabled_at=NOW).disabled


def test_a_stop_holds_at_most_a_day() -> None:
    """Nor less than nothing."""
    orders.check_hold(timedelta(hours=24))
    for hold in (timedelta(hours=24) + SECOND, -SECOND):
        with pytest.raises(Invalid, match="hold_too_long"):
            orders.check_hold(hold)


OCCURRENCE = Occurrence(
    ONE, ONE, "20261124T053000", ONE, 1, ONE, "c-1", MessageClass.PRIORITY, "Tin", "ab" * 32,
    NOW + SECOND, 1500, NOW + 2 * SECOND,
)  # fmt: skip


def test_only_what_lies_ahead_can_be_left_out() -> None:
    """Not what has begun, was missed or cancelled."""
    require_ahead(OCCURRENCE, NOW)
    with pytest.raises(Conflict, match="occurrence_begun"):
        require_ahead(OCCURRENCE, OCCURRENCE.start)
    for state in set(OccurrenceState) - {OccurrenceState.PLANNED}:
        with pytest.raises(Conflict):
            require_ahead(replace(OCCURRENCE, state=state), NOW)


def test_an_occurrence_is_the_same_for_the_scheduler() -> None:
    """Times, class, sound and targets carry over."""
    planned = to_planned(OCCURRENCE, [UUID(int=2)])
    assert (planned.id, planned.start, planned.end) == (ONE, OCCURRENCE.start, OCCURRENCE.end)
    assert planned.end - planned.start == timedelta(milliseconds=1500)
    assert planned.message_class.value == "priority"
    assert planned.programme.renditions == {OCCURRENCE.rendition}
    assert planned.targets == {str(UUID(int=2))}
