"""All communes at a glance."""

from datetime import timedelta
from uuid import UUID

from controller.domain.order import Stop
from controller.domain.terminal import TerminalStatus
from controller.services.overview import CommuneFacts, Overview
from edge_agent.wire.precedence import Layer
from edge_agent.wire.reports import ClockState, Outcome
from tests.fakes.commune import Town, once


async def glance(town: Town, who: str = "monitor") -> dict[str, CommuneFacts]:
    at, communes = await Overview(town.context, town.presence).read(town.actor(who))
    assert at == town.clock.now()
    return {one.area.name: one for one in communes}


async def hear(
    town: Town, name: str, sounding: UUID | None = None, *, problems: tuple[str, ...] = (),
    ago: timedelta = timedelta(),
) -> None:  # fmt: skip
    """Have a loudspeaker's heartbeat arrive."""
    at = town.clock.now() - ago
    status = TerminalStatus(
        terminal=town.terminals[name],
        received_at=at,
        at=at,
        clock=ClockState.TRUSTED,
        clock_reason="",
        sounding=sounding,
        layer=Layer.SCHEDULED if sounding else None,
        position_ms=0,
        volume=80,
        stopped_until=None,
        rundown_version=1,
        renditions_held=0,
        renditions_wanted=0,
        problems=problems,
    )
    async with town.database.begin() as tx:
        await tx.terminals.store_status([status])


async def test_loudspeakers_are_counted_by_health(town: Town) -> None:
    """On air, ready, silent, faulty and never heard of: each commune has its own figures."""
    shown = await town.approved(once(23, 17))
    town.clock.run(timedelta(minutes=10))
    async with town.database.read() as tx:
        (one,) = await tx.occurrences.of_announcement(shown.announcement.id, town.clock.now())
    await hear(town, "Loa nhà văn hóa", one.id)
    await hear(town, "Loa đình làng", problems=("card_lost",))
    await hear(town, "Loa cổng chợ", ago=timedelta(minutes=5))
    communes = await glance(town)
    counts = communes["Xã Bình Minh"].counts
    assert (counts.on_air, counts.faulty, counts.silent) == (1, 1, 1)
    assert (counts.ready, counts.unknown, counts.terminals) == (0, 0, 3)
    assert communes["Xã An Hòa"].counts.unknown == 1
    assert [item.title for item in communes["Xã Bình Minh"].sounding] == ["Tiêm chủng"]
    assert communes["Xã An Hòa"].sounding == ()
    assert counts.last_report_at == town.clock.now()


async def test_today_counts_what_was_asked_and_missed(town: Town) -> None:
    """The figures are those of the local day, per loudspeaker."""
    shown = await town.approved(once(23, 9), once(24, 9))
    async with town.database.read() as tx:
        first, _ = await tx.occurrences.of_announcement(shown.announcement.id, town.clock.now())
    await town.report("Loa đình làng", first.id, Outcome.MISSED, reason="clock_not_trusted")
    communes = await glance(town)
    here = communes["Xã Bình Minh"]
    assert (here.planned, here.missed) == (2, 1)
    assert (communes["Xã An Hòa"].planned, communes["Xã An Hòa"].missed) == (0, 0)


async def test_a_stop_of_the_whole_commune_is_shown(town: Town) -> None:
    """A commune that is silenced says until when; one silenced loudspeaker is not that."""
    until = town.clock.now() + timedelta(minutes=10)
    for number, terminal in enumerate((None, town.terminals["Loa bến đò"])):
        area = town.areas["Xã An Hòa" if terminal else "Xã Bình Minh"].id
        stop = Stop(
            UUID(int=number), area, terminal, town.clock.now(), until, UUID(int=9), "Operator"
        )
        async with town.database.begin() as tx:
            await tx.stops.save(stop)
    communes = await glance(town)
    assert communes["Xã Bình Minh"].stopped_until == until
    assert communes["Xã An Hòa"].stopped_until is None


async def test_everybody_sees_the_own_area_only(town: Town) -> None:
    """A commune's operator sees that commune; the neighbour is nowhere in it."""
    assert set(await glance(town)) == {"Xã An Hòa", "Xã Bình Minh"}
    assert set(await glance(town, "operator")) == {"Xã Bình Minh"}


async def test_what_we_cannot_hear_is_unknown(town: Town) -> None:
    """While our own link to the broker is down, an old report says nothing: grey, not green."""
    await hear(town, "Loa đình làng", ago=timedelta(minutes=5))
    town.messenger.connect(connected=False)
    counts = (await glance(town))["Xã Bình Minh"].counts
    assert (counts.unknown, counts.ready, counts.silent) == (3, 0, 0)
