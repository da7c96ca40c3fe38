"""From what a person filled in to an announcement's content."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from controller.domain.announcement import MAX_SCHEDULES, Announcement, Content, Targets
from controller.domain.area import Area
from controller.domain.errors import ErrorCode, Invalid, NotFound
from controller.domain.ids import AreaId
from controller.domain.roles import Actor
from controller.domain.text import read_title
from controller.services.ports import Ids, Transaction
from edge_agent.wire.precedence import MessageClass
from scheduler.errors import ScheduleError
from scheduler.schedule import LATEST, Once, Rule, Schedule

YEAR: Final = timedelta(days=365)
"""A series without a last day gets one this long after its first: no approval lasts longer."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person filled in; anything but title and area may still be missing."""

    title: str
    area_id: AreaId
    message_class: MessageClass
    recording: UUID | None
    targets: Targets
    rules: tuple[Rule, ...]


async def read_draft(
    tx: Transaction, actor: Actor, area: Area, draft: Draft, ids: Ids, before: Announcement | None
) -> Content:
    """Return the content that a draft makes, in the place of that of `before`.

    Raises Invalid: text_*, target_foreign, recording_missing, schedule_too_many,
    schedule_invalid. What is only incomplete is no error here.
    """
    title = read_title(draft.title)
    if len(draft.rules) > MAX_SCHEDULES:
        detail = {"most": MAX_SCHEDULES}
        raise Invalid(ErrorCode.SCHEDULE_TOO_MANY, field="schedules", detail=detail)
    if draft.recording is not None:
        try:
            await tx.recordings.get(actor.area, draft.recording)
        except NotFound as error:
            raise Invalid(ErrorCode.RECORDING_MISSING, field="recording_id") from error
    return Content(
        title=title,
        message_class=draft.message_class,
        recording=draft.recording,
        targets=await _targets(tx, area, draft.targets),
        schedules=_schedules(draft.rules, area.timezone, ids, before),
    )


async def _targets(tx: Transaction, area: Area, wanted: Targets) -> Targets:
    """Return the targets, each once. One outside the area is refused like an unknown one."""
    for number, area_id in enumerate(wanted.areas):
        with _known(f"targets.area_ids.{number}"):
            await tx.areas.get(area.id, area_id)
    for number, terminal in enumerate(wanted.terminals):
        with _known(f"targets.terminal_ids.{number}"):
            state = await tx.terminals.get(area.id, terminal)
            if state.terminal.retired_at is not None:
                raise Invalid(ErrorCode.TERMINAL_RETIRED, field=f"targets.terminal_ids.{number}")
    return Targets(tuple(dict.fromkeys(wanted.areas)), tuple(dict.fromkeys(wanted.terminals)))


@contextmanager
def _known(field: str) -> Iterator[None]:
    """Turn "not found" into a refusal of that field."""
    try:
        yield
    except NotFound as error:
        raise Invalid(ErrorCode.TARGET_FOREIGN, field=field) from error


def _schedules(
    rules: Sequence[Rule], zone: str, ids: Ids, before: Announcement | None
) -> tuple[Schedule, ...]:
    """Return the schedules; one that was there keeps its exceptions.

    It keeps its identity too, unless it was approved once: no airing planned under a void
    approval may be taken for one of the next.
    """
    held = {one.rule: one for one in before.content.schedules} if before else {}
    found = []
    for number, rule in enumerate(rules):
        ending = _with_end(rule)
        try:
            known = held.pop(ending, None)
            if known is None or known.zone != zone:
                schedule = Schedule(ids.new(), ending, zone)
            else:
                renew = before is not None and before.ever_approved
                schedule = replace(known, id=ids.new()) if renew else known
        except ScheduleError as error:
            detail = {"reason": error.code.value}
            raise Invalid(
                ErrorCode.SCHEDULE_INVALID, field=f"schedules.{number}", detail=detail
            ) from error
        found.append(schedule)
    return tuple(found)


def _with_end(rule: Rule) -> Rule:
    if isinstance(rule, Once) or rule.until_date is not None:
        return rule
    return replace(rule, until_date=min(rule.from_date + YEAR, LATEST))
