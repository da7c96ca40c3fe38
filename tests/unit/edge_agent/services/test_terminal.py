"""What a whole terminal sounds, in simulated time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from edge_agent.wire.reports import ClockState
from edge_agent.wire.state import QuietWindow
from tests.fakes.world import MORNING, World, running_world

SECOND = 1_000_000
HANOI = timezone(timedelta(hours=7))
NIGHT = (QuietWindow(start=21 * 60, end=5 * 60, weekdays=127),)


def spans(world: World) -> list[tuple[float, float]]:
    """When something was heard, in seconds since the world began."""
    return [(round(heard.start, 2), round(heard.end, 2)) for heard in world.heard()]


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


async def test_a_wrong_system_clock_changes_nothing() -> None:
    """The system's clock is seven hours off: the signed time places the item."""
    async with running_world(connected=False) as world:
        world.time.skew = 7 * 3600 * SECOND
        world.connect()
        sound = world.offer("morning", 5000)
        item = world.authority.item(sound, world.begun + 60 * SECOND, 5000)
        await world.pass_s(1)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(80)
        ((start, end),) = spans(world)
        assert start == pytest.approx(60, abs=0.06), "half the answer's round trip"
        assert end - start == pytest.approx(5, abs=0.01)


async def test_without_a_trusted_clock_only_an_emergency_waits_to_sound() -> None:
    """No signed time, no battery clock: the item is silent; an emergency sounds once time comes."""
    async with running_world(connected=False) as world:
        world.answers_time = False
        world.connect()
        sound = world.offer("morning", 5000)
        item = world.authority.item(sound, world.begun + 20 * SECOND, 5000)
        await world.pass_s(1)
        await world.send(world.authority.rundown([item]))
        await world.send(world.authority.play(sound, 5000))
        await world.pass_s(60)
        assert world.heard() == []
        assert world.status.clock is ClockState.UNTRUSTED
        world.answers_time = True
        await world.pass_s(90)
        assert [reason for _, _, reason in world.outcomes()].count("") == 1
        assert len(world.heard()) == 1


async def test_a_clock_that_ntp_contradicts_silences_the_schedule_only() -> None:
    """NTP says another time than the signer: ordinary is silent, an emergency sounds."""
    async with running_world() as world:
        world.time.synchronised, world.time.skew = True, 600 * SECOND
        sound = world.offer("morning", 5000)
        item = world.authority.item(sound, world.begun + 30 * SECOND, 5000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(60)
        assert world.outcomes() == [(item.occurrence, "missed", "clock_not_trusted")]
        assert world.status.clock is ClockState.CONTRADICTED
        await world.send(world.authority.play(sound, 5000))
        await world.pass_s(20)
        assert len(world.heard()) == 1


async def test_a_boot_clock_holds_over_without_a_network() -> None:
    """Restarted without a network in the same boot of the machine, it still sounds in time."""
    async with running_world() as world:
        sound = world.offer("morning", 5000)
        item = world.authority.item(sound, world.begun + 7200 * SECOND, 5000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(10)
        await world.crash()
        world.time.skew = -3600 * SECOND
        await world.boot()
        await world.pass_s(7300)
        ((start, end),) = spans(world)
        assert start == pytest.approx(7200, abs=0.8), "within what a crystal may drift"
        assert end - start == pytest.approx(5, abs=0.01)


async def test_after_a_reboot_without_clock_or_network_all_is_silent() -> None:
    """Another boot of the machine: what was known of time no longer counts."""
    async with running_world() as world:
        sound = world.offer("morning", 5000)
        item = world.authority.item(sound, world.begun + 60 * SECOND, 5000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(10)
        await world.crash()
        world.boot_id = "boot-2"
        await world.boot()
        await world.pass_s(100)
        assert world.heard() == []


async def test_at_a_quarter_past_three_only_an_emergency_sounds() -> None:
    """03:15 in the commune: an ordinary item is refused by the terminal, an emergency passes."""
    at = datetime(2026, 11, 25, 3, 14, tzinfo=HANOI)
    now = int(at.astimezone(UTC).timestamp()) * SECOND
    async with running_world(now) as world:
        await world.send(world.authority.policy(quiet=NIGHT))
        sound = world.offer("relay", 30_000)
        item = world.authority.item(sound, now + 60 * SECOND, 30_000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(120)
        assert world.heard() == []
        assert world.outcomes() == [(item.occurrence, "missed", "quiet_hours")]
        await world.send(world.authority.play(sound, 30_000))
        await world.pass_s(60)
        (heard,) = world.heard()
        assert heard.end - heard.start == pytest.approx(30, abs=0.01)


async def test_an_emergency_cuts_in_and_the_item_goes_on_in_step() -> None:
    """Within a second of its arrival; after it the item goes on where its timeline is."""
    async with running_world() as world:
        morning, flood = world.offer("morning", 60_000), world.offer("flood", 10_000)
        item = world.authority.item(morning, world.begun + 30 * SECOND, 60_000)
        flood_hash = world.authority.item(flood, 0, 1).rendition
        await world.send(world.authority.rundown([item], keep=(flood_hash,)))
        await world.pass_s(37)  # 40 s after the beginning
        await world.order(world.authority.play(flood, 10_000))
        await world.pass_s(80)
        before, emergency, after = spans(world)
        assert before[0] == 30.0
        assert 40.0 < emergency[0] < 41.0
        assert emergency[1] - emergency[0] == pytest.approx(10, abs=0.02)
        assert after[0] - emergency[1] < 1.5
        assert after[1] == 90.0, "the timeline was not shifted"
        (first, second) = world.outcomes()
        assert first[1:] == ("sounded", "")
        assert second == (item.occurrence, "cut", "preempted")


async def test_an_emergency_waits_for_nothing_but_its_amplifier() -> None:
    """A quarter of a second where it is always on; its lead, at most a second, where not."""
    for switched, delay in ((False, 0.25), (True, 1.0)):
        async with running_world(switched=switched, lead_ms=1500) as world:
            sound = world.offer("flood", 5000)
            rendition = world.authority.item(sound, 0, 1).rendition
            await world.send(world.authority.rundown([], keep=(rendition,)))
            await world.pass_s(5)
            ordered = (world.time.wall - world.begun) / SECOND
            await world.order(world.authority.play(sound, 5000))
            await world.pass_s(20)
            ((start, end),) = spans(world)
            assert start - ordered == pytest.approx(delay, abs=0.02)
            assert end - start == pytest.approx(5, abs=0.01)


async def test_an_emergency_sounds_with_a_full_disk_and_the_schedule_does_not() -> None:
    """A ledger that cannot be written silences the schedule, never an emergency."""
    async with running_world() as world:
        sound = world.offer("flood", 5000)
        item = world.authority.item(sound, world.begun + 40 * SECOND, 5000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(10)
        world.disk.full = True
        await world.pass_s(40)
        assert world.heard() == []
        assert "ledger_not_writable" in world.status.problems
        order = world.authority.play(sound, 5000)
        await world.order(order)
        await world.pass_s(10)
        assert len(world.heard()) == 1
        await world.order(order)
        await world.pass_s(10)
        assert len(world.heard()) == 1, "known, though not stored"
        world.disk.full = False
        await world.order(order)
        await world.pass_s(30)
        reasons = {reason for _, _, reason in world.outcomes()}
        assert reasons == {"ledger_not_writable", ""}, "the log came once the disk took it"
        assert world.status.problems == ()


async def test_a_disk_that_hangs_does_not_hold_up_an_emergency() -> None:
    """While a document's write takes for ever, an emergency order sounds at once."""
    async with running_world() as world:
        sound = world.offer("flood", 5000)
        item = world.authority.item(sound, world.begun + 3600 * SECOND, 5000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(10)
        world.hang_disk()
        await world.send(world.authority.rundown([]))
        arrived = (world.time.wall - world.begun) / SECOND
        await world.order(world.authority.play(sound, 5000))
        await world.pass_s(10)
        ((start, _),) = spans(world)
        assert start - arrived < 1.0


async def test_missing_policy_ended_rundown_and_old_trust_mean_silence() -> None:
    """Anything doubtful is silence with its reason, never "play the last"."""
    async with running_world(connected=False) as world:
        del world.disk.documents["policy-p-89"]
        await world.crash()
        await world.boot()
        world.connect()
        await world.pass_s(3)
        sound = world.offer("morning", 5000)
        now = world.begun
        items = [world.authority.item(sound, now + s * SECOND, 5000) for s in (30, 100)]
        await world.send(world.authority.rundown(items, valid_for=80 * SECOND))
        await world.pass_s(60)
        assert world.status.problems == ("no_policy",)
        await world.send(world.authority.policy("p-89"))
        await world.pass_s(60)
        assert "rundown_ended" in world.status.problems
        assert [reason for _, _, reason in world.outcomes()] == ["no_policy", "rundown_ended"]
        assert world.heard() == []


async def test_the_local_day_may_be_full() -> None:
    """A policy's most minutes a day hold over restarts of the program."""
    async with running_world(MORNING) as world:
        sound = world.offer("morning", 40_000)
        first = world.authority.item(sound, world.begun + 30 * SECOND, 40_000)
        second = world.authority.item(sound, world.begun + 200 * SECOND, 40_000)
        await world.send(world.authority.policy(max_day_ms=60_000))
        await world.send(world.authority.rundown([first, second]))
        await world.pass_s(100)
        await world.crash()
        await world.boot()
        world.connect()
        await world.pass_s(250)
        assert world.outcomes() == [
            (first.occurrence, "sounded", ""),
            (second.occurrence, "missed", "day_limit"),
        ]


async def test_a_withdrawn_item_stops_and_a_moved_one_sounds_where_it_is_now() -> None:
    """A new rundown is the whole truth: what it leaves out ends, what it moves is moved."""
    async with running_world() as world:
        sound = world.offer("morning", 30_000)
        start = world.begun
        running = world.authority.item(sound, start + 20 * SECOND, 30_000)
        later = world.authority.item(sound, start + 100 * SECOND, 30_000)
        await world.send(world.authority.rundown([running, later]))
        await world.pass_s(27)
        moved = world.authority.moved(later, start + 60 * SECOND)
        await world.send(world.authority.rundown([moved]))
        await world.pass_s(100)
        first, second = spans(world)
        assert first[0] == 20.0
        assert first[1] < 31.0
        assert second == (60.0, 90.0)
        assert world.outcomes() == [
            (running.occurrence, "cut", "withdrawn"),
            (later.occurrence, "sounded", ""),
        ]
