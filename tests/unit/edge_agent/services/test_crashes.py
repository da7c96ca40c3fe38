"""The plug may be pulled at any instant, and any write may be the last one."""

import asyncio
import errno
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.authority import Authority
from tests.fakes.world import MORNING, World

SECOND = 1_000_000
START_S, LENGTH_S = 12.0, 14.0


async def programme(world: World) -> UUID:
    """A running terminal that holds one item, from START_S on, LENGTH_S long."""
    world.install()
    await world.boot()
    world.connect()
    await world.pass_s(2)
    length = int(LENGTH_S * 1000)
    sound = world.offer("morning", length)
    item = world.authority.item(sound, world.begun + int(START_S * SECOND), length)
    await world.send(world.authority.rundown([item]))
    await world.pass_s(4)
    return item.occurrence


def check_spans(world: World) -> float:
    """Nothing sounds outside the item's time or overlaps; returns how long it was heard."""
    end = 0.0
    for heard in sorted(world.heard(), key=lambda heard: heard.start):
        assert heard.start >= max(START_S - 0.001, end)
        assert heard.end <= START_S + LENGTH_S + 0.001
        end = heard.end
    return sum(heard.end - heard.start for heard in world.heard())


@settings(max_examples=25, deadline=None)
@given(
    lives=st.lists(st.tuples(st.floats(0.3, 12), st.floats(0.1, 5)), min_size=1, max_size=5),
    online=st.booleans(),
)
def test_no_second_of_an_item_sounds_twice_over_any_crashes(
    lives: list[tuple[float, float]], *, online: bool
) -> None:
    """Whenever it dies and comes back: in step, never twice, logged once, never more than heard."""

    async def story() -> None:
        world = World(Authority(now=MORNING))
        item = await programme(world)
        for alive, dead in lives:
            await world.pass_s(alive)
            await world.crash()
            await world.pass_s(dead)
            await world.boot()
            if online:
                world.connect()
        await world.pass_s(START_S + LENGTH_S + 5)
        world.connect()
        await world.pass_s(15)
        heard_s = check_spans(world)
        ((logged, outcome, _),) = world.outcomes()
        assert logged == item
        final = world.lines[-1]
        assert final.sounded / 1000 <= heard_s + 0.05
        assert outcome in ("sounded", "cut", "missed")
        assert (outcome == "missed") <= (heard_s < 10.5)
        await world.crash()

    asyncio.run(story())


@settings(max_examples=25, deadline=None)
@given(last=st.integers(0, 25), dead=st.floats(0.1, 10))
def test_the_power_fails_at_any_write(last: int, dead: float) -> None:
    """Whichever write is the last one before the power fails, the item is never begun twice."""

    async def story() -> None:
        world = World(Authority(now=MORNING))
        item = await programme(world)
        world.disk.writes = 0

        def cut(_what: str) -> None:
            if world.disk.writes > last:
                raise OSError(errno.EIO, "the power is failing")

        world.disk.before_write = cut
        await world.pass_s(15)
        await world.crash()
        world.disk.before_write = lambda _what: None
        await world.pass_s(dead)
        await world.boot()
        world.connect()
        await world.pass_s(START_S + LENGTH_S + 5)
        check_spans(world)
        assert [logged for logged, _, _ in world.outcomes()] == [item]
        await world.crash()

    asyncio.run(story())


@settings(max_examples=20, deadline=None)
@given(
    skews=st.lists(
        st.tuples(st.floats(0.5, 9), st.integers(-(10**13), 10**13)), min_size=1, max_size=4
    )
)
def test_steps_of_the_system_clock_move_nothing(skews: list[tuple[float, int]]) -> None:
    """The system's clock jumps by up to months, back and forth: the item sounds whole, once."""

    async def story() -> None:
        world = World(Authority(now=MORNING))
        await programme(world)
        for pause, skew in skews:
            world.time.skew = skew
            await world.pass_s(pause)
        await world.pass_s(START_S + LENGTH_S + 10)
        heard = [(round(h.start, 1), round(h.end, 1)) for h in world.heard()]
        assert heard == [(START_S, START_S + LENGTH_S)]
        await world.crash()

    asyncio.run(story())
