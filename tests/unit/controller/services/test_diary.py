"""The diary: asked and sounded per loudspeaker, and who may read it."""

from datetime import timedelta
from uuid import UUID

import pytest

from controller.domain.errors import NotFound
from controller.domain.occurrence import DiaryOutcome
from controller.domain.paging import PageRequest
from controller.services.diary import Diary, DiaryFacts, DiaryPart
from controller.services.housekeeping import UNHEARD_AFTER, Housekeeping
from edge_agent.wire.reports import Outcome
from tests.fakes.commune import Town, instant, once

WAS = DiaryOutcome


def part(town: Town, area: str = "Xã Bình Minh", **more: object) -> DiaryPart:
    return DiaryPart(
        area=town.areas[area].id,
        since=instant(22, 0),
        until=instant(30, 0),
        **more,  # type: ignore[arg-type]
    )


async def rows(town: Town, who: str, which: DiaryPart) -> tuple[DiaryFacts, ...]:
    return tuple([one async for one in Diary(town.context).read(town.actor(who), which)])


async def aired(town: Town) -> UUID:
    """Have one airing sound on one loudspeaker, be cut on another and unheard of on a third."""
    shown = await town.approved(once(23, 9), targets=("Xã Bình Minh",))
    async with town.database.read() as tx:
        (one,) = await tx.occurrences.of_announcement(shown.announcement.id, town.clock.now())
    town.clock.run(timedelta(hours=2))
    await town.report("Loa đình làng", one.id, Outcome.SOUNDED)
    await town.report("Loa cổng chợ", one.id, Outcome.CUT, sounded_ms=20_000, reason="stopped")
    return one.id


async def test_a_row_says_what_was_asked_and_what_sounded(town: Town) -> None:
    """Asked and sounded seconds, why not, who approved it, and the recording to listen to."""
    await aired(town)
    found = {one.row.terminal_name: one for one in await rows(town, "operator", part(town))}
    assert {name: one.row.outcome for name, one in found.items()} == {
        "Loa đình làng": WAS.SOUNDED, "Loa cổng chợ": WAS.CUT, "Loa nhà văn hóa": WAS.WAITING,
    }  # fmt: skip
    cut = found["Loa cổng chợ"]
    assert (cut.row.asked_ms, cut.row.sounded_ms, cut.row.reason) == (60_000, 20_000, "stopped")
    assert (cut.area_name, cut.approved_by) == ("Thôn Đoài", "Approver")
    assert cut.recording is not None
    assert cut.row.began_at == instant(23, 9)


async def test_parts_are_by_loudspeaker_outcome_and_time(town: Town) -> None:
    """The inspector asks for one loudspeaker, for what was missed, or for one week."""
    await aired(town)
    which = part(town, terminal=town.terminals["Loa đình làng"])
    assert [one.row.outcome for one in await rows(town, "operator", which)] == [WAS.SOUNDED]
    which = part(town, outcome=WAS.CUT)
    assert [one.row.terminal_name for one in await rows(town, "operator", which)] == [
        "Loa cổng chợ"
    ]
    before = DiaryPart(town.areas["Xã Bình Minh"].id, instant(20, 0), instant(23, 9))
    assert await rows(town, "operator", before) == ()


async def test_no_word_for_three_days_is_missed_until_there_is_one(town: Town) -> None:
    """Housekeeping closes the row; the log of a loudspeaker that returns corrects it."""
    item = await aired(town)
    house = Housekeeping(town.context, town.recordings)
    silent = part(town, terminal=town.terminals["Loa nhà văn hóa"])
    await house.sweep()
    assert [one.row.outcome for one in await rows(town, "operator", silent)] == [WAS.WAITING]
    town.clock.run(UNHEARD_AFTER)
    await house.sweep()
    (closed,) = await rows(town, "operator", silent)
    assert (closed.row.outcome, closed.row.reason) == (WAS.MISSED, "unheard")
    await town.report("Loa nhà văn hóa", item, Outcome.SOUNDED)
    (late,) = await rows(town, "operator", silent)
    assert (late.row.outcome, late.row.sounded_ms, late.row.reason) == (WAS.SOUNDED, 60_000, None)


async def test_a_commune_reads_its_own_diary_only(town: Town) -> None:
    """The neighbour's area and loudspeakers are not found; the province reads both."""
    await aired(town)
    diary, them = Diary(town.context), town.actor("neighbour")
    for which in (
        part(town),
        part(town, "Tỉnh Sông Lam"),
        part(town, "Xã An Hòa", terminal=town.terminals["Loa đình làng"]),
    ):
        with pytest.raises(NotFound):
            await diary.list(them, which, PageRequest())
    assert await rows(town, "neighbour", part(town, "Xã An Hòa")) == ()
    assert len(await rows(town, "monitor", part(town, "Tỉnh Sông Lam"))) == 3


async def test_the_provinces_item_is_in_the_communes_diary(town: Town) -> None:
    """What sounded here is in our diary, though the province ordered it; its recording is not."""
    await town.from_above(once(23, 9))
    found = await rows(town, "operator", part(town))
    assert {one.row.title for one in found} == {"Tin của tỉnh"}
    assert len(found) == 3
    assert {one.recording for one in found} == {None}


async def test_all_pages_are_read(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download goes on from page to page, newest first, and ends."""
    monkeypatch.setattr("controller.services.diary.MAX_PAGE", 2)
    await town.approved(once(23, 9), once(23, 10), targets=("Xã Bình Minh",))
    found = await rows(town, "operator", part(town))
    assert len({(one.row.item, one.row.terminal) for one in found}) == len(found) == 6
    planned = [one.row.planned_at for one in found]
    assert planned == sorted(planned, reverse=True)
