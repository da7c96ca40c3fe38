"""Announcements with what a reader needs beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from controller.domain.announcement import Action, Announcement, open_actions
from controller.domain.area import Area
from controller.domain.ids import AreaId
from controller.domain.policy import author_may_approve
from controller.domain.recording import Recording
from controller.domain.roles import Actor
from controller.services.ports import Transaction
from edge_agent.wire.precedence import MessageClass


@dataclass(frozen=True, slots=True)
class Shown:
    """An announcement with what a reader needs beside it.

    `places` are the names of areas and terminals that are to sound it, `terminals` how many
    loudspeakers that are now, `stored` how many of these hold the sound.
    """

    announcement: Announcement
    area: Area
    recording: Recording | None
    places: tuple[str, ...]
    terminals: int
    stored: int
    author: str
    decided_by: str | None
    next_start: datetime | None
    may: tuple[Action, ...]


async def held(tx: Transaction, actor: Actor, announcement_id: UUID) -> tuple[Announcement, Area]:
    """Return an announcement that the actor sees, and its area. Raises NotFound."""
    announcement = await tx.announcements.get(actor.area, announcement_id)
    return announcement, await tx.areas.get(actor.area, announcement.area)


def schedules_of(*announcements: Announcement) -> frozenset[UUID]:
    """Return the identities of all schedules of these announcements."""
    return frozenset(one.id for each in announcements for one in each.content.schedules)


async def show(
    tx: Transaction, actor: Actor, now: datetime, found: Sequence[Announcement]
) -> tuple[Shown, ...]:
    """Return announcements as their reader needs them."""
    people = {one.author for one in found} | {
        one.decided_by for one in found if one.decided_by is not None
    }
    names = await tx.accounts.names(sorted(people))
    areas = {one.id: one for one in await tx.areas.list(actor.area)}
    coming = await tx.occurrences.next_of([one.id for one in found], now)
    shown = []
    for one in found:
        next_one = coming.get(one.id)
        shown.append(
            await _shown(tx, actor, one, names, areas, next_one.start if next_one else None)
        )
    return tuple(shown)


async def _shown(
    tx: Transaction,
    actor: Actor,
    announcement: Announcement,
    names: Mapping[UUID, str],
    areas: Mapping[AreaId, Area],
    next_start: datetime | None,
) -> Shown:
    content = announcement.content
    recording = await tx.recordings.find(content.recording) if content.recording else None
    terminals = await tx.terminals.addressed(content.targets)
    sound = recording.sound if recording else None
    holders = await tx.renditions.holders(sound.rendition) if sound else frozenset()
    single = {one.id: one.name for one in terminals}
    places = [areas[one].name for one in content.targets.areas if one in areas]
    places += [single[one] for one in content.targets.terminals if one in single]
    decided = announcement.decided_by
    return Shown(
        announcement=announcement,
        area=areas[announcement.area],
        recording=recording,
        places=tuple(places),
        terminals=len(terminals),
        stored=sum(one.id in holders for one in terminals),
        author=names.get(announcement.author, ""),
        decided_by=names.get(decided, "") if decided else None,
        next_start=next_start,
        may=await _may(tx, actor, announcement, areas[announcement.area]),
    )


async def _may(
    tx: Transaction, actor: Actor, announcement: Announcement, area: Area
) -> tuple[Action, ...]:
    """Return what this reader may do now, by the rules of the area too."""
    found = open_actions(announcement, actor, area.chain)
    if Action.APPROVE not in found:
        return found
    own = actor.account in {announcement.author, announcement.submitted_by}
    barred = own and not author_may_approve(await tx.policies.chain(area.id))
    emergency = announcement.content.message_class is MessageClass.EMERGENCY
    if barred or (emergency and not actor.may_release_emergency):
        return tuple(one for one in found if one is not Action.APPROVE)
    return found
