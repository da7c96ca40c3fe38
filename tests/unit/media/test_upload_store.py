"""Uploads that arrive in pieces."""

import asyncio
import hashlib
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio import Sha256
from media.errors import Code, MediaError, StoreFailed, UploadRefused
from media.upload_store import UploadId, UploadStore
from tests.unit.media.full_disk import files_end_at

ONE = UploadId("upload-one")
LIMIT = 1000


@pytest.fixture
async def store(tmp_path: Path) -> UploadStore:
    store = UploadStore(tmp_path / "uploads")
    await store.open()
    await store.begin(ONE)
    return store


async def test_pieces_become_a_file(store: UploadStore) -> None:
    """What arrived piece by piece is the file, byte for byte."""
    assert await store.append(ONE, 0, b"half ", at_most=LIMIT) == 5
    assert await store.append(ONE, 5, b"and half", at_most=LIMIT) == 13
    path = await store.finish(ONE, 13, Sha256(hashlib.sha256(b"half and half").hexdigest()))
    assert path.read_bytes() == b"half and half"


async def test_an_upload_goes_on_after_a_restart(store: UploadStore, tmp_path: Path) -> None:
    """Another process sees how far it came, and beginning again loses nothing."""
    await store.append(ONE, 0, b"before", at_most=LIMIT)
    again = UploadStore(tmp_path / "uploads")
    await again.open()
    await again.begin(ONE)
    assert await again.received(ONE) == 6
    assert await again.append(ONE, 6, b" after", at_most=LIMIT) == 12


async def test_a_piece_sent_twice_is_stored_once(store: UploadStore) -> None:
    """Whoever lost the answer may send again, even with more behind it."""
    await store.append(ONE, 0, b"abc", at_most=LIMIT)
    assert await store.append(ONE, 0, b"abc", at_most=LIMIT) == 3
    assert await store.append(ONE, 1, b"bcd", at_most=LIMIT) == 4
    assert (await store.finish(ONE, 4)).read_bytes() == b"abcd"


async def test_a_hole_is_refused_with_the_way_on(store: UploadStore) -> None:
    """A piece that does not follow says where to go on."""
    await store.append(ONE, 0, b"abc", at_most=LIMIT)
    for offset in (4, -1):
        with pytest.raises(UploadRefused) as refused:
            await store.append(ONE, offset, b"x", at_most=LIMIT)
        assert refused.value.code is Code.UPLOAD_OFFSET
        assert refused.value.detail["offset"] == 3


async def test_more_than_announced_is_refused(store: UploadStore) -> None:
    """Nothing is written beyond the size that was announced."""
    await store.append(ONE, 0, b"abc", at_most=5)
    with pytest.raises(UploadRefused) as refused:
        await store.append(ONE, 3, b"def", at_most=5)
    assert refused.value.code is Code.UPLOAD_OVERRUN
    assert await store.received(ONE) == 3


async def test_an_incomplete_upload_cannot_be_finished(store: UploadStore) -> None:
    """Missing bytes are told with the place to go on from."""
    await store.append(ONE, 0, b"abc", at_most=LIMIT)
    with pytest.raises(UploadRefused) as refused:
        await store.finish(ONE, 4)
    assert (refused.value.code, refused.value.detail["offset"]) == (Code.UPLOAD_INCOMPLETE, 3)


async def test_a_wrong_hash_is_refused(store: UploadStore) -> None:
    """Bytes that changed on their way are noticed."""
    await store.append(ONE, 0, b"abc", at_most=LIMIT)
    with pytest.raises(UploadRefused) as refused:
        await store.finish(ONE, 3, Sha256("0" * 64))
    assert refused.value.code is Code.HASH_DIFFERS


@pytest.mark.parametrize("name", ["../../etc/passwd", "a", "x" * 65, "upload/one", "", "ùpload-1"])
async def test_no_id_leads_out_of_the_folder(store: UploadStore, name: str) -> None:
    """An id is letters, digits, - and _; every other one is unknown."""
    with pytest.raises(UploadRefused) as refused:
        await store.begin(UploadId(name))
    assert refused.value.code is Code.UPLOAD_UNKNOWN


async def test_an_unknown_upload_is_told(store: UploadStore) -> None:
    """What was never begun, or is dropped, is unknown."""
    await store.drop(ONE)
    await store.drop(ONE)
    for call in (store.received(ONE), store.append(ONE, 0, b"x", at_most=9), store.finish(ONE, 0)):
        with pytest.raises(UploadRefused) as refused:
            await call
        assert refused.value.code is Code.UPLOAD_UNKNOWN


async def test_abandoned_uploads_are_swept(store: UploadStore, tmp_path: Path) -> None:
    """Only uploads without a piece since the given instant go."""
    await store.begin(UploadId("upload-two"))
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    os.utime(tmp_path / "uploads" / ONE, (long_ago.timestamp(), long_ago.timestamp()))
    assert await store.drop_stale(long_ago + timedelta(hours=1)) == 1
    assert await store.received(UploadId("upload-two")) == 0
    with pytest.raises(UploadRefused):
        await store.received(ONE)


async def test_a_full_disk_leaves_no_half_piece(store: UploadStore) -> None:
    """A piece that did not fit counts as never sent; when there is room it goes on."""
    await store.append(ONE, 0, b"a" * 100, at_most=LIMIT)
    with files_end_at(150), pytest.raises(StoreFailed) as failed:
        await store.append(ONE, 100, b"b" * 100, at_most=LIMIT)
    assert failed.value.code is Code.STORAGE_FULL
    assert await store.received(ONE) == 100
    assert await store.append(ONE, 100, b"b" * 100, at_most=LIMIT) == 200
    assert (await store.finish(ONE, 200)).read_bytes() == b"a" * 100 + b"b" * 100


async def test_a_folder_that_is_gone_is_a_failure_not_a_traceback(tmp_path: Path) -> None:
    """Without its folder the store answers with a code."""
    store = UploadStore(tmp_path / "never-opened")
    for call in (store.begin(ONE), store.drop_stale(datetime.now(UTC))):
        with pytest.raises(MediaError):
            await call


PIECES = st.lists(st.tuples(st.integers(0, 60), st.binary(max_size=40)), max_size=12)


@settings(max_examples=50)
@given(PIECES)
def test_any_order_of_pieces_keeps_a_prefix(pieces: list[tuple[int, bytes]]) -> None:
    """Whatever is sent in whatever order, the file is what followed without a hole."""

    async def send(folder: Path) -> None:
        store = UploadStore(folder)
        await store.open()
        await store.begin(ONE)
        expected = b""
        for offset, data in pieces:
            if offset + len(data) <= 64 and offset <= len(expected):
                expected += data[len(expected) - offset :]
                assert await store.append(ONE, offset, data, at_most=64) == len(expected)
            else:
                with pytest.raises(UploadRefused):
                    await store.append(ONE, offset, data, at_most=64)
        path = await store.finish(ONE, len(expected))
        assert path.read_bytes() == expected

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(send(Path(folder)))
