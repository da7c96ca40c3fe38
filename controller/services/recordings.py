"""Recordings: sent in pieces, checked, listened to, renamed, deleted."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from controller.domain.errors import Conflict, DomainError, ErrorCode, Invalid, TooMany, Unavailable
from controller.domain.event import EventKind
from controller.domain.ids import AreaId
from controller.domain.paging import Page, PageRequest
from controller.domain.recording import (
    MAX_UPLOAD_BYTES,
    Recording,
    RecordingState,
    begin_checks,
    heard,
)
from controller.domain.roles import Actor, Permission, authorize
from controller.domain.text import read_title
from controller.services.context import Context
from controller.services.ingest import Ingestion
from controller.services.ports import Transaction
from controller.services.ports.sound import Sounds, Uploads
from controller.services.sound_refusal import refusal_of
from media.audio import Sha256
from media.errors import Code, MediaError
from media.upload_store import UploadId

_T = TypeVar("_T")

MAX_PIECE_BYTES: Final = 4 * 1024 * 1024
ABANDONED_AFTER: Final = timedelta(hours=24)
"""An upload that was not completed by then is given up."""
REFUSED_KEPT: Final = timedelta(days=7)
"""How long a refused recording is still listed with its reason."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How many recordings may be on their way at a time, and what the disk keeps free."""

    per_account: int = 10
    per_area: int = 40
    reserve_bytes: int = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class NewRecording:
    """What a person announces before the first byte; `size` in bytes."""

    title: str
    area_id: AreaId
    size: int
    chime: bool
    closing: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A recording and the name of who sent it."""

    recording: Recording
    created_by: str


class Recordings:
    """Takes recordings in and gives them out, inside the actor's own area."""

    def __init__(
        self,
        context: Context,
        uploads: Uploads,
        sounds: Sounds,
        ingestion: Ingestion,
        free_bytes: Callable[[], int],
        limits: UploadLimits | None = None,
    ) -> None:
        self._context = context
        self._uploads = uploads
        self._sounds = sounds
        self._ingestion = ingestion
        self._free_bytes = free_bytes
        self._limits = limits or UploadLimits()
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def list(self, actor: Actor, scope: AreaId, page: PageRequest) -> Page[Shown]:
        """Return recordings of an area and below, newest first. Raises NotFound."""
        async with self._context.database.read() as tx:
            area = await tx.areas.get(actor.area, scope)
            authorize(actor, Permission.SEE, area.chain)
            found = await tx.recordings.list(area.id, page)
            names = await tx.accounts.names([one.created_by for one in found.items])
        return Page(tuple(self._shown(one, names) for one in found.items), found.next)

    async def get(self, actor: Actor, recording_id: UUID) -> Shown:
        """Return one recording. Raises NotFound."""
        async with self._context.database.read() as tx:
            recording = await self._held(tx, actor, recording_id, Permission.SEE)
            return await self._named(tx, recording)

    async def announce(self, actor: Actor, wanted: NewRecording) -> Shown:
        """Make room for an upload; its pieces follow.

        Raises NotFound, Forbidden, Invalid, TooMany `too_many_uploads`, Unavailable `disk_full`.
        """
        if not 0 < wanted.size <= MAX_UPLOAD_BYTES:
            detail = {"most": MAX_UPLOAD_BYTES}
            raise Invalid(ErrorCode.RECORDING_TOO_LARGE, field="size", detail=detail)
        async with self._context.database.read() as tx:
            area = await tx.areas.get(actor.area, wanted.area_id)
        authorize(actor, Permission.COMPOSE, area.chain)
        recording = Recording(
            id=self._context.ids.new(),
            area=area.id,
            title=read_title(wanted.title),
            size=wanted.size,
            created_by=actor.account,
            created_at=self._context.clock.now(),
            chime=wanted.chime,
            closing=wanted.closing,
        )
        if self._free_bytes() < self._limits.reserve_bytes + 2 * wanted.size:
            raise Unavailable(ErrorCode.DISK_FULL)
        await self._do(self._uploads.begin(_upload(recording)))
        try:
            async with self._context.database.begin() as tx:
                await self._require_place(tx, recording)
                await tx.recordings.add(recording)
                await self._context.note(
                    tx, actor, area.id, "recording.announced", recording.id, recording.title
                )
        except DomainError:
            await self._do(self._uploads.drop(_upload(recording)))
            raise
        self._context.tell(EventKind.RECORDING, recording.id, area.chain)
        return Shown(recording, actor.name)

    async def receive(self, actor: Actor, recording_id: UUID, offset: int, data: bytes) -> Shown:
        """Add a piece; one that was stored before counts as stored again.

        Raises NotFound, Forbidden, Conflict `recording_wrong_offset` (its detail tells where
        to go on), `recording_wrong_state`, Invalid `recording_too_large`, Unavailable.
        """
        if len(data) > MAX_PIECE_BYTES:
            detail = {"most": MAX_PIECE_BYTES}
            raise Invalid(ErrorCode.RECORDING_TOO_LARGE, field="content", detail=detail)
        async with self._turn(recording_id):
            async with self._context.database.read() as tx:
                recording = await self._held(tx, actor, recording_id, Permission.COMPOSE)
            if recording.state is not RecordingState.RECEIVING:
                raise Conflict(ErrorCode.RECORDING_WRONG_STATE)
            there = await self._append(recording, offset, data)
            if there != recording.received:
                percent = 100 * there // recording.size
                recording = replace(recording, received=there, progress=percent)
                async with self._context.database.begin() as tx:
                    await tx.recordings.save(recording)
        async with self._context.database.read() as tx:
            return await self._named(tx, recording)

    async def complete(self, actor: Actor, recording_id: UUID) -> Shown:
        """Say that all pieces are there; checks begin. A second time changes nothing.

        Raises NotFound, Forbidden, Conflict `recording_incomplete`.
        """
        async with self._turn(recording_id):
            async with self._context.database.read() as tx:
                recording = await self._held(tx, actor, recording_id, Permission.COMPOSE)
                area = await tx.areas.get(actor.area, recording.area)
            if recording.state is RecordingState.RECEIVING:
                there = await self._do(self._uploads.received(_upload(recording)))
                recording = begin_checks(replace(recording, received=there))
                async with self._context.database.begin() as tx:
                    await tx.recordings.save(recording)
                self._ingestion.wake()
                self._context.tell(EventKind.RECORDING, recording.id, area.chain)
        async with self._context.database.read() as tx:
            return await self._named(tx, recording)

    async def rename(self, actor: Actor, recording_id: UUID, title: str) -> Shown:
        """Give it another title. Raises NotFound, Forbidden, Invalid."""
        async with self._context.database.begin() as tx:
            recording = await self._held(tx, actor, recording_id, Permission.COMPOSE)
            area = await tx.areas.get(actor.area, recording.area)
            recording = replace(recording, title=read_title(title))
            await tx.recordings.save(recording)
            await self._context.note(
                tx, actor, area.id, "recording.renamed", recording.id, recording.title
            )
            shown = await self._named(tx, recording)
        self._context.tell(EventKind.RECORDING, recording.id, area.chain)
        return shown

    async def confirm_heard(self, actor: Actor, recording_id: UUID) -> Shown:
        """Store that this person heard a doubtful recording to its end.

        Raises NotFound, Forbidden, Conflict `recording_not_ready`.
        """
        async with self._context.database.begin() as tx:
            recording = await self._held(tx, actor, recording_id, Permission.COMPOSE)
            area = await tx.areas.get(actor.area, recording.area)
            recording = heard(recording, actor.account, self._context.clock.now())
            await tx.recordings.save(recording)
            await self._context.note(tx, actor, area.id, "recording.heard", recording.id)
            shown = await self._named(tx, recording)
        self._context.tell(EventKind.RECORDING, recording.id, area.chain)
        return shown

    async def sound(self, actor: Actor, recording_id: UUID) -> Path:
        """Return the file to listen to: the very bytes that terminals play.

        Raises NotFound, Forbidden, Conflict `recording_not_ready`.
        """
        async with self._context.database.read() as tx:
            recording = await self._held(tx, actor, recording_id, Permission.LISTEN)
        if recording.sound is None:
            raise Conflict(ErrorCode.RECORDING_NOT_READY)
        return await self._do(self._sounds.open_rendition(Sha256(recording.sound.rendition)))

    async def delete(self, actor: Actor, recording_id: UUID) -> None:
        """Forget a recording that nothing uses, or give an upload up.

        Raises NotFound, Forbidden, Conflict `recording_in_use`.
        """
        async with self._turn(recording_id), self._context.database.begin() as tx:
            recording = await self._held(tx, actor, recording_id, Permission.COMPOSE)
            area = await tx.areas.get(actor.area, recording.area)
            unused = await self._remove(tx, actor, recording)
        await self._do(self._uploads.drop(_upload(recording)))
        if unused is not None:
            await self._do(self._sounds.remove(unused))
        self._context.tell(EventKind.RECORDING, recording.id, area.chain)

    async def sweep(self) -> int:
        """Give up abandoned uploads and forget old refusals; return how many."""
        now = self._context.clock.now()
        async with self._context.database.read() as tx:
            open_ones = await tx.recordings.in_state(RecordingState.RECEIVING)
            refused = await tx.recordings.in_state(RecordingState.REFUSED)
        old = [one for one in open_ones if one.created_at < now - ABANDONED_AFTER]
        old += [one for one in refused if one.created_at < now - REFUSED_KEPT]
        for recording in old:
            async with self._turn(recording.id), self._context.database.begin() as tx:
                await self._remove(tx, None, recording)
            await self._do(self._uploads.drop(_upload(recording)))
        return len(old)

    async def _remove(
        self, tx: Transaction, actor: Actor | None, recording: Recording
    ) -> Sha256 | None:
        """Forget a recording; returns its rendition when nothing else holds that."""
        await tx.recordings.remove(recording.id)
        await self._context.note(
            tx, actor, recording.area, "recording.deleted", recording.id, recording.title
        )
        if recording.sound is None:
            return None
        rendition = recording.sound.rendition
        return Sha256(rendition) if await tx.renditions.remove_unused(rendition) else None

    async def _append(self, recording: Recording, offset: int, data: bytes) -> int:
        upload = _upload(recording)
        try:
            return await self._uploads.append(upload, offset, data, at_most=recording.size)
        except MediaError as error:
            refusal = refusal_of(error)
            if error.code is not Code.UPLOAD_UNKNOWN:
                raise refusal from error
            # The file is gone (a restored database, say): the sender begins again.
            await self._do(self._uploads.begin(upload))
            detail = {"offset": 0}
            code = ErrorCode.RECORDING_WRONG_OFFSET
            raise Conflict(code, field="offset", detail=detail) from error

    async def _require_place(self, tx: Transaction, recording: Recording) -> None:
        """Refuse one more recording while too many are on their way."""
        going = [
            *await tx.recordings.in_state(RecordingState.RECEIVING),
            *await tx.recordings.in_state(RecordingState.CHECKING),
        ]
        own = sum(one.created_by == recording.created_by for one in going)
        beside = sum(one.area == recording.area for one in going)
        if own >= self._limits.per_account or beside >= self._limits.per_area:
            raise TooMany(ErrorCode.TOO_MANY_UPLOADS, detail={"unfinished": max(own, beside)})

    async def _held(
        self, tx: Transaction, actor: Actor, recording_id: UUID, permission: Permission
    ) -> Recording:
        recording = await tx.recordings.get(actor.area, recording_id)
        area = await tx.areas.get(actor.area, recording.area)
        authorize(actor, permission, area.chain)
        return recording

    async def _named(self, tx: Transaction, recording: Recording) -> Shown:
        return self._shown(recording, await tx.accounts.names([recording.created_by]))

    def _shown(self, recording: Recording, names: dict[UUID, str]) -> Shown:
        return Shown(self._ingestion.shown(recording), names.get(recording.created_by, ""))

    @asynccontextmanager
    async def _turn(self, recording_id: UUID) -> AsyncIterator[None]:
        """One change of a recording at a time."""
        lock = self._turns.setdefault(recording_id, asyncio.Lock())
        async with lock:
            yield

    async def _do(self, work: Awaitable[_T]) -> _T:
        try:
            return await work
        except MediaError as error:
            raise refusal_of(error) from error


def _upload(recording: Recording) -> UploadId:
    return UploadId(str(recording.id))
