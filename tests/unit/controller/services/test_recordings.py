"""Recordings on their way in: pieces, limits, checks, refusals, listening, deleting."""

import asyncio
from datetime import timedelta

import pytest

from controller.domain.audit import broken_at
from controller.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
    Unavailable,
)
from controller.domain.paging import PageRequest
from controller.domain.recording import RecordingState
from controller.services.recordings import (
    ABANDONED_AFTER,
    MAX_PIECE_BYTES,
    REFUSED_KEPT,
    NewRecording,
    UploadLimits,
)
from media.errors import Code, SoundRefused, UploadRefused
from media.upload_store import UploadId
from tests.fakes.commune import UPLOAD as DATA
from tests.fakes.commune import Town, once


async def test_pieces_become_a_recording_that_can_be_heard(town: Town) -> None:
    """Two pieces, a completion and the checks: length, loudness and hash are there to see."""
    me = town.actor("operator")
    shown = await town.upload()
    which = shown.recording.id
    half = await town.recordings.receive(me, which, 0, DATA[:500])
    assert (half.recording.received, half.recording.progress) == (500, 100 * 500 // len(DATA))
    await town.recordings.receive(me, which, 500, DATA[500:])
    checking = await town.recordings.complete(me, which)
    assert checking.recording.state is RecordingState.CHECKING
    await town.ingestion.work_off()
    ready = await town.recordings.get(me, which)
    assert ready.recording.state is RecordingState.READY
    assert ready.created_by == "Operator"
    sound = ready.recording.sound
    assert sound is not None
    assert (sound.duration_ms, sound.loudness_lufs) == (12_500, -16.0)
    assert (await town.recordings.sound(me, which)).name == sound.rendition


async def test_a_repeated_piece_counts_as_stored_again(town: Town) -> None:
    """Whose answer was lost sends the piece again and goes on; nothing is stored twice."""
    me = town.actor("operator")
    which = (await town.upload()).recording.id
    for _ in range(2):
        again = await town.recordings.receive(me, which, 0, DATA[:600])
        assert again.recording.received == 600
    overlapping = await town.recordings.receive(me, which, 300, DATA[300:900])
    assert overlapping.recording.received == 900


async def test_a_hole_is_refused_with_the_place_to_go_on(town: Town) -> None:
    """A piece that leaves a gap changes nothing; the answer says where the upload stands."""
    me = town.actor("operator")
    which = (await town.upload()).recording.id
    await town.recordings.receive(me, which, 0, DATA[:100])
    with pytest.raises(Conflict) as refused:
        await town.recordings.receive(me, which, 200, DATA[200:])
    assert refused.value.code == "recording_wrong_offset"
    assert refused.value.detail["offset"] == 100


async def test_the_same_piece_at_once_is_stored_once(town: Town) -> None:
    """Two browsers of one person that send the same piece do not tear the file."""
    me = town.actor("operator")
    which = (await town.upload()).recording.id
    await asyncio.gather(*(town.recordings.receive(me, which, 0, DATA[:700]) for _ in range(4)))
    await town.recordings.receive(me, which, 700, DATA[700:])
    path = await town.uploads.finish(UploadId(str(which)), len(DATA))
    assert path.read_bytes() == DATA


async def test_more_than_announced_is_refused(town: Town) -> None:
    """Neither a piece above 4 MiB nor bytes beyond the announced size get in."""
    me = town.actor("operator")
    which = (await town.upload(size=10)).recording.id
    with pytest.raises(Invalid, match="recording_too_large"):
        await town.recordings.receive(me, which, 0, bytes(11))
    with pytest.raises(Invalid, match="recording_too_large"):
        await town.recordings.receive(me, which, 0, bytes(MAX_PIECE_BYTES + 1))
    with pytest.raises(Invalid, match="recording_too_large"):
        await town.upload(size=100 * 1024 * 1024 + 1)


async def test_completing_too_early_tells_what_is_missing(town: Town) -> None:
    """A browser that was closed in between goes on where it was."""
    me = town.actor("operator")
    which = (await town.upload()).recording.id
    await town.recordings.receive(me, which, 0, DATA[:100])
    with pytest.raises(Conflict) as refused:
        await town.recordings.complete(me, which)
    assert refused.value.code == "recording_incomplete"
    assert refused.value.detail["offset"] == 100


async def test_a_second_completion_changes_nothing(town: Town) -> None:
    """A double click begins the checks once, and after them shows what came of them."""
    me = town.actor("operator")
    which = (await town.upload()).recording.id
    await town.recordings.receive(me, which, 0, DATA)
    both = await asyncio.gather(*(town.recordings.complete(me, which) for _ in range(2)))
    assert {one.recording.state for one in both} == {RecordingState.CHECKING}
    await town.ingestion.work_off()
    later = await town.recordings.complete(me, which)
    assert later.recording.state is RecordingState.READY
    with pytest.raises(Conflict, match="recording_wrong_state"):
        await town.recordings.receive(me, which, 0, DATA)


async def test_a_lost_file_is_begun_again(town: Town) -> None:
    """When the disk forgot the upload (a restored database), the sender is sent to byte 0."""
    me = town.actor("operator")
    which = (await town.upload()).recording.id
    await town.recordings.receive(me, which, 0, DATA[:100])
    await town.uploads.drop(UploadId(str(which)))
    with pytest.raises(Conflict) as refused:
        await town.recordings.receive(me, which, 100, DATA[100:])
    assert refused.value.detail["offset"] == 0
    begun = await town.recordings.receive(me, which, 0, DATA)
    assert begun.recording.received == len(DATA)


async def test_a_doubtful_recording_must_be_heard(town: Town) -> None:
    """It is ready but not usable until a person says that it was heard to its end."""
    which = await town.recording(doubtful=True)
    me = town.actor("operator")
    held = (await town.recordings.get(me, which)).recording
    assert (held.doubtful, held.usable) == ("cut_off", False)
    with pytest.raises(Forbidden):
        await town.recordings.confirm_heard(town.actor("monitor"), which)
    heard = (await town.recordings.confirm_heard(me, which)).recording
    assert heard.usable
    assert heard.heard_by == me.account


async def test_limits_hold_per_account_and_area(town: Town) -> None:
    """Uploads on their way are counted by person and by area; a finished one makes room."""
    town.recordings._limits = UploadLimits(per_account=2, per_area=3)
    mine = [await town.upload() for _ in range(2)]
    with pytest.raises(TooMany, match="too_many_uploads"):
        await town.upload()
    await town.upload(who="approver")
    with pytest.raises(TooMany, match="too_many_uploads"):
        await town.upload(who="deputy")
    await town.upload(who="neighbour")
    await town.recordings.delete(town.actor("operator"), mine[0].recording.id)
    await town.upload()


async def test_a_refused_announcement_leaves_no_file(town: Town) -> None:
    """What is not kept in the database leaves nothing on the disk either."""
    town.recordings._limits = UploadLimits(per_account=0)
    with pytest.raises(TooMany):
        await town.upload()
    assert list((town.folder / "uploads").iterdir()) == []


async def test_a_nearly_full_disk_takes_no_more(town: Town) -> None:
    """Room for the database and what is planned stays free; the answer says so."""
    town.free = 100 * 1024 * 1024
    with pytest.raises(Unavailable, match="disk_full"):
        await town.upload()


async def test_a_foreign_commune_gets_nothing(town: Town) -> None:
    """Every use case answers the neighbour as if there were no such recording."""
    which = await town.recording()
    them = town.actor("neighbour")
    for work in (
        town.recordings.get(them, which),
        town.recordings.receive(them, which, 0, b""),
        town.recordings.complete(them, which),
        town.recordings.rename(them, which, "x"),
        town.recordings.confirm_heard(them, which),
        town.recordings.sound(them, which),
        town.recordings.delete(them, which),
        town.recordings.list(them, town.areas["Xã Bình Minh"].id, PageRequest()),
        town.recordings.list(them, town.areas["Tỉnh Sông Lam"].id, PageRequest()),
    ):
        with pytest.raises(NotFound):
            await work
    page = await town.recordings.list(them, town.areas["Xã An Hòa"].id, PageRequest())
    assert page.items == ()
    wanted = NewRecording("x", town.areas["Xã Bình Minh"].id, 5, chime=True, closing=True)
    with pytest.raises(NotFound):
        await town.recordings.announce(them, wanted)


async def test_a_monitor_listens_and_changes_nothing(town: Town) -> None:
    """The province hears what the commune recorded; it cannot touch it."""
    which = await town.recording()
    monitor = town.actor("monitor")
    assert (await town.recordings.sound(monitor, which)).is_file()
    for work in (
        town.recordings.rename(monitor, which, "x"),
        town.recordings.delete(monitor, which),
        town.upload(who="monitor"),
    ):
        with pytest.raises(Forbidden):
            await work


async def test_a_title_is_kept_as_written(town: Town) -> None:
    """Vietnamese accents in either form and emoji come back in one form; control signs do not."""
    which = await town.recording()
    me = town.actor("operator")
    named = await town.recordings.rename(me, which, "  Lịch tiêm 💉  ")
    assert named.recording.title == "Lịch tiêm 💉"
    with pytest.raises(Invalid, match="text_control_character"):
        await town.recordings.rename(me, which, "a\u202eb")


async def test_a_used_recording_stays(town: Town) -> None:
    """While an announcement uses it, and for good once it was approved, it cannot be deleted."""
    shown = await town.approved(once(23, 17))
    me = town.actor("operator")
    assert shown.recording is not None
    with pytest.raises(Conflict, match="recording_in_use"):
        await town.recordings.delete(me, shown.recording.id)
    other = await town.recording(more=b"another")
    draft = town.draft(other, once(23, 18))
    one = shown.announcement
    await town.announcements.edit(me, one.id, one.revision, draft)
    with pytest.raises(Conflict, match="recording_in_use"):
        await town.recordings.delete(me, shown.recording.id)


async def test_deleting_frees_the_disk_unless_bytes_are_shared(town: Town) -> None:
    """Two uploads of the same file share one rendition, which goes with the last of them."""
    me = town.actor("operator")
    first, second = await town.recording(), await town.recording()
    assert len(town.sounds.files()) == 1
    await town.recordings.delete(me, first)
    assert (await town.recordings.sound(me, second)).is_file()
    await town.recordings.delete(me, second)
    assert town.sounds.files() == set()


async def test_what_was_abandoned_is_swept_up(town: Town) -> None:
    """Uploads of yesterday and refusals of last week go; what is being sent stays."""
    me = town.actor("operator")
    old = (await town.upload()).recording.id
    town.sounds.failing = [SoundRefused(Code.SILENT)]
    refused = await town.recording()
    town.clock.run(ABANDONED_AFTER + timedelta(minutes=1))
    young = (await town.upload()).recording.id
    assert await town.recordings.sweep() == 1
    with pytest.raises(NotFound):
        await town.recordings.get(me, old)
    await town.recordings.get(me, refused)
    await town.recordings.get(me, young)
    with pytest.raises(UploadRefused):
        await town.uploads.received(UploadId(str(old)))
    town.clock.run(REFUSED_KEPT)
    await town.recordings.sweep()
    with pytest.raises(NotFound):
        await town.recordings.get(me, refused)


async def test_each_change_is_in_the_audit_trail(town: Town) -> None:
    """Announced, taken in, renamed, deleted: by whom, in an unbroken chain."""
    me = town.actor("operator")
    which = await town.recording()
    await town.recordings.rename(me, which, "Mới")
    await town.recordings.delete(me, which)
    async with town.database.read() as tx:
        entries = await tx.audit.read(0, 1000)
    assert broken_at(entries) is None
    own = [entry.draft for entry in entries if entry.draft.subject == str(which)]
    assert [draft.action for draft in own] == [
        "recording.announced", "recording.ready", "recording.renamed", "recording.deleted",
    ]  # fmt: skip
    assert [draft.actor for draft in own] == [me.account, None, me.account, me.account]
