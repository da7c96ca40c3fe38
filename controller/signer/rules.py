"""The signer's re-checks, pure: what may be approved and what may stand in a rundown.

Nothing here trusts what the controller's other parts say of an approval; all is compared
with the approved bytes, the areas as the signer knows them, and their policies.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from controller.domain.approval import ApprovalBody, ApprovedRendition, read_schedule
from controller.domain.signer_refusal import Reason
from controller.domain.signing import MAX_SCHEDULES, MAX_VALIDITY_US, MAX_WINDOW_US
from controller.signer.errors import Refused
from controller.signer.records import Place
from edge_agent.wire.policy import EffectivePolicy, combine, is_quiet, to_datetime, to_instant
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import Policy, RundownItem
from scheduler.errors import SchedulerError
from scheduler.occurrence import expand
from scheduler.schedule import Schedule

MS: Final = 1000
_MINUTE_US: Final = 60 * 1_000_000
DECIDED_TOLERANCE_US: Final = 5 * _MINUTE_US
"""How far an approval's own time may be from the signer's clock."""
PREVIEW: Final = timedelta(days=60)
"""Quiet hours of this much of a schedule are judged at approval; the rest in each rundown."""
PAST_US: Final = 24 * 60 * _MINUTE_US
"""A rundown may still list what started this long ago."""
MAX_TARGETS: Final = 500
MAX_RENDITIONS: Final = 100

Policies = Mapping[str, Policy | None]
"""Policy of each area that has keys; None where none is set yet."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The terminal that a rundown is for, as the signer knows it."""

    terminal: UUID
    place: Place
    policies: Policies

    @property
    def zone(self) -> str:
        """Zone in which quiet hours and days are counted."""
        return self.place.timezone


@dataclass(frozen=True, slots=True)
class Targets:
    """The places that an approval names, as the signer knows them; None: it does not."""

    areas: Mapping[str, Place | None]
    terminals: Mapping[UUID, Place | None]

    def all(self) -> tuple[Place, ...]:
        """Return every place. Raises Refused: target_empty, target_foreign."""
        found = (*self.areas.values(), *self.terminals.values())
        if not found:
            raise Refused(Reason.TARGET_EMPTY)
        known = tuple(place for place in found if place is not None)
        if len(known) != len(found):
            raise Refused(Reason.TARGET_FOREIGN, "an area or terminal is not known")
        return known


def effective_policy(place: Place, policies: Policies) -> EffectivePolicy:
    """Return what holds at a place. Raises Refused no_policy."""
    held = [policies[area] for area in place.chain if area in policies]
    known = [policy for policy in held if policy is not None]
    if not known or len(known) != len(held):
        raise Refused(Reason.NO_POLICY, place.id)
    return combine(known)


def check_approval(body: ApprovalBody, targets: Targets, policies: Policies, now: int) -> None:
    """Refuse an approval that could not be kept. Who may give it is judged elsewhere.

    Raises Refused: decided_at, window, rendition_missing, target_*, schedule_*, no_policy,
    session_too_long, quiet_hours.
    """
    if abs(body.decided_at - now) > DECIDED_TOLERANCE_US:
        raise Refused(Reason.DECIDED_AT, f"{body.decided_at}, but it is {now}")
    length = body.not_after - body.not_before
    if not 0 < length <= MAX_WINDOW_US or body.not_after <= now:
        raise Refused(Reason.WINDOW)
    if not 0 < len(body.renditions) <= MAX_RENDITIONS or not all(
        rendition.duration for rendition in body.renditions
    ):
        raise Refused(Reason.RENDITION_MISSING)
    places = targets.all()
    if len(places) > MAX_TARGETS:
        raise Refused(Reason.TARGET_FOREIGN, f"more than {MAX_TARGETS} targets")
    for place in places:
        if not place.within(body.area):
            raise Refused(Reason.TARGET_FOREIGN, f"{place.id} is not within {body.area}")
    if body.message_class is MessageClass.EMERGENCY:
        if body.schedules:
            raise Refused(Reason.SCHEDULE_FOR_EMERGENCY)
        return
    _check_schedules(body, places, policies, now)


def read_schedules(body: ApprovalBody) -> tuple[Schedule, ...]:
    """Return the schedules of an approval. Raises Refused schedule_invalid."""
    try:
        return tuple(read_schedule(text) for text in body.schedules)
    except (SchedulerError, ValueError, RecursionError) as error:
        raise Refused(Reason.SCHEDULE_INVALID, str(error)) from error


def _check_schedules(
    body: ApprovalBody, places: Iterable[Place], policies: Policies, now: int
) -> None:
    if not body.schedules:
        raise Refused(Reason.SCHEDULE_MISSING)
    if len(body.schedules) > MAX_SCHEDULES:
        raise Refused(Reason.SCHEDULE_TOO_MANY, f"{len(body.schedules)}")
    schedules = read_schedules(body)
    longest = max(rendition.duration for rendition in body.renditions)
    rules = {(effective_policy(place, policies), place.timezone) for place in places}
    for policy, _ in rules:
        _check_session(policy, longest)
    for start in _preview(body, schedules, longest, now):
        for policy, zone in rules:
            _check_quiet(policy, body.message_class, start, longest, zone)


def _preview(
    body: ApprovalBody, schedules: Iterable[Schedule], longest: int, now: int
) -> list[int]:
    """Return the first airings, one for each local time of each weekday and offset."""
    since = to_datetime(max(body.not_before, now))
    until = min(to_datetime(body.not_after), since + PREVIEW)
    starts: dict[tuple[object, ...], int] = {}
    try:
        for schedule in schedules:
            zone = ZoneInfo(schedule.zone)
            for occurrence in expand(schedule, since, until, longest):
                local = occurrence.start.astimezone(zone)
                key = (local.weekday(), local.time(), local.utcoffset(), schedule.zone)
                starts.setdefault(key, to_instant(occurrence.start))
    except SchedulerError as error:
        raise Refused(Reason.SCHEDULE_INVALID, str(error)) from error
    return sorted(starts.values())


def check_rundown(
    items: tuple[RundownItem, ...],
    approvals: Mapping[UUID, ApprovalBody],
    receiver: Receiver,
    now: int,
    valid_until: int,
) -> None:
    """Refuse a rundown whole when one item is not what was approved for this terminal.

    `approvals` hold only such as were signed here and are not withdrawn. Raises Refused,
    with the item where it is one.
    """
    if not now < valid_until <= now + MAX_VALIDITY_US:
        raise Refused(Reason.VALIDITY)
    starts = _approved_starts(items, approvals)
    for item in items:
        with about(item):
            if not now - PAST_US <= item.start < valid_until:
                raise Refused(Reason.VALIDITY)
            body = approvals.get(item.approval)
            if body is None:
                raise Refused(Reason.APPROVAL_UNKNOWN)
            _check_item(item, body, receiver)
            if (item.occurrence, item.start) not in starts[body.id]:
                raise Refused(Reason.WRONG_TIME)
    _check_apart(items)
    if items:
        _check_rules(items, effective_policy(receiver.place, receiver.policies), receiver.zone)


@contextmanager
def about(item: RundownItem) -> Iterator[None]:
    """Say with a refusal which item it is about."""
    try:
        yield
    except Refused as error:
        raise Refused(error.reason, error.detail, item=item.occurrence) from error


def _check_item(item: RundownItem, body: ApprovalBody, receiver: Receiver) -> None:
    """Compare one item with its approval, but for its time."""
    if item.announcement != body.announcement:
        raise Refused(Reason.WRONG_ANNOUNCEMENT)
    if item.message_class is MessageClass.EMERGENCY or item.message_class != body.message_class:
        raise Refused(Reason.WRONG_CLASS)
    if item.area != body.area or not receiver.place.within(item.area):
        raise Refused(Reason.WRONG_AREA)
    check_target(body, receiver.terminal, receiver.place)
    if item.duration != find_rendition(body, item.rendition).duration:
        raise Refused(Reason.WRONG_DURATION)
    if not body.not_before <= item.start < body.not_after:
        raise Refused(Reason.OUTSIDE_WINDOW)
    if not item.start <= item.latest_start <= item.start + item.duration * MS:
        raise Refused(Reason.WRONG_TIME, "latest start")


def check_target(body: ApprovalBody, terminal: UUID, place: Place) -> None:
    """Refuse a terminal that an approval does not reach (target_foreign)."""
    if terminal not in body.terminals and not set(body.areas) & set(place.chain):
        raise Refused(Reason.TARGET_FOREIGN, f"terminal {terminal}")


def find_rendition(body: ApprovalBody, rendition: bytes) -> ApprovedRendition:
    """Return the approved rendition of that hash. Raises Refused wrong_rendition."""
    for approved in body.renditions:
        if approved.hash == rendition:
            return approved
    raise Refused(Reason.WRONG_RENDITION, rendition.hex())


def _approved_starts(
    items: Iterable[RundownItem], approvals: Mapping[UUID, ApprovalBody]
) -> Mapping[UUID, Collection[tuple[UUID, int]]]:
    """Return, per approval, each (occurrence, start) that its schedules give for the items."""
    wanted: dict[UUID, list[int]] = defaultdict(list)
    for item in items:
        wanted[item.approval].append(item.start)
    found: dict[UUID, set[tuple[UUID, int]]] = {}
    for approval, starts in wanted.items():
        body = approvals.get(approval)
        if body is None:
            continue
        since, until = to_datetime(min(starts)), to_datetime(max(starts) + 1)
        longest = max(rendition.duration for rendition in body.renditions)
        try:
            found[approval] = {
                (occurrence.id, to_instant(occurrence.start))
                for schedule in read_schedules(body)
                for occurrence in expand(schedule, since, until, longest)
            }
        except SchedulerError as error:
            raise Refused(Reason.SCHEDULE_INVALID, str(error)) from error
    return found


def _check_apart(items: tuple[RundownItem, ...]) -> None:
    seen: set[UUID] = set()
    for item in items:
        if item.occurrence in seen:
            raise Refused(Reason.ITEM_TWICE, item=item.occurrence)
        seen.add(item.occurrence)
    for earlier, later in pairwise(items):
        if later.start < earlier.start + earlier.duration * MS:
            raise Refused(Reason.OVERLAP, f"{earlier.occurrence}", item=later.occurrence)


def _check_rules(items: Iterable[RundownItem], policy: EffectivePolicy, zone: str) -> None:
    days: dict[date, int] = defaultdict(int)
    for item in items:
        with about(item):
            _check_session(policy, item.duration)
            _check_quiet(policy, item.message_class, item.start, item.duration, zone)
            day = to_datetime(item.start).astimezone(ZoneInfo(zone)).date()
            days[day] += item.duration
            if policy.max_day_ms is not None and days[day] > policy.max_day_ms:
                raise Refused(Reason.DAY_TOO_LONG, day.isoformat())


def _check_session(policy: EffectivePolicy, duration: int) -> None:
    if policy.max_session_ms is not None and duration > policy.max_session_ms:
        raise Refused(Reason.SESSION_TOO_LONG, f"{duration} ms")


def _check_quiet(
    policy: EffectivePolicy, message_class: MessageClass, start: int, duration: int, zone: str
) -> None:
    if is_quiet(policy, message_class, start, start + duration * MS, ZoneInfo(zone)):
        local = to_datetime(start).astimezone(ZoneInfo(zone))
        raise Refused(Reason.QUIET_HOURS, local.isoformat())
