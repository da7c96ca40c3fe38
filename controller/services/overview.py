"""All communes at a glance, for whoever watches a province."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from controller.domain.area import Area, Level
from controller.domain.ids import AreaId
from controller.domain.occurrence import AskedItem
from controller.domain.order import Stop
from controller.domain.roles import Actor
from controller.domain.terminal import HealthCounts
from controller.services.context import Context
from controller.services.ports import Transaction
from controller.services.presence import Presence


@dataclass(frozen=True, slots=True)
class CommuneFacts:
    """One commune: its loudspeakers by health, what sounds, how today went so far."""

    area: Area
    counts: HealthCounts
    sounding: tuple[AskedItem, ...]
    planned: int
    missed: int
    stopped_until: datetime | None


class Overview:
    """Reads the state of every commune of the actor."""

    def __init__(self, context: Context, presence: Presence) -> None:
        self._context = context
        self._presence = presence

    async def read(self, actor: Actor) -> tuple[datetime, tuple[CommuneFacts, ...]]:
        """Return the instant it was read at, and all communes of the actor's area."""
        now = self._context.clock.now()
        async with self._context.database.read() as tx:
            areas = await tx.areas.list(actor.area)
            shown = [one for one in areas if one.level is Level.COMMUNE]
            # Whoever is in charge of a hamlet alone sees that hamlet.
            shown = shown or [one for one in areas if one.id == actor.area]
            return now, await self._facts(tx, actor, shown, now)

    async def _facts(
        self, tx: Transaction, actor: Actor, shown: Sequence[Area], now: datetime
    ) -> tuple[CommuneFacts, ...]:
        ids = [one.id for one in shown]
        counts = await tx.terminals.health_counts(
            ids, now=now, listening_since=self._presence.listening_since
        )
        sounding = await tx.terminals.sounding(ids, now)
        items = await tx.diary.items(sorted({one for some in sounding.values() for one in some}))
        today = await _today(tx, shown, now)
        stops = await tx.stops.holding(actor.area, now)
        return tuple(
            CommuneFacts(
                area=one,
                counts=counts[one.id],
                sounding=_known(sounding.get(one.id, ()), items),
                planned=today[one.id][0],
                missed=today[one.id][1],
                stopped_until=_stopped_until(one, stops),
            )
            for one in shown
        )


async def _today(
    tx: Transaction, shown: Sequence[Area], now: datetime
) -> dict[AreaId, tuple[int, int]]:
    """Return (asked, missed) of each area's own day until now."""
    found: dict[AreaId, tuple[int, int]] = {}
    for name in {one.timezone for one in shown}:
        zone = ZoneInfo(name)
        day = datetime.combine(now.astimezone(zone).date(), time(), zone)
        ids = [one.id for one in shown if one.timezone == name]
        found |= await tx.diary.missed(ids, day, day + timedelta(days=1))
    return found


def _known(items: Sequence[UUID], known: Mapping[UUID, AskedItem]) -> tuple[AskedItem, ...]:
    return tuple(known[one] for one in items if one in known)


def _stopped_until(area: Area, stops: Sequence[Stop]) -> datetime | None:
    """Return until when the whole area is silenced; a stop of one loudspeaker is not that."""
    holding = [
        stop.hold_until for stop in stops if stop.terminal is None and stop.area in area.chain
    ]
    return max(holding, default=None)
