"""Pauses between attempts."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.link import BackoffSettings, LinkSettings, LinkSettingsError, LinkTls
from edge_agent.link.backoff import Backoff

SETTINGS = BackoffSettings(base_s=2.0, cap_s=60.0, refused_s=10.0, stable_s=30.0)


def highest(_low: float, high: float) -> float:
    return high


def test_the_ceiling_doubles_up_to_the_cap() -> None:
    """2, 4, 8 … seconds, and never above the cap."""
    backoff = Backoff(SETTINGS, highest)
    pauses = [backoff.pause(held_s=0.0, refused=False) for _ in range(8)]
    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]


def test_a_refusal_is_repeated_slowly() -> None:
    """A refused sign-in starts at a higher ceiling and never stops being tried."""
    backoff = Backoff(SETTINGS, highest)
    assert [backoff.pause(held_s=0.0, refused=True) for _ in range(3)] == [10.0, 10.0, 10.0]
    assert backoff.pause(held_s=0.0, refused=True) == 16.0


def test_only_a_connection_that_held_starts_over() -> None:
    """A broker that accepts and drops at once is not hammered."""
    backoff = Backoff(SETTINGS, highest)
    for _ in range(4):
        backoff.pause(held_s=0.0, refused=False)
    assert backoff.pause(held_s=29.0, refused=False) == 32.0
    assert backoff.pause(held_s=30.0, refused=False) == 2.0


@given(
    seed=st.integers(),
    attempts=st.lists(st.tuples(st.floats(0, 1e6), st.booleans()), max_size=3_000),
)
def test_pauses_stay_within_bounds(seed: int, attempts: list[tuple[float, bool]]) -> None:
    """Whatever happens for however long, a pause is between 0 and the cap."""
    backoff = Backoff(SETTINGS, random.Random(seed).uniform)
    for held_s, refused in attempts:
        assert 0.0 <= backoff.pause(held_s=held_s, refused=refused) <= 60.0


def test_five_thousand_terminals_do_not_return_in_step() -> None:
    """Full jitter spreads the first attempts: no 100 ms holds more than 7 % of them."""
    draw = random.Random(5).uniform
    firsts = [Backoff(SETTINGS, draw).pause(held_s=99.0, refused=False) for _ in range(5_000)]
    counts = [sum(1 for pause in firsts if tenth <= pause * 10 < tenth + 1) for tenth in range(20)]
    assert max(counts) < 0.07 * 5_000


def test_without_tls_only_loopback_is_dialled() -> None:
    """A password never crosses a network in the clear."""
    LinkSettings("127.0.0.1", 1883, "t", "x", tls=None)
    with pytest.raises(LinkSettingsError):
        LinkSettings("192.0.2.1", 1883, "t", "x", tls=None)
    LinkSettings("192.0.2.1", 8883, "t", "x", tls=LinkTls("pem", "name"))


@pytest.mark.parametrize(
    ("host", "port", "client_id"),
    [("127.0.0.1", 0, "t"), ("127.0.0.1", 65536, "t"), ("127.0.0.1", 1, "a b"), ("", 1, "t")],
)
def test_settings_that_cannot_work_are_refused(host: str, port: int, client_id: str) -> None:
    """Nonsense is caught when settings are read."""
    with pytest.raises(LinkSettingsError):
        LinkSettings(host, port, client_id, "x", tls=None)


def test_settings_do_not_show_the_password() -> None:
    """Printing settings into a log leaks nothing."""
    assert "secret" not in repr(LinkSettings("127.0.0.1", 1, "t", "secret", tls=None))
