"""The terminal on the broker: topics, hello, time questions, and the play log's delivery.

Nothing is trusted to arrive: hello and time questions are repeated until something signed comes
back, log lines until their receipt.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from edge_agent.services.conductor import Conductor
from edge_agent.services.fetch import Fetch
from edge_agent.services.holdings import Holdings
from edge_agent.services.intake import Door, Intake
from edge_agent.services.library import Library
from edge_agent.services.play_log import PlayLog
from edge_agent.services.ports import Clock, Delivery, LinkState, Messenger
from edge_agent.services.reporter import Reporter
from edge_agent.services.timekeeping import Timekeeping
from edge_agent.services.waiting import wait_at_most
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.reports import Hello, TimeQuestion
from edge_agent.wire.topics import Lane as TopicLane
from edge_agent.wire.topics import UpKind, down, group
from edge_agent.wire.version import SPOKEN_VERSIONS

HELLO_EVERY_S: Final = 600.0
HELLO_AGAIN_S: Final = 10.0
"""Without a signed word since the connection, hello is said again after this, then later."""
GATHER_S: Final = 2.0
"""Changes of what is held are told together."""
TIME_EVERY_S: Final = 600.0
TIME_AGAIN_S: Final = 3.0
LOG_AGAIN_S: Final = 10.0
LONGEST_PAUSE_S: Final = 120.0

_DOORS: Final = {TopicLane.ORDER: Door.ORDER, TopicLane.BLOB: Door.BLOB, TopicLane.LIVE: Door.LIVE}


@dataclass(frozen=True, slots=True)
class Identity:
    """What hello says of the program. boot: random for each start. boots: how many there were."""

    boot: bytes
    boots: int
    agent: str


class Session:
    """Keeps the conversation with the controller going. `uniform`: as random.uniform."""

    def __init__(
        self,
        identity: Identity,
        messenger: Messenger,
        clock: Clock,
        uniform: Callable[[float, float], float],
        reporter: Reporter,
    ) -> None:
        self._identity = identity
        self._messenger = messenger
        self._clock = clock
        self._uniform = uniform
        self._reporter = reporter
        self._topics: set[str] = set()
        self._heard = False
        self._connects = 0
        self._said_held: frozenset[bytes] = frozenset()
        self._hello = asyncio.Event()
        self._question = asyncio.Event()
        self._deliver = asyncio.Event()
        self._answered = asyncio.Event()
        self._receipted = asyncio.Event()
        self._parts: _Parts | None = None

    def join(
        self,
        holdings: Holdings,
        time: Timekeeping,
        log: PlayLog,
        library: Library,
        fetch: Fetch,
        intake: Intake,
        conductor: Conductor,
    ) -> None:
        """Name the parts that it speaks for, once, before `run`."""
        self._parts = _Parts(holdings, time, log, library, fetch, intake, conductor)
        intake.on_heard(self._believed)
        intake.on_change(self._documents_changed)
        library.on_change(self._recordings_changed)
        conductor.on_change(self._deliver.set)
        self._messenger.on_change(self._link_changed)

    async def run(self) -> None:
        """Talk until cancelled."""
        self._follow_topics()
        self._link_changed(self._messenger.state)  # it may have come up before anybody listened
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._say_hello())
            tasks.create_task(self._ask_time())
            tasks.create_task(self._deliver_log())

    # -- what happens

    @property
    def _with(self) -> "_Parts":
        if self._parts is None:
            raise RuntimeError("join first")
        return self._parts

    def _link_changed(self, state: LinkState) -> None:
        if not state.connected or state.connects == self._connects:
            return
        self._connects = state.connects
        self._heard = False
        for event in (self._hello, self._question, self._deliver, self._receipted):
            event.set()
        self._with.fetch.connected()

    def _believed(self, kind: MessageType) -> None:
        self._heard = True
        if kind is MessageType.TIME:
            self._answered.set()
        elif kind is MessageType.LOG_RECEIPT:
            self._receipted.set()

    def _documents_changed(self) -> None:
        self._follow_topics()
        self._hello.set()

    def _recordings_changed(self) -> None:
        self._follow_topics()
        if self._with.library.held != self._said_held:
            self._hello.set()

    def _follow_topics(self) -> None:
        """Hear the own topic, the orders of all groups, and their blocks while some are missing."""
        wanted = {down(self._reporter.terminal): Door.DOWN}
        holdings = self._with.holdings
        lanes = [TopicLane.ORDER, TopicLane.LIVE]
        if self._with.library.missing:
            lanes.append(TopicLane.BLOB)
        if holdings.ready:
            for group_id in holdings.assignment.groups:
                wanted |= {group(group_id, lane): _DOORS[lane] for lane in lanes}
        for topic in self._topics - wanted.keys():
            self._messenger.unsubscribe(topic)
        for topic in wanted.keys() - self._topics:
            door = wanted[topic]
            may_drop = door in (Door.BLOB, Door.LIVE)
            self._messenger.subscribe(topic, partial(self._take, door), may_drop=may_drop)
        self._topics = set(wanted)

    async def _take(self, door: Door, delivery: Delivery) -> None:
        parts = self._with
        await parts.intake.take(door, delivery, parts.conductor, parts.fetch)

    # -- what is said

    async def _say_hello(self) -> None:
        said_to, again = 0, HELLO_AGAIN_S
        await self._hello.wait()
        while True:
            fresh = said_to != self._connects
            if fresh:
                again = HELLO_AGAIN_S
            else:
                await self._clock.sleep(GATHER_S)
            self._hello.clear()
            connects = self._connects
            if self._messenger.state.connected and await self._reporter.send(
                UpKind.HELLO, self._hello_now()
            ):
                said_to = connects
            pause = HELLO_EVERY_S if self._heard else again
            again = min(2 * again, LONGEST_PAUSE_S)
            await wait_at_most(self._hello, pause * self._uniform(0.8, 1.2), self._clock)

    def _hello_now(self) -> Hello:
        parts = self._with
        self._said_held = parts.library.held
        return Hello(
            terminal=self._reporter.terminal,
            boot=self._identity.boot,
            boot_count=self._identity.boots,
            wire_versions=SPOKEN_VERSIONS,
            agent=self._identity.agent,
            held=parts.holdings.all_held,
            renditions=tuple(sorted(parts.library.held)),
            log=parts.log.id,
            log_next=parts.log.next,
            log_acknowledged=parts.log.acknowledged,
        )

    async def _ask_time(self) -> None:
        """Ask until there is an answer, and from time to time after it."""
        again = TIME_AGAIN_S
        while True:
            self._question.clear()
            self._answered.clear()
            if self._messenger.state.connected:
                question = TimeQuestion(
                    terminal=self._reporter.terminal, nonce=self._with.time.question()
                )
                await self._reporter.send(UpKind.TIME, question)
            spread = self._uniform(0.8, 1.2)
            if await self._either(self._answered, self._question, again * spread):
                again = TIME_AGAIN_S
                await wait_at_most(self._question, TIME_EVERY_S * spread, self._clock)
            else:
                again = TIME_AGAIN_S if self._question.is_set() else min(2 * again, 60.0)

    async def _either(self, good: asyncio.Event, other: asyncio.Event, seconds: float) -> bool:
        """Wait for one of two events, or for time; tell whether it was the first."""
        waiters = {asyncio.ensure_future(event.wait()) for event in (good, other)}
        timer = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({*waiters, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in (*waiters, timer):
                waiter.cancel()
        return good.is_set()

    async def _deliver_log(self) -> None:
        again = LOG_AGAIN_S
        while True:
            self._deliver.clear()
            self._receipted.clear()
            batch = self._with.log.batch()
            if batch is None or not self._messenger.state.connected:
                again = LOG_AGAIN_S
                await self._deliver.wait()
                continue
            await self._reporter.send(UpKind.LOG, batch)
            if await wait_at_most(self._receipted, again * self._uniform(0.8, 1.2), self._clock):
                again = LOG_AGAIN_S
            else:
                again = min(2 * again, LONGEST_PAUSE_S)


@dataclass(frozen=True, slots=True)
class _Parts:
    holdings: Holdings
    time: Timekeeping
    log: PlayLog
    library: Library
    fetch: Fetch
    intake: Intake
    conductor: Conductor
