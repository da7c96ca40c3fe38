"""The link against a broker that misbehaves on purpose."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from controller.adapters.tls import CertificateAuthority
from edge_agent.link import (
    BackoffSettings,
    Link,
    LinkError,
    LinkProblem,
    LinkSettings,
    LinkTls,
    Message,
    judged_instant,
)
from tests.contract.broker_rigs import until
from tests.integration.broker import scripted_broker
from tests.integration.broker.scripted_broker import PUBLISH, SUBSCRIBE, ScriptedBroker

QUICK = BackoffSettings(base_s=0.02, cap_s=0.1, refused_s=0.05)


@pytest.fixture
async def broker() -> AsyncIterator[ScriptedBroker]:
    async with ScriptedBroker().running() as running:
        yield running


def now() -> datetime:
    return datetime.now(UTC)


def make_link(
    port: int,
    *,
    judged: Callable[[], datetime] = now,
    uniform: Callable[[float, float], float] = random.uniform,
    tls: LinkTls | None = None,
    **changes: object,
) -> Link:
    settings = LinkSettings(
        host="127.0.0.1",
        port=port,
        client_id="t-1",
        password="secret",
        tls=tls,
        **({"backoff": QUICK} | changes),  # type: ignore[arg-type]
    )
    return Link(settings, judged=judged, monotonic=time.monotonic, uniform=uniform)


@asynccontextmanager
async def running(link: Link) -> AsyncIterator[Link]:
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ignore(_: Message) -> None:
    """A handler that does nothing."""


def problems_of(link: Link) -> list[LinkProblem]:
    """Every problem reported from now on."""
    seen: list[LinkProblem] = []
    link.on_change(lambda status: seen.append(status.problem) if status.problem else None)
    return seen


async def test_says_connected_only_when_subscriptions_are_answered(broker: ScriptedBroker) -> None:
    """Who says hello on `connected` can be sure to hear the answer."""
    link = make_link(broker.port)
    for number in range(40):
        link.subscribe(f"g/{number}/order", ignore)
    asked: list[int] = []
    link.on_change(lambda status: asked.append(broker.visits[-1].kinds().count(SUBSCRIBE)))
    async with running(link):
        await until(lambda: link.status.connected)
        assert asked[0] == 3
        assert all(not body.endswith(b"\x01") for _, body in broker.visits[0].packets[1:])


async def test_a_refused_filter_is_reported_and_asked_for_again(broker: ScriptedBroker) -> None:
    """Code 128 in a SUBACK is no grant; the filter is refused until a later SUBACK grants it."""
    broker.suback.extend([128, 128])
    link = make_link(broker.port, uniform=lambda _low, _high: 0.005)
    link.subscribe("g/1/order", ignore)
    async with running(link):
        await until(lambda: link.status.refused == {"g/1/order"})
        assert not await link.granted("g/1/order", within=0.0)
        assert await link.granted("g/1/order", within=5.0)
        await until(lambda: not link.status.refused)
        assert len(broker.visits) == 1


async def test_filters_may_change_while_connected(broker: ScriptedBroker) -> None:
    """A filter declared later is asked for at once, a withdrawn one is given back."""
    link = make_link(broker.port)
    async with running(link):
        await until(lambda: link.status.connected)
        link.subscribe("g/1/blob", ignore)
        assert await link.granted("g/1/blob", within=5.0)
        link.unsubscribe("g/1/blob")
        await until(lambda: scripted_broker.UNSUBSCRIBE in broker.visits[0].kinds())
        assert not await link.granted("g/1/blob", within=0.0)


async def test_subscriptions_come_back_after_a_loss(broker: ScriptedBroker) -> None:
    """A new connection asks for everything declared and says so once more."""
    link = make_link(broker.port)
    link.subscribe("g/1/order", ignore)
    async with running(link):
        await until(lambda: link.status.connects == 1)
        broker.visits[0].hang_up()
        await until(lambda: link.status.connects == 2)
        assert SUBSCRIBE in broker.visits[1].kinds()


async def test_the_retain_flag_is_passed_on(broker: ScriptedBroker) -> None:
    """A handler can tell a retained message from a fresh one."""
    got: list[Message] = []

    async def take(message: Message) -> None:
        got.append(message)

    link = make_link(broker.port)
    link.subscribe("g/1/order", take)
    async with running(link):
        await until(lambda: link.status.connected)
        broker.visits[0].publish("g/1/order", b"old", retain=True)
        broker.visits[0].publish("g/1/order", b"new")
        await until(lambda: len(got) == 2)
        assert [message.retained for message in got] == [True, False]


@pytest.mark.parametrize(
    ("connack", "problem"),
    [
        (1, LinkProblem.CONNECTION_LOST),
        (2, LinkProblem.BROKER_UNAVAILABLE),
        (3, LinkProblem.BROKER_UNAVAILABLE),
        (4, LinkProblem.SIGN_IN_REFUSED),
        (5, LinkProblem.SIGN_IN_REFUSED),
    ],
)
async def test_a_refused_sign_in_is_named_and_tried_again(
    broker: ScriptedBroker, connack: int, problem: LinkProblem
) -> None:
    """Each CONNACK code has its problem, and none is final."""
    broker.connack = connack
    link = make_link(broker.port)
    seen = problems_of(link)
    async with running(link):
        await until(lambda: len(broker.visits) >= 3)
        assert set(seen) == {problem}
        broker.connack = 0
        await until(lambda: link.status.connected)


async def test_a_connection_closed_before_sign_in_costs_no_time_out(broker: ScriptedBroker) -> None:
    """The link notices at once that the peer hung up instead of answering."""
    broker.hang_up_first = True
    link = make_link(broker.port, connect_s=30.0)
    async with running(link):
        await until(lambda: len(broker.visits) >= 3, within=5.0)
        assert link.status.problem is LinkProblem.CONNECTION_LOST
        broker.hang_up_first = False
        await until(lambda: link.status.connected)


async def test_a_silent_broker_is_left_and_its_socket_closed(broker: ScriptedBroker) -> None:
    """Without CONNACK the attempt ends in time, and no half-open session stays behind."""
    broker.connack = None
    link = make_link(broker.port, connect_s=0.2)
    async with running(link):
        await until(lambda: link.status.problem is LinkProblem.TIMED_OUT)
        await asyncio.wait_for(broker.visits[0].gone.wait(), 5.0)


async def test_nobody_listening_is_unreachable() -> None:
    """A closed port is reported as such."""
    async with ScriptedBroker().running() as gone:
        port = gone.port
    link = make_link(port)
    async with running(link):
        await until(lambda: link.status.problem is LinkProblem.UNREACHABLE)


async def test_a_name_that_does_not_resolve_is_reported(tmp_path: Path) -> None:
    """A wrong host name has a problem of its own."""
    pem = CertificateAuthority(tmp_path, now).pem
    settings = LinkSettings(
        "no-such-host.invalid", 8883, "t-1", "x", LinkTls(pem, "x"), backoff=QUICK
    )
    link = Link(settings, judged=now, monotonic=time.monotonic, uniform=random.uniform)
    async with running(link):
        await until(lambda: link.status.problem is LinkProblem.NAME_NOT_FOUND, within=20.0)


GARBAGE = [
    b"\xff\xff\xff\xff\xff\xff",
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"\x30\x03\x00\x10a",
    b"\x90\x02\x00\x01",
    b"\x32\x02\x00\x00",
    b"\x30\x04\x00\x02+a",
    b"\x20\x02\x00\x00" * 3,
    bytes(1000),
    b"\x00",
    scripted_broker.publish_packet("\x00", b"x"),
    bytes([0x30, 4, 0, 2, 0xFF, 0xFE]),
]


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_bytes_that_are_no_mqtt_end_the_connection_at_most(
    broker: ScriptedBroker, garbage: bytes
) -> None:
    """Whatever the broker sends, the link is or comes back up and delivers."""
    got: list[bytes] = []

    async def take(message: Message) -> None:
        got.append(message.payload)

    link = make_link(broker.port)
    link.subscribe("g/1/order", take)
    async with running(link) as link:
        await until(lambda: link.status.connected)
        broker.visits[0].raw(garbage)
        broker.visits[0].publish("g/1/order", b"after")
        broker.visits[0].hang_up() if not await _soon(lambda: b"after" in got) else None
        if b"after" not in got:
            await until(lambda: link.status.connected and len(broker.visits) > 1)
            broker.visits[-1].publish("g/1/order", b"after")
            await until(lambda: b"after" in got)


async def _soon(condition: Callable[[], bool]) -> bool:
    try:
        await until(condition, within=0.5)
    except AssertionError:
        return False
    return True


async def test_an_oversized_packet_is_refused_before_it_is_read(broker: ScriptedBroker) -> None:
    """A broker that announces 200 MB is left without a byte of the body in memory."""
    link = make_link(broker.port, max_packet_bytes=100_000)
    seen = problems_of(link)
    async with running(link):
        await until(lambda: link.status.connected)
        broker.visits[0].raw(b"\x30" + scripted_broker._length(200_000_000) + b"\x00\x01a")
        await until(lambda: LinkProblem.PACKET_TOO_LARGE in seen)
        await until(lambda: link.status.connects == 2)
        with pytest.raises(LinkError) as caught:
            await link.publish("t/t-1/up/log", bytes(100_001))
        assert caught.value.problem is LinkProblem.PACKET_TOO_LARGE


async def test_a_dead_broker_is_noticed_by_keepalive(broker: ScriptedBroker) -> None:
    """A peer that answers no PINGREQ is given up within about twice the keepalive."""
    broker.pings = False
    link = make_link(broker.port, keepalive_s=1)
    async with running(link):
        await until(lambda: link.status.connected)
        await until(lambda: link.status.problem is LinkProblem.TIMED_OUT, within=6.0)


async def test_publishing_without_a_connection_fails_at_once(broker: ScriptedBroker) -> None:
    """Nothing is queued for a later connection: the caller knows that it was not sent."""
    link = make_link(broker.port)
    with pytest.raises(LinkError) as caught:
        await link.publish("t/t-1/up/hello", b"x")
    assert caught.value.problem is LinkProblem.NOT_CONNECTED


async def test_a_stalled_network_bounds_time_and_memory(broker: ScriptedBroker) -> None:
    """Publishing to a peer that reads nothing times out, then is refused, then goes on."""
    link = make_link(broker.port, outbox_bytes=8_000_000)
    async with running(link):
        await until(lambda: link.status.connected)
        broker.reading.clear()
        broker.visits[0].publish("x", b"")  # wakes nothing: the broker now reads no more
        problems = []
        for _ in range(80):
            try:
                await link.publish("t/t-1/up/log", bytes(250_000), within=0.05)
            except LinkError as error:
                problems.append((error.problem, error.detail))
        assert (LinkProblem.TIMED_OUT, "not done within 0.05 s") in problems
        assert (LinkProblem.TIMED_OUT, "too much is waiting for the network") in problems
        broker.reading.set()
        await until(lambda: link._connection is not None and link._connection._outbox_bytes == 0)
        await link.publish("t/t-1/up/log", b"last", within=10.0)
        await until(lambda: broker.visits[0].packets[-1][1].endswith(b"last"))


async def test_a_publish_overtaken_by_the_loss_fails_at_once(broker: ScriptedBroker) -> None:
    """Who waits for the network learns of the loss when it happens, not at his time-out."""
    link = make_link(broker.port, outbox_bytes=50_000_000)
    async with running(link):
        await until(lambda: link.status.connected)
        broker.reading.clear()
        sending = [
            asyncio.create_task(link.publish("t/t-1/up/log", bytes(250_000), within=60.0))
            for _ in range(60)
        ]
        await asyncio.wait(sending, timeout=0.3)
        broker.visits[0].hang_up()
        results = await asyncio.wait_for(asyncio.gather(*sending, return_exceptions=True), 5.0)
        lost = [result for result in results if isinstance(result, LinkError)]
        assert lost
        assert {error.problem for error in lost} == {LinkProblem.CONNECTION_LOST}


async def test_a_full_inbox_that_may_not_drop_starts_the_link_afresh(
    broker: ScriptedBroker,
) -> None:
    """No order is dropped in silence: the link says `inbox_full` and reconnects."""
    release = asyncio.Event()

    async def hang(_: Message) -> None:
        await release.wait()

    link = make_link(broker.port, inbox_messages=10)
    link.subscribe("t/t-1/down", hang)
    seen = problems_of(link)
    async with running(link):
        await until(lambda: link.status.connected)
        for number in range(20):
            broker.visits[0].publish("t/t-1/down", str(number).encode())
        await until(lambda: LinkProblem.INBOX_FULL in seen)
        await until(lambda: link.status.connects == 2)
        release.set()


async def test_a_full_inbox_that_may_drop_loses_the_oldest_and_counts(
    broker: ScriptedBroker,
) -> None:
    """Live sound that nobody took in time gives way to newer sound, and the loss is counted."""
    release = asyncio.Event()
    got: list[bytes] = []

    async def slow(message: Message) -> None:
        await release.wait()
        got.append(message.payload)

    link = make_link(broker.port, inbox_messages=10)
    link.subscribe("g/1/live", slow, may_drop=True)
    async with running(link):
        await until(lambda: link.status.connected)
        broker.visits[0].publish("g/1/live", b"first")
        for number in range(20):
            broker.visits[0].publish("g/1/live", str(number).encode())
        await until(lambda: link.status.dropped == {"g/1/live": 10})
        release.set()
        await until(lambda: len(got) == 11)
        assert got == [b"first", *(str(number).encode() for number in range(10, 20))]
        assert link.status.connects == 1


async def test_a_handler_that_fails_does_not_deafen_the_link(
    broker: ScriptedBroker, caplog: pytest.LogCaptureFixture
) -> None:
    """An error in a handler is logged, and the next message is handed over."""
    got: list[bytes] = []

    async def fragile(message: Message) -> None:
        if message.payload == b"bad":
            raise ValueError("cannot read this")
        got.append(message.payload)

    link = make_link(broker.port)
    link.subscribe("g/1/order", fragile)
    async with running(link):
        await until(lambda: link.status.connected)
        broker.visits[0].publish("g/1/order", b"bad")
        broker.visits[0].publish("g/1/order", b"good")
        await until(lambda: got == [b"good"])
    assert "cannot read this" in caplog.text


@pytest.mark.parametrize("moment", ["connecting", "connected", "waiting"])
async def test_stopping_at_any_moment_leaves_nothing_behind(
    broker: ScriptedBroker, moment: str
) -> None:
    """Cancelling `run` closes the socket, ends all tasks and says `stopped`."""
    before = asyncio.all_tasks()
    if moment == "connecting":
        broker.connack = None
    link = make_link(broker.port, backoff=BackoffSettings(base_s=60.0, cap_s=60.0))
    link.subscribe("g/1/order", ignore)
    async with running(link):
        await until(lambda: broker.visits and broker.visits[0].packets)
        if moment == "waiting":
            broker.visits[0].hang_up()
            await until(lambda: not link.status.connected and link.status.connects == 1)
        elif moment == "connected":
            await until(lambda: link.status.connected)
    assert link.status.problem is LinkProblem.STOPPED
    await asyncio.wait_for(broker.visits[0].gone.wait(), 5.0)
    await until(lambda: not {t for t in asyncio.all_tasks() - before if "link" in repr(t)})


async def test_a_graceful_stop_signs_off(broker: ScriptedBroker) -> None:
    """The broker gets a DISCONNECT, so it need not guess."""
    link = make_link(broker.port)
    async with running(link):
        await until(lambda: link.status.connected)
    await asyncio.wait_for(broker.visits[0].gone.wait(), 5.0)
    assert broker.visits[0].kinds()[-1] == scripted_broker.DISCONNECT


async def test_packets_are_quality_of_service_0_clean_and_not_retained(
    broker: ScriptedBroker,
) -> None:
    """The wire shows clean sessions, MQTT 3.1.1 and PUBLISH without QoS or retain flag."""
    link = make_link(broker.port)
    async with running(link):
        await until(lambda: link.status.connected)
        await link.publish("t/t-1/up/hello", b"x")
        await until(lambda: PUBLISH in broker.visits[0].kinds())
        connect = broker.visits[0].packets[0][1]
        assert connect[:7] == b"\x00\x04MQTT\x04"
        assert connect[7] == 0b1100_0010
        assert broker.visits[0].packets[-1] == (PUBLISH, b"\x00\x0et/t-1/up/hellox")


class Tls:
    """An authority, its server certificate and a scripted broker that shows it."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        import ssl

        self.authority = CertificateAuthority(folder, clock)
        self.identity = self.authority.server([])
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.identity.file)

    def link(self, port: int, judged: Callable[[], datetime], name: str = "localhost") -> Link:
        return make_link(port, judged=judged, tls=LinkTls(self.authority.pem, name))


NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
YEAR_1970 = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock", "floor", "problem"),
    [
        (NOON, NOON - timedelta(days=30), None),
        (YEAR_1970, NOON - timedelta(hours=1), None),
        (YEAR_1970, YEAR_1970, LinkProblem.CERTIFICATE_DATE),
        (NOON + timedelta(days=500), NOON, LinkProblem.CERTIFICATE_DATE),
        (YEAR_1970, NOON + timedelta(days=500), LinkProblem.CERTIFICATE_DATE),
    ],
)
async def test_certificates_are_judged_by_the_later_of_clock_and_floor(
    tmp_path: Path, clock: datetime, floor: datetime, problem: LinkProblem | None
) -> None:
    """A terminal that believes in 1970 connects; an expired certificate is still refused."""
    tls = Tls(tmp_path, lambda: NOON)
    async with ScriptedBroker().running(tls.context) as broker:
        link = tls.link(broker.port, lambda: judged_instant(clock, floor))
        async with running(link):
            await until(lambda: link.status.connected or link.status.problem is problem)
            assert link.status.problem is problem
            if problem:
                assert not any(visit.packets for visit in broker.visits)


async def test_another_authority_or_name_is_refused(tmp_path: Path) -> None:
    """Only the pinned authority and the pinned name are believed, and nothing is sent before."""
    ours, theirs = Tls(tmp_path / "a", now), Tls(tmp_path / "b", now)
    async with ScriptedBroker().running(theirs.context) as broker:
        for link in (ours.link(broker.port, now), theirs.link(broker.port, now, "other.example")):
            async with running(link):
                seen = problems_of(link)
                await until(partial(len, seen))
                assert seen == [LinkProblem.CERTIFICATE_REFUSED]
        assert not any(visit.packets for visit in broker.visits)


async def test_a_broker_without_tls_is_no_broker(tmp_path: Path, broker: ScriptedBroker) -> None:
    """A terminal that expects TLS sends no password to a plain port."""
    link = Tls(tmp_path, now).link(broker.port, now)
    broker.hang_up_first = True
    async with running(link):
        await until(
            lambda: link.status.problem in (LinkProblem.TLS_FAILED, LinkProblem.UNREACHABLE)
        )
    assert not any(visit.packets for visit in broker.visits)
