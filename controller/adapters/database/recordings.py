"""Recordings, renditions, and which terminals hold them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Text, delete, select, type_coerce, update

from controller.adapters.database.fleet_tables import terminal_renditions, terminals
from controller.adapters.database.rows import Repository, below, read_row, to_page, values_of
from controller.adapters.database.tables import (
    announcements,
    approvals,
    recordings,
    renditions,
)
from controller.domain.errors import Conflict, ErrorCode, NotFound
from controller.domain.ids import AreaId, HashText
from controller.domain.paging import Page, PageRequest
from controller.domain.recording import Recording, RecordingState, Rendition, Sound

_HASH_BYTES = 32
_SOUND = ("rendition", "duration_ms", "loudness_lufs", "true_peak_dbtp", "waveform")


class SqlRecordings(Repository):
    """Uploaded recordings."""

    async def add(self, recording: Recording) -> None:
        """Store a new recording."""
        await self.run(recordings.insert().values(_values(recording)))

    async def save(self, recording: Recording) -> None:
        """Store a changed recording (its id and area stay)."""
        values = _values(recording)
        del values["id"], values["area"]
        await self.run(update(recordings).where(recordings.c.id == recording.id).values(values))

    async def find(self, recording_id: UUID) -> Recording | None:
        """Return the recording of that id."""
        row = await self.first(select(recordings).where(recordings.c.id == recording_id))
        return None if row is None else _recording(row)

    async def get(self, scope: AreaId, recording_id: UUID) -> Recording:
        """Return a recording inside `scope`. Raises NotFound."""
        query = select(recordings).where(
            recordings.c.id == recording_id, recordings.c.area.in_(below(scope))
        )
        row = await self.first(query)
        if row is None:
            raise NotFound(ErrorCode.NOT_FOUND)
        return _recording(row)

    async def list(self, scope: AreaId, page: PageRequest) -> Page[Recording]:
        """Return recordings of `scope` and below, newest first."""
        query = select(recordings).where(recordings.c.area.in_(below(scope)))
        key = [recordings.c.created_at, recordings.c.id]
        return to_page(await self.page(query, key, page, descending=True), _recording)

    async def in_state(self, state: RecordingState) -> tuple[Recording, ...]:
        """Return all recordings in a state, oldest first."""
        query = select(recordings).where(recordings.c.state == state)
        ordered = query.order_by(recordings.c.created_at, recordings.c.id)
        return tuple(_recording(row) for row in await self.all(ordered))

    async def remove(self, recording_id: UUID) -> None:
        """Forget a recording. Raises Conflict `recording_in_use`."""
        using = select(announcements.c.id).where(announcements.c.recording == recording_id)
        if await self.first(using.limit(1)) is not None:
            raise Conflict(ErrorCode.RECORDING_IN_USE)
        recording = await self.find(recording_id)
        if recording is not None and recording.sound is not None:
            await self._require_never_approved(recording.id, recording.sound.rendition)
        await self.run(delete(recordings).where(recordings.c.id == recording_id))

    async def _require_never_approved(self, recording_id: UUID, rendition: HashText) -> None:
        """Refuse the last recording of a sound that was approved: the diary speaks of it."""
        others = select(recordings.c.id).where(
            recordings.c.rendition == rendition, recordings.c.id != recording_id
        )
        listed = type_coerce(approvals.c.renditions, Text).contains(rendition)
        approved = select(approvals.c.id).where(listed).limit(1)
        if not await self.all(others.limit(1)) and await self.all(approved):
            raise Conflict(ErrorCode.RECORDING_IN_USE)


class SqlRenditions(Repository):
    """What terminals play, and which of them hold it."""

    async def add(self, rendition: Rendition) -> None:
        """Store a rendition; the same hash again changes nothing."""
        values = values_of(rendition, blocks=b"".join(rendition.blocks))
        await self.run(self.insert(renditions).values(values).on_conflict_do_nothing())

    async def find(self, rendition: HashText) -> Rendition | None:
        """Return the rendition of that hash."""
        row = await self.first(select(renditions).where(renditions.c.hash == rendition))
        if row is None:
            return None
        packed: bytes = row[renditions.c.blocks]
        cuts = range(0, len(packed), _HASH_BYTES)
        blocks = tuple(packed[cut : cut + _HASH_BYTES] for cut in cuts)
        return read_row(Rendition, row, renditions, blocks=blocks)

    async def remove_unused(self, rendition: HashText) -> bool:
        """Forget a rendition that no recording holds; tell whether it is gone."""
        held = select(recordings.c.id).where(recordings.c.rendition == rendition)
        if await self.all(held.limit(1)):
            return False
        return await self.run(delete(renditions).where(renditions.c.hash == rendition)) > 0

    async def set_held(self, terminal: UUID, held: Sequence[HashText], at: datetime) -> None:
        """Store all that a terminal holds, in place of what was stored."""
        known = await self.held_by(terminal)
        gone = known.difference(held)
        if gone:
            own = delete(terminal_renditions).where(terminal_renditions.c.terminal == terminal)
            await self.run(own.where(terminal_renditions.c.rendition.in_(gone)))
        await self._add(terminal, sorted(set(held) - known), at)

    async def add_held(self, terminal: UUID, rendition: HashText, at: datetime) -> None:
        """Store that a terminal now holds a rendition."""
        await self._add(terminal, [rendition], at)

    async def held_by(self, terminal: UUID) -> frozenset[HashText]:
        """Return what a terminal holds, as far as it told us."""
        query = select(terminal_renditions.c.rendition)
        rows = await self.all(query.where(terminal_renditions.c.terminal == terminal))
        return frozenset(row["rendition"] for row in rows)

    async def holders(self, rendition: HashText) -> frozenset[UUID]:
        """Return the terminals that hold a rendition, as far as they told us."""
        query = select(terminal_renditions.c.terminal)
        rows = await self.all(query.where(terminal_renditions.c.rendition == rendition))
        return frozenset(row["terminal"] for row in rows)

    async def _add(self, terminal: UUID, new: Sequence[HashText], at: datetime) -> None:
        if await self.first(select(terminals.c.id).where(terminals.c.id == terminal)) is None:
            return
        rows = [{"terminal": terminal, "rendition": one, "at": at} for one in new]
        await self.add_many(terminal_renditions, rows)


def _values(recording: Recording) -> dict[str, Any]:
    sound = recording.sound
    parts = {name: None if sound is None else getattr(sound, name) for name in _SOUND}
    return values_of(recording, "sound") | parts


def _recording(row: RowMapping) -> Recording:
    has_sound = row[recordings.c.rendition] is not None
    sound = read_row(Sound, row, recordings) if has_sound else None
    return read_row(Recording, row, recordings, sound=sound)
