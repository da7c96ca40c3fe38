"""Taking recordings in, with tools that only say what they would have done."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from media.asset import DoubtReason
from media.errors import Code, MediaError, SoundRefused, StoreFailed, WorkFailed
from media.file_store import FileStore
from media.library import IngestLimits, Library, Stage
from tests.fakes.media import FLAT, FakeTools, Sound
from tests.unit.media.full_disk import files_end_at


@dataclass(slots=True)
class Desk:
    """A library on a real store, its tools, and a file to take in."""

    folder: Path
    store: FileStore
    source: Path
    tools: FakeTools = field(default_factory=FakeTools)

    def library(self, at_once: int = 1, waiting: int = 50) -> Library:
        tools = self.tools
        return Library(self.store, tools, tools, tools, at_once=at_once, waiting=waiting)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    store = FileStore(tmp_path / "store")
    await store.open()
    source = tmp_path / "upload"
    source.write_bytes(b"anything")
    return Desk(tmp_path / "store", store, source)


async def test_a_recording_is_taken_in(desk: Desk) -> None:
    """Original, rendition and waveform are kept, and loudness is told before and after."""
    taken = await desk.library().ingest(desk.source)
    assert taken.before.integrated == -23
    assert taken.after.integrated == pytest.approx(-16, abs=0.4)
    assert (taken.original.size, taken.original.codec) == (8, "mp3")
    assert taken.original.duration == taken.rendition.duration == 480_000
    assert taken.doubt is None
    assert desk.files() == sorted(
        [taken.original.hash, taken.rendition.hash, taken.rendition.hash + ".peaks"]
    )
    library = desk.library()
    assert await library.waveform(taken.rendition.hash) == FLAT
    rendition = await library.open_rendition(taken.rendition.hash)
    assert await library.read(taken.rendition.hash, 0, 99) == rendition.read_bytes()
    assert desk.source.read_bytes() == b"anything"


async def test_stages_are_told_in_their_order(desk: Desk) -> None:
    """Progress names each stage, and none before its turn."""
    told: list[Stage] = []
    await desk.library().ingest(desk.source, progress=lambda stage, _done: told.append(stage))
    assert list(dict.fromkeys(told)) == list(Stage)


REFUSED = {
    Code.TOO_MANY_CHANNELS: Sound(channels=9),
    Code.BAD_SAMPLE_RATE: Sound(rate=2_000_000_000),
    Code.TOO_LONG: Sound(seconds=3600.5),
    Code.TOO_SHORT: Sound(seconds=0.4),
    Code.SILENT: Sound(integrated=-65),
    Code.CUT_SHORT: Sound(seconds=20, declared=100),
}


@pytest.mark.parametrize(("code", "sound"), REFUSED.items())
async def test_what_is_no_recording_is_refused(desk: Desk, code: Code, sound: Sound) -> None:
    """Each refusal has its own code, and nothing is kept."""
    desk.tools.sound = sound
    with pytest.raises(SoundRefused) as refused:
        await desk.library().ingest(desk.source)
    assert refused.value.code is code
    assert desk.files() == []


async def test_impossible_sound_is_refused_before_it_is_decoded(desk: Desk) -> None:
    """What the probe shows to be too much costs no decoding."""
    for sound in (Sound(channels=0), Sound(rate=0), Sound(declared=7300)):
        desk.tools.sound = sound
        with pytest.raises(SoundRefused):
            await desk.library().ingest(desk.source)
    assert "decode" not in desk.tools.steps


async def test_size_is_looked_at_first(desk: Desk) -> None:
    """An empty or too large file is refused before any program sees it."""
    library = desk.library()
    with pytest.raises(SoundRefused) as refused:
        await library.ingest(desk.source, limits=IngestLimits(max_bytes=7))
    assert refused.value.code is Code.FILE_TOO_LARGE
    desk.source.write_bytes(b"")
    with pytest.raises(SoundRefused) as refused:
        await library.ingest(desk.source)
    assert refused.value.code is Code.EMPTY_FILE
    assert desk.tools.steps == []


DOUBTFUL = {
    DoubtReason.SHORTER_THAN_DECLARED: Sound(seconds=40, declared=100),
    DoubtReason.CUT_OFF: Sound(cut=True),
    DoubtReason.DAMAGED: Sound(faults=3),
}


@pytest.mark.parametrize(("reason", "sound"), DOUBTFUL.items())
async def test_doubt_is_told(desk: Desk, reason: DoubtReason, sound: Sound) -> None:
    """A sound that may not be whole is taken, and must be heard to its end."""
    desk.tools.sound = sound
    taken = await desk.library().ingest(desk.source)
    assert taken.doubt is not None
    assert taken.doubt.reason is reason
    assert taken.doubtful


@pytest.mark.parametrize("declared", [None, 10.0, 10.4, 9.0])
async def test_lengths_that_fit_are_no_doubt(desk: Desk, declared: float | None) -> None:
    """Half a second and one percent are how exactly files declare their length."""
    desk.tools.sound = Sound(seconds=10, declared=declared)
    assert not (await desk.library().ingest(desk.source)).doubtful


async def test_a_rendition_is_made_again_until_it_is_right(desk: Desk) -> None:
    """A peak above the limit is encoded once more, lower, and the better one is kept."""
    desk.tools.sound = Sound(overshoot=3.5)
    taken = await desk.library().ingest(desk.source)
    assert taken.after.true_peak is not None
    assert taken.after.true_peak <= -1.5
    assert desk.tools.steps.count("encode") == 2
    assert len(desk.files()) == 3


async def test_trying_ends(desk: Desk) -> None:
    """A sound that never reaches the target is given as near as it came."""
    desk.tools.sound = Sound(free_gain=-100, limiter_takes=1.0)
    taken = await desk.library().ingest(desk.source)
    assert taken.after.integrated < -20
    assert desk.tools.steps.count("encode") <= 4


async def test_the_next_waits_and_the_one_too_many_is_busy(desk: Desk) -> None:
    """One works, one waits, a third is told to come again."""
    hold = asyncio.Event()
    reached = asyncio.Event()

    async def before(_step: str) -> None:
        reached.set()
        await hold.wait()

    desk.tools.before = before
    library = desk.library(at_once=1, waiting=1)
    first = asyncio.create_task(library.ingest(desk.source))
    second = asyncio.create_task(library.ingest(desk.source))
    await reached.wait()
    with pytest.raises(WorkFailed) as busy:
        await library.ingest(desk.source)
    assert busy.value.code is Code.BUSY
    assert desk.tools.steps == ["probe"]
    hold.set()
    assert (await first).rendition == (await second).rendition


async def test_urgent_work_has_a_place_of_its_own(desk: Desk) -> None:
    """An urgent recording is taken in while an ordinary one is still being worked on."""
    hold, reached = asyncio.Event(), asyncio.Event()
    library = desk.library(at_once=1)

    async def before(_step: str) -> None:
        if not reached.is_set():
            reached.set()
            await hold.wait()

    desk.tools.before = before
    ordinary = asyncio.create_task(library.ingest(desk.source))
    await reached.wait()
    await library.ingest(desk.source, urgent=True)
    assert not ordinary.done()
    hold.set()
    await ordinary


STEPS = ["probe", "decode", "measure", "arrange", "encode", "listen"]


@pytest.mark.parametrize("at", STEPS)
async def test_cancelling_leaves_the_store_as_it_was(desk: Desk, at: str) -> None:
    """Given up at any step, nothing is kept, no bench is left and the next has its turn."""
    reached = asyncio.Event()

    async def before(step: str) -> None:
        if step == at:
            reached.set()
            await asyncio.Event().wait()

    desk.tools.before = before
    library = desk.library()
    task = asyncio.create_task(library.ingest(desk.source))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.files() == []
    desk.tools.before = FakeTools().before
    await library.ingest(desk.source)


@pytest.mark.parametrize("at", STEPS)
async def test_failing_leaves_the_store_as_it_was(desk: Desk, at: str) -> None:
    """A program that fails at any step leaves nothing behind."""

    async def before(step: str) -> None:
        if step == at:
            raise WorkFailed(Code.TOOL_FAILED)

    desk.tools.before = before
    with pytest.raises(MediaError):
        await desk.library().ingest(desk.source)
    assert desk.files() == []


@contextmanager
def no_room_for_renditions(desk: Desk) -> Iterator[None]:
    """Let the disk be full once the rendition is made and only has to be kept."""
    with ExitStack() as stack:

        async def before(step: str) -> None:
            if step == "listen":
                stack.enter_context(files_end_at(12))

        desk.tools.before = before
        yield


async def test_a_full_disk_keeps_neither_half(desk: Desk) -> None:
    """Where the rendition does not fit, the original that did is taken out again."""
    with no_room_for_renditions(desk), pytest.raises(StoreFailed) as failed:
        await desk.library().ingest(desk.source)
    assert failed.value.code is Code.STORAGE_FULL
    assert desk.files() == []


async def test_undoing_never_takes_what_was_there_before(desk: Desk) -> None:
    """A second attempt that fails leaves the first one's original where it was."""
    library = desk.library()
    taken = await library.ingest(desk.source)
    desk.tools.sound = Sound(integrated=-30.123456)
    with no_room_for_renditions(desk), pytest.raises(StoreFailed):
        await library.ingest(desk.source)
    await library.open_rendition(taken.original.hash)
    await library.open_rendition(taken.rendition.hash)


async def test_removing_frees_the_place(desk: Desk) -> None:
    """What is removed is unknown afterwards."""
    library = desk.library()
    taken = await library.ingest(desk.source)
    for name in (taken.original.hash, taken.rendition.hash):
        await library.remove(name)
    assert desk.files() == []
    with pytest.raises(StoreFailed):
        await library.open_rendition(taken.rendition.hash)
