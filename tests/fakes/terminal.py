"""A terminal without sound, that speaks the real protocol and remembers what it was told.

It believes what a real one believes, and fetches recordings as a real one does.
"""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.core.assembly import Assembly
from edge_agent.core.spool import Spool
from edge_agent.link import LinkError, LinkStatus, Message, Messenger
from edge_agent.wire import reports
from edge_agent.wire.authority import accept_trust, addressed_to, believe
from edge_agent.wire.carousel import read_block
from edge_agent.wire.codec import Report, decode_strict, encode
from edge_agent.wire.enrolment import (
    EnrolAnswer,
    EnrolmentCode,
    EnrolRequest,
    enrolment_proof,
)
from edge_agent.wire.envelope import MAGIC, MessageType, parse, seal
from edge_agent.wire.errors import WireError
from edge_agent.wire.orders import Cancel, LogReceipt, Play, Test, Time
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import Assignment, Manifest, Policy, Rundown, Stop, Trust
from edge_agent.wire.topics import Lane, UpKind, down, group, up

EVERY = 8
"""Blocks after which a terminal says what it still misses."""
AGAIN_S = 1.0
"""Without a block for so long it says it again."""

_KINDS = {
    MessageType.HELLO: UpKind.HELLO,
    MessageType.ACKNOWLEDGEMENT: UpKind.ACK,
    MessageType.STATUS: UpKind.STATUS,
    MessageType.TELEMETRY: UpKind.TELEMETRY,
    MessageType.LOG_BATCH: UpKind.LOG,
    MessageType.WANT: UpKind.WANT,
    MessageType.REFUSED: UpKind.REFUSED,
    MessageType.TIME_QUESTION: UpKind.TIME,
}


def new_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def enrol_request(code: EnrolmentCode, key: Ed25519PrivateKey, **more: Any) -> EnrolRequest:
    """Return what a terminal sends for a code."""
    public = key.public_key().public_bytes_raw()
    values: dict[str, Any] = {
        "token": code.token.hex(),
        "public_key": public,
        "proof": key.sign(enrolment_proof(code.token, public)),
        "hardware": "test",
        "agent": "loaxa-light",
    }
    return EnrolRequest(**(values | more))


@dataclass
class Fetch:
    """One rendition on its way."""

    rendition: bytes
    urgency: int
    assembly: Assembly | None = None
    data: bytearray = field(default_factory=bytearray)
    since_word: int = 0
    heard_at: float = 0.0


class LightTerminal:
    """Give it a messenger that signs in with the answer's id and password, and run it."""

    def __init__(
        self, answer: EnrolAnswer, key: Ed25519PrivateKey, messenger: Messenger, pinned: bytes
    ) -> None:
        self.id: UUID = answer.terminal
        self.answer = answer
        self.messenger = messenger
        self._key = key
        self._public = key.public_key().public_bytes_raw()
        self.boot = os.urandom(16)
        self.boot_count = 1
        self.trust: Trust = accept_trust(parse(answer.trust), None, pinned)
        first = decode_strict(Assignment, parse(answer.assignment).payload)
        self.assignment = first
        self.policies = {
            policy.area: policy
            for policy in (decode_strict(Policy, parse(one).payload) for one in answer.policies)
        }
        self.rundown: Rundown | None = None
        self.stops: dict[UUID, Stop] = {}
        self.orders: list[Play | Cancel | Test] = []
        self.times: list[Time] = []
        self.receipts: list[LogReceipt] = []
        self.held: dict[bytes, bytes] = {}
        self.keeps_bytes = True
        self.fetches: dict[bytes, Fetch] = {}
        self.spool = Spool(uuid4(), 0, bytes(32))
        self.refused: list[WireError] = []
        self.received: list[Message] = []
        self.bytes_received = 0
        """Of MQTT packets: payload, topic, and five bytes around them."""
        self.acknowledges = True
        self.fetches_by_itself = True
        self.changed = asyncio.Event()
        messenger.subscribe(down(self.id), self._told)
        for area in self.assignment.groups:
            messenger.subscribe(group(area, Lane.ORDER), self._told)
        messenger.on_change(self._link_changed)
        self._tasks: set[asyncio.Task[None]] = set()

    # -- what it says

    async def say(self, kind: MessageType, report: Report) -> None:
        """Send a report, signed."""
        data = seal(kind, encode(report), self._public, self._key.sign)
        await self.messenger.publish(up(self.id, _KINDS[kind]), data)

    async def hello(self) -> None:
        """Say what is held."""
        chain = self.assignment.chain
        held = [
            reports.HeldState(type=MessageType.TRUST, area=chain[0], version=self.trust.version),
            reports.HeldState(
                type=MessageType.ASSIGNMENT, area=chain[-1], version=self.assignment.version
            ),
            *(
                reports.HeldState(type=MessageType.POLICY, area=one.area, version=one.version)
                for one in self.policies.values()
            ),
            *(
                reports.HeldState(type=MessageType.STOP, area=one.area, version=one.version)
                for one in self.stops.values()
            ),
        ]
        if self.rundown is not None:
            held.append(
                reports.HeldState(
                    type=MessageType.RUNDOWN,
                    area=self.rundown.area,
                    version=self.rundown.version,
                )
            )
        hello = reports.Hello(
            terminal=self.id,
            boot=self.boot,
            boot_count=self.boot_count,
            wire_versions=(1,),
            agent="loaxa-light",
            held=tuple(held),
            renditions=tuple(self.held),
            log=self.spool.log,
            log_next=self.spool.next,
            log_acknowledged=self.spool.acknowledged,
        )
        await self.say(MessageType.HELLO, hello)

    def status_report(self, at: int, **more: Any) -> reports.Status:
        """Return a heartbeat."""
        values: dict[str, Any] = {
            "terminal": self.id,
            "at": at,
            "clock": reports.ClockState.TRUSTED,
            "clock_reason": "",
            "sounding": None,
            "layer": None,
            "position": 0,
            "volume": self.assignment.volume,
            "stopped_until": None,
            "rundown_version": self.rundown.version if self.rundown else 0,
            "renditions_held": len(self.held),
            "renditions_wanted": len(self.fetches),
            "problems": (),
        }
        return reports.Status(**(values | more))

    async def status(self, at: int, **more: Any) -> None:
        """Send a heartbeat."""
        await self.say(MessageType.STATUS, self.status_report(at, **more))

    def write(self, **more: Any) -> None:
        """Write a line into the play log."""
        values: dict[str, Any] = {
            "sequence": 0,
            "previous": bytes(32),
            "at": 0,
            "outcome": reports.Outcome.SOUNDED,
            "item": uuid4(),
            "announcement": None,
            "message_class": MessageClass.ORDINARY,
            "rendition": bytes(32),
            "planned": 0,
            "began": None,
            "asked": 1000,
            "sounded": 1000,
            "reason": "",
        }
        line = self.spool.numbered(reports.LogEntry(**(values | more)))
        self.spool = self.spool.appended(line)

    async def send_log(self, entries: Sequence[reports.LogEntry] | None = None) -> None:
        """Send what is not receipted."""
        lines = self.spool.batch() if entries is None else tuple(entries)
        batch = reports.LogBatch(terminal=self.id, log=self.spool.log, entries=lines)
        await self.say(MessageType.LOG_BATCH, batch)

    async def acknowledge(self, kind: int, subject: str, version: int, raw: bytes) -> None:
        """Say that something is stored."""
        said = reports.Acknowledgement(
            terminal=self.id,
            type=kind,
            subject=subject,
            version=version,
            digest=hashlib.sha256(raw).digest(),
        )
        await self.say(MessageType.ACKNOWLEDGEMENT, said)

    # -- fetching

    async def fetch(self, rendition: bytes, urgency: int = 0) -> None:
        """Ask for a rendition until it is here."""
        if rendition in self.held or rendition in self.fetches:
            return
        self.fetches[rendition] = Fetch(rendition, urgency)
        for area in self.assignment.groups:
            self.messenger.subscribe(group(area, Lane.BLOB), self._block, may_drop=True)
        # What is published before we listen is lost.
        for area in self.assignment.groups:
            await self.messenger.granted(group(area, Lane.BLOB), 10)
        task = asyncio.create_task(self._keep_asking(rendition))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_asking(self, rendition: bytes) -> None:
        loop = asyncio.get_running_loop()
        while (fetch := self.fetches.get(rendition)) is not None:
            if loop.time() - fetch.heard_at >= AGAIN_S:
                await self._want(fetch)
                fetch.heard_at = loop.time()
            await asyncio.sleep(AGAIN_S / 5)

    async def _want(self, fetch: Fetch) -> None:
        fetch.since_word = 0
        assembly = fetch.assembly
        want = reports.Want(
            terminal=self.id,
            rendition=fetch.rendition,
            manifest=assembly is None,
            ranges=() if assembly is None else assembly.missing(),
            urgency=fetch.urgency,
        )
        try:
            await self.say(MessageType.WANT, want)
        except LinkError:
            return

    async def _block(self, message: Message) -> None:
        self.bytes_received += len(message.payload) + len(message.topic) + 5
        try:
            block = read_block(message.payload)
        except WireError as error:
            self.refused.append(error)
            return
        fetch = self.fetches.get(block.rendition)
        if fetch is None or fetch.assembly is None or not fetch.assembly.take(block):
            return
        size = fetch.assembly.manifest.block_size
        if self.keeps_bytes:
            fetch.data[block.index * size : block.index * size + len(block.data)] = block.data
        fetch.assembly.mark(block.index)
        fetch.heard_at = asyncio.get_running_loop().time()
        fetch.since_word += 1
        if fetch.assembly.complete:
            await self._complete(fetch)
        elif fetch.since_word >= EVERY:
            await self._want(fetch)

    async def _complete(self, fetch: Fetch) -> None:
        data = bytes(fetch.data)
        if self.keeps_bytes and hashlib.sha256(data).digest() != fetch.rendition:
            raise AssertionError("the blocks fit, but not the whole")
        self.held[fetch.rendition] = data
        del self.fetches[fetch.rendition]
        if not self.fetches:
            for area in self.assignment.groups:
                self.messenger.unsubscribe(group(area, Lane.BLOB))
        await self.acknowledge(MessageType.MANIFEST, fetch.rendition.hex(), 1, fetch.rendition)
        self.changed.set()

    # -- what it is told

    def _link_changed(self, status: LinkStatus) -> None:
        if status.connected:
            task = asyncio.create_task(self._greet())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _greet(self) -> None:
        try:
            await self.hello()
        except LinkError:
            return

    async def _told(self, message: Message) -> None:
        if message.payload[:2] != MAGIC:
            await self._block(message)
            return
        self.received.append(message)
        self.bytes_received += len(message.payload) + len(message.topic) + 5
        try:
            await self._take(message.payload)
        except WireError as error:
            self.refused.append(error)
        self.changed.set()

    async def _take(self, raw: bytes) -> None:
        envelope = parse(raw)
        if envelope.type is MessageType.TRUST:
            if decode_trust_version(raw) > self.trust.version:
                self.trust = accept_trust(envelope, self.trust, b"")
            await self._stored(MessageType.TRUST, self.assignment.chain[0], self.trust.version, raw)
            return
        believed = believe(envelope, self.trust, None, raw)
        addressed_to(believed, self.assignment)
        message = believed.message
        if isinstance(message, Manifest):
            await self._manifest(message)
        elif isinstance(message, Time):
            self.times.append(message)
        elif isinstance(message, LogReceipt):
            self.receipts.append(message)
            self.spool = self.spool.received(message.sequence)
        elif isinstance(message, Play | Cancel | Test):
            if all(order.id != message.id for order in self.orders):
                self.orders.append(message)
            await self._stored(envelope.type, str(message.id), 0, raw)
        elif isinstance(message, Assignment | Policy | Rundown | Stop):
            await self._state(envelope.type, message, raw)

    async def _state(
        self, kind: MessageType, message: Assignment | Policy | Rundown | Stop, raw: bytes
    ) -> None:
        if isinstance(message, Assignment):
            self._move(message)
            await self._stored(kind, message.chain[-1], message.version, raw)
        elif isinstance(message, Policy):
            self.policies[message.area] = message
            await self._stored(kind, message.area, message.version, raw)
        elif isinstance(message, Rundown):
            self.rundown = message
            await self._stored(kind, message.area, message.version, raw)
            if self.fetches_by_itself:
                for item in message.items:
                    await self.fetch(item.rendition, item.start)
                for rendition in message.keep:
                    await self.fetch(rendition, message.valid_until)
        else:
            self.stops[message.id] = message
            await self._stored(kind, str(message.id), message.version, raw)

    def _move(self, assignment: Assignment) -> None:
        before, self.assignment = self.assignment.groups, assignment
        for area in before - assignment.groups:
            self.messenger.unsubscribe(group(area, Lane.ORDER))
            self.messenger.unsubscribe(group(area, Lane.BLOB))
        for area in assignment.groups - before:
            self.messenger.subscribe(group(area, Lane.ORDER), self._told)
        if self.rundown is not None and self.rundown.area not in assignment.chain:
            self.rundown = None
        self.policies = {
            area: policy for area, policy in self.policies.items() if area in assignment.chain
        }

    async def _manifest(self, manifest: Manifest) -> None:
        fetch = self.fetches.get(manifest.rendition)
        if fetch is None or fetch.assembly is not None:
            return
        fetch.assembly = Assembly(manifest)
        if self.keeps_bytes:
            fetch.data = bytearray(manifest.size)
        fetch.heard_at = asyncio.get_running_loop().time()
        await self._want(fetch)

    async def _stored(self, kind: MessageType, subject: str, version: int, raw: bytes) -> None:
        if self.acknowledges:
            await self.acknowledge(kind, subject, version, raw)

    async def close(self) -> None:
        """End what runs for it."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def decode_trust_version(raw: bytes) -> int:
    """Return the version of a trust envelope, unchecked."""
    from edge_agent.wire.authority import open_trust

    return open_trust(parse(raw)).version
