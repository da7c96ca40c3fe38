"""What a terminal says, when, and what it does when nobody answers."""

import pytest

from edge_agent.wire.envelope import MessageType
from edge_agent.wire.reports import (
    Acknowledgement,
    ClockState,
    Hello,
    LogBatch,
    Outcome,
    Refused,
    Status,
    Telemetry,
    TimeQuestion,
)
from edge_agent.wire.topics import Lane, group
from tests.fakes.authority import CHAIN, COMMUNE
from tests.fakes.world import World, running_world

SECOND = 1_000_000


async def test_hello_says_what_is_held() -> None:
    """Versions of all documents, renditions, and where the log stands."""
    async with running_world() as world:
        sound = world.offer("morning", 2000)
        item = world.authority.item(sound, world.begun + 60 * SECOND, 2000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(90)
        hello = world.of(Hello)[-1]
        held = {(held.type, held.area): held.version for held in hello.held}
        assert held == {
            (MessageType.TRUST, "p-89"): 1,
            (MessageType.ASSIGNMENT, "h-1"): 2,
            (MessageType.POLICY, "p-89"): 3,
            (MessageType.POLICY, COMMUNE): 4,
            (MessageType.RUNDOWN, COMMUNE): 5,
        }
        assert hello.renditions == (item.rendition,)
        assert (hello.boot_count, len(hello.boot)) == (1, 16)
        await world.crash()
        await world.boot()
        world.connect()
        await world.pass_s(5)
        again = world.of(Hello)[-1]
        assert again.boot_count == 2
        assert again.boot != hello.boot
        assert (again.log, again.log_next) == (hello.log, 2)


async def test_the_first_hello_comes_with_the_connection() -> None:
    """Nothing is waited for: the controller hears of a terminal as soon as it is there."""
    async with running_world(connected=False) as world:
        await world.pass_s(0.1)
        world.connect()
        await world.pass_s(0.1)
        assert len(world.of(Hello)) == 1


async def test_a_link_that_was_there_first_is_greeted_too() -> None:
    """The connection stands before the program has read its disk: hello and state all the same."""
    async with running_world(connected=False) as world:
        await world.crash()
        world.connects_early = True
        await world.boot()
        await world.pass_s(0.5)
        assert len(world.of(Hello)) == 1
        assert len(world.of(Status)) >= 1
        assert world.status.clock is ClockState.TRUSTED


async def test_hello_comes_at_each_connection_and_after_changes_together() -> None:
    """One hello per connection, and one for several documents that come at once."""
    async with running_world() as world:
        assert len(world.of(Hello)) == 1
        for area in CHAIN[:2]:
            await world.send(world.authority.policy(area))
        await world.send(world.authority.rundown([]))
        await world.pass_s(10)
        assert len(world.of(Hello)) == 2
        world.link.set(connected=False)
        await world.pass_s(60)
        assert len(world.of(Hello)) == 2
        world.connect()
        await world.pass_s(5)
        assert len(world.of(Hello)) == 3


async def test_a_silent_controller_is_greeted_and_asked_less_and_less() -> None:
    """Without a signed word hello and time question are repeated, each with longer pauses."""
    async with running_world(connected=False) as world:
        world.answers_time = False
        world.connect()
        await world.pass_s(600)
        assert 5 <= len(world.of(Hello)) <= 10
        assert 12 <= len(world.of(TimeQuestion)) <= 25
        world.answers_time = True
        await world.pass_s(70)
        asked = len(world.of(TimeQuestion))
        await world.pass_s(550)
        assert len(world.of(TimeQuestion)) - asked <= 1


async def test_topics_are_those_of_the_groups() -> None:
    """Own topic, orders and live of each area and zone; blocks only while some are missing."""
    async with running_world() as world:
        groups = (*CHAIN, "z-school")
        lanes = (Lane.ORDER, Lane.LIVE)
        expected = {group(name, lane) for name in groups for lane in lanes}
        expected.add(f"t/{world.authority.terminal}/down")
        assert set(world.link.topics) == expected


async def test_a_moved_terminal_hears_its_new_groups_and_forgets_the_old_rules() -> None:
    """Another hamlet and commune: topics follow, documents of the old commune are dropped."""
    async with running_world() as world:
        await world.send(world.authority.rundown([]))
        await world.pass_s(2)
        await world.send(world.authority.moved_away())
        await world.pass_s(2)
        topics = {topic for topic in world.link.topics if topic.endswith("/order")}
        assert topics == {"g/p-89/order", "g/c-77777/order"}
        assert "rundown" not in world.disk.documents
        assert f"policy-{COMMUNE}" not in world.disk.documents
        assert world.status.problems == ("no_policy", "no_rundown")


async def test_states_are_acknowledged_with_the_digest_of_their_envelope() -> None:
    """Each document once stored, also when it is known already; a refused one never."""
    async with running_world() as world:
        rundown = world.authority.rundown([])
        await world.send(rundown)
        await world.send(rundown)
        await world.send(world.authority.rundown([], version=1))
        await world.pass_s(2)
        acks = [ack for ack in world.of(Acknowledgement) if ack.type == MessageType.RUNDOWN]
        assert len({ack.digest for ack in acks}) == 1
        assert len(acks) == 2
        assert world.refusals() == ["stale_version"]


async def test_a_document_that_cannot_be_stored_does_not_count() -> None:
    """Stored before it is acted on: a full disk means no acknowledgement and no effect."""
    async with running_world() as world:
        await world.pass_s(5)
        before = len(world.of(Acknowledgement))
        world.disk.full = True
        rundown = world.authority.rundown([])
        await world.send(rundown)
        await world.pass_s(2)
        assert len(world.of(Acknowledgement)) == before
        assert world.status.rundown_version == 0
        assert "documents_not_writable" in world.status.problems
        world.disk.full = False
        await world.send(rundown)
        await world.pass_s(20)
        assert world.status.rundown_version > 0
        assert "documents_not_writable" not in world.status.problems


async def test_log_lines_are_sent_until_their_receipt() -> None:
    """Lines are repeated while no receipt comes, over restarts, and chained to each other."""
    async with running_world() as world:
        world.receipts = False
        sound = world.offer("morning", 2000)
        item = world.authority.item(sound, world.begun + 30 * SECOND, 2000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(120)
        sent = len(world.of(LogBatch))
        assert 3 <= sent <= 8
        await world.crash()
        await world.boot()
        world.receipts = True
        world.connect()
        await world.pass_s(60)
        assert len(world.of(LogBatch)) == sent + 1
        assert [line.outcome for line in world.lines] == [Outcome.STARTED, Outcome.SOUNDED]
        assert world.lines[0].began == pytest.approx(item.start, abs=1000)
        assert world.of(Hello)[-1].log_next == 2


async def test_the_log_is_shortened_once_enough_is_confirmed() -> None:
    """The file does not grow for ever: confirmed lines go, numbers and chain go on."""
    async with running_world() as world:
        sound = world.offer("morning", 1500)
        items = [
            world.authority.item(sound, world.begun + s * SECOND, 1500) for s in range(20, 120, 2)
        ]
        await world.send(world.authority.rundown(items))
        await world.pass_s(140)
        assert [line.sequence for line in world.lines] == list(range(100))
        assert len(world.disk.log) < 100 * 200
        await world.crash()
        await world.boot()
        world.connect()
        await world.pass_s(10)
        hello = world.of(Hello)[-1]
        assert hello.log_next == 100
        assert hello.log_acknowledged >= 64


async def test_states_are_told_at_once_and_as_a_heartbeat() -> None:
    """A change is told within a second; without change one comes at least every 25 seconds."""
    async with running_world() as world:
        before = len(world.of(Status))
        await world.pass_s(300)
        assert 12 <= len(world.of(Status)) - before <= 17
        sound = world.offer("morning", 5000)
        item = world.authority.item(sound, world.time.wall + 30 * SECOND, 5000)
        await world.send(world.authority.rundown([item]))
        await world.pass_s(31)
        sounding = [world.status.sounding]
        await world.pass_s(5.5)
        sounding.append(world.status.sounding)
        assert sounding == [item.occurrence, None]
        assert len(world.of(Telemetry)) >= 1


async def test_floods_of_nonsense_are_counted_not_echoed() -> None:
    """A thousand bad messages make one report at once and one a minute, with their number."""
    async with running_world() as world:
        for _ in range(1000):
            await world.order(b"nonsense")
        await world.pass_s(5)
        assert len(world.of(Refused)) == 1
        await world.pass_s(70)
        reports = world.of(Refused)
        assert sum(report.count for report in reports) == 1000
        assert len(reports) == 2
        for number in range(2000):
            await world.order(b"LX\x01\x10" + number.to_bytes(8, "big") + bytes(80))
        await world.pass_s(60)
        assert len(world.of(Refused)) < 60


async def test_signs_of_life_are_given_only_while_everything_goes_on() -> None:
    """The watchdog is fed every ten seconds; not when the disk hangs, nor when the link died."""
    async with running_world() as world:
        assert world.supervisor.told[0] == "READY=1"
        await world.pass_s(100)
        fed = alive(world)
        assert 9 <= fed <= 12
        world.link_lives = False
        await world.pass_s(100)
        assert alive(world) <= fed + 1
        world.link_lives = True
        world.hang_disk()
        await world.send(world.authority.rundown([]))
        await world.pass_s(50)
        fed = alive(world)
        await world.pass_s(100)
        assert alive(world) == fed


def alive(world: World) -> int:
    return world.supervisor.told.count("WATCHDOG=1")
