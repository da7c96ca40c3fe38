"""The controller's side of a conversation with one terminal, over a real broker."""

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from edge_agent.link import LinkError, Message
from edge_agent.wire.authority import read_report
from edge_agent.wire.carousel import Block, write_block
from edge_agent.wire.catalogue import REPORTS
from edge_agent.wire.codec import Report
from edge_agent.wire.envelope import parse
from edge_agent.wire.reports import (
    Acknowledgement,
    Hello,
    LogBatch,
    LogEntry,
    Refused,
    Status,
    TimeQuestion,
    Want,
)
from edge_agent.wire.topics import ALL_UP, Lane, down, group
from tests.contract.broker_rigs import BrokerRig, RunningMessenger, until
from tests.fakes.authority import COMMUNE, Authority

R = TypeVar("R", bound=Report)

BLOCK = 1024


class FakeController:
    """Answers like the controller: documents at hello, time, blocks, receipts."""

    def __init__(self, rig: BrokerRig, authority: Authority) -> None:
        self.authority = authority
        self.terminal_key = b""
        self.reports: list[Report] = []
        self.documents: list[bytes] = []
        self.sounds: dict[bytes, bytes] = {}
        self.blocks_sent: list[int] = []
        self.blocks_allowed: int | None = None
        """How many more blocks are sent, None = all."""
        self.answers_time = True
        self.receipts = True
        self.clock: Callable[[], int] = lambda: time.time_ns() // 1000
        self._messenger: RunningMessenger = rig.controller()
        self._messenger.subscribe(ALL_UP, self._take)
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeController"]:
        link = asyncio.create_task(self._messenger.run())
        try:
            yield self
        finally:
            for task in (link, *self._tasks):
                task.cancel()
            await asyncio.gather(link, *self._tasks, return_exceptions=True)

    def add_sound(self, sound: bytes) -> bytes:
        rendition = hashlib.sha256(sound).digest()
        self.sounds[rendition] = sound
        return rendition

    async def send(self, envelope: bytes) -> None:
        await self.publish(down(self.authority.terminal), envelope)

    async def order(self, envelope: bytes, area: str = COMMUNE) -> None:
        await self.publish(group(area, Lane.ORDER), envelope)

    async def publish(self, topic: str, payload: bytes) -> None:
        with contextlib.suppress(LinkError):
            await self._messenger.publish(topic, payload)

    def of(self, kind: type[R]) -> list[R]:
        return [report for report in self.reports if isinstance(report, kind)]

    @property
    def lines(self) -> list[LogEntry]:
        """The play log as it stands here, each line once."""
        lines = {line.sequence: line for batch in self.of(LogBatch) for line in batch.entries}
        return [lines[number] for number in sorted(lines)]

    @property
    def status(self) -> Status | None:
        found = self.of(Status)
        return found[-1] if found else None

    def refusals(self) -> list[str]:
        return [refused.reason for refused in self.of(Refused)]

    def acknowledged(self, subject: str) -> bool:
        return any(ack.subject == subject for ack in self.of(Acknowledgement))

    async def ready(self, renditions: int) -> None:
        """Wait until the terminal trusts its clock and holds so many renditions."""

        def is_ready() -> bool:
            status = self.status
            return (
                status is not None
                and status.clock.value == "trusted"
                and status.renditions_held >= renditions
            )

        await until(is_ready, within=20, what=f"ready, not {self.status}")

    async def _take(self, message: Message) -> None:
        envelope = parse(message.payload)
        report = read_report(envelope, REPORTS[envelope.type], self.terminal_key)
        self.reports.append(report)
        match report:
            case Hello():
                for document in self.documents:
                    await self.send(document)
            case TimeQuestion() if self.answers_time:
                await self.send(self.authority.time(report.nonce, self.clock()))
            case LogBatch() if self.receipts:
                await self.send(self.authority.receipt(report.log, report.entries[-1].sequence))
            case Want():
                task = asyncio.create_task(self._serve(report))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _serve(self, want: Want) -> None:
        sound = self.sounds.get(want.rendition)
        if sound is None:
            return
        if want.manifest:
            await self.send(self.authority.manifest(sound, BLOCK))
        for span in want.ranges:
            for index in range(span.first, span.end):
                if self.blocks_allowed is not None:
                    if self.blocks_allowed <= 0:
                        return
                    self.blocks_allowed -= 1
                self.blocks_sent.append(index)
                data = sound[index * BLOCK : (index + 1) * BLOCK]
                block = write_block(Block(want.rendition, index, data))
                await self.publish(group(COMMUNE, Lane.BLOB), block)
