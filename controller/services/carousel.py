"""Brings recordings to terminals: signed manifests, and blocks from the carousel."""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from controller.domain.carousel import Carousel, Portion, bits
from controller.domain.errors import DomainError
from controller.domain.ids import AreaId, HashText
from controller.domain.pace import Pace
from controller.domain.recording import Rendition
from controller.domain.signing import SignManifest
from controller.services.context import Context
from controller.services.loops import Monotonic, attempt
from controller.services.ports import Messenger
from controller.services.roster import KnownTerminal
from edge_agent.link import LinkError
from edge_agent.wire.carousel import MAX_BLOCK_BYTES, Block, write_block
from edge_agent.wire.codec import decode_strict
from edge_agent.wire.envelope import MessageType, parse
from edge_agent.wire.orders import Play
from edge_agent.wire.policy import to_instant
from edge_agent.wire.reports import Want
from edge_agent.wire.state import Rundown
from edge_agent.wire.topics import Lane, down, group
from media.audio import Sha256

_log = logging.getLogger(__name__)

_SEND_S: Final = 10.0
_KEPT_BLOCKS: Final = 512
"""Blocks read ahead of being sent again: 16 MiB."""
_KEPT_MANIFESTS: Final = 256
MANIFEST_S: Final = 3600.0
"""After this the signer is asked again whether the rendition still counts."""
ALLOWED_S: Final = 30.0
"""How long it is remembered what a terminal may have."""
MANIFEST_AGAIN_S: Final = 1.0
SOON_US: Final = 120 * 1_000_000
"""A recording that is needed sooner than this is sent at once."""
EMERGENCY_HOLD_S: Final = 30.0
"""Bulk pauses so long in an area when an emergency is released there."""


class Blocks(Protocol):
    """Where the bytes of renditions are."""

    async def read(self, name: Sha256, offset: int, length: int) -> bytes:
        """Return a range of a rendition's bytes, fewer at its end.

        Raises media.errors.MediaError when there is no such rendition.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Manifest:
    envelope: bytes
    until: float


class Delivery:
    """Takes requests for recordings and answers them while `run` runs."""

    def __init__(
        self,
        context: Context,
        messenger: Messenger,
        blocks: Blocks,
        pace: Pace,
        monotonic: Monotonic,
    ) -> None:
        self._context = context
        self._messenger = messenger
        self._blocks = blocks
        self._monotonic = monotonic
        self._carousel = Carousel(pace)
        self._asked = asyncio.Event()
        self._allowed: OrderedDict[UUID, tuple[float, dict[HashText, int]]] = OrderedDict()
        self._renditions: OrderedDict[HashText, Rendition] = OrderedDict()
        self._manifests: OrderedDict[tuple[AreaId, HashText], _Manifest] = OrderedDict()
        self._told: OrderedDict[tuple[UUID, HashText], float] = OrderedDict()
        self._read: OrderedDict[tuple[HashText, int], bytes] = OrderedDict()
        self.published_bytes = 0
        self.published_blocks = 0
        self.refused = 0

    async def wanted(self, known: KnownTerminal, want: Want) -> None:
        """Take a request: send the manifest, or put the blocks on the carousel."""
        rendition = want.rendition.hex()
        allowed = await self._allowed_to(known)
        found = await self._rendition(rendition) if rendition in allowed else None
        if found is None:
            self.refused += 1
            return
        if want.manifest:
            await self._send_manifest(known, found)
        ranges = [(one.first, one.end) for one in want.ranges]
        missing = bits(ranges, len(found.blocks))
        if missing or not want.manifest:
            needed = allowed[rendition]
            urgency = min(want.urgency, needed) if needed else 0
            soon = urgency < to_instant(self._context.clock.now()) + SOON_US
            now = self._monotonic()
            self._carousel.ask(known.id, known.chain, rendition, missing, urgency, now, soon=soon)
            self._asked.set()

    def finished(self, terminal: UUID, rendition: HashText) -> None:
        """A terminal has all of a rendition."""
        self._carousel.finished(terminal, rendition, self._monotonic())
        self._asked.set()

    def left(self, terminal: UUID) -> None:
        """A terminal moved or left service."""
        self._carousel.forget(terminal)
        self._allowed.pop(terminal, None)

    def changed(self, terminal: UUID) -> None:
        """What a terminal is to sound has changed, and so what it may have."""
        self._allowed.pop(terminal, None)

    def released(self, areas: tuple[AreaId, ...]) -> None:
        """An emergency goes out in these areas: bulk makes way."""
        self._allowed.clear()
        self._carousel.hold_back(areas, self._monotonic() + EMERGENCY_HOLD_S)

    async def run(self) -> None:
        """Send blocks until cancelled."""
        while True:
            self._asked.clear()
            coming = self._carousel.next(self._monotonic())
            if isinstance(coming, Portion):
                if not await attempt("carousel", self._send, coming):
                    await self._wait(1.0)
                continue
            await self._wait(coming)

    async def _wait(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        except TimeoutError:
            return

    async def _send(self, portion: Portion) -> None:
        data = await self._block(portion.rendition, portion.index)
        if data is None:
            self._carousel.withdraw(portion.rendition)
            return
        payload = write_block(Block(bytes.fromhex(portion.rendition), portion.index, data))
        topics = [group(area, Lane.BLOB) for area in portion.areas]
        for topic in topics or [down(one) for one in portion.terminals]:
            await self._messenger.publish(topic, payload, _SEND_S)
            self.published_bytes += len(payload)
            self.published_blocks += 1
        self._carousel.sent(portion, len(payload), self._monotonic())

    async def _block(self, rendition: HashText, index: int) -> bytes | None:
        key = (rendition, index)
        if key in self._read:
            self._read.move_to_end(key)
            return self._read[key]
        found = await self._rendition(rendition)
        if found is None or found.block_size > MAX_BLOCK_BYTES:
            return None
        try:
            data = await self._blocks.read(
                Sha256(rendition), index * found.block_size, found.block_size
            )
        except Exception:  # noqa: BLE001 - boundary to the store of recordings
            # One unreadable recording must not stop the carousel for all the others.
            _log.exception("a recording cannot be read", extra={"action": "carousel_read"})
            return None
        self._read[key] = data
        while len(self._read) > _KEPT_BLOCKS:
            self._read.popitem(last=False)
        return data

    async def _send_manifest(self, known: KnownTerminal, rendition: Rendition) -> None:
        now = self._monotonic()
        key = (known.id, rendition.hash)
        if now - self._told.get(key, float("-inf")) < MANIFEST_AGAIN_S:
            return
        self._told[key] = now
        self._told.move_to_end(key)
        while len(self._told) > 10 * _KEPT_MANIFESTS:
            self._told.popitem(last=False)
        try:
            envelope = await self._manifest(known.chain[0], rendition)
            await self._messenger.publish(down(known.id), envelope, _SEND_S)
        except (DomainError, LinkError):
            self._told.pop(key, None)
            raise

    async def _manifest(self, area: AreaId, rendition: Rendition) -> bytes:
        """Return the signed manifest, one for the whole tree: its top is above every terminal."""
        key, now = (area, rendition.hash), self._monotonic()
        held = self._manifests.get(key)
        if held is not None and held.until > now:
            return held.envelope
        signed = await self._context.signer.manifest(
            SignManifest(
                area=area,
                rendition=bytes.fromhex(rendition.hash),
                size=rendition.size,
                block_size=rendition.block_size,
                blocks=rendition.blocks,
                duration=rendition.samples,
            )
        )
        self._manifests[key] = _Manifest(signed.envelope, now + MANIFEST_S)
        self._manifests.move_to_end(key)
        while len(self._manifests) > _KEPT_MANIFESTS:
            self._manifests.popitem(last=False)
        return signed.envelope

    async def _rendition(self, rendition: HashText) -> Rendition | None:
        if rendition in self._renditions:
            return self._renditions[rendition]
        async with self._context.database.read() as tx:
            found = await tx.renditions.find(rendition)
        if found is not None:
            self._renditions[rendition] = found
            while len(self._renditions) > _KEPT_MANIFESTS:
                self._renditions.popitem(last=False)
        return found

    async def _allowed_to(self, known: KnownTerminal) -> dict[HashText, int]:
        """Return what a terminal is to sound, and when it needs each (0: at once).

        Nothing else is given out: a recording of another commune is none of its business.
        """
        now = self._monotonic()
        read_at, allowed = self._allowed.get(known.id, (float("-inf"), {}))
        if now - read_at < ALLOWED_S:
            return allowed
        async with self._context.database.read() as tx:
            documents = await tx.documents.addressed_to(known.id, self._context.clock.now())
        allowed = {}
        for document in documents:
            payload = parse(document.envelope).payload
            if document.type is MessageType.RUNDOWN:
                rundown = decode_strict(Rundown, payload)
                allowed.update({one.hex(): rundown.valid_until for one in rundown.keep})
                for item in reversed(rundown.items):
                    allowed[item.rendition.hex()] = item.start
            elif document.type is MessageType.PLAY:
                allowed[decode_strict(Play, payload).rendition.hex()] = 0
        self._allowed[known.id] = (now, allowed)
        while len(self._allowed) > 20_000:
            self._allowed.popitem(last=False)
        return allowed
