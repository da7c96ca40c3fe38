"""Recordings on their way from the last uploaded byte to what terminals play.

What waits is what the database says is being checked, so work goes on after a restart.
"""

import asyncio
import hashlib
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from controller.domain.event import EventKind
from controller.domain.ids import AreaId
from controller.domain.recording import (
    Recording,
    RecordingState,
    Rendition,
    Sound,
    accept,
    refuse,
)
from controller.services.context import Context
from controller.services.loops import attempt
from controller.services.ports.sound import Sounds, Uploads
from edge_agent.wire.carousel import BLOCK_BYTES
from media.asset import Ingested
from media.audio import Sha256
from media.errors import Code, MediaError, StoreFailed
from media.library import Progress, Stage
from media.loudness import SILENCE
from media.ports import Envelope
from media.upload_store import UploadId

_log = logging.getLogger(__name__)

TRIES: Final = 3
TRY_AGAIN: Final = timedelta(seconds=30)
_TELL_EVERY: Final = 5
"""Percent of progress between two words to the screens."""

_REACHED: Final = {
    Stage.QUEUE: (0, 0),
    Stage.RECOGNISE: (0, 5),
    Stage.DECODE: (5, 40),
    Stage.ARRANGE: (40, 45),
    Stage.ENCODE: (45, 80),
    Stage.LISTEN: (80, 95),
    Stage.KEEP: (95, 99),
}
"""Percent of the whole work before and after each stage."""


class Ingestion:
    """Works on what waits, oldest first. `lanes` recordings at a time."""

    def __init__(self, context: Context, uploads: Uploads, sounds: Sounds, lanes: int = 1) -> None:
        self._context = context
        self._uploads = uploads
        self._sounds = sounds
        self._lanes = lanes
        self._fresh = asyncio.Event()
        self._at_work: set[UUID] = set()
        self._progress: dict[UUID, int] = {}
        self._failed: dict[UUID, tuple[int, datetime]] = {}

    def wake(self) -> None:
        """Look at once for what waits."""
        self._fresh.set()

    def shown(self, recording: Recording) -> Recording:
        """Return the recording with the progress that the work on it has made."""
        if recording.state is not RecordingState.CHECKING:
            return recording
        return replace(recording, progress=self._progress.get(recording.id, 0))

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._lanes):
                group.create_task(self._lane())

    async def _lane(self) -> None:
        while True:
            await attempt("ingest", self.work_off)
            try:
                async with asyncio.timeout(TRY_AGAIN.total_seconds()):
                    await self._fresh.wait()
                self._fresh.clear()
            except TimeoutError:
                """Time to look again for what failed."""

    async def work_off(self) -> None:
        """Take in everything that waits and is not tried again later."""
        while (recording := await self._next()) is not None:
            self._at_work.add(recording.id)
            try:
                await self._take_in(recording)
            finally:
                self._at_work.discard(recording.id)
                self._progress.pop(recording.id, None)

    async def _next(self) -> Recording | None:
        now = self._context.clock.now()
        async with self._context.database.read() as tx:
            waiting = await tx.recordings.in_state(RecordingState.CHECKING)
        return next(
            (
                one
                for one in waiting
                if one.id not in self._at_work
                and (one.id not in self._failed or self._failed[one.id][1] <= now)
            ),
            None,
        )

    async def _take_in(self, recording: Recording) -> None:
        try:
            source = await self._uploads.finish(UploadId(str(recording.id)), recording.size)
            envelope = Envelope(chime=recording.chime, closing=recording.closing)
            progress = await self._teller(recording)
            ingested = await self._sounds.ingest(source, envelope=envelope, progress=progress)
            rendition = await self._rendition(recording, ingested)
        except MediaError as error:
            await self._fail(recording, error)
        except Exception:  # noqa: BLE001  a boundary: logged, refused, and the next one is worked on
            _log.exception("ingest", extra={"action": "ingest_failed", "id": str(recording.id)})
            await self._settle(refuse(recording, Code.TOOL_FAILED.value), None)
        else:
            doubtful = ingested.doubt.reason.value if ingested.doubt else None
            await self._settle(accept(recording, _sound(ingested, rendition), doubtful), rendition)
            await self._forget(ingested.original.hash, ingested.rendition.hash)

    async def _fail(self, recording: Recording, error: MediaError) -> None:
        """Refuse the recording; or try again later where the fault is ours."""
        ours = isinstance(error, StoreFailed) or error.code is Code.BUSY
        tries = self._failed.get(recording.id, (0, None))[0] + 1
        _log.warning(
            "recording not taken in: %s",
            error,
            extra={"action": "ingest_refused", "id": str(recording.id), "code": error.code.value},
        )
        if ours and tries < TRIES:
            self._failed[recording.id] = (tries, self._context.clock.now() + TRY_AGAIN)
        else:
            await self._settle(refuse(recording, error.code.value), None)

    async def _settle(self, recording: Recording, rendition: Rendition | None) -> None:
        """Store how it went, unless the recording was given up meanwhile."""
        self._failed.pop(recording.id, None)
        chain: tuple[AreaId, ...] = ()
        async with self._context.database.begin() as tx:
            held = await tx.recordings.find(recording.id)
            area = await tx.areas.find(recording.area)
            if area is not None and held is not None and held.state is RecordingState.CHECKING:
                chain = area.chain
                # Only what this work is about: the title may have been changed meanwhile.
                await tx.recordings.save(replace(recording, title=held.title))
                if rendition is not None:
                    await tx.renditions.add(rendition)
                action = "recording.ready" if rendition else "recording.refused"
                await self._context.note(
                    tx, None, area.id, action, held.id, recording.problem or ""
                )
        await self._uploads.drop(UploadId(str(recording.id)))
        if chain:
            self._context.tell(EventKind.RECORDING, recording.id, chain)

    async def _rendition(self, recording: Recording, ingested: Ingested) -> Rendition:
        made = ingested.rendition
        blocks = [
            hashlib.sha256(await self._sounds.read(made.hash, offset, BLOCK_BYTES)).digest()
            for offset in range(0, made.size, BLOCK_BYTES)
        ]
        return Rendition(
            hash=made.hash,
            area=recording.area,
            recording=recording.id,
            size=made.size,
            samples=made.duration,
            block_size=BLOCK_BYTES,
            blocks=tuple(blocks),
            created_at=self._context.clock.now(),
        )

    async def _forget(self, *files: Sha256) -> None:
        """Remove files that are no rendition of ours.

        That is the file as it came in, since only our own Opus is ever played or served
        (unless somebody uploaded a rendition again), and what was made for a recording
        that was given up meanwhile.
        """
        for name in files:
            async with self._context.database.read() as tx:
                known = await tx.renditions.find(name)
            if known is None:
                try:
                    await self._sounds.remove(name)
                except MediaError:
                    _log.exception("file stays", extra={"action": "ingest_forget"})

    async def _teller(self, recording: Recording) -> Progress:
        async with self._context.database.read() as tx:
            area = await tx.areas.find(recording.area)
        chain = area.chain if area else ()
        told = 0

        def tell(stage: Stage, done: float) -> None:
            nonlocal told
            before, after = _REACHED[stage]
            percent = int(before + (after - before) * min(max(done, 0.0), 1.0))
            percent = max(percent, self._progress.get(recording.id, 0))
            self._progress[recording.id] = percent
            if percent >= told + _TELL_EVERY:
                told = percent
                self._context.tell(EventKind.RECORDING, recording.id, chain)

        return tell


def _sound(ingested: Ingested, rendition: Rendition) -> Sound:
    after = ingested.after
    return Sound(
        rendition=rendition.hash,
        duration_ms=rendition.duration_ms,
        loudness_lufs=after.integrated,
        true_peak_dbtp=SILENCE if after.true_peak is None else after.true_peak,
        waveform=ingested.waveform,
    )
