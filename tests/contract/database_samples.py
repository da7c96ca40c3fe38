"""A province with two communes of one hamlet each, and one of everything that is stored.

p-89 ── c-1 ── h-1 (terminal NEAR)
     └─ c-2 ── h-2 (terminal AWAY)
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

from controller.adapters.database import SqlDatabase
from controller.domain.account import Account, ApiToken, Invite, Session
from controller.domain.announcement import (
    Announcement,
    AnnouncementState,
    ApprovalRecord,
    Content,
    Targets,
)
from controller.domain.area import Area, Level
from controller.domain.audit import AuditDraft
from controller.domain.document import Document
from controller.domain.enrolment import Enrolment
from controller.domain.order import Order, OrderKind, Stop
from controller.domain.play_log import PlayLogEntry
from controller.domain.recording import Recording, RecordingState, Rendition, Sound
from controller.domain.roles import Role
from controller.domain.terminal import (
    Terminal,
    TerminalHello,
    TerminalStatus,
    TerminalTelemetry,
)
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.precedence import Layer, MessageClass
from edge_agent.wire.reports import ClockState, Outcome
from scheduler.occurrence import PlannedOccurrence, PlannedSchedule, plan
from scheduler.programme import MessageClass as ScheduledClass
from scheduler.programme import of_announcement
from scheduler.schedule import Daily, Schedule, Skip

PROVINCE: Final = "p-89"
COMMUNE: Final = "c-1"
OTHER: Final = "c-2"
HAMLET: Final = "h-1"
FAR: Final = "h-2"

NOW: Final = datetime(2026, 11, 24, 1, 0, 0, 123456, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
LENGTH_MS: Final = 60_000
RENDITION: Final = "ab" * 32
LOG: Final = UUID(int=0x106)

_numbers = count(1)


def new_id() -> UUID:
    """Return an id that rises from call to call."""
    return UUID(int=next(_numbers) << 64)


OPERATOR: Final = new_id()
NEAR: Final = new_id()
AWAY: Final = new_id()

AREAS: Final = (
    Area(PROVINCE, Level.PROVINCE, "Tỉnh Sông Lam", (PROVINCE,), "89"),
    Area(COMMUNE, Level.COMMUNE, "Xã Bình Minh", (PROVINCE, COMMUNE), "30280"),
    Area(OTHER, Level.COMMUNE, "Xã An Hòa", (PROVINCE, OTHER), "30281"),
    Area(HAMLET, Level.HAMLET, "Thôn Đông 🎋", (PROVINCE, COMMUNE, HAMLET)),
    Area(FAR, Level.HAMLET, "Thôn Tây", (PROVINCE, OTHER, FAR)),
)


async def settle(database: SqlDatabase) -> None:
    """Store areas, one account and two terminals."""
    async with database.begin() as tx:
        for area in AREAS:
            await tx.areas.add(area)
        await tx.accounts.add(account(id=OPERATOR, username="operator"))
        await tx.terminals.add(terminal(NEAR, HAMLET, "Loa 1"))
        await tx.terminals.add(terminal(AWAY, FAR, "Loa 2"))


def account(**changes: Any) -> Account:
    made = Account(new_id(), COMMUNE, "nguyen.van.a", "Nguyễn Văn A", Role.OPERATOR, NOW)
    return replace(made, **changes)


def session(**changes: Any) -> Session:
    made = Session(new_id().bytes * 2, OPERATOR, NOW, NOW, NOW + HOUR)
    return replace(made, **changes)


def token(**changes: Any) -> ApiToken:
    made = ApiToken(new_id(), OPERATOR, "weather", new_id().bytes * 2, NOW, NOW + DAY)
    return replace(made, **changes)


def invite(**changes: Any) -> Invite:
    made = Invite(new_id().bytes * 2, OPERATOR, OPERATOR, NOW, NOW + DAY)
    return replace(made, **changes)


def terminal(terminal_id: UUID, area: str = HAMLET, name: str = "Loa", **more: Any) -> Terminal:
    made = Terminal(terminal_id, area, name, terminal_id.bytes * 2, "$argon2$", NOW)
    return replace(made, **more)


def sound(**changes: Any) -> Sound:
    made = Sound(RENDITION, LENGTH_MS, -16.04, -1.5, (0, 50, 100, 3))
    return replace(made, **changes)


def recording(**changes: Any) -> Recording:
    made = Recording(new_id(), COMMUNE, "Tiêm phòng 💉", 1000, OPERATOR, NOW)
    return replace(made, **changes)


def ready(**changes: Any) -> Recording:
    return recording(state=RecordingState.READY, received=1000, sound=sound(), **changes)


def rendition(**changes: Any) -> Rendition:
    blocks = (bytes([1]) * 32, bytes([2]) * 32)
    made = Rendition(RENDITION, COMMUNE, None, 60_000, 48 * LENGTH_MS, 32_768, blocks, NOW)
    return replace(made, **changes)


def schedule(**changes: Any) -> Schedule:
    rule = Daily((time(5, 30), time(17, 0)), date(2026, 11, 20))
    made = Schedule(new_id(), rule, exceptions=(Skip("20261125T053000"),))
    return replace(made, **changes)


def announcement(content: Content | None = None, **changes: Any) -> Announcement:
    content = content or Content("Lịch tiêm phòng", targets=Targets((HAMLET,), (AWAY,)))
    return replace(Announcement(new_id(), COMMUNE, content, OPERATOR, NOW, NOW), **changes)


def approved(targets: Targets, recorded: Recording, **changes: Any) -> Announcement:
    """Return an approved announcement that is to sound twice a day."""
    content = Content(
        "Lịch tiêm phòng", recording=recorded.id, targets=targets, schedules=(schedule(),)
    )
    made = announcement(
        content, state=AnnouncementState.APPROVED, approval=new_id(), ever_approved=True
    )
    return replace(made, decided_at=NOW, decided_by=OPERATOR, **changes)


def approval(of: Announcement, **changes: Any) -> ApprovalRecord:
    made = ApprovalRecord(
        id=new_id(),
        announcement=of.id,
        revision=of.revision,
        area=of.area,
        message_class=of.content.message_class,
        renditions=(RENDITION,),
        approver=OPERATOR,
        decided_at=NOW,
        body=b"\x00body",
        signature=bytes(64),
    )
    return replace(made, **changes)


def airings(
    of: Announcement, *terminals: UUID, days: int = 2, since: datetime = NOW
) -> tuple[PlannedOccurrence, ...]:
    """Return what an approved announcement gives from `since` on, as the engine plans it."""
    (its,) = of.content.schedules
    planned = PlannedSchedule(
        schedule=its,
        programme=of_announcement(of.id, RENDITION, LENGTH_MS),
        message_class=ScheduledClass(of.content.message_class.value),
        targets=frozenset(str(one) for one in terminals),
        active_since=since,
    )
    return plan(planned, since, since + days * DAY)


def line(item: UUID, outcome: Outcome, sequence: int, **changes: Any) -> PlayLogEntry:
    """Return a line of NEAR's play log; it sounded to its end unless told otherwise."""
    began = None if outcome is Outcome.MISSED else NOW
    sounded = LENGTH_MS if outcome is Outcome.SOUNDED else 0
    made = PlayLogEntry(
        terminal=NEAR,
        log=LOG,
        sequence=sequence,
        previous=bytes(32),
        digest=sequence.to_bytes(32, "big"),
        at=NOW + min(sequence, 10_000) * timedelta(seconds=1),
        outcome=outcome,
        item=item,
        announcement=new_id(),
        message_class=MessageClass.ORDINARY,
        rendition=RENDITION,
        planned=NOW,
        began=began,
        asked_ms=LENGTH_MS,
        sounded_ms=sounded,
        reason="",
        received_at=NOW,
    )
    return replace(made, **changes)


def status(terminal_id: UUID = NEAR, **changes: Any) -> TerminalStatus:
    made = TerminalStatus(
        terminal=terminal_id,
        received_at=NOW,
        at=NOW,
        clock=ClockState.TRUSTED,
        clock_reason="",
        sounding=None,
        layer=None,
        position_ms=0,
        volume=80,
        stopped_until=None,
        rundown_version=3,
        renditions_held=2,
        renditions_wanted=0,
        problems=(),
    )
    return replace(made, **changes)


def sounding(item: UUID, terminal_id: UUID = NEAR) -> TerminalStatus:
    return status(terminal_id, sounding=item, layer=Layer.SCHEDULED, position_ms=1500)


def hello(terminal_id: UUID = NEAR, **changes: Any) -> TerminalHello:
    made = TerminalHello(terminal_id, NOW, bytes(16), 7, (1, 2), "loaxa 0.1.0", LOG, 12, 11)
    return replace(made, **changes)


def telemetry(terminal_id: UUID = NEAR, **changes: Any) -> TerminalTelemetry:
    made = TerminalTelemetry(
        terminal=terminal_id,
        received_at=NOW,
        uptime_ms=2**31 - 1,
        cpu_millidegrees=-5000,
        load_permille=None,
        memory_kib=400_000,
        disk_free_mib=None,
        bytes_in=2**53 - 1,
        bytes_out=0,
        bytes_month=2**53 - 1,
        month="2026-11",
        reconnects=1,
        round_trip_us=90_000,
        refused=0,
    )
    return replace(made, **changes)


def enrolment(**changes: Any) -> Enrolment:
    made = Enrolment(new_id(), HAMLET, "Loa 3", new_id().bytes * 2, OPERATOR, NOW, NOW + 3 * DAY)
    return replace(made, **changes)


def document(
    kind: MessageType, subject: str, targets: Targets, version: int = 1, **changes: Any
) -> Document:
    digest = bytes([kind]) * 16 + version.to_bytes(16, "big")
    made = Document(kind, subject, COMMUNE, version, b"envelope", digest, targets, NOW)
    return replace(made, **changes)


def stop(**changes: Any) -> Stop:
    made = Stop(new_id(), COMMUNE, None, NOW, NOW + HOUR, OPERATOR, "Nguyễn Văn A")
    return replace(made, **changes)


def order(**changes: Any) -> Order:
    made = Order(
        id=new_id(),
        kind=OrderKind.PLAY,
        area=COMMUNE,
        targets=Targets((HAMLET,), (AWAY,)),
        title="Lũ về",
        issued_at=NOW,
        expires_at=NOW + HOUR,
        issued_by=OPERATOR,
        issued_by_name="Nguyễn Văn A",
        announcement=new_id(),
        approval=new_id(),
        rendition=RENDITION,
        duration_ms=LENGTH_MS,
        repeats=3,
        gap_ms=500,
    )
    return replace(made, **changes)


def draft(area: str = COMMUNE, **changes: Any) -> AuditDraft:
    made = AuditDraft(
        new_id(),
        NOW,
        area,
        OPERATOR,
        "Nguyễn Văn A",
        "announcement.approved",
        "subject",
        "chi tiết",
    )
    return replace(made, **changes)
