"""What stands in the way of an announcement, and what is said beside it."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from controller.domain.errors import Invalid
from controller.domain.occurrence import OccurrenceState
from controller.services.areas import RulesChange
from controller.services.outlook import Outlook
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import QuietWindow
from scheduler.schedule import Daily, Once, Rule, Weekday, Weekly
from tests.fakes.commune import AN_HOUR, Town, instant, local, once

NIGHT = QuietWindow(start=21 * 60, end=5 * 60, weekdays=127)
MINUTE = 60_000


async def look(town: Town, *rules: Rule, **more: object) -> Outlook:
    """Return the outlook of a minute-long recording for Thôn Đông."""
    draft = town.draft(await town.recording(), *rules, **more)  # type: ignore[arg-type]
    return await town.announcements.preview(town.actor("operator"), draft)


def codes(outlook: Outlook) -> list[tuple[str, str]]:
    return [(str(one.code), one.field) for one in outlook.problems]


async def set_rules(
    town: Town, area: str = "Xã Bình Minh", *, quiet: tuple[QuietWindow, ...] = (NIGHT,),
    session: int | None = None, day: int | None = None,
) -> None:  # fmt: skip
    change = RulesChange(quiet, 100, session, day, author_may_approve=False)
    await town.area_service.set_rules(
        town.actor("admin"), town.areas[area].id, change, town.ticket("admin")
    )


async def test_what_fits_has_no_problem(town: Town) -> None:
    """A complete draft at a decent hour: where, on how many, when, how long."""
    outlook = await look(town, once(23, 17), targets=("Thôn Đông", "Thôn Đoài"))
    assert outlook.problems == outlook.warnings == ()
    assert (outlook.places, outlook.terminals) == (("Thôn Đông", "Thôn Đoài"), 3)
    assert [(one.start, one.end) for one in outlook.next] == [(instant(23, 17), instant(23, 17, 1))]


async def test_the_night_of_three_fifteen(town: Town) -> None:
    """At 03:15 form and sending refuse an ordinary item by themselves; an emergency has none."""
    draft = town.draft(await town.recording(), once(24, 3, 15))
    me = town.actor("operator")
    outlook = await town.announcements.preview(me, draft)
    assert codes(outlook) == [("quiet_hours", "schedules")]
    assert outlook.problems[0].detail == {
        "area": "Xã Bình Minh", "time": "03:15", "day": "24/11/2026",
    }  # fmt: skip
    saved = (await town.announcements.create(me, draft)).announcement
    with pytest.raises(Invalid, match="quiet_hours"):
        await town.announcements.submit(me, saved.id, saved.revision)


@pytest.mark.parametrize(
    ("rule", "quiet"),
    [
        (once(23, 20, 58), False),
        (once(23, 20, 59), False),
        (once(23, 21), True),
        (once(24, 4, 59), True),
        (once(24, 5), False),
        (Once(local(23, 20, 59) + timedelta(seconds=1)), True),
    ],
)
async def test_no_second_touches_quiet_hours(town: Town, rule: Rule, quiet: bool) -> None:
    """A minute that ends at 21:00 sharp is let through; one second later it is not."""
    assert bool((await look(town, rule)).problems) is quiet


async def test_a_series_is_judged_on_each_weekday(town: Town) -> None:
    """Quiet Sunday mornings stop a daily item, though it begins on a Tuesday."""
    sunday = QuietWindow(start=5 * 60, end=8 * 60, weekdays=1 << 6)
    await set_rules(town, quiet=(NIGHT, sunday))
    daily = Daily((time(6),), date(2026, 11, 24), date(2026, 12, 24))
    assert codes(await look(town, daily)) == [("quiet_hours", "schedules")]
    assert not (await look(town, replace(daily, until_date=date(2026, 11, 28)))).problems


async def test_each_commune_has_its_own_rules(town: Town) -> None:
    """A province's item is refused where one commune is quiet, and that commune is named."""
    await set_rules(town, "Xã An Hòa", quiet=(QuietWindow(start=300, end=420, weekdays=127),))
    recording = await town.recording("governor", area="Tỉnh Sông Lam")
    draft = town.draft(recording, once(24, 6), area="Tỉnh Sông Lam", targets=("Tỉnh Sông Lam",))
    outlook = await town.announcements.preview(town.actor("governor"), draft)
    assert [one.detail["area"] for one in outlook.problems] == ["Xã An Hòa"]
    assert outlook.terminals == 4


async def test_a_past_time_is_refused(town: Town) -> None:
    """A time that has passed is named by its place in the form; so is a series that is over."""
    outlook = await look(town, once(23, 17), once(23, 7, 59))
    assert codes(outlook) == [("time_past", "schedules.1.start")]
    over = Daily((time(6),), date(2026, 11, 1), date(2026, 11, 23))
    assert codes(await look(town, over)) == [("time_past", "schedules.0.until_date")]


async def test_a_time_years_ahead_is_refused(town: Town) -> None:
    """Nobody approves what sounds in two years; and no approval covers more than one."""
    far = Once(local(23, 17).replace(year=2028))
    assert codes(await look(town, once(23, 17), far)) == [("time_too_far", "schedules.1.start")]
    begins_far = Daily((time(17),), date(2028, 1, 1), date(2028, 2, 1))
    assert codes(await look(town, begins_far)) == [("time_too_far", "schedules.0.from_date")]
    next_year = Daily((time(17),), date(2027, 11, 1), date(2028, 10, 30))
    assert codes(await look(town, next_year)) == []
    assert (await town.approved(next_year)).announcement.approval is not None
    series = Daily((time(17),), date(2026, 11, 24), date(2027, 11, 24))
    later = replace(series, from_date=date(2027, 3, 1), until_date=date(2028, 2, 28))
    assert codes(await look(town, series, later)) == [("schedule_too_long", "schedules")]


async def test_a_rare_series_is_judged_too(town: Town) -> None:
    """Once in half a year at night is found, although it lies far beyond the next weeks."""
    rare = Weekly(
        frozenset({Weekday.MONDAY}), (time(4),), date(2027, 2, 1), date(2027, 12, 1), interval=26
    )
    assert codes(await look(town, rare)) == [("quiet_hours", "schedules")]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"targets": ()}, ("target_empty", "targets")),
        ({"targets": ("Xã Bình Minh",)}, None),
        ({"terminals": ("Loa cổng chợ",), "targets": ()}, None),
    ],
)
async def test_somebody_must_hear_it(
    town: Town, more: dict[str, object], expected: tuple[str, str] | None
) -> None:
    """An empty target is refused; a whole commune or a single loudspeaker is one."""
    assert codes(await look(town, once(23, 17), **more)) == ([expected] if expected else [])


async def test_a_hamlet_without_loudspeakers_is_no_target(town: Town) -> None:
    """Where no loudspeaker hangs, nothing would be heard."""
    async with town.database.begin() as tx:
        for name in ("Loa nhà văn hóa", "Loa đình làng"):
            terminal = await tx.terminals.find(town.terminals[name])
            assert terminal is not None
            await tx.terminals.save(replace(terminal, retired_at=town.clock.now()))
    assert codes(await look(town, once(23, 17))) == [("target_without_terminals", "targets")]


async def test_the_recording_must_be_ready(town: Town) -> None:
    """Missing, still on its way, doubtful and not heard: each has its own code."""
    me = town.actor("operator")

    async def code(draft_of: object) -> list[tuple[str, str]]:
        draft = town.draft(draft_of, once(23, 17))  # type: ignore[arg-type]
        return codes(await town.announcements.preview(me, draft))

    assert await code(None) == [("recording_missing", "recording_id")]
    on_its_way = (await town.upload()).recording.id
    assert await code(on_its_way) == [("recording_not_ready", "recording_id")]
    doubtful = await town.recording(doubtful=True)
    assert await code(doubtful) == [("recording_not_heard", "recording_id")]
    await town.recordings.confirm_heard(me, doubtful)
    assert await code(doubtful) == []


async def test_a_session_has_a_longest_length(town: Town) -> None:
    """Where at most ten minutes are allowed, eleven are refused and ten are not."""
    await set_rules(town, session=10 * MINUTE)
    me = town.actor("operator")
    for seconds, expected in ((600, []), (601, [("session_too_long", "recording_id")])):
        draft = town.draft(await town.recording(seconds=seconds), once(23, 17))
        assert codes(await town.announcements.preview(me, draft)) == expected


async def test_a_day_has_a_longest_length(town: Town) -> None:
    """What the loudspeaker is to sound that day counts together, and only on that loudspeaker."""
    await set_rules(town, day=3 * MINUTE)
    await town.approved(once(24, 6), once(24, 7))
    assert codes(await look(town, once(24, 8))) == []
    assert codes(await look(town, once(24, 8), once(24, 9))) == [("day_too_long", "schedules")]
    assert codes(await look(town, once(25, 8), once(25, 9))) == []
    elsewhere = await look(town, once(24, 8), once(24, 9), targets=("Thôn Đoài",))
    assert codes(elsewhere) == []


async def test_two_items_cannot_sound_at_once(town: Town) -> None:
    """An overlap on one shared loudspeaker is refused and names the other; side by side is not."""
    await town.approved(once(24, 6), title="Bản tin sáng", targets=("Xã Bình Minh",))
    outlook = await look(town, Once(local(24, 6) + timedelta(seconds=30)))
    assert codes(outlook) == [("overlap", "schedules")]
    assert outlook.problems[0].detail == {
        "title": "Bản tin sáng", "time": "06:00", "day": "24/11/2026", "count": 1,
    }  # fmt: skip
    assert codes(await look(town, once(24, 6, 1))) == []


async def test_other_hamlets_are_no_conflict(town: Town) -> None:
    """Thôn Đoài may hear something else at the same time."""
    await town.approved(once(24, 6))
    assert codes(await look(town, once(24, 6), targets=("Thôn Đoài",))) == []


async def test_conflicts_weeks_ahead_are_found(town: Town) -> None:
    """Long before either is planned, a weekly item is seen to meet a single one."""
    await town.approved(Once(local(24, 6) + timedelta(weeks=5)))
    weekly = Weekly(frozenset({Weekday.TUESDAY}), (time(6),), date(2026, 11, 24), date(2027, 2, 1))
    outlook = await look(town, weekly)
    assert codes(outlook) == [("overlap", "schedules")]
    assert outlook.problems[0].detail["day"] == "29/12/2026"


async def test_own_times_must_not_overlap(town: Town) -> None:
    """Two times of one announcement that run into each other are refused."""
    rules = (once(24, 6), Once(local(24, 6) + timedelta(seconds=59)))
    outlook = await look(town, *rules)
    assert codes(outlook) == [("overlap", "schedules")]
    assert outlook.problems[0].detail["title"] == "Tiêm chủng"


async def test_priority_goes_before_ordinary(town: Town) -> None:
    """A priority item is let through with a warning; an ordinary one does not push it aside."""
    await town.approved(once(24, 6), title="Bản tin sáng")
    priority = await look(town, once(24, 6), message_class=MessageClass.PRIORITY)
    assert priority.problems == ()
    assert [one.code for one in priority.warnings] == ["others_yield"]
    assert priority.warnings[0].detail["title"] == "Bản tin sáng"
    await town.approved(once(25, 6), message_class=MessageClass.PRIORITY)
    for kind in (MessageClass.ORDINARY, MessageClass.PRIORITY):
        assert codes(await look(town, once(25, 6), message_class=kind)) == [
            ("overlap", "schedules")
        ]


async def test_an_edit_does_not_meet_itself(town: Town) -> None:
    """Who looks ahead while editing an approved announcement is not told that it overlaps it."""
    one = (await town.approved(once(24, 6))).announcement
    draft = town.draft(one.content.recording, once(24, 6), once(24, 17))
    me = town.actor("operator")
    assert codes(await town.announcements.preview(me, draft, one.id)) == []
    assert codes(await town.announcements.preview(me, draft)) == [("overlap", "schedules")]


async def test_a_left_out_airing_makes_room(town: Town) -> None:
    """A time that was skipped is free for something else."""
    one = (await town.approved(once(24, 6))).announcement
    async with town.database.read() as tx:
        (airing,) = await tx.occurrences.of_announcement(one.id, town.clock.now())
    assert airing.state is OccurrenceState.PLANNED
    await town.occurrences.skip(town.actor("operator"), airing.id)
    assert codes(await look(town, once(24, 6))) == []


async def test_short_notice_is_only_said(town: Town) -> None:
    """With too little time to bring the sound to a slow link there is a warning, unless stored."""
    soon = Once(local(23, 8) + timedelta(seconds=20))
    outlook = await look(town, soon)
    assert outlook.problems == ()
    assert [(one.code, one.detail["count"]) for one in outlook.warnings] == [("short_notice", 2)]
    assert outlook.hash is not None
    async with town.database.begin() as tx:
        for name in ("Loa nhà văn hóa", "Loa đình làng"):
            await tx.renditions.add_held(town.terminals[name], outlook.hash, town.clock.now())
    assert (await look(town, soon)).warnings == ()


async def test_looking_ahead_changes_nothing(town: Town) -> None:
    """A preview saves nothing and says nothing to open screens."""
    draft = town.draft(await town.recording(), once(23, 17))
    town.feed.take()
    async with town.database.read() as tx:
        before = await tx.audit.head()
    await town.announcements.preview(town.actor("operator"), draft)
    async with town.database.read() as tx:
        assert await tx.audit.head() == before
        assert (
            await tx.occurrences.next_for(list(town.terminals.values()), town.clock.now())
        ) == {}
    assert town.feed.take() == []


async def test_a_series_is_shown_by_its_first_airings(town: Town) -> None:
    """The form shows the next ten, in order, in the area's own time."""
    daily = Daily((time(6), time(17)), date(2026, 11, 24), date(2027, 1, 1))
    outlook = await look(town, daily)
    assert len(outlook.next) == 10
    assert outlook.next[0].start == instant(24, 6)
    assert outlook.next[1].start - outlook.next[0].start == 11 * AN_HOUR
