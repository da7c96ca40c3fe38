"""A province with two communes, people and loudspeakers, on a real database and signer.

Times are told by a clock that a test moves; nothing sleeps.
"""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from controller.adapters.database import ScheduleStore, SqlDatabase, open_database
from controller.domain.account import Account
from controller.domain.announcement import Targets
from controller.domain.area import Area, Level
from controller.domain.occurrence import AskedItem
from controller.domain.play_log import PlayLogEntry
from controller.domain.roles import Actor, Role
from controller.domain.signing import AssignTerminal, SignIn
from controller.domain.terminal import Terminal
from controller.services.access import Access, SignedIn
from controller.services.airing import Airing
from controller.services.announce import Announcements
from controller.services.approvals import Approvals
from controller.services.areas import Areas
from controller.services.context import Context
from controller.services.dispatch import Dispatch
from controller.services.drafts import Draft
from controller.services.emergencies import Emergencies
from controller.services.ingest import Ingestion
from controller.services.occurrences import Occurrences
from controller.services.outbox import Outbox
from controller.services.outlook import Outlooks
from controller.services.people import NewAccount, People
from controller.services.presence import Presence
from controller.services.recordings import NewRecording, Recordings
from controller.services.recordings import Shown as ShownRecording
from controller.services.setup import Setup, SetupRequest
from controller.services.shown import Shown
from edge_agent.wire.policy import to_instant
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.reports import Outcome
from media.upload_store import UploadStore
from scheduler.schedule import Once, Rule
from tests.fakes.messenger import KeptMessenger
from tests.fakes.outside import CountedIds, HeardFeed
from tests.fakes.recordings import FakeSounds, speech
from tests.fakes.scheduling import FakeAlarm, FakeClock
from tests.fakes.signer import InProcessSigner

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=ZONE).astimezone(UTC)
"""Eight in the morning on a Monday, when each test begins."""
PASSWORD = "bốn con trâu đi qua cầu"
SETUP_CODE = "setup-code"
GIB = 1024**3
UPLOAD = speech(12.5, more=bytes(1000))
"""A file of some size that is taken in."""


@dataclass
class Town:
    """All services on one database. `free` is what the disk still holds."""

    folder: Path
    database: SqlDatabase
    clock: FakeClock
    signer: InProcessSigner
    sounds: FakeSounds
    feed: HeardFeed = field(default_factory=HeardFeed)
    outbox: Outbox = field(default_factory=Outbox)
    free: int = 20 * GIB
    areas: dict[str, Area] = field(default_factory=dict)
    people: dict[str, SignedIn] = field(default_factory=dict)
    terminals: dict[str, UUID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = CountedIds()
        self._lines = 0
        self.context = Context(
            self.database, self.signer, self.clock, self.ids, self.feed, self.outbox
        )
        self.uploads = UploadStore(self.folder / "uploads")
        self.alarm = FakeAlarm(self.clock)
        self.schedules = ScheduleStore(self.database)
        self.ingestion = Ingestion(self.context, self.uploads, self.sounds)
        self.recordings = Recordings(
            self.context, self.uploads, self.sounds, self.ingestion, lambda: self.free
        )
        self.airing = Airing(self.context, self.schedules, self.clock, self.alarm)
        self.outlooks = Outlooks(self.context, self.schedules)
        self.messenger = KeptMessenger()
        self.monotonic = lambda: self.clock.monotonic().total_seconds()
        self.presence = Presence(self.messenger, self.clock, self.monotonic)
        dispatch = Dispatch(self.context, self.messenger, self.presence, self.monotonic)
        self.emergencies = Emergencies(self.context, dispatch, lambda _areas: None)
        self.approvals = Approvals(self.context, self.outlooks, self.airing, self.emergencies)
        self.announcements = Announcements(self.context, self.outlooks, self.approvals, self.airing)
        self.occurrences = Occurrences(self.context, self.airing)
        self.access = Access(self.context)
        self.setup = Setup(self.context, self.access, SETUP_CODE)
        self.area_service = Areas(self.context)
        self.accounts = People(self.context, self.access)

    @classmethod
    async def found(cls, folder: Path) -> Self:
        """Open an empty system."""
        clock = FakeClock(MONDAY)
        signer = InProcessSigner(folder / "signer", lambda: to_instant(clock.now()))
        database = await open_database(f"sqlite:///{folder / 'loaxa.sqlite'}")
        town = cls(folder, database, clock, signer, FakeSounds(folder / "sound"))
        await town.uploads.open()
        return town

    async def copied_to(self, folder: Path) -> Self:
        """Return the same town in another folder; this one must be closed."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        moved = await type(self).found(folder)
        moved.areas, moved.people = dict(self.areas), dict(self.people)
        moved.terminals, moved.ids.count = dict(self.terminals), self.ids.count
        return moved

    async def close(self) -> None:
        """Give everything back."""
        await self.airing.stop()
        await self.database.close()
        await self.signer.close()

    def actor(self, name: str) -> Actor:
        """Return a person as one who acts."""
        return self.people[name].account.actor()

    def ticket(self, name: str) -> str:
        """Return a person's ticket."""
        return self.people[name].ticket.token

    async def settle(self) -> None:
        """Make the province, its communes, hamlets, people and loudspeakers."""
        request = SetupRequest(
            "Tỉnh Sông Lam", Level.PROVINCE, "99", ZONE.key, "admin", "Quản trị", PASSWORD
        )
        self.people["admin"] = await self.setup.run(request)
        province = self.people["admin"].account.area
        for name, code in (("Xã Bình Minh", "90001"), ("Xã An Hòa", "90002")):
            await self._area(name, province, Level.COMMUNE, code)
        for name, commune in (
            ("Thôn Đông", "Xã Bình Minh"),
            ("Thôn Đoài", "Xã Bình Minh"),
            ("Thôn Thượng", "Xã An Hòa"),
        ):
            await self._area(name, self.areas[commune].id, Level.HAMLET, "")
        self.areas["Tỉnh Sông Lam"], _ = await self.area_service.get(self.actor("admin"), province)
        for username, role, area in (
            ("operator", Role.OPERATOR, "Xã Bình Minh"),
            ("approver", Role.APPROVER, "Xã Bình Minh"),
            ("deputy", Role.APPROVER, "Xã Bình Minh"),
            ("monitor", Role.MONITOR, "Tỉnh Sông Lam"),
            ("neighbour", Role.OPERATOR, "Xã An Hòa"),
            ("stranger", Role.APPROVER, "Xã An Hòa"),
            ("governor", Role.APPROVER, "Tỉnh Sông Lam"),
            ("secretary", Role.OPERATOR, "Tỉnh Sông Lam"),
        ):
            await self._person(username, role, self.areas[area])
        for name, area in (
            ("Loa nhà văn hóa", "Thôn Đông"),
            ("Loa đình làng", "Thôn Đông"),
            ("Loa cổng chợ", "Thôn Đoài"),
            ("Loa bến đò", "Thôn Thượng"),
        ):
            await self.mount(name, area)
        self.feed.take()

    async def mount(self, name: str, area: str) -> UUID:
        """Put a loudspeaker into an area, known to database and signer."""
        terminal = Terminal(
            id=self.ids.new(),
            area=self.areas[area].id,
            name=name,
            public_key=bytes(32),
            broker_password_hash="",
            enrolled_at=self.clock.now(),
        )
        await self.signer.assign(
            AssignTerminal(
                terminal=terminal.id,
                area=terminal.area,
                name=name,
                zones=(),
                volume=80,
                amplifier_lead=0,
            )
        )
        async with self.database.begin() as tx:
            await tx.terminals.add(terminal)
        self.terminals[name] = terminal.id
        return terminal.id

    async def upload(self, who: str = "operator", size: int | None = None) -> ShownRecording:
        """Announce an upload in one's own commune, by default of `UPLOAD`."""
        area = "Xã An Hòa" if who in {"neighbour", "stranger"} else "Xã Bình Minh"
        wanted = NewRecording(
            "Loa thôn 🎋", self.areas[area].id, size or len(UPLOAD), chime=True, closing=False
        )
        return await self.recordings.announce(self.actor(who), wanted)

    async def recording(
        self, who: str = "operator", seconds: float = 60, *, area: str = "Xã Bình Minh",
        doubtful: bool = False, more: bytes = b"",
    ) -> UUID:  # fmt: skip
        """Upload a recording and have it taken in."""
        data = speech(seconds, doubtful=doubtful, more=more)
        wanted = NewRecording("Bản ghi", self.areas[area].id, len(data), chime=True, closing=True)
        shown = await self.recordings.announce(self.actor(who), wanted)
        await self.recordings.receive(self.actor(who), shown.recording.id, 0, data)
        await self.recordings.complete(self.actor(who), shown.recording.id)
        await self.ingestion.work_off()
        return shown.recording.id

    def draft(
        self, recording: UUID | None, *rules: Rule, area: str = "Xã Bình Minh",
        targets: tuple[str, ...] = ("Thôn Đông",), terminals: tuple[str, ...] = (),
        message_class: MessageClass = MessageClass.ORDINARY, title: str = "Tiêm chủng",
    ) -> Draft:  # fmt: skip
        """Return what an operator fills in."""
        return Draft(
            title=title,
            area_id=self.areas[area].id,
            message_class=message_class,
            recording=recording,
            targets=Targets(
                tuple(self.areas[one].id for one in targets),
                tuple(self.terminals[one] for one in terminals),
            ),
            rules=rules,
        )

    async def submitted(self, *rules: Rule, **more: object) -> Shown:
        """Have the operator write an announcement and send it for approval."""
        draft = self.draft(await self.recording(), *rules, **more)  # type: ignore[arg-type]
        saved = await self.announcements.create(self.actor("operator"), draft)
        one = saved.announcement
        return await self.announcements.submit(self.actor("operator"), one.id, one.revision)

    async def approved(self, *rules: Rule, by: str = "approver", **more: object) -> Shown:
        """Have an announcement written, sent and approved."""
        return await self.approve(await self.submitted(*rules, **more), by)

    async def approve(self, shown: Shown, by: str = "approver") -> Shown:
        """Approve what was sent, as it was read."""
        one = shown.announcement
        assert shown.recording is not None
        assert shown.recording.sound is not None
        return await self.approvals.approve(
            self.actor(by),
            one.id,
            one.revision,
            shown.recording.sound.rendition,
            self.ticket(by),
        )

    async def from_above(self, *rules: Rule, title: str = "Tin của tỉnh") -> Shown:
        """Have the province order an announcement for everybody."""
        province = "Tỉnh Sông Lam"
        who, targets = self.actor("secretary"), (province,)
        recording = await self.recording("secretary", area=province, more=b"province")
        draft = self.draft(recording, *rules, area=province, targets=targets, title=title)
        one = (await self.announcements.create(who, draft)).announcement
        return await self.approve(
            await self.announcements.submit(who, one.id, one.revision), "governor"
        )

    async def report(
        self, name: str, item: UUID, outcome: Outcome, *, sounded_ms: int = 60_000,
        reason: str = "", began: timedelta = timedelta(),
    ) -> None:  # fmt: skip
        """Have a loudspeaker write a line about an airing, which arrives at once."""
        asked = await self._asked(item)
        silent = outcome in {Outcome.MISSED, Outcome.STARTED}
        self._lines += 1
        line = PlayLogEntry(
            terminal=self.terminals[name],
            log=self.terminals[name],
            sequence=self._lines,
            previous=bytes(32),
            digest=self._lines.to_bytes(32, "big"),
            at=self.clock.now(),
            outcome=outcome,
            item=item,
            announcement=asked.announcement,
            message_class=asked.message_class,
            rendition=asked.rendition or "0" * 64,
            planned=asked.planned_at,
            began=None if outcome is Outcome.MISSED else asked.planned_at + began,
            asked_ms=asked.asked_ms,
            sounded_ms=0 if silent else sounded_ms,
            reason=reason,
            received_at=self.clock.now(),
        )
        async with self.database.begin() as tx:
            await tx.play_log.append([line])

    async def _asked(self, item: UUID) -> AskedItem:
        async with self.database.read() as tx:
            return (await tx.diary.items([item]))[item]

    async def _area(self, name: str, parent: str, level: Level, code: str) -> None:
        self.areas[name] = await self.area_service.create(
            self.actor("admin"), parent, level, name, code, self.ticket("admin")
        )

    async def _person(self, username: str, role: Role, area: Area) -> None:
        release = role is Role.APPROVER and username in {"approver", "governor"}
        wanted = NewAccount(username, username.title(), role, area.id, release)
        link = await self.accounts.create(self.actor("admin"), wanted, self.ticket("admin"))
        self.people[username] = await self.accounts.redeem(link.token, PASSWORD)

    async def sign_in(self, account: Account) -> str:
        """Return a fresh ticket of somebody."""
        request = SignIn(account=account.id, password=PASSWORD, source="test")
        return (await self.signer.sign_in(request)).token


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a local time of November 2026 as schedules have it."""
    return datetime(2026, 11, day, hour, minute)  # noqa: DTZ001 - local time, without a zone


def once(day: int, hour: int, minute: int = 0) -> Once:
    """Return one airing in November 2026."""
    return Once(local(day, hour, minute))


def instant(day: int, hour: int, minute: int = 0) -> datetime:
    """Return the instant of a local time of November 2026."""
    return local(day, hour, minute).replace(tzinfo=ZONE).astimezone(UTC)


AN_HOUR = timedelta(hours=1)
