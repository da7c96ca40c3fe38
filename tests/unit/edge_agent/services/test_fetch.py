"""Recordings arrive whole, over any link, and are never asked for twice."""

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.wire.carousel import Block, write_block
from edge_agent.wire.reports import Acknowledgement, Want
from edge_agent.wire.topics import Lane, group
from tests.fakes.authority import COMMUNE, Authority
from tests.fakes.world import MORNING, World, running_world

SECOND = 1_000_000
LATER = 3600 * SECOND


async def wanted(world: World, name: str, size: int = 3000, in_us: int = LATER) -> bytes:
    """Have the rundown ask for a recording; returns its hash."""
    sound = world.offer(name, 1000, size)
    item = world.authority.item(sound, world.begun + in_us, 1000)
    world.programme.append(item)
    await world.send(world.authority.rundown(world.programme, keep=world.kept))
    return item.rendition


@settings(max_examples=30, deadline=None)
@given(
    fates=st.lists(st.sampled_from(["arrives", "lost", "altered", "short"]), max_size=60),
    crashes=st.lists(st.integers(1, 60), max_size=3),
)
def test_any_link_brings_the_recording_in_the_end(fates: list[str], crashes: list[int]) -> None:
    """Blocks are lost or altered, the program is killed: it completes, and none came twice."""

    async def story() -> None:
        world = World(Authority(now=MORNING))
        world.install()
        await world.boot()
        world.connect()
        await world.pass_s(2)
        fate, arrived = iter(fates), Counter[bytes]()

        def carry(data: bytes) -> bytes | None:
            match next(fate, "arrives"):
                case "lost":
                    return None
                case "altered":
                    return bytes([data[0] ^ 1]) + data[1:]
                case "short":
                    return data[:-1]
            arrived[data] += 1
            return data

        world.carry = carry
        rendition = await wanted(world, "long", size=12_345)
        for seconds in sorted(crashes):
            await world.pass_s(seconds / 10)
            await world.crash()
            await world.boot()
            world.connect()
        await world.pass_s(400)
        assert world.disk.recordings[rendition] == world.offered[rendition]
        assert max(arrived.values()) == 1
        await world.crash()

    asyncio.run(story())


async def test_the_sooner_one_is_asked_for_first() -> None:
    """Three recordings: the manifest of each, then blocks by the time they are needed."""
    async with running_world() as world:
        world.carry = lambda _data: None
        for name, in_us in (("third", 3 * LATER), ("first", LATER), ("second", 2 * LATER)):
            await wanted(world, name, in_us=in_us)
        await world.pass_s(10)
        world.reports.clear()
        await world.pass_s(30)
        asked = Counter(want.rendition for want in world.of(Want) if want.ranges)
        by_time = sorted(world.programme, key=lambda item: item.start)
        assert set(asked) == {item.rendition for item in by_time[:2]}


async def test_questions_become_rarer_when_nothing_comes() -> None:
    """A silent controller is asked less and less, but at least every 80 seconds."""
    async with running_world() as world:
        sound = b"nobody has this"
        item = world.authority.item(sound, world.begun + LATER, 1000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(600)
        questions = len(world.of(Want))
        assert 600 / 80 < questions < 20


async def test_a_finished_download_is_told_and_nothing_more_is_asked() -> None:
    """Completion is acknowledged with the manifest's digest; block topics are left."""
    async with running_world() as world:
        rendition = await wanted(world, "one")
        assert len(world.of(Want)) == 0
        assert group(COMMUNE, Lane.BLOB) in world.link.topics
        await world.pass_s(10)
        assert rendition.hex() in [ack.subject for ack in world.of(Acknowledgement)]
        assert group(COMMUNE, Lane.BLOB) not in world.link.topics
        questions = len(world.of(Want))
        await world.pass_s(200)
        assert len(world.of(Want)) == questions
        assert world.status.renditions_held == 1


async def test_blocks_of_others_are_nobodys_business() -> None:
    """A block that this terminal does not wait for is neither kept nor reported."""
    async with running_world() as world:
        await wanted(world, "one")
        block = write_block(Block(bytes(32), 0, b"x" * 100))
        await world.deliver(group(COMMUNE, Lane.BLOB), block)
        await world.pass_s(10)
        assert world.refusals() == []
        assert len(world.disk.recordings) == 1


async def test_room_is_made_from_what_nobody_needs() -> None:
    """A full quota gives up the recordings that no rundown asks for, never the kept ones."""
    async with running_world() as world:
        world.most_bytes = 8000
        await world.crash()
        await world.boot()
        world.connect()
        await world.pass_s(2)
        siren = world.authority.item(world.offer("siren", 1000), 0, 1).rendition
        world.kept = (siren,)
        old = await wanted(world, "old")
        await world.pass_s(10)
        assert set(world.disk.recordings) == {siren, old}
        world.programme.clear()
        new = await wanted(world, "new", size=4000)
        await world.pass_s(20)
        assert set(world.disk.recordings) == {siren, new}


async def test_a_disk_without_room_is_told_and_asked_again() -> None:
    """When there is no room the problem is reported, and the download begins once there is."""
    async with running_world() as world:
        world.disk.free = 1000
        rendition = await wanted(world, "one")
        await world.pass_s(30)
        assert "disk_full" in world.status.problems
        world.disk.free = 10**9
        await world.pass_s(120)
        assert rendition in world.disk.recordings
        assert world.status.problems == ()


async def test_kept_recordings_have_two_copies_and_mend_each_other() -> None:
    """A stored emergency message is damaged on disk: its second copy replaces it, silently."""
    async with running_world() as world:
        siren = world.offer("siren", 5000)
        rendition = world.authority.item(siren, 0, 1).rendition
        await world.send(world.authority.rundown([], keep=(rendition,)))
        await world.pass_s(5)
        assert world.disk.copies[rendition] == siren
        await world.crash()
        world.disk.recordings[rendition] = b"damaged"
        world.offered.clear()
        await world.boot()
        world.connect()
        await world.pass_s(5)
        assert world.disk.recordings[rendition] == siren
        assert world.status.renditions_held == 1


async def test_a_check_of_what_is_on_its_way_touches_nothing() -> None:
    """Two minutes before its start a recording is checked; half a download survives that."""
    async with running_world() as world:
        blocks = 0

        def carry(data: bytes) -> bytes | None:
            nonlocal blocks
            blocks += 1
            return data if blocks <= 5 else None

        world.carry = carry
        rendition = await wanted(world, "late", size=12_000, in_us=150 * SECOND)
        await world.pass_s(60)
        assert any(world.disk.parts[rendition])
        world.carry = lambda data: data
        await world.pass_s(60)
        assert world.carried.count(0) == 1
        assert rendition in world.disk.recordings


async def test_a_disk_that_fails_at_the_last_step_is_tried_again() -> None:
    """Completing a recording fails once: it is put together again and completed later."""
    async with running_world() as world:
        world.disk.fails_to_finish = 1
        rendition = await wanted(world, "one")
        await world.pass_s(120)
        assert rendition in world.disk.recordings
