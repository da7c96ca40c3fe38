"""Plays, cancellations, stops and tests: once each, by who may, and what survives a restart."""

from uuid import uuid4

import pytest

from edge_agent.wire import orders
from edge_agent.wire.reports import Acknowledgement
from edge_agent.wire.state import QuietWindow
from tests.fakes.authority import FOREIGN, Authority
from tests.fakes.world import World, running_world

SECOND = 1_000_000
ALWAYS = (QuietWindow(start=0, end=1440, weekdays=127),)


async def stocked(world: World, seconds: int = 5) -> bytes:
    """Have a recording on the terminal that only an order can make sound."""
    sound = world.offer("flood", seconds * 1000)
    rendition = world.authority.item(sound, 0, 1).rendition
    await world.send(world.authority.rundown([], keep=(rendition,)))
    await world.pass_s(5)
    assert world.terminal is not None
    assert rendition in world.terminal.library.held
    return sound


def acknowledged(world: World) -> list[str]:
    return [ack.subject for ack in world.of(Acknowledgement)]


async def test_an_order_that_is_repeated_sounds_once_and_is_acknowledged_each_time() -> None:
    """The controller repeats until it hears; the terminal acts once."""
    async with running_world() as world:
        sound, order = await stocked(world), uuid4()
        play = world.authority.play(sound, 5000, order=order)
        for _ in range(3):
            await world.order(play)
            await world.pass_s(0.5)
        await world.pass_s(10)
        assert len(world.heard()) == 1
        assert acknowledged(world).count(str(order)) == 3


async def test_the_same_id_with_other_bytes_is_refused() -> None:
    """An id is one order; another order under it is a replay."""
    async with running_world() as world:
        sound, order = await stocked(world), uuid4()
        await world.order(world.authority.play(sound, 5000, order=order))
        await world.order(world.authority.play(sound, 5000, order=order, repeats=9))
        await world.pass_s(30)
        assert len(world.heard()) == 1
        assert world.refusals() == ["replayed"]


async def test_repeats_keep_their_gap_and_survive_a_crash() -> None:
    """Three repeats; the plug is pulled in the second; no more than three are heard whole."""
    async with running_world() as world:
        sound = await stocked(world)
        await world.order(world.authority.play(sound, 5000, repeats=3))
        await world.pass_s(8)
        await world.crash()
        await world.boot()
        world.connect()
        await world.pass_s(40)
        lengths = [round(heard.end - heard.start, 1) for heard in world.heard()]
        assert lengths.count(5.0) == 3
        assert len(lengths) == 4, "the one that was cut"
        assert world.outcomes()[0][1:] == ("sounded", "")


async def test_a_cancel_ends_an_order_and_also_one_that_comes_later() -> None:
    """A cancel within seconds, and a cancel that overtakes its order, which then never sounds."""
    async with running_world() as world:
        sound, first, second = await stocked(world, 30), uuid4(), uuid4()
        await world.order(world.authority.play(sound, 30_000, order=first))
        await world.pass_s(5)
        await world.order(world.authority.cancel(first))
        await world.pass_s(3)
        (heard,) = world.heard()
        assert heard.end - heard.start < 6
        await world.order(world.authority.cancel(second))
        await world.crash()
        await world.boot()
        world.connect()
        await world.pass_s(2)
        await world.order(world.authority.play(sound, 30_000, order=second))
        await world.pass_s(10)
        assert len(world.heard()) == 1
        assert world.outcomes() == [(first, "cut", "cancelled"), (second, "missed", "cancelled")]


async def test_a_commune_cannot_cancel_what_the_province_ordered() -> None:
    """A cancel reaches orders of its own area and of those below, never of one above."""
    async with running_world() as world:
        sound, order = await stocked(world, 20), uuid4()
        await world.order(world.authority.play(sound, 20_000, order=order, area="p-89"), "p-89")
        await world.pass_s(3)
        await world.order(world.authority.cancel(order))
        await world.pass_s(30)
        assert world.outcomes() == [(order, "sounded", "")]


async def test_a_stop_ends_the_communes_emergency_but_not_the_provinces() -> None:
    """A stop of the commune ends what it ordered before; the province's emergency sounds on."""
    async with running_world() as world:
        sound, ours, theirs = await stocked(world, 20), uuid4(), uuid4()
        await world.order(world.authority.play(sound, 20_000, order=ours))
        await world.pass_s(5)
        await world.order(world.authority.stop())
        await world.pass_s(3)
        assert world.outcomes() == [(ours, "cut", "stopped")]
        assert world.status.stopped_until is not None
        await world.order(world.authority.play(sound, 20_000, order=theirs, area="p-89"), "p-89")
        await world.pass_s(2)
        await world.order(world.authority.stop())
        await world.pass_s(30)
        assert world.outcomes()[1] == (theirs, "sounded", "")


async def test_a_stop_is_kept_over_a_restart() -> None:
    """Power off and on does not lift a stop."""
    async with running_world() as world:
        sound = await stocked(world, 5)
        await world.order(world.authority.stop(hold_s=3600))
        await world.crash()
        await world.boot()
        world.connect()
        await world.pass_s(2)
        item = world.authority.item(sound, world.time.wall + 20 * SECOND, 5000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(40)
        assert world.outcomes() == [(item.occurrence, "missed", "stopped")]


@pytest.mark.parametrize("kind", list(orders.TestKind))
async def test_a_test_is_acted_on_once(kind: orders.TestKind) -> None:
    """A chime sounds for two seconds, a silent test does not; both are acknowledged."""
    async with running_world() as world:
        test, envelope = world.authority.test(kind)
        await world.send(envelope)
        await world.send(envelope)
        await world.pass_s(10)
        expected = [2.0] if kind is orders.TestKind.CHIME else []
        assert [round(h.end - h.start, 2) for h in world.heard()] == expected
        assert str(test) in acknowledged(world)


async def test_a_chime_in_quiet_hours_is_refused_by_the_terminal() -> None:
    """Whoever signs it: quiet hours hold for tests."""
    async with running_world() as world:
        await world.send(world.authority.policy(quiet=ALWAYS))
        test, envelope = world.authority.test()
        await world.send(envelope)
        await world.pass_s(10)
        assert world.heard() == []
        assert world.outcomes() == [(test, "missed", "quiet_hours")]


async def test_a_silent_test_fails_when_nothing_could_sound() -> None:
    """Without a trusted clock a silent test is refused, so that somebody looks after it."""
    async with running_world(connected=False) as world:
        world.answers_time = False
        world.connect()
        await world.pass_s(1)
        await world.send(world.authority.test(orders.TestKind.SILENT)[1])
        await world.pass_s(1)
        assert world.refusals() == ["clock_not_trusted"]


async def test_hostile_orders_have_their_reasons() -> None:
    """Each way in which an order does not count is told by its own code; none sounds."""
    async with running_world() as world:
        sound = await stocked(world)
        authority = world.authority
        good = authority.play(sound, 5000)
        cases: dict[str, bytes] = {
            "bad_signature": good[:-1] + bytes([good[-1] ^ 1]),
            "malformed": b"not an envelope at all",
            "unknown_version": good[:2] + b"\x07" + good[3:],
            "unknown_key": Authority(now=authority.now).play(sound, 5000),
            "wrong_role": authority.play(sound, 5000, key=authority.work["c-30280"]),
            "wrong_area": authority.play(sound, 5000, area=FOREIGN),
            "not_for_this_terminal": authority.play(sound, 5000, targets=(FOREIGN,)),
            "inconsistent": authority.play(sound, 5000, lasts_s=25 * 3600),
            "wrong_topic": authority.rundown([]),
        }
        for payload in cases.values():
            await world.order(payload)
        await world.order(good, retained=True)
        now = authority.now
        authority.now = now - 7200 * SECOND
        await world.order(authority.play(sound, 5000))
        authority.now = now + 7200 * SECOND
        await world.order(authority.play(sound, 5000))
        await world.pass_s(30)
        expected = {*cases, "retained", "expired", "not_yet_valid"}
        assert set(world.refusals()) == expected
        assert world.heard() == []
        assert acknowledged(world).count("c-30280") == 1, "the rundown before, nothing after"


async def test_a_key_reaches_only_below_its_own_area() -> None:
    """A commune's emergency key does not speak in the name of the province."""
    async with running_world() as world:
        sound = await stocked(world)
        key = world.authority.emergency["c-30280"]
        await world.order(world.authority.play(sound, 5000, area="p-89", key=key))
        await world.pass_s(5)
        assert world.refusals() == ["wrong_area"]
        assert world.heard() == []


async def test_orders_are_forgotten_after_they_cannot_matter() -> None:
    """An hour after its expiry an order's id is gone; its bytes are then too old anyway."""
    async with running_world() as world:
        sound = await stocked(world)
        play = world.authority.play(sound, 5000, lasts_s=60)
        await world.order(play)
        await world.pass_s(4000)
        await world.order(world.authority.play(sound, 5000))
        await world.pass_s(20)
        size = len(world.disk.documents["orders"])
        await world.order(play)
        await world.pass_s(10)
        assert world.refusals() == ["expired"]
        assert len(world.heard()) == 2
        assert size < 300, "only the newest is remembered"
