"""The diary, as pages and as a file for a spreadsheet."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from controller.domain.ids import read_area_id, read_id
from controller.domain.occurrence import DiaryOutcome
from controller.domain.paging import PageRequest
from controller.services.diary import DiaryFacts, DiaryPart
from controller.web.binding import handles
from controller.web.call import Call, Language
from controller.web.keys import CONTEXT, DIARY
from controller.web.messages_airing import reason_text
from controller.web.schemas.base import BodyError
from controller.web.schemas.terminals import DiaryPage, DiaryQuery, DiaryRow

_DEFAULT_SPAN: Final = timedelta(days=31)
_BOM: Final = "\ufeff"
"""Without it spreadsheets take UTF-8 for the system's old encoding, and Vietnamese breaks."""

_HEADS: Final = {
    Language.VIETNAMESE: (
        "Ngày", "Giờ đặt", "Bản tin", "Loại", "Địa bàn", "Loa", "Bắt đầu phát",
        "Yêu cầu (giây)", "Đã phát (giây)", "Kết quả", "Lý do", "Người duyệt",
    ),
    Language.ENGLISH: (
        "Date", "Planned", "Announcement", "Class", "Area", "Loudspeaker", "Began",
        "Asked (s)", "Sounded (s)", "Outcome", "Reason", "Approved by",
    ),
}  # fmt: skip

_WORDS: Final = {
    Language.VIETNAMESE: {
        "ordinary": "Thường", "priority": "Ưu tiên", "emergency": "Khẩn cấp",
        "waiting": "Chờ loa báo", "started": "Đang phát", "sounded": "Đã phát đủ",
        "cut": "Bị cắt", "missed": "Không phát",
    },
    Language.ENGLISH: {},
}  # fmt: skip


@handles("diary")
async def diary(call: Call) -> DiaryPage:
    """Rows, newest first."""
    query: DiaryQuery = call.query
    page = await call.request.app[DIARY].list(
        call.actor, _part(call), PageRequest(query.cursor, query.limit)
    )
    return DiaryPage(items=[_row(facts, call.language) for facts in page.items], next=page.next)


@handles("diary_csv")
async def diary_csv(call: Call) -> web.StreamResponse:
    """The same rows as CSV (RFC 4180), written as they are read."""
    rows = call.request.app[DIARY].read(call.actor, _part(call))
    first = await anext(rows, None)
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": 'attachment; filename="nhat-ky.csv"',
        }
    )
    await response.prepare(call.request)
    await response.write((_BOM + _line(_HEADS[call.language])).encode())
    if first is not None:
        await response.write(_line(_cells(first, call.language)).encode())
        async for facts in rows:
            await response.write(_line(_cells(facts, call.language)).encode())
    await response.write_eof()
    return response


def _part(call: Call) -> DiaryPart:
    query: DiaryQuery = call.query
    now = call.request.app[CONTEXT].clock.now()
    until = _aware(query.until, "until") or now + timedelta(days=1)
    return DiaryPart(
        area=read_area_id(query.area_id) if query.area_id else call.actor.area,
        since=_aware(query.since, "since") or until - _DEFAULT_SPAN,
        until=until,
        terminal=read_id(query.terminal_id, "terminal_id") if query.terminal_id else None,
        outcome=DiaryOutcome(query.outcome) if query.outcome else None,
    )


def _aware(instant: datetime | None, field: str) -> datetime | None:
    if instant is not None and instant.tzinfo is None:
        raise BodyError("invalid_field", field, "an offset from UTC is needed")
    return instant


def _row(facts: DiaryFacts, language: Language) -> DiaryRow:
    row = facts.row
    return DiaryRow(
        occurrence_id=str(row.item),
        announcement_id=str(row.announcement) if row.announcement else None,
        title=row.title,
        message_class=row.message_class.value,
        area_id=row.area,
        area_name=facts.area_name,
        terminal_id=str(row.terminal),
        terminal_name=row.terminal_name,
        planned_at=row.planned_at,
        began_at=row.began_at,
        asked_s=row.asked_ms / 1000,
        sounded_s=row.sounded_ms / 1000,
        outcome=row.outcome.value,
        reason=row.reason,
        reason_text=reason_text(row.reason, vietnamese=language is Language.VIETNAMESE),
        approved_by=facts.approved_by,
        recording_id=str(facts.recording) if facts.recording else None,
    )


def _cells(facts: DiaryFacts, language: Language) -> tuple[str, ...]:
    row, words = facts.row, _WORDS[language]
    zone = ZoneInfo(facts.timezone) if facts.timezone != "UTC" else UTC
    planned = row.planned_at.astimezone(zone)
    began = _to_second(row.began_at.astimezone(zone)) if row.began_at else ""
    return (
        planned.strftime("%d/%m/%Y"),
        planned.strftime("%H:%M:%S"),
        row.title,
        words.get(row.message_class.value, row.message_class.value),
        facts.area_name,
        row.terminal_name,
        began,
        f"{row.asked_ms / 1000:.1f}",
        f"{row.sounded_ms / 1000:.1f}",
        words.get(row.outcome.value, row.outcome.value),
        reason_text(row.reason, vietnamese=language is Language.VIETNAMESE) or "",
        facts.approved_by or "",
    )


def _to_second(instant: datetime) -> str:
    """Return the nearest second: sound that began 20 µs early began at its time."""
    return (instant + timedelta(milliseconds=500)).strftime("%H:%M:%S")


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a title for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
