"""What a whole terminal does, in simulated time."""

import pytest

from edge_agent.wire.reports import ClockState
from tests.fakes.world import running_world

SECOND = 1_000_000


async def test_an_item_sounds_at_its_start_with_the_amplifier_around_it() -> None:
    """Whole and exact; the amplifier is on before it and off after it."""
    async with running_world() as world:
        sound = world.offer("morning", 20_000)
        item = world.authority.item(sound, world.begun + 60 * SECOND, 20_000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(120)
        (heard,) = world.heard()
        assert heard.item == item.occurrence
        assert heard.start == pytest.approx(60, abs=0.001)
        assert heard.end == pytest.approx(80, abs=0.001)
        assert world.outcomes() == [(item.occurrence, "sounded", "")]
        (on, is_on), (off, is_off) = world.amplifier.switched
        assert (is_on, is_off) == (True, False)
        on_s, off_s = ((world.time.wall_of(at) - world.begun) / 1e6 for at in (on, off))
        assert 59.7 < on_s < 59.9
        assert 80.9 < off_s < 81.3
        assert world.status.clock is ClockState.TRUSTED
        assert world.status.problems == ()
