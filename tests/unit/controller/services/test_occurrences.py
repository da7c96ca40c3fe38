"""Dated airings: their states by what loudspeakers say, and leaving one out."""

import asyncio
from datetime import date, time, timedelta
from uuid import UUID

import pytest

from controller.domain.errors import Conflict, Forbidden, NotFound
from controller.domain.event import EventKind
from controller.domain.occurrence import OccurrenceState, Tally
from controller.domain.paging import PageRequest
from controller.services.occurrences import OccurrenceFacts
from edge_agent.wire.reports import Outcome
from scheduler.schedule import Daily, Skip
from tests.fakes.commune import Town, instant, once

S = OccurrenceState


async def airings(town: Town, who: str = "operator") -> tuple[OccurrenceFacts, ...]:
    """Return what somebody sees of the week."""
    actor = town.actor(who)
    now = town.clock.now()
    page = await town.occurrences.list(
        actor, actor.area, now - timedelta(days=2), now + timedelta(days=8), PageRequest()
    )
    return page.items


async def only(town: Town) -> OccurrenceFacts:
    (one,) = await airings(town)
    return one


async def test_an_airing_goes_through_its_states(town: Town) -> None:
    """Planned, still planned when only its time has come, sounding once heard of, aired."""
    await town.approved(once(23, 9), targets=("Thôn Đông", "Thôn Đoài"))
    await town.airing.start()
    item = (await only(town)).occurrence.id
    assert (await only(town)).state is S.PLANNED
    await town.alarm.run(timedelta(hours=1, seconds=1))
    assert (await only(town)).state is S.PLANNED
    await town.report("Loa đình làng", item, Outcome.STARTED)
    assert (await only(town)).state is S.SOUNDING
    await town.alarm.run(timedelta(minutes=1))
    await town.report("Loa đình làng", item, Outcome.SOUNDED)
    await town.report("Loa cổng chợ", item, Outcome.MISSED, reason="quiet_hours")
    await town.alarm.run(timedelta(minutes=1))
    aired = await only(town)
    assert aired.state is S.AIRED
    assert aired.tally == Tally(asked=3, stored=0, started=0, sounded=1, missed=1)


async def test_an_airing_of_which_nobody_heard_is_missed_until_they_do(town: Town) -> None:
    """No word in time is missed; a log that arrives a day later puts it right."""
    await town.approved(once(23, 9))
    await town.airing.start()
    await town.alarm.run(timedelta(hours=2))
    missed = await only(town)
    assert missed.state is S.MISSED
    await town.alarm.run(timedelta(hours=20))
    await town.report("Loa đình làng", missed.occurrence.id, Outcome.SOUNDED)
    await town.alarm.run(timedelta(minutes=2))
    assert (await only(town)).state is S.AIRED


async def test_screens_hear_of_states(town: Town) -> None:
    """Each move of a state is told to whoever sees the area that ordered the airing."""
    await town.approved(once(23, 9))
    await town.airing.start()
    town.feed.take()
    await town.alarm.run(timedelta(hours=1, seconds=1))
    told = [one for one in town.feed.take() if one.kind is EventKind.OCCURRENCE]
    assert [one.subject for one in told] == [str((await only(town)).occurrence.id)]
    assert told[0].chain == town.areas["Xã Bình Minh"].chain


async def test_one_airing_is_left_out(town: Town) -> None:
    """The skipped one is cancelled for that reason; the others stay, and so does the approval."""
    daily = Daily((time(17),), date(2026, 11, 23), date(2026, 11, 26))
    shown = await town.approved(daily)
    first, *rest = await airings(town)
    me = town.actor("operator")
    for _ in range(2):
        gone = await town.occurrences.skip(me, first.occurrence.id)
        assert (gone.state, gone.occurrence.reason) == (S.CANCELLED, "skipped")
    assert [one.state for one in await airings(town)] == [S.CANCELLED] + [S.PLANNED] * len(rest)
    again = await town.announcements.get(me, shown.announcement.id)
    assert again.announcement.approval == shown.announcement.approval
    assert again.announcement.content.schedules[0].exceptions == (Skip("20261123T170000"),)
    assert again.next_start == instant(24, 17)


async def test_skips_of_two_people_at_once_both_count(town: Town) -> None:
    """Two airings of one series, left out at the same time, are both left out."""
    daily = Daily((time(17),), date(2026, 11, 23), date(2026, 11, 26))
    await town.approved(daily)
    first, second, *_ = await airings(town)
    await asyncio.gather(
        town.occurrences.skip(town.actor("operator"), first.occurrence.id),
        town.occurrences.skip(town.actor("approver"), second.occurrence.id),
    )
    assert [one.state for one in await airings(town)][:2] == [S.CANCELLED, S.CANCELLED]


async def test_a_skip_survives_an_edit(town: Town) -> None:
    """Whoever edits the text of a series does not bring back the airing that was left out."""
    daily = Daily((time(17),), date(2026, 11, 24), date(2026, 11, 26))
    shown = await town.approved(daily)
    first, *_ = await airings(town)
    me = town.actor("operator")
    await town.occurrences.skip(me, first.occurrence.id)
    one = shown.announcement
    draft = town.draft(one.content.recording, daily, title="Tên mới")
    await town.announcements.edit(me, one.id, one.revision, draft)
    sent = await town.announcements.submit(me, one.id, one.revision + 1)
    assert (await town.approve(sent)).next_start == instant(25, 17)


async def test_an_edit_after_a_skip_of_the_same_moment(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A skip that comes between reading and saving does not spoil the edit, nor is it lost."""
    daily = Daily((time(17),), date(2026, 11, 24), date(2026, 11, 26))
    shown = await town.approved(daily)
    first, *_ = await airings(town)
    take_back = town.approvals.take_back
    skipped: list[UUID] = []

    async def slowly(*arguments: object) -> object:
        if not skipped:
            skipped.append(first.occurrence.id)
            await town.occurrences.skip(town.actor("approver"), first.occurrence.id)
        return await take_back(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(town.approvals, "take_back", slowly)
    one = shown.announcement
    draft = town.draft(one.content.recording, daily, title="Tên mới")
    edited = await town.announcements.edit(town.actor("operator"), one.id, one.revision, draft)
    assert edited.announcement.content.title == "Tên mới"
    (schedule,) = edited.announcement.content.schedules
    assert schedule.exceptions == (Skip("20261124T170000"),)


async def test_what_has_begun_is_not_left_out(town: Town) -> None:
    """An airing whose time has come can be stopped, but no longer left out."""
    await town.approved(once(23, 9))
    town.clock.run(timedelta(hours=1))
    with pytest.raises(Conflict, match="occurrence_begun"):
        await town.occurrences.skip(town.actor("operator"), (await only(town)).occurrence.id)


async def test_rights_and_areas_hold(town: Town) -> None:
    """A monitor may not leave out; a neighbour sees nothing of it."""
    await town.approved(once(23, 17))
    item = (await only(town)).occurrence.id
    with pytest.raises(Forbidden):
        await town.occurrences.skip(town.actor("monitor"), item)
    with pytest.raises(NotFound):
        await town.occurrences.skip(town.actor("neighbour"), item)
    assert await airings(town, "neighbour") == ()
    assert len(await airings(town, "monitor")) == 1
    with pytest.raises(NotFound):
        await town.occurrences.list(
            town.actor("neighbour"), town.areas["Thôn Đông"].id, town.clock.now(),
            town.clock.now(), PageRequest(),
        )  # fmt: skip


async def test_what_the_province_orders_is_seen_but_not_touched(town: Town) -> None:
    """A commune sees the province's airing on its own loudspeakers, not its recording."""
    await town.from_above(once(23, 17))
    (seen,) = await airings(town)
    assert (seen.tally.asked, seen.recording) == (3, None)
    (all_of_it,) = await airings(town, "governor")
    assert all_of_it.tally.asked == 4
    assert all_of_it.recording is not None
    with pytest.raises(NotFound):
        await town.occurrences.skip(town.actor("approver"), seen.occurrence.id)


async def test_a_loudspeaker_that_comes_later_joins(town: Town) -> None:
    """What is approved for a hamlet also reaches a loudspeaker that is mounted afterwards."""
    await town.approved(once(24, 6))
    assert (await only(town)).tally.asked == 2
    await town.mount("Loa trường học", "Thôn Đông")
    await town.airing.terminals_changed()
    assert (await only(town)).tally.asked == 3
