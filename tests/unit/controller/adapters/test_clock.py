"""The machine's clocks and fresh identities."""

import time
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from controller.adapters.clock import SystemClock, SystemIds


def test_the_clock_tells_the_time_with_its_zone() -> None:
    """Aware, in UTC, and the machine's own."""
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta()


def test_the_other_clock_only_runs() -> None:
    """It never goes back, and keeps pace with the machine's."""
    clock = SystemClock()
    first, began = clock.monotonic(), time.monotonic()
    while time.monotonic() - began < 0.02:
        assert clock.monotonic() >= first
    assert timedelta(milliseconds=19) < clock.monotonic() - first < timedelta(seconds=30)


def test_ids_are_new_and_rise_with_time() -> None:
    """UUID version 7: none twice, and a later millisecond sorts later."""
    ids = SystemIds()
    made = [ids.new() for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}
    instants = [one.int >> 80 for one in made]
    assert instants == sorted(instants)
    assert abs(instants[-1] - time.time() * 1000) < 5000


def test_secrets_are_as_long_as_asked_and_never_the_same() -> None:
    """From the machine's source of randomness."""
    ids = SystemIds()
    assert len(ids.secret()) == 32
    assert len(ids.secret(5)) == 5
    assert len({ids.secret(16) for _ in range(200)}) == 200
