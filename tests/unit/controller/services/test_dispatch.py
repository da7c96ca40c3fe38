"""Documents on their way: repeated until acknowledged, never after they expired."""

import hashlib
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.domain.announcement import Targets
from controller.domain.document import Document
from controller.services.dispatch import FIRST_AGAIN_S, Dispatch
from controller.services.presence import Presence
from controller.services.roster import KnownTerminal, Roster
from edge_agent.link import LinkProblem
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.reports import Acknowledgement
from edge_agent.wire.topics import Lane, down, group
from tests.fakes.commune import Town
from tests.fakes.messenger import KeptMessenger

NAMES = ("Loa nhà văn hóa", "Loa đình làng", "Loa cổng chợ")


class Post:
    """A dispatch on its own, with a clock that only the test moves."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.now = 100.0
        self.messenger = KeptMessenger()
        self.presence = Presence(self.messenger, town.clock, self.monotonic)
        self.roster = Roster(town.database, self.monotonic)
        self.dispatch = self.restarted()
        self.versions = 0

    def monotonic(self) -> float:
        return self.now

    def restarted(self) -> Dispatch:
        """A dispatch that remembers nothing."""
        self.dispatch = Dispatch(self.town.context, self.messenger, self.presence, self.monotonic)
        return self.dispatch

    async def put(
        self,
        kind: MessageType = MessageType.STOP,
        targets: Targets | None = None,
        expires: timedelta | None = timedelta(hours=1),
        subject: str = "stop-1",
    ) -> Document:
        self.versions += 1
        area = self.town.areas["Xã Bình Minh"].id
        envelope = f"{kind.name} {subject} {self.versions}".encode()
        now = self.town.clock.now()
        document = Document(
            type=kind,
            subject=subject,
            area=area,
            version=self.versions,
            envelope=envelope,
            digest=hashlib.sha256(envelope).digest(),
            targets=targets or Targets(areas=(area,)),
            issued_at=now,
            expires_at=None if expires is None else now + expires,
        )
        async with self.town.database.begin() as tx:
            await tx.documents.put(document)
        return document

    async def known(self, name: str) -> KnownTerminal:
        found = await self.roster.find(self.town.terminals[name])
        assert found is not None
        return found

    async def acknowledge(self, name: str, document: Document, **more: object) -> None:
        known = await self.known(name)
        values: dict[str, object] = {
            "terminal": known.id,
            "type": int(document.type),
            "subject": document.subject,
            "version": document.version,
            "digest": document.digest,
        }
        said = Acknowledgement(**(values | more))  # type: ignore[arg-type]
        await self.dispatch.acknowledged(known, said)
        await self.store()

    async def store(self) -> None:
        waiting = list(self.dispatch.words._waiting)
        self.dispatch.words._waiting.clear()
        if waiting:
            await self.dispatch._store(waiting)

    async def round(self) -> list[str]:
        """Send what is due; returns the topics."""
        for terminal in (self.id(name) for name in NAMES):
            self.presence.heard(terminal)
        await self.dispatch.send_due()
        return self.messenger.topics()

    def id(self, name: str) -> UUID:
        return self.town.terminals[name]


@pytest.fixture
async def post(town: Town) -> Post:
    async with town.database.begin() as tx:
        area = town.areas["Tỉnh Sông Lam"].id
        await tx.documents.remove(MessageType.TRUST, area)
        for name in town.areas.values():
            await tx.documents.remove(MessageType.POLICY, name.id)
    return Post(town)


async def test_an_order_goes_to_its_area_at_once_and_then_to_who_is_silent(post: Post) -> None:
    """One message to the area; who has not acknowledged gets it again, the others do not."""
    stop = await post.put()
    area = post.town.areas["Xã Bình Minh"].id
    await post.dispatch.announce(stop)
    assert post.messenger.topics() == [group(area, Lane.ORDER)]
    assert await post.round() == []
    await post.acknowledge(NAMES[0], stop)
    post.now += FIRST_AGAIN_S
    assert set(await post.round()) == {down(post.id(NAMES[1])), down(post.id(NAMES[2]))}


async def test_repeats_back_off_and_end_with_the_acknowledgement(post: Post) -> None:
    """Again after one, two, four seconds, then each eight, until the terminal's word."""
    stop = await post.put(targets=Targets(terminals=(post.id(NAMES[0]),)))
    times = []
    for _ in range(60):
        if await post.round():
            times.append(post.now - 100.0)
        post.now += 0.5
    assert times == [0.0, 1.0, 3.0, 7.0, 15.0, 23.0]
    await post.acknowledge(NAMES[0], stop)
    post.now += 1000
    assert await post.round() == []


async def test_state_is_repeated_more_seldom(post: Post) -> None:
    """A rundown that is not acknowledged is sent again at most once a minute, for ever."""
    await post.put(MessageType.RUNDOWN, Targets(terminals=(post.id(NAMES[0]),)), None, "r")
    times = []
    for _ in range(400):
        if await post.round():
            times.append(post.now)
        post.now += 1
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[:6] == [1, 2, 4, 8, 16, 32]
    assert set(gaps[6:]) == {60}


async def test_an_expired_order_is_never_sent(post: Post) -> None:
    """After its expiry nobody gets it, acknowledged or not."""
    await post.put(MessageType.PLAY, expires=timedelta(minutes=1), subject="play")
    assert await post.round()
    post.town.clock.run(timedelta(minutes=1))
    post.now += 60
    assert await post.round() == []


async def test_a_word_about_an_older_version_settles_nothing(post: Post) -> None:
    """Only the digest of what is current counts; foreign digests and types change nothing."""
    first = await post.put()
    await post.round()
    second = await post.put()
    await post.acknowledge(NAMES[0], first)
    await post.acknowledge(NAMES[1], second, digest=bytes(32))
    await post.acknowledge(NAMES[2], second, type=99)
    assert len(await post.round()) == 3
    async with post.town.database.read() as tx:
        delivery = await tx.documents.delivery(second.type, second.subject)
    assert (delivery.terminals, delivery.acknowledged) == (3, 0)


async def test_nothing_is_lost_by_a_restart(post: Post) -> None:
    """A new process sends what was not acknowledged, and not what was."""
    stop = await post.put()
    await post.round()
    await post.acknowledge(NAMES[0], stop)
    post.restarted()
    assert set(await post.round()) == {down(post.id(NAMES[1])), down(post.id(NAMES[2]))}


async def test_absent_terminals_cost_nothing(post: Post) -> None:
    """Who has been silent for 90 s is not sent to; it says hello when it returns."""
    await post.put()
    for name in NAMES:
        post.presence.heard(post.id(name))
    post.now += 91
    await post.dispatch.send_due()
    assert post.messenger.topics() == []


async def test_a_broker_that_is_down_loses_nothing(post: Post) -> None:
    """While the link is down nothing is tried; all of it goes when it is back."""
    await post.put()
    post.messenger.connect(connected=False)
    assert await post.round() == []
    post.messenger.connect(connected=True)
    post.messenger.problem = LinkProblem.CONNECTION_LOST
    assert await post.round() == []
    post.messenger.problem = None
    post.now += 2
    assert len(await post.round()) == 3


async def test_what_a_terminal_lost_is_sent_again_though_it_was_acknowledged(post: Post) -> None:
    """An offer overrules an old acknowledgement, until the terminal's next word."""
    rundown = await post.put(
        MessageType.RUNDOWN,
        Targets(terminals=(post.id(NAMES[0]),)),
        None,
        str(post.id(NAMES[0])),
    )
    await post.acknowledge(NAMES[0], rundown)
    assert await post.round() == []
    await post.dispatch.offer(await post.known(NAMES[0]), [rundown])
    assert post.messenger.topics() == [down(post.id(NAMES[0]))]
    await post.dispatch.offer(await post.known(NAMES[0]), [rundown])
    assert post.messenger.topics() == [], "it is on its way"
    post.now += FIRST_AGAIN_S
    assert await post.round() == [down(post.id(NAMES[0]))]
    await post.acknowledge(NAMES[0], rundown, subject="an area")
    post.now += 100
    assert await post.round() == []


async def test_what_others_are_believed_by_goes_first(post: Post) -> None:
    """Trust before assignment before policy, a cancel before its order, the rundown last."""
    kinds = [
        MessageType.RUNDOWN,
        MessageType.PLAY,
        MessageType.POLICY,
        MessageType.CANCEL,
        MessageType.TRUST,
        MessageType.STOP,
        MessageType.ASSIGNMENT,
    ]
    only = Targets(terminals=(post.id(NAMES[0]),))
    for kind in kinds:
        await post.put(kind, only, None, kind.name)
    post.presence.heard(post.id(NAMES[0]))
    await post.dispatch.send_due()
    said = [payload.split()[0].decode() for _, payload in post.messenger.take()]
    assert said == ["TRUST", "ASSIGNMENT", "POLICY", "CANCEL", "STOP", "PLAY", "RUNDOWN"]


async def test_screens_are_told_that_an_order_was_taken(post: Post) -> None:
    """An acknowledged stop is an event of its area; a repeated word is none."""
    stop = await post.put()
    post.town.feed.take()
    await post.acknowledge(NAMES[0], stop)
    (event,) = post.town.feed.take()
    assert (event.kind.value, event.subject) == ("stop", stop.subject)
    assert event.chain[-1] == stop.area
    await post.acknowledge(NAMES[0], stop)
    assert post.town.feed.take() == []


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.integers(0, 2)),
            st.tuples(st.just("ack"), st.integers(0, 2)),
            st.tuples(st.just("old"), st.integers(0, 2)),
            st.tuples(st.just("wait"), st.integers(1, 40)),
            st.tuples(st.just("restart"), st.just(0)),
            st.tuples(st.just("down"), st.just(0)),
        ),
        max_size=14,
    )
)
async def test_whatever_happens_all_that_is_owed_arrives(
    post: Post, steps: list[tuple[str, int]]
) -> None:
    """Who did not acknowledge gets the current version in the end, and nobody else does."""
    topics: list[str] = []
    current: Document | None = None
    older: list[Document] = []
    done: set[str] = set()
    for step, number in [*steps, ("wait", 61)]:
        if step == "put":
            older += [current] if current else []
            current = await post.put(expires=None)
            done.clear()
        elif step == "ack" and current:
            await post.acknowledge(NAMES[number], current)
            done.add(NAMES[number])
        elif step == "old" and older:
            await post.acknowledge(NAMES[number], older[-1])
        elif step == "restart":
            post.restarted()
        elif step == "down":
            post.messenger.connect(connected=False)
            assert await post.round() == []
            post.messenger.connect(connected=True)
        post.now += number if step == "wait" else 0.1
        topics = await post.round()
        assert not {down(post.id(name)) for name in done} & set(topics)
    if current:
        owed = {down(post.id(name)) for name in NAMES if name not in done}
        assert set(topics) == owed
        for name in NAMES:
            await post.acknowledge(name, current)
