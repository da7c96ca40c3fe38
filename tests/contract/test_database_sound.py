"""Recordings, what terminals play and hold, announcements and approvals."""

import asyncio
from dataclasses import replace

import pytest

from controller.adapters.database import SqlDatabase, open_database
from controller.domain.announcement import (
    Announcement,
    AnnouncementState,
    Content,
    Targets,
    edit,
    leave_out,
    submit,
)
from controller.domain.errors import Conflict
from controller.domain.paging import PageRequest
from controller.domain.recording import RecordingState, begin_checks, refuse
from edge_agent.wire.precedence import MessageClass
from scheduler.schedule import Move, Skip
from tests.contract.database_samples import (
    AWAY,
    COMMUNE,
    HAMLET,
    HOUR,
    LENGTH_MS,
    MINUTE,
    NEAR,
    NOW,
    OPERATOR,
    OTHER,
    PROVINCE,
    RENDITION,
    announcement,
    approval,
    approved,
    new_id,
    ready,
    recording,
    rendition,
    schedule,
    sound,
)

HASHES = [f"{number:064x}" for number in range(5)]


async def test_a_recording_comes_back_in_every_state(database: SqlDatabase) -> None:
    """What was measured is kept to the last figure; a recording without sound has none."""
    fresh = recording(chime=False, closing=False)
    heard = ready(doubtful="silence", heard_by=OPERATOR, heard_at=NOW)
    bad = refuse(begin_checks(recording(received=1000)), "sound_silent")
    async with database.begin() as tx:
        for one in (fresh, heard, bad):
            await tx.recordings.add(one)
    async with database.read() as tx:
        for one in (fresh, heard, bad):
            assert await tx.recordings.find(one.id) == one
        assert await tx.recordings.find(new_id()) is None


async def test_a_changed_recording_keeps_its_area(database: SqlDatabase) -> None:
    """Upload, checks and sound change a recording; it cannot wander to another area."""
    made = recording()
    async with database.begin() as tx:
        await tx.recordings.add(made)
        grown = replace(made, received=500, progress=50, area=OTHER)
        await tx.recordings.save(grown)
        assert await tx.recordings.get(COMMUNE, made.id) == replace(grown, area=COMMUNE)
        done = replace(made, received=1000, state=RecordingState.READY, sound=sound())
        await tx.recordings.save(done)
        assert await tx.recordings.get(PROVINCE, made.id) == done


async def test_recordings_are_listed_newest_first(database: SqlDatabase) -> None:
    """Pages follow one another; those of the same instant have one order."""
    made = [recording(created_at=NOW + number // 2 * MINUTE) for number in range(5)]
    async with database.begin() as tx:
        for one in made:
            await tx.recordings.add(one)
        first = await tx.recordings.list(PROVINCE, PageRequest(limit=3))
        rest = await tx.recordings.list(PROVINCE, PageRequest(first.next, 3))
        assert [*first.items, *rest.items] == made[::-1]
        assert rest.next is None


async def test_work_to_go_on_with_is_found_by_state(database: SqlDatabase) -> None:
    """Oldest first, of all areas."""
    first, second = recording(), recording(created_at=NOW + HOUR, area=OTHER)
    async with database.begin() as tx:
        for one in (second, first, ready()):
            await tx.recordings.add(one)
        assert await tx.recordings.in_state(RecordingState.RECEIVING) == (first, second)
        assert await tx.recordings.in_state(RecordingState.CHECKING) == ()


async def test_a_recording_in_use_stays(database: SqlDatabase) -> None:
    """It goes only after the announcement that names it."""
    used = ready()
    of = announcement(Content("Tin", recording=used.id))
    async with database.begin() as tx:
        await tx.recordings.add(used)
        await tx.announcements.add(of)
        with pytest.raises(Conflict, match="recording_in_use"):
            await tx.recordings.remove(used.id)
        await tx.announcements.remove(of.id)
        await tx.recordings.remove(used.id)
        assert await tx.recordings.find(used.id) is None


async def test_the_same_rendition_again_changes_nothing(database: SqlDatabase) -> None:
    """Renditions are named by their content; blocks come back one by one."""
    made = rendition(recording=new_id())
    async with database.begin() as tx:
        await tx.renditions.add(made)
        await tx.renditions.add(replace(made, area=OTHER, created_at=NOW + HOUR))
        assert await tx.renditions.find(RENDITION) == made
        assert await tx.renditions.find("00" * 32) is None


async def test_what_a_terminal_holds_is_what_it_said_last(database: SqlDatabase) -> None:
    """A hello replaces, a single word adds, and both ways of asking agree."""
    async with database.begin() as tx:
        await tx.renditions.set_held(NEAR, HASHES[:3], NOW)
        await tx.renditions.set_held(AWAY, HASHES[2:4], NOW)
        await tx.renditions.set_held(NEAR, [*HASHES[1:3], HASHES[1]], NOW + MINUTE)
        await tx.renditions.add_held(NEAR, HASHES[4], NOW)
        await tx.renditions.add_held(NEAR, HASHES[4], NOW)
        assert await tx.renditions.held_by(NEAR) == {HASHES[1], HASHES[2], HASHES[4]}
        assert await tx.renditions.holders(HASHES[2]) == {NEAR, AWAY}
        assert await tx.renditions.holders(HASHES[0]) == frozenset()
        await tx.renditions.set_held(NEAR, [], NOW)
        assert await tx.renditions.held_by(NEAR) == frozenset()


async def test_what_an_unknown_terminal_holds_is_passed_over(database: SqlDatabase) -> None:
    """A terminal that was never enrolled leaves no trace and breaks nothing."""
    async with database.begin() as tx:
        await tx.renditions.set_held(new_id(), HASHES, NOW)
        await tx.renditions.add_held(new_id(), HASHES[0], NOW)
        assert await tx.renditions.holders(HASHES[0]) == frozenset()


async def test_an_announcement_comes_back_with_its_schedules(database: SqlDatabase) -> None:
    """In their order, with skips and moves."""
    recorded = ready()
    moved = schedule(
        exceptions=(
            Skip("20261125T053000"),
            Move("20261126T170000", NOW.replace(tzinfo=None, microsecond=0)),
        )
    )
    content = Content(
        "Cúp điện ⚡", MessageClass.PRIORITY, recorded.id, Targets((HAMLET,)), (moved, schedule())
    )
    made = submit(announcement(content), OPERATOR, NOW)
    async with database.begin() as tx:
        await tx.recordings.add(recorded)
        await tx.announcements.add(made)
    async with database.read() as tx:
        assert await tx.announcements.find(made.id) == made
        assert await tx.announcements.get(PROVINCE, made.id) == made
        for one in made.content.schedules:
            assert await tx.announcements.of_schedule(one.id) == made
        assert await tx.announcements.of_schedule(new_id()) is None
        assert await tx.announcements.find(new_id()) is None


async def test_only_the_first_of_two_changes_counts(database: SqlDatabase) -> None:
    """The second, made from the same reading, is refused and leaves the first untouched."""
    made = announcement()
    first = edit(made, replace(made.content, title="Một"), OPERATOR, NOW + MINUTE)
    second = edit(made, replace(made.content, title="Hai"), OPERATOR, NOW + HOUR)
    async with database.begin() as tx:
        await tx.announcements.add(made)
    async with database.begin() as tx:
        await tx.announcements.save(first, made)
    async with database.begin() as tx:
        with pytest.raises(Conflict, match="changed_meanwhile"):
            await tx.announcements.save(second, made)
    async with database.read() as tx:
        assert await tx.announcements.find(made.id) == first


async def test_a_change_inside_one_revision_is_seen_too(database: SqlDatabase) -> None:
    """State and time of change count as well, since an approval does not raise the revision."""
    made = announcement()
    sent = submit(made, OPERATOR, NOW + MINUTE)
    async with database.begin() as tx:
        await tx.announcements.add(made)
        await tx.announcements.save(sent, made)
        with pytest.raises(Conflict, match="changed_meanwhile"):
            await tx.announcements.save(submit(made, OPERATOR, NOW + HOUR), made)


async def test_a_skip_of_the_same_instant_is_seen_too(database: SqlDatabase) -> None:
    """Also where neither revision nor state nor time of change tell the two apart."""
    recorded = ready()
    made = approved(Targets((HAMLET,)), recorded)
    skipped = leave_out(made, made.content.schedules[0].id, "20261127T053000")
    async with database.begin() as tx:
        await tx.recordings.add(recorded)
        await tx.announcements.add(made)
        await tx.announcements.save(skipped, made)
        with pytest.raises(Conflict, match="changed_meanwhile"):
            await tx.announcements.save(edit(made, made.content, OPERATOR, NOW), made)
        assert await tx.announcements.find(made.id) == skipped


async def test_of_two_who_change_at_once_one_is_refused(database: SqlDatabase, url: str) -> None:
    """Two controllers that read the same do not overwrite each other."""
    other = await open_database(url)
    made = announcement()
    async with database.begin() as tx:
        await tx.announcements.add(made)

    async def change(through: SqlDatabase, title: str) -> str | None:
        after = edit(made, replace(made.content, title=title), OPERATOR, NOW)
        try:
            async with through.begin() as tx:
                await tx.announcements.save(after, made)
        except Conflict as error:
            return error.code
        return None

    ends = await asyncio.gather(change(database, "Một"), change(other, "Hai"))
    assert sorted(ends, key=str) == [None, "changed_meanwhile"]
    await other.close()


async def test_a_skip_is_stored_with_its_schedule(database: SqlDatabase) -> None:
    """Leaving one airing out keeps the approval and the schedule's identity."""
    recorded = ready()
    made = approved(Targets((HAMLET,)), recorded)
    (its,) = made.content.schedules
    changed = replace(leave_out(made, its.id, "20261127T053000"), changed_at=NOW + MINUTE)
    async with database.begin() as tx:
        await tx.recordings.add(recorded)
        await tx.announcements.add(made)
        await tx.announcements.save(changed, made)
        assert await tx.announcements.find(made.id) == changed
        assert await tx.announcements.of_schedule(its.id) == changed


async def test_announcements_are_listed_last_changed_first(database: SqlDatabase) -> None:
    """All, or those in one state; each with its own schedules."""
    recorded = ready()
    made = [
        approved(Targets((HAMLET,)), recorded, changed_at=NOW + number * MINUTE)
        for number in range(4)
    ]
    made.append(announcement(changed_at=NOW + HOUR))
    async with database.begin() as tx:
        await tx.recordings.add(recorded)
        for one in made:
            await tx.announcements.add(one)
        found: list[Announcement] = []
        page = await tx.announcements.list(COMMUNE, PageRequest(limit=2))
        found += page.items
        while page.next:
            page = await tx.announcements.list(COMMUNE, PageRequest(page.next, 2))
            found += page.items
        assert found == made[::-1]
        drafts = await tx.announcements.list(COMMUNE, PageRequest(), AnnouncementState.DRAFT)
        assert drafts.items == (made[-1],)


async def test_a_removed_draft_takes_its_schedules_along(database: SqlDatabase) -> None:
    """Nothing is left by which the engine could plan it."""
    made = announcement(Content("Tin", schedules=(schedule(),)))
    async with database.begin() as tx:
        await tx.announcements.add(made)
        await tx.announcements.remove(made.id)
        assert await tx.announcements.find(made.id) is None
        assert await tx.announcements.of_schedule(made.content.schedules[0].id) is None


async def test_approvals_keep_the_exact_bytes(database: SqlDatabase) -> None:
    """Body and signature come back byte by byte; a withdrawal is added, nothing else changes."""
    of = announcement()
    first = approval(of, renditions=(RENDITION, HASHES[1]), body=bytes(range(256)))
    second = approval(of, decided_at=NOW + HOUR, message_class=MessageClass.EMERGENCY)
    async with database.begin() as tx:
        await tx.approvals.add(first)
        await tx.approvals.add(second)
        withdrawn = replace(
            first, withdrawn_at=NOW + MINUTE, withdrawn_by=OPERATOR, reason="Sai ngày"
        )
        await tx.approvals.save(replace(withdrawn, body=b"forged", approver=new_id()))
    async with database.read() as tx:
        assert await tx.approvals.find(first.id) == withdrawn
        assert await tx.approvals.find(new_id()) is None
        assert await tx.approvals.of_announcement(of.id) == (second, withdrawn)
        many = await tx.approvals.many([first.id, second.id, new_id()])
        assert many == {first.id: withdrawn, second.id: second}


def test_the_samples_agree() -> None:
    """The sample sound is as long as the sample rendition."""
    assert rendition().duration_ms == sound().duration_ms == LENGTH_MS


async def test_the_last_recording_of_an_approved_sound_stays(database: SqlDatabase) -> None:
    """What was approved once can be listened to for good; a second copy of it may go."""
    first, copy = ready(), ready()
    of = approved(Targets((HAMLET,)), first)
    async with database.begin() as tx:
        for one in (first, copy):
            await tx.recordings.add(one)
        await tx.announcements.add(of)
        await tx.approvals.add(approval(of))
        await tx.announcements.save(edit(of, Content("Bản tin khác"), OPERATOR, NOW), of)
        await tx.recordings.remove(copy.id)
        with pytest.raises(Conflict, match="recording_in_use"):
            await tx.recordings.remove(first.id)
        assert await tx.recordings.find(first.id) == first


async def test_a_rendition_goes_with_its_last_recording(database: SqlDatabase) -> None:
    """Bytes that two recordings share stay until both are gone; then they are nobody's."""
    first, copy = ready(), ready()
    async with database.begin() as tx:
        for one in (first, copy):
            await tx.recordings.add(one)
        await tx.renditions.add(rendition())
        await tx.recordings.remove(first.id)
        assert not await tx.renditions.remove_unused(RENDITION)
        await tx.recordings.remove(copy.id)
        assert await tx.renditions.remove_unused(RENDITION)
        assert await tx.renditions.find(RENDITION) is None
        assert not await tx.renditions.remove_unused(RENDITION)
