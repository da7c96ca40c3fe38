"""The main line: recorded, sent, approved, planned."""

from controller.domain.announcement import AnnouncementState
from controller.domain.occurrence import OccurrenceState
from controller.domain.paging import PageRequest
from tests.fakes.commune import AN_HOUR, Town, instant, once


async def test_an_approved_recording_becomes_a_dated_airing(town: Town) -> None:
    """Uploaded, sent and approved: it is planned on the loudspeakers of the chosen hamlet."""
    approved = await town.approved(once(23, 17))
    assert approved.announcement.state is AnnouncementState.APPROVED
    assert approved.terminals == 2
    assert approved.next_start == instant(23, 17)
    async with town.database.read() as tx:
        page = await tx.occurrences.list(
            town.areas["Xã Bình Minh"].id,
            town.clock.now(),
            town.clock.now() + 24 * AN_HOUR,
            PageRequest(),
        )
        (planned,) = page.items
        assert planned.state is OccurrenceState.PLANNED
        assert planned.approval == approved.announcement.approval
        asked = await tx.occurrences.terminals_of(planned.id)
        stale = await tx.rundowns.due(town.clock.now(), 10)
    expected = {town.terminals["Loa nhà văn hóa"], town.terminals["Loa đình làng"]}
    assert set(asked) == expected
    assert expected <= set(stale)
