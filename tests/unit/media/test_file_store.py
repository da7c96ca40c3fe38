"""Files by the hash of their bytes."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from media.audio import Sha256
from media.errors import Code, StoreFailed
from media.file_store import FileStore
from tests.unit.media.full_disk import files_end_at

DATA = bytes(range(256)) * 1000
NAME = Sha256(hashlib.sha256(DATA).hexdigest())
WAVEFORM = tuple(range(100)) * 2


@pytest.fixture
async def store(tmp_path: Path) -> FileStore:
    store = FileStore(tmp_path / "store")
    await store.open()
    return store


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound"
    path.write_bytes(DATA)
    return path


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_a_file_is_found_by_its_hash(store: FileStore, sound: Path) -> None:
    """What was kept can be read whole, in parts and by its path, and is read-only."""
    kept = await store.keep(sound)
    assert (kept.hash, kept.size, kept.new) == (NAME, len(DATA), True)
    assert await store.read(NAME, 300, 100) == DATA[300:400]
    assert await store.read(NAME, len(DATA) - 1, 100) == DATA[-1:]
    assert await store.read(NAME, len(DATA) + 1, 100) == b""
    path = await store.path(NAME)
    assert path.read_bytes() == DATA
    assert path.stat().st_mode & 0o777 == 0o400
    await store.check(NAME)


async def test_blocks_are_the_file(store: FileStore, sound: Path) -> None:
    """Read block by block, as the carousel does, nothing is missing or doubled."""
    await store.keep(sound)
    size = 32 * 1024
    blocks = [await store.read(NAME, at, size) for at in range(0, len(DATA), size)]
    assert b"".join(blocks) == DATA


async def test_the_same_bytes_are_kept_once(store: FileStore, sound: Path, tmp_path: Path) -> None:
    """A second copy is not new and takes no room."""
    await store.keep(sound)
    assert not (await store.keep(sound)).new
    assert left(tmp_path / "store") == [f"files/{NAME[:2]}/{NAME}"]


async def test_a_damaged_file_is_told_and_mended(store: FileStore, sound: Path) -> None:
    """A flipped bit is found by checking, and keeping the same bytes again repairs it."""
    await store.keep(sound)
    path = await store.path(NAME)
    path.chmod(0o600)
    path.write_bytes(b"x" + DATA[1:])
    with pytest.raises(StoreFailed) as failed:
        await store.check(NAME)
    assert failed.value.code is Code.ASSET_DAMAGED
    await store.keep(sound)
    await store.check(NAME)


async def test_a_waveform_lies_beside_its_file(store: FileStore, sound: Path) -> None:
    """It is kept, read and removed with the file."""
    await store.keep(sound)
    await store.keep_waveform(NAME, WAVEFORM)
    assert await store.waveform(NAME) == WAVEFORM
    await store.remove(NAME)
    await store.remove(NAME)
    for call in (store.waveform(NAME), store.path(NAME), store.read(NAME, 0, 1), store.size(NAME)):
        with pytest.raises(StoreFailed) as failed:
            await call
        assert failed.value.code is Code.ASSET_UNKNOWN


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"]
)
async def test_no_name_leads_out_of_the_store(store: FileStore, name: str) -> None:
    """Only 64 small hexadecimal digits name a file; every other name is unknown."""
    for call in (store.path(Sha256(name)), store.read(Sha256(name), 0, 1)):
        with pytest.raises(StoreFailed) as failed:
            await call
        assert failed.value.code is Code.ASSET_UNKNOWN


async def test_a_full_disk_leaves_nothing(store: FileStore, sound: Path, tmp_path: Path) -> None:
    """A file that does not fit is refused with a code and leaves no half of itself."""
    with files_end_at(1000), pytest.raises(StoreFailed) as failed:
        await store.keep(sound)
    assert failed.value.code is Code.STORAGE_FULL
    assert left(tmp_path / "store") == []


async def test_a_file_that_vanished_is_told(store: FileStore, tmp_path: Path) -> None:
    """A source that is gone is an answer with a code, when kept and when laid out."""
    gone = tmp_path / "gone"
    with pytest.raises(StoreFailed) as failed:
        await store.keep(gone)
    assert failed.value.code is Code.ASSET_UNKNOWN
    with pytest.raises(StoreFailed):
        async with store.bench(gone):
            pytest.fail("there is nothing to work on")
    assert left(tmp_path / "store") == []


async def test_a_cancelled_keep_leaves_nothing(
    store: FileStore, sound: Path, tmp_path: Path
) -> None:
    """Cancelled at any moment, either the file was there before or it is not there."""
    for turns in range(6):
        task = asyncio.ensure_future(store.keep(sound))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert left(tmp_path / "store") == []


async def test_a_bench_holds_one_file_alone(store: FileStore, sound: Path, tmp_path: Path) -> None:
    """The file lies in a folder of its own under a name of ours, and all goes in the end."""
    async with store.bench(sound) as bench:
        assert [path.name for path in bench.source.parent.iterdir()] == [bench.source.name]
        assert bench.source.read_bytes() == DATA
        assert bench.size == len(DATA)
        (bench.scratch / "half-done").write_bytes(DATA)
    assert left(tmp_path / "store") == []
    assert sound.read_bytes() == DATA


async def test_what_a_killed_program_left_is_swept(
    store: FileStore, sound: Path, tmp_path: Path
) -> None:
    """Opening the store empties the benches and touches no file that was kept."""
    await store.keep(sound)
    left_over = tmp_path / "store" / "work" / "abandoned"
    left_over.mkdir()
    (left_over / "speech.pcm").write_bytes(DATA)
    await store.open()
    assert left(tmp_path / "store") == [f"files/{NAME[:2]}/{NAME}"]


async def test_negative_ranges_are_a_mistake(store: FileStore) -> None:
    """Asking for bytes before the beginning is the caller's error."""
    with pytest.raises(ValueError, match="negative"):
        await store.read(NAME, -1, 5)
