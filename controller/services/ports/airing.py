"""Repositories of recordings, announcements, dated airings and the diary."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from controller.domain.announcement import Announcement, AnnouncementState, ApprovalRecord
from controller.domain.ids import AreaId, HashText
from controller.domain.occurrence import (
    AskedItem,
    DiaryOutcome,
    DiaryRow,
    DiaryTotals,
    Occurrence,
    Tally,
)
from controller.domain.paging import Page, PageRequest
from controller.domain.play_log import PlayLogCursor, PlayLogEntry
from controller.domain.recording import Recording, RecordingState, Rendition


class Recordings(Protocol):
    """Uploaded recordings."""

    async def add(self, recording: Recording) -> None:
        """Store a new recording."""
        ...

    async def save(self, recording: Recording) -> None:
        """Store a changed recording (its id and area stay)."""
        ...

    async def find(self, recording_id: UUID) -> Recording | None:
        """Return the recording of that id, for the program's own use."""
        ...

    async def get(self, scope: AreaId, recording_id: UUID) -> Recording:
        """Return a recording inside `scope`. Raises NotFound."""
        ...

    async def list(self, scope: AreaId, page: PageRequest) -> Page[Recording]:
        """Return recordings of `scope` and below, newest first."""
        ...

    async def in_state(self, state: RecordingState) -> tuple[Recording, ...]:
        """Return all recordings in a state, oldest first (work to go on with at start)."""
        ...

    async def remove(self, recording_id: UUID) -> None:
        """Forget a recording.

        Raises Conflict `recording_in_use` while an announcement uses it, and for good when
        its sound was approved once and no other recording holds that.
        """
        ...


class Renditions(Protocol):
    """What terminals play, and which of them hold it."""

    async def add(self, rendition: Rendition) -> None:
        """Store a rendition; the same hash again changes nothing."""
        ...

    async def find(self, rendition: HashText) -> Rendition | None:
        """Return the rendition of that hash."""
        ...

    async def remove_unused(self, rendition: HashText) -> bool:
        """Forget a rendition that no recording holds; tell whether it is gone."""
        ...

    async def set_held(self, terminal: UUID, renditions: Sequence[HashText], at: datetime) -> None:
        """Store all that a terminal holds, in place of what was stored (hello)."""
        ...

    async def add_held(self, terminal: UUID, rendition: HashText, at: datetime) -> None:
        """Store that a terminal now holds a rendition."""
        ...

    async def held_by(self, terminal: UUID) -> frozenset[HashText]:
        """Return what a terminal holds, as far as it told us."""
        ...

    async def holders(self, rendition: HashText) -> frozenset[UUID]:
        """Return the terminals that hold a rendition, as far as they told us."""
        ...


class Announcements(Protocol):
    """Announcements, with their schedules."""

    async def add(self, announcement: Announcement) -> None:
        """Store a new draft."""
        ...

    async def save(self, announcement: Announcement, before: Announcement) -> None:
        """Store a changed announcement (its id and area stay).

        `before` is the one it was made from. Raises Conflict `changed_meanwhile` when
        another change came first, even one made while the signer was asked.
        """
        ...

    async def find(self, announcement_id: UUID) -> Announcement | None:
        """Return the announcement of that id, for the program's own use."""
        ...

    async def get(self, scope: AreaId, announcement_id: UUID) -> Announcement:
        """Return an announcement inside `scope`. Raises NotFound."""
        ...

    async def list(
        self, scope: AreaId, page: PageRequest, state: AnnouncementState | None = None
    ) -> Page[Announcement]:
        """Return announcements of `scope` and below, last changed first."""
        ...

    async def of_schedule(self, schedule_id: UUID) -> Announcement | None:
        """Return the announcement that a schedule belongs to."""
        ...

    async def remove(self, announcement_id: UUID) -> None:
        """Forget a draft."""
        ...


class Approvals(Protocol):
    """Approvals as the signer gave them."""

    async def add(self, approval: ApprovalRecord) -> None:
        """Store a new approval."""
        ...

    async def save(self, approval: ApprovalRecord) -> None:
        """Store its withdrawal."""
        ...

    async def find(self, approval_id: UUID) -> ApprovalRecord | None:
        """Return the approval of that id."""
        ...

    async def many(self, approval_ids: Sequence[UUID]) -> dict[UUID, ApprovalRecord]:
        """Return those of these approvals that exist."""
        ...

    async def of_announcement(self, announcement_id: UUID) -> tuple[ApprovalRecord, ...]:
        """Return all approvals an announcement ever had, newest first."""
        ...


class Occurrences(Protocol):
    """Dated airings, and which terminals were asked to sound them.

    They are written by the engine alone, through scheduler.ports.ScheduleRepository, which
    the same adapter implements (controller.adapters.database.ScheduleStore).
    """

    async def find(self, occurrence_id: UUID) -> Occurrence | None:
        """Return the airing of that id, for the program's own use."""
        ...

    async def get(self, scope: AreaId, occurrence_id: UUID) -> Occurrence:
        """Return an airing ordered inside `scope`. Raises NotFound."""
        ...

    async def list(
        self, scope: AreaId, since: datetime, until: datetime, page: PageRequest
    ) -> Page[Occurrence]:
        """Return airings with start in [since, until), in order of time.

        Those ordered in `scope` or below, and those that terminals in it are asked to sound.
        """
        ...

    async def for_terminal(
        self, terminal: UUID, since: datetime, until: datetime
    ) -> tuple[Occurrence, ...]:
        """Return a terminal's planned or sounding airings, in order of time.

        Those that end after `since` and start before `until`.
        """
        ...

    async def of_announcement(
        self, announcement_id: UUID, since: datetime
    ) -> tuple[Occurrence, ...]:
        """Return an announcement's airings that end after `since`, in order of time."""
        ...

    async def overlapping(
        self, terminals: Sequence[UUID], start: datetime, end: datetime
    ) -> tuple[Occurrence, ...]:
        """Return planned or sounding airings in [start, end), in order of time.

        Those that any of the terminals is asked for.
        """
        ...

    async def next_for(self, terminals: Sequence[UUID], now: datetime) -> dict[UUID, Occurrence]:
        """Return each terminal's first planned airing that starts after `now`."""
        ...

    async def next_of(
        self, announcement_ids: Sequence[UUID], now: datetime
    ) -> dict[UUID, Occurrence]:
        """Return each announcement's first planned airing that starts after `now`."""
        ...

    async def terminals_of(self, occurrence_id: UUID) -> tuple[UUID, ...]:
        """Return the terminals that were asked."""
        ...


class PlayLog(Protocol):
    """Lines that terminals wrote; never changed, never removed before their time."""

    async def append(self, entries: Sequence[PlayLogEntry]) -> int:
        """Store lines and return how many were new.

        Those that are there already change nothing. The diary follows at once.
        """
        ...

    async def cursor(self, terminal: UUID, log: UUID) -> PlayLogCursor | None:
        """Return the last line stored of a log."""
        ...

    async def of_item(self, item: UUID, terminal: UUID) -> tuple[PlayLogEntry, ...]:
        """Return all lines about one airing on one terminal, in order."""
        ...


class Diary(Protocol):
    """Asked and sounded, per airing and terminal."""

    async def list(
        self,
        scope: AreaId,
        since: datetime,
        until: datetime,
        page: PageRequest,
        *,
        terminal: UUID | None = None,
        outcome: DiaryOutcome | None = None,
    ) -> Page[DiaryRow]:
        """Return rows of terminals in `scope` planned in [since, until), newest first.

        A terminal belongs to the area that it was in when it was asked.
        """
        ...

    async def items(self, items: Sequence[UUID]) -> dict[UUID, AskedItem]:
        """Return what these occurrences and orders are, for naming what sounds now."""
        ...

    async def totals(self, scope: AreaId, since: datetime, until: datetime) -> DiaryTotals:
        """Return sums over the same rows."""
        ...

    async def tallies(self, items: Sequence[UUID], scope: AreaId) -> dict[UUID, Tally]:
        """Return how each occurrence or order goes on the terminals of `scope`.

        One that no terminal of `scope` was asked for has an empty tally.
        """
        ...

    async def close_unheard(self, older_than: datetime, reason: str) -> int:
        """Mark old rows without any word from the terminal as missed; return how many.

        Those planned to end before `older_than`. A later word corrects them.
        """
        ...

    async def missed(
        self, areas: Sequence[AreaId], since: datetime, until: datetime
    ) -> dict[AreaId, tuple[int, int]]:
        """Return (asked, missed) for each of these areas, all below included.

        Counted are airings on single terminals that were planned in [since, until).
        """
        ...
