"""From the last uploaded byte to a rendition: refusals, second tries, restarts, progress."""

import asyncio

import pytest

from controller.domain.errors import (
    Conflict,
    NotFound,
    Unavailable,
)
from controller.domain.event import EventKind
from controller.domain.recording import RecordingState
from controller.services.ingest import TRIES, TRY_AGAIN, Ingestion
from media.errors import Code, SoundRefused, StoreFailed, UploadRefused, WorkFailed
from media.library import Stage
from media.upload_store import UploadId
from tests.fakes.commune import UPLOAD as DATA
from tests.fakes.commune import Town


async def test_what_is_no_sound_is_refused_with_its_code(town: Town) -> None:
    """A picture with the name of a song: refused, its bytes thrown away, the reason kept."""
    me = town.actor("operator")
    shown = await town.upload(size=9)
    await town.recordings.receive(me, shown.recording.id, 0, b"\x89PNG\r\n\x1a\n\x00")
    await town.recordings.complete(me, shown.recording.id)
    await town.ingestion.work_off()
    refused = (await town.recordings.get(me, shown.recording.id)).recording
    assert (refused.state, refused.problem) == (RecordingState.REFUSED, "unsupported_format")
    assert town.sounds.files() == set()
    with pytest.raises(UploadRefused):
        await town.uploads.received(UploadId(str(refused.id)))
    with pytest.raises(Conflict, match="recording_not_ready"):
        await town.recordings.sound(me, refused.id)


@pytest.mark.parametrize("code", [Code.TOO_LONG, Code.SILENT, Code.CUT_SHORT])
async def test_each_reason_of_the_library_reaches_the_sender(town: Town, code: Code) -> None:
    """Two hours, silence, a torn file: the recording says which it was."""
    town.sounds.failing = [SoundRefused(code)]
    which = await town.recording()
    assert (await town.recordings.get(town.actor("operator"), which)).recording.problem == code


async def test_our_own_fault_is_tried_again(town: Town) -> None:
    """A full store refuses nobody's recording at once; it goes in when there is room again."""
    town.sounds.failing = [StoreFailed(Code.STORAGE_FULL), WorkFailed(Code.BUSY)]
    which = await town.recording()
    me = town.actor("operator")
    for _ in range(2):
        waiting = (await town.recordings.get(me, which)).recording
        assert waiting.state is RecordingState.CHECKING
        town.clock.run(TRY_AGAIN)
        await town.ingestion.work_off()
    assert (await town.recordings.get(me, which)).recording.state is RecordingState.READY


async def test_a_lasting_fault_ends_in_a_refusal(town: Town) -> None:
    """After three tries the recording is refused with the store's code, not checked for ever."""
    town.sounds.failing = [StoreFailed(Code.STORAGE_FULL)] * TRIES
    which = await town.recording()
    for _ in range(TRIES - 1):
        town.clock.run(TRY_AGAIN)
        await town.ingestion.work_off()
    refused = (await town.recordings.get(town.actor("operator"), which)).recording
    assert (refused.state, refused.problem) == (RecordingState.REFUSED, "storage_full")


async def test_checks_go_on_after_a_restart(town: Town) -> None:
    """What was being checked when the program ended is taken in by the next one."""
    me = town.actor("operator")
    which = (await town.upload()).recording.id
    await town.recordings.receive(me, which, 0, DATA)
    await town.recordings.complete(me, which)
    restarted = Ingestion(town.context, town.uploads, town.sounds)
    await restarted.work_off()
    assert (await town.recordings.get(me, which)).recording.state is RecordingState.READY


async def test_the_loop_works_when_it_is_woken(town: Town) -> None:
    """A completed upload is taken in without waiting for the next round."""
    working = asyncio.create_task(town.ingestion.run())
    try:
        me = town.actor("operator")
        which = (await town.upload()).recording.id
        await town.recordings.receive(me, which, 0, DATA)
        await town.recordings.complete(me, which)
        async with asyncio.timeout(10):
            while True:
                state = (await town.recordings.get(me, which)).recording.state
                if state is RecordingState.READY:
                    break
                await asyncio.sleep(0.01)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_progress_only_rises_and_is_told(town: Town) -> None:
    """Open screens hear of the work; the percentage never falls, though stages come again."""
    seen: list[int] = []
    town.sounds.stages = [
        (Stage.DECODE, 0.5), (Stage.ENCODE, 1.0), (Stage.ENCODE, 0.1), (Stage.KEEP, 1.0),
    ]  # fmt: skip
    me = town.actor("operator")
    which = (await town.upload()).recording.id
    await town.recordings.receive(me, which, 0, DATA)
    checking = (await town.recordings.complete(me, which)).recording
    town.feed.take()
    publish = town.feed.publish

    def look(event: object) -> None:
        seen.append(town.ingestion.shown(checking).progress)
        publish(event)  # type: ignore[arg-type]

    town.feed.publish = look  # type: ignore[method-assign]
    await town.ingestion.work_off()
    assert seen == sorted(seen)
    assert len(seen) >= 3
    assert {event.kind for event in town.feed.take()} == {EventKind.RECORDING}


async def test_the_original_is_not_kept(town: Town) -> None:
    """Only our own Opus stays on disk; and it stays when it is itself uploaded again."""
    which = await town.recording()
    held = (await town.recordings.get(town.actor("operator"), which)).recording
    assert held.sound is not None
    assert town.sounds.files() == {held.sound.rendition}


async def test_a_recording_given_up_while_it_is_checked_leaves_nothing(town: Town) -> None:
    """Deleted in the middle of the work: neither row nor upload nor rendition is left."""
    me = town.actor("operator")
    which = (await town.upload()).recording.id
    await town.recordings.receive(me, which, 0, DATA)
    await town.recordings.complete(me, which)
    held = (await town.recordings.get(me, which)).recording
    await town.recordings.delete(me, which)
    # The work was under way with what had been read before.
    await town.uploads.begin(UploadId(str(which)))
    await town.uploads.append(UploadId(str(which)), 0, DATA, at_most=len(DATA))
    await town.ingestion._take_in(held)
    assert town.sounds.files() == set()
    with pytest.raises(NotFound):
        await town.recordings.get(me, which)


async def test_an_unforeseen_fault_refuses_one_recording_only(town: Town) -> None:
    """A bug in the work on one file is logged and the next file is taken in."""
    town.sounds.stages = [(Stage.DECODE, float("nan"))]
    bad = await town.recording()
    town.sounds.stages = []
    good = await town.recording(more=b"good")
    me = town.actor("operator")
    assert (await town.recordings.get(me, bad)).recording.problem == "tool_failed"
    assert (await town.recordings.get(me, good)).recording.state is RecordingState.READY


async def test_a_database_that_is_busy_does_not_end_the_loop(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work goes on when the database answers again."""
    asked = asyncio.Event()

    async def busy() -> None:
        asked.set()
        raise Unavailable("database_busy")

    monkeypatch.setattr(town.ingestion, "work_off", busy)
    working = asyncio.create_task(town.ingestion.run())
    try:
        async with asyncio.timeout(5):
            await asked.wait()
        await asyncio.sleep(0)
        assert not working.done()
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
