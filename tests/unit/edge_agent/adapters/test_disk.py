"""The data folder: whole files, private ones, and what a power cut may leave."""

import hashlib
import os
from pathlib import Path

import pytest

from edge_agent.adapters.disk import (
    DataFolder,
    DocumentFolder,
    FolderBusy,
    KeyFile,
    KeyMissing,
    LedgerOnDisk,
    LogOnDisk,
    RecordingFolder,
)
from edge_agent.core.ledger import RECORD_BYTES, Ledger, Write
from edge_agent.wire.envelope import signature_holds

SOUND = b"an Ogg Opus file" * 1000
NAME = hashlib.sha256(SOUND).digest()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    return folder


def test_one_program_at_a_time(folder: DataFolder) -> None:
    """A second one is refused until the first lets go."""
    folder.lock()
    other = DataFolder(folder.root)
    with pytest.raises(FolderBusy):
        other.lock()
    folder.unlock()
    other.lock()
    other.unlock()


def test_half_written_files_are_cleared_away(folder: DataFolder) -> None:
    """What a power cut left beside a document is neither read nor kept."""
    documents = DocumentFolder(folder.state)
    documents.write("trust", b"whole")
    (folder.state / "trust.new").write_bytes(b"ha")
    assert documents.read_all()["trust"] == b"whole"
    folder.prepare()
    assert documents.read_all() == {"trust": b"whole"}
    assert not (folder.state / "trust.new").exists()


def test_a_document_that_cannot_be_replaced_stays(folder: DataFolder) -> None:
    """A failing write leaves the old document and nothing beside it."""
    documents = DocumentFolder(folder.state)
    documents.write("policy-c-1", b"old")
    (folder.state / "policy-c-1.new").mkdir()
    with pytest.raises(OSError, match="policy-c-1"):
        documents.write("policy-c-1", b"new")
    assert documents.read_all()["policy-c-1"] == b"old"


@pytest.mark.parametrize("name", ["../key", "", "a/b", ".hidden", "A"])
def test_names_of_documents_stay_in_their_folder(folder: DataFolder, name: str) -> None:
    """No name leads out of the folder."""
    with pytest.raises(ValueError, match="not a document's name"):
        DocumentFolder(folder.state).write(name, b"x")


def test_the_key_is_made_once_and_is_private(folder: DataFolder) -> None:
    """Made here, 0600, the same at each start; it signs what its public half verifies."""
    with pytest.raises(KeyMissing):
        KeyFile.load(folder.key)
    key = KeyFile.load_or_make(folder.key)
    assert folder.key.stat().st_mode & 0o777 == 0o600
    folder.key.chmod(0o644)
    again = KeyFile.load(folder.key)
    assert folder.key.stat().st_mode & 0o777 == 0o600
    assert again.public_key == key.public_key
    assert signature_holds(key.public_key, again.sign(b"hello"), b"hello")
    folder.key.write_bytes(b"short")
    with pytest.raises(KeyMissing, match="damaged"):
        KeyFile.load(folder.key)


def test_the_ledgers_file_never_grows(folder: DataFolder) -> None:
    """Its size is taken at once; writes and trial writes change nothing of it."""
    ledger = LedgerOnDisk(folder.ledger)
    data = ledger.read()
    size = folder.ledger.stat().st_size
    ledger.probe()
    ledger.write(Write(len(data) - RECORD_BYTES, b"x" * RECORD_BYTES))
    assert folder.ledger.stat().st_size == size
    assert ledger.read()[-RECORD_BYTES:] == b"x" * RECORD_BYTES
    assert Ledger(ledger.read()).records == []
    ledger.close()


def test_a_ledger_of_another_size_keeps_its_records(folder: DataFolder) -> None:
    """A cut file is filled up again, with what was in it."""
    ledger = LedgerOnDisk(folder.ledger)
    size = len(ledger.read())
    ledger.write(Write(0, b"y" * RECORD_BYTES))
    ledger.close()
    os.truncate(folder.ledger, 1000)
    data = LedgerOnDisk(folder.ledger).read()
    assert len(data) == size
    assert data[:RECORD_BYTES] == b"y" * RECORD_BYTES


def test_the_log_grows_at_its_end_and_can_be_replaced(folder: DataFolder) -> None:
    """Appended bytes follow each other; a replacement is whole."""
    log = LogOnDisk(folder.log)
    assert log.read() == b""
    log.append(b"one")
    log.append(b"two")
    assert log.read() == b"onetwo"
    log.replace(b"three")
    log.append(b"four")
    assert LogOnDisk(folder.log).read() == b"threefour"


def fill(folder: RecordingFolder, data: bytes = SOUND) -> None:
    partial = folder.open_partial(NAME, len(data))
    for at in range(0, len(data), 1024):
        partial.write(at, data[at : at + 1024])
    partial.sync()
    partial.close()


def test_a_recording_is_complete_when_its_hash_is_right(folder: DataFolder) -> None:
    """Put together from pieces it counts by its name, and only with the right bytes."""
    recordings = RecordingFolder(folder.recordings)
    fill(recordings)
    assert recordings.partial() == {NAME}
    assert recordings.complete() == {}
    assert recordings.finish(NAME)
    assert recordings.complete() == {NAME: len(SOUND)}
    assert Path(recordings.path(NAME)).read_bytes() == SOUND
    fill(recordings, SOUND[:-1] + b"?")
    assert not recordings.finish(NAME)
    assert recordings.partial() == set()


def test_a_partial_recording_survives_a_restart(folder: DataFolder) -> None:
    """What was written is there; what was not reads as zeros."""
    recordings = RecordingFolder(folder.recordings)
    partial = recordings.open_partial(NAME, len(SOUND))
    partial.write(1024, SOUND[1024:2048])
    partial.close()
    again = RecordingFolder(folder.recordings).open_partial(NAME, len(SOUND))
    assert again.read(0, 1024) == bytes(1024)
    assert again.read(1024, 1024) == SOUND[1024:2048]
    again.close()
    with pytest.raises(OSError, match="let go"):
        again.read(0, 1)


def test_damage_is_mended_from_the_copy_or_removed(folder: DataFolder) -> None:
    """A flipped bit: the second copy replaces it; without one the recording is gone."""
    recordings = RecordingFolder(folder.recordings)
    fill(recordings)
    recordings.finish(NAME)
    recordings.copy(NAME)
    path = Path(recordings.path(NAME))
    path.write_bytes(b"!" + SOUND[1:])
    assert recordings.check(NAME)
    assert path.read_bytes() == SOUND
    path.with_suffix(".copy").unlink()
    path.write_bytes(b"!" + SOUND[1:])
    assert not recordings.check(NAME)
    assert recordings.complete() == {}


def test_foreign_files_are_left_alone(folder: DataFolder) -> None:
    """What is not named like a recording is neither counted nor removed."""
    stranger = folder.recordings / "README.opus"
    stranger.write_text("mine")
    recordings = RecordingFolder(folder.recordings)
    assert recordings.complete() == {}
    recordings.discard(NAME)
    assert stranger.exists()
