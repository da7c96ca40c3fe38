"""What every broker must do for us: sign-in, rights by deliveries, kicks, restarts.

Assertions are on deliveries: a broker may answer "granted" to a forbidden filter and
"published" to a forbidden topic.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge_agent.link import LinkProblem, Message
from tests.contract import broker_rigs
from tests.contract.broker_rigs import (
    BrokerRig,
    RunningMessenger,
    SignInRefusedError,
    until,
)

BROKERS = [
    pytest.param("in_memory"),
    pytest.param("embedded"),
    pytest.param("mosquitto", marks=pytest.mark.needs("mosquitto")),
]
COMMUNE = "01-00004"
OTHER_COMMUNE = "02-00691"


@pytest.fixture(params=BROKERS)
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BrokerRig]:
    async with broker_rigs.KINDS[request.param](tmp_path) as running:
        yield running


class Mailbox:
    """A running messenger and what it received."""

    def __init__(self, messenger: RunningMessenger, filters: tuple[str, ...]) -> None:
        self.messenger = messenger
        self.received: list[Message] = []
        for topic_filter in filters:
            messenger.subscribe(topic_filter, self._take)

    async def _take(self, message: Message) -> None:
        self.received.append(message)

    def payloads(self) -> list[bytes]:
        return [message.payload for message in self.received]

    async def expect(self, payload: bytes, within: float = 10.0) -> None:
        await until(lambda: payload in self.payloads(), within, f"{payload!r} arrives")


@asynccontextmanager
async def online(messenger: RunningMessenger, *filters: str) -> AsyncIterator[Mailbox]:
    """Run a messenger until the end of the block; it has its subscriptions at the start."""
    mailbox = Mailbox(messenger, filters)
    task = asyncio.create_task(messenger.run())
    try:
        await until(lambda: messenger.status.connected, what="the messenger connects")
        yield mailbox
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def terminal(
    rig: BrokerRig, name: str, *groups: str, more: tuple[str, ...] = ()
) -> AsyncIterator[Mailbox]:
    """A terminal that listens to its own topic and its groups."""
    own = (f"t/{name}/down", *(f"g/{group}/{lane}" for group in groups for lane in LANES))
    async with online(rig.terminal(name, PASSWORD), *own, *more) as mailbox:
        yield mailbox


LANES = ("live", "order", "blob")
PASSWORD = "p" * 64


@pytest.fixture
def name() -> str:
    return str(uuid.uuid4())


@pytest.fixture
async def granted(rig: BrokerRig, name: str) -> str:
    await rig.access.grant(name, PASSWORD, frozenset({COMMUNE}))
    return name


@pytest.fixture
async def controller(rig: BrokerRig) -> AsyncIterator[Mailbox]:
    async with online(rig.controller(), "t/+/up/+") as mailbox:
        yield mailbox


async def test_terminal_and_controller_hear_each_other(
    rig: BrokerRig, controller: Mailbox, granted: str
) -> None:
    """A terminal receives its own topic and its groups', the controller what it reports."""
    async with terminal(rig, granted, COMMUNE) as box:
        await controller.messenger.publish(f"t/{granted}/down", b"down")
        for lane in LANES:
            await controller.messenger.publish(f"g/{COMMUNE}/{lane}", lane.encode())
        await until(lambda: len(box.received) == 4)
        assert set(box.payloads()) == {b"down", b"live", b"order", b"blob"}
        assert not any(message.retained for message in box.received)
        await box.messenger.publish(f"t/{granted}/up/hello", b"here")
        await controller.expect(b"here")
        assert controller.received[-1].topic == f"t/{granted}/up/hello"


@pytest.mark.parametrize("size", [0, 65_536 + 200, 262_144])
async def test_large_messages_arrive_unchanged(
    rig: BrokerRig, controller: Mailbox, granted: str, size: int
) -> None:
    """A block of 64 KiB with its envelope and a document of 256 KB pass in both directions."""
    content = bytes(range(256)) * (size // 256) + b"e" * (size % 256)
    async with terminal(rig, granted) as box:
        await controller.messenger.publish(f"t/{granted}/down", content)
        await box.expect(content)
        await box.messenger.publish(f"t/{granted}/up/log", content)
        await controller.expect(content)


async def test_messages_of_one_sender_keep_their_order(
    rig: BrokerRig, controller: Mailbox, granted: str
) -> None:
    """What one client publishes to one topic arrives in that order."""
    async with terminal(rig, granted) as box:
        sent = [str(number).encode() for number in range(300)]
        for payload in sent:
            await controller.messenger.publish(f"t/{granted}/down", payload)
        await box.expect(sent[-1])
        assert box.payloads() == sent


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("known", "wrong"),
        ("known", ""),
        ("unknown", PASSWORD),
        ("controller-1", PASSWORD),
        ("*", PASSWORD),
        (">", PASSWORD),
        ("", ""),
    ],
)
async def test_wrong_credentials_are_refused(
    rig: BrokerRig, granted: str, user: str, password: str
) -> None:
    """Only the right name with the right password signs in."""
    name = granted if user == "known" else user
    with pytest.raises(SignInRefusedError):
        async with rig.raw(name or "nobody", name, password):
            pass


async def test_a_refused_terminal_tries_on_and_gets_in_later(rig: BrokerRig, name: str) -> None:
    """A refusal is reported and never final."""
    messenger = rig.terminal(name, PASSWORD)
    task = asyncio.create_task(messenger.run())
    try:
        await until(lambda: messenger.status.problem is LinkProblem.SIGN_IN_REFUSED)
        await rig.access.grant(name, PASSWORD, frozenset())
        await until(lambda: messenger.status.connected)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def forbidden_filters(victim: str, own: str) -> list[str]:
    return [
        "#",
        "+/#",
        "t/#",
        "t/+/down",
        "t/+/+/+",
        "+/+/down",
        f"t/{victim}/down",
        f"t/{victim}/#",
        f"t/{victim}/up/+",
        f"t/{own}/#",
        f"t/{own}/up/+",
        "g/#",
        "g/+/live",
        f"g/{COMMUNE}/#",
        f"g/{COMMUNE}/+",
        f"g/{OTHER_COMMUNE}/live",
        f"g/{OTHER_COMMUNE}/#",
        "$SYS/#",
        "$SYS/broker/#",
        "$MQTT/#",
        "$MQTT/sub/#",
        "$CONTROL/#",
        "$CONTROL/dynamic-security/v1/response",
        "$JS/#",
        "_INBOX/#",
        "$share/x/t/#",
    ]


async def test_a_terminal_reads_nothing_but_its_own(
    rig: BrokerRig, controller: Mailbox, granted: str
) -> None:
    """Whatever a terminal subscribes to, only its own topic and its groups are delivered."""
    victim = str(uuid.uuid4())
    await rig.access.grant(victim, PASSWORD, frozenset({OTHER_COMMUNE}))
    async with (
        terminal(rig, victim, OTHER_COMMUNE) as victim_box,
        rig.raw(granted, granted, PASSWORD) as spy,
    ):
        await spy.subscribe(f"t/{granted}/down")
        for topic_filter in forbidden_filters(victim, granted):
            await spy.subscribe(topic_filter)
        for lane in LANES:
            await controller.messenger.publish(f"g/{OTHER_COMMUNE}/{lane}", b"secret")
        await controller.messenger.publish(f"t/{victim}/down", b"secret")
        await victim_box.messenger.publish(f"t/{victim}/up/hello", b"secret")
        await until(lambda: len(victim_box.received) == 4)
        await controller.expect(b"secret")
        await controller.messenger.publish(f"t/{granted}/down", b"fence")
        await until(lambda: b"fence" in [message.payload for message in spy.received])
        assert [message.payload for message in spy.received] == [b"fence"]


def forbidden_topics(victim: str, own: str) -> list[str]:
    return [
        f"t/{victim}/down",
        f"t/{victim}/up/hello",
        f"t/{own}/down",
        f"t/{own}/up",
        f"t/{own}/up/hello/more",
        f"g/{COMMUNE}/live",
        f"g/{COMMUNE}/order",
        f"g/{OTHER_COMMUNE}/order",
        "$SYS/broker/uptime",
        "$CONTROL/dynamic-security/v1",
        "$MQTT/rmsgs",
    ]


@pytest.mark.parametrize("retain", [False, True])
async def test_a_terminal_writes_nothing_but_its_reports(
    rig: BrokerRig, granted: str, *, retain: bool
) -> None:
    """What a terminal publishes outside its own `up` topics reaches nobody, retained or not."""
    victim = str(uuid.uuid4())
    await rig.access.grant(victim, PASSWORD, frozenset({COMMUNE, OTHER_COMMUNE}))
    async with (
        online(rig.controller(), "t/#", "g/#") as everything,
        terminal(rig, victim, COMMUNE, OTHER_COMMUNE) as victim_box,
    ):
        for number, topic in enumerate(forbidden_topics(victim, granted)):
            await _forge(rig, everything, granted, topic, number, retain=retain and rig.retains)
        await everything.messenger.publish(f"t/{victim}/down", b"fence")
        await victim_box.expect(b"fence")
        assert b"forged" not in everything.payloads()
        assert victim_box.payloads() == [b"fence"]
    async with online(rig.controller(), "t/#", "g/#") as later:
        await later.messenger.publish("t/fence/down", b"later")
        await later.expect(b"later")
        assert b"forged" not in later.payloads()


async def _forge(
    rig: BrokerRig, everything: Mailbox, name: str, topic: str, number: int, *, retain: bool
) -> None:
    """Publish where it is forbidden; wait until the broker passed it over or hung up."""
    fence = f"fence {number}".encode()
    async with rig.raw(name, name, PASSWORD) as forger:
        await forger.publish(topic, b"forged", retain=retain)
        await forger.publish(f"t/{name}/up/hello", fence)
        await until(lambda: forger.closed or fence in everything.payloads(), what=topic)


async def test_a_retained_message_is_never_delivered_as_a_fresh_one(
    rig: BrokerRig, granted: str
) -> None:
    """What somebody with full rights left at the broker carries the retain flag, or is gone."""
    topic = f"t/{granted}/down"
    async with rig.raw_controller() as keeper:
        await keeper.publish(topic, b"stale", retain=True)
    async with online(rig.controller()) as controller, terminal(rig, granted) as box:
        await controller.messenger.publish(topic, b"fresh")
        await box.expect(b"fresh")
        found = {message.payload: message.retained for message in box.received}
        assert found == ({b"stale": True, b"fresh": False} if rig.retains else {b"fresh": False})


async def test_revocation_disconnects_at_once_and_keeps_out(
    rig: BrokerRig, controller: Mailbox, granted: str
) -> None:
    """A revoked terminal loses its session within a second and gets nothing any more."""
    async with terminal(rig, granted, COMMUNE) as box:
        await controller.messenger.publish(f"t/{granted}/down", b"before")
        await box.expect(b"before")
        await rig.access.revoke(granted)
        await until(lambda: not box.messenger.status.connected, within=1.0)
        await until(lambda: box.messenger.status.problem is LinkProblem.SIGN_IN_REFUSED)
        await controller.messenger.publish(f"t/{granted}/down", b"after")
        await controller.messenger.publish(f"g/{COMMUNE}/order", b"after")
        await controller.messenger.publish("t/fence/up/x", b"fence")
        await controller.expect(b"fence")
        assert box.payloads() == [b"before"]
    with pytest.raises(SignInRefusedError):
        async with rig.raw(granted, granted, PASSWORD):
            pass


async def test_revoking_twice_or_an_unknown_terminal_is_no_error(
    rig: BrokerRig, granted: str
) -> None:
    """Revocation says what shall hold, not what must change."""
    await rig.access.revoke(granted)
    await rig.access.revoke(granted)
    await rig.access.revoke(str(uuid.uuid4()))


async def test_a_change_of_groups_brings_the_terminal_back_with_new_rights(
    rig: BrokerRig, controller: Mailbox, granted: str
) -> None:
    """After the change the new group is delivered and the old one is not."""
    new = f"g/{OTHER_COMMUNE}/order"
    async with terminal(rig, granted, COMMUNE, more=(new,)) as box:
        assert box.messenger.status.connects == 1
        await rig.access.grant(granted, None, frozenset({OTHER_COMMUNE}))
        await until(lambda: box.messenger.status.connects == 2)
        assert await box.messenger.granted(new, within=5.0)
        await controller.messenger.publish(f"g/{COMMUNE}/order", b"old")
        await controller.messenger.publish(new, b"new")
        await box.expect(b"new")
        assert box.payloads() == [b"new"]


async def test_granting_what_is_granted_disturbs_nobody(
    rig: BrokerRig, controller: Mailbox, granted: str
) -> None:
    """The same groups and no new password leave the session alone."""
    async with terminal(rig, granted, COMMUNE) as box:
        await rig.access.grant(granted, None, frozenset({COMMUNE}))
        await controller.messenger.publish(f"t/{granted}/down", b"still here")
        await box.expect(b"still here")
        assert box.messenger.status.connects == 1


async def test_a_new_password_replaces_the_old_one(rig: BrokerRig, granted: str) -> None:
    """After a change of password only the new one signs in."""
    await rig.access.grant(granted, "n" * 64, frozenset())
    with pytest.raises(SignInRefusedError):
        async with rig.raw(granted, granted, PASSWORD):
            pass
    async with rig.raw(granted, granted, "n" * 64):
        pass


async def test_no_terminal_takes_over_the_session_of_another(
    rig: BrokerRig, controller: Mailbox, granted: str
) -> None:
    """A valid terminal that claims another's client id neither ends nor hears its session."""
    thief = str(uuid.uuid4())
    await rig.access.grant(thief, PASSWORD, frozenset())
    async with terminal(rig, granted) as box:
        heard = await _as_thief(rig, controller, granted, thief)
        await controller.messenger.publish(f"t/{granted}/down", b"for the owner")
        await box.expect(b"for the owner")
        assert box.messenger.status.connects == 1
        assert heard == []


async def _as_thief(rig: BrokerRig, controller: Mailbox, victim: str, thief: str) -> list[Message]:
    try:
        async with rig.raw(victim, thief, PASSWORD) as client:
            await client.subscribe(f"t/{victim}/down")
            await controller.messenger.publish(f"t/{victim}/down", b"for the owner")
            await client.publish(f"t/{thief}/up/hello", b"fence")
            await controller.expect(b"fence")
            return client.received
    except SignInRefusedError:
        return []


async def test_all_return_after_the_broker_was_killed(
    rig: BrokerRig, controller: Mailbox, granted: str
) -> None:
    """SIGKILL to the broker costs a reconnect; then deliveries go on in both directions."""
    async with terminal(rig, granted, COMMUNE) as box:
        await controller.messenger.publish(f"t/{granted}/down", b"before")
        await box.expect(b"before")
        await rig.kill()
        await until(lambda: not box.messenger.status.connected)
        await until(lambda: not controller.messenger.status.connected)
        await rig.bring_back()
        await until(lambda: box.messenger.status.connected, within=20.0)
        await until(lambda: controller.messenger.status.connected, within=20.0)
        await controller.messenger.publish(f"g/{COMMUNE}/order", b"after")
        await box.expect(b"after")
        await box.messenger.publish(f"t/{granted}/up/hello", b"back")
        await controller.expect(b"back")
        assert box.payloads() == [b"before", b"after"]


async def test_rights_survive_a_restart(rig: BrokerRig, granted: str) -> None:
    """A revoked terminal stays out and a granted one gets in after the broker was killed."""
    other = str(uuid.uuid4())
    await rig.access.grant(other, PASSWORD, frozenset())
    await rig.access.revoke(granted)
    await rig.kill()
    await rig.bring_back()
    async with terminal(rig, other):
        pass
    with pytest.raises(SignInRefusedError):
        async with rig.raw(granted, granted, PASSWORD):
            pass


async def test_three_hundred_terminals_hear_one_publication(
    rig: BrokerRig, controller: Mailbox
) -> None:
    """One message to a group reaches each of 300 terminals exactly once."""
    names = [str(uuid.uuid4()) for _ in range(300)]
    for name in names:
        await rig.access.grant(name, PASSWORD, frozenset({COMMUNE}))
    order = f"g/{COMMUNE}/order"
    boxes = [Mailbox(rig.terminal(name, PASSWORD), (order,)) for name in names]
    tasks = [asyncio.create_task(box.messenger.run()) for box in boxes]
    try:
        await until(lambda: all(box.messenger.status.connected for box in boxes), within=40.0)
        await controller.messenger.publish(order, b"all")
        await until(lambda: all(box.received for box in boxes))
        await controller.messenger.publish(order, b"end")
        await until(lambda: all(len(box.received) >= 2 for box in boxes))
        assert all(box.payloads() == [b"all", b"end"] for box in boxes)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_client_that_reads_nothing_delays_nobody(
    rig: BrokerRig, controller: Mailbox, granted: str
) -> None:
    """A handler that hangs holds up its own terminal only."""
    slow = str(uuid.uuid4())
    await rig.access.grant(slow, PASSWORD, frozenset({COMMUNE}))
    release = asyncio.Event()

    async def hang(_: Message) -> None:
        await release.wait()

    sleeper = rig.terminal(slow, PASSWORD)
    sleeper.subscribe(f"g/{COMMUNE}/order", hang)
    async with online(sleeper), terminal(rig, granted, COMMUNE) as box:
        for number in range(20):
            await controller.messenger.publish(f"g/{COMMUNE}/order", str(number).encode())
        await box.expect(b"19")
        release.set()
