"""Rules of areas: none is looser than those above."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.domain.errors import Invalid
from controller.domain.policy import PolicySettings, author_may_approve, check, effective
from edge_agent.wire.state import QuietWindow

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TOP = PolicySettings("p-89", (), NOW, UUID(int=1), 80, 600_000, 3_600_000)

limits = st.none() | st.integers(1, 86_400_000)
settings = st.builds(
    PolicySettings,
    st.just("c-1"),
    st.just(()),
    st.just(NOW),
    st.just(UUID(int=1)),
    st.integers(0, 100),
    limits,
    limits,
    st.booleans(),
)


@given(above=settings, own=settings)
def test_what_passes_is_never_looser(above: PolicySettings, own: PolicySettings) -> None:
    """Accepted rules change nothing that the area above allows or forbids more strictly."""
    refused = None
    try:
        check(own, [above])
    except Invalid as error:
        refused = error.code
    assert refused in {None, "policy_looser"}
    if refused:
        return
    both, held = effective([above, own]), effective([above])
    assert own.max_volume == both.max_volume <= held.max_volume
    for ours, most in (
        (both.max_session_ms, held.max_session_ms),
        (both.max_day_ms, held.max_day_ms),
    ):
        assert most is None or (ours is not None and ours <= most)
    assert author_may_approve([above, own]) <= author_may_approve([above])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"max_volume": 81}, "max_volume"),
        ({"max_session_ms": 600_001}, "max_session_minutes"),
        ({"max_day_ms": 3_600_001}, "max_day_minutes"),
        ({"author_may_approve": True}, "author_may_approve"),
    ],
)
def test_a_looser_rule_names_its_field(change: dict[str, int], field: str) -> None:
    """So that the screen can point to it."""
    own = replace(TOP, area="c-1", **change)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="policy_looser") as caught:
        check(own, [TOP])
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quiet": (QuietWindow(start=60, end=60, weekdays=127),)}, "quiet_window"),
        ({"quiet": (QuietWindow(start=1440, end=60, weekdays=127),)}, "quiet_window"),
        ({"quiet": (QuietWindow(start=60, end=1441, weekdays=127),)}, "quiet_window"),
        ({"quiet": (QuietWindow(start=60, end=90, weekdays=0),)}, "quiet_window"),
        ({"quiet": (QuietWindow(start=1, end=2, weekdays=1),) * 21}, "quiet_window"),
        ({"max_volume": 101}, "volume"),
        ({"max_volume": -1}, "volume"),
        ({"max_session_ms": 0}, "limit"),
        ({"max_day_ms": 86_400_001}, "limit"),
    ],
)
def test_rules_that_mean_nothing_are_refused(change: dict[str, object], code: str) -> None:
    """Windows without length or outside the day, volumes and limits out of range."""
    with pytest.raises(Invalid, match=code):
        check(replace(TOP, **change), [])  # type: ignore[arg-type]


def test_nobody_approves_his_own_where_no_rule_says_so() -> None:
    """An area without any rule is as strict as can be."""
    assert not author_may_approve([])
    assert author_may_approve([replace(TOP, author_may_approve=True)])
    assert not author_may_approve([replace(TOP, author_may_approve=True), TOP])
