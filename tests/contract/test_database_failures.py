"""When things go wrong: full disk, kill, busy, away, broken files; and what a transaction is."""

import asyncio
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from controller.adapters.database import SqlDatabase, open_database
from controller.adapters.database.migrate import differences
from controller.domain.audit import broken_at
from controller.domain.errors import DomainError, ErrorCode, Invalid, Unavailable
from tests.contract.database_rigs import PostgresServer, postgres_server
from tests.contract.database_samples import (
    AREAS,
    COMMUNE,
    HAMLET,
    NEAR,
    PROVINCE,
    account,
    draft,
    new_id,
    recording,
    terminal,
)

REPOSITORY = Path(__file__).parents[2]
WRITER = "tests.contract.database_writer"


class OnPurposeError(Exception):
    """What a test breaks a transaction with."""


async def test_a_broken_transaction_leaves_nothing(database: SqlDatabase) -> None:
    """All of it is kept, or none; the next transaction goes on as usual."""
    made = account()

    async def break_it() -> None:
        async with database.begin() as tx:
            await tx.accounts.add(made)
            raise OnPurposeError

    with pytest.raises(OnPurposeError):
        await break_it()
    async with database.begin() as tx:
        assert await tx.accounts.find(made.id) is None
        await tx.accounts.add(made)
    async with database.read() as tx:
        assert await tx.accounts.find(made.id) == made


async def test_a_cancelled_transaction_leaves_nothing(database: SqlDatabase) -> None:
    """A browser that goes away in the middle blocks nobody."""
    made = account()
    begun = asyncio.Event()

    async def work() -> None:
        async with database.begin() as tx:
            await tx.accounts.add(made)
            begun.set()
            while True:
                await tx.accounts.find(made.id)

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.begin() as tx:
        assert await tx.accounts.find(made.id) is None
        await tx.accounts.add(made)


async def test_readers_see_one_state_and_wait_for_nobody(database: SqlDatabase) -> None:
    """While another one writes they see what was before, to the end of their transaction."""
    made = account()
    async with database.read() as reading:
        assert await reading.accounts.find(made.id) is None
        async with database.begin() as writing:
            await writing.accounts.add(made)
            assert await reading.accounts.find(made.id) is None
        assert await reading.accounts.find(made.id) is None
    async with database.read() as reading:
        assert await reading.accounts.find(made.id) == made


async def test_who_only_reads_cannot_write(database: SqlDatabase) -> None:
    """A mistake in a service shows at once and changes nothing."""
    made = account()
    with pytest.raises((DBAPIError, DomainError)):
        async with database.read() as tx:
            await tx.accounts.add(made)
    async with database.read() as tx:
        assert await tx.accounts.find(made.id) is None


async def test_rows_hang_on_rows_that_exist(database: SqlDatabase) -> None:
    """The database itself refuses a row of an unknown area."""
    with pytest.raises(IntegrityError):
        async with database.begin() as tx:
            await tx.accounts.add(account(area="c-9"))
    with pytest.raises(IntegrityError):
        async with database.begin() as tx:
            await tx.recordings.add(recording(area="c-9"))


@pytest.mark.parametrize("volume", [2**63, -(2**70)])
async def test_a_number_that_no_column_holds_is_refused(database: SqlDatabase, volume: int) -> None:
    """As bad input, not as a failure of the program."""
    with pytest.raises(Invalid, match="invalid_field"):
        async with database.begin() as tx:
            await tx.terminals.add(terminal(new_id(), HAMLET, volume=volume))


async def test_a_text_that_no_column_holds_is_refused(database: SqlDatabase) -> None:
    """Half of a surrogate pair is no character."""
    with pytest.raises(Invalid, match="invalid_field"):
        async with database.begin() as tx:
            await tx.terminals.add(terminal(new_id(), HAMLET, name="Loa \ud800"))


async def test_a_busy_database_says_so(database: SqlDatabase, url: str) -> None:
    """Another controller that holds on too long: busy after our patience, then well again."""
    other = await open_database(url, patience_s=1)
    async with other.begin() as holding:
        area = AREAS[1]
        await holding.areas.save(area)
        with pytest.raises(Unavailable, match="database_busy"):
            async with database.begin() as tx:
                await tx.areas.save(area)
    async with database.begin() as tx:
        await tx.areas.save(area)
    await other.close()


async def test_our_own_writers_wait_in_line(database: SqlDatabase) -> None:
    """Writers of one program do not refuse one another, however many come at once."""

    async def touch() -> None:
        async with database.begin() as tx:
            await tx.areas.save(AREAS[1])
            await tx.audit.append(draft())

    await asyncio.gather(*(touch() for _ in range(40)))
    async with database.read() as tx:
        head = await tx.audit.head()
    assert head is not None
    assert head.sequence == 40


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_full_disk_says_so_and_loses_nothing(database: SqlDatabase) -> None:
    """What did not fit is gone as a whole; reading goes on; with room again so does writing."""
    async with database.begin() as tx:
        kept = await tx.audit.append(draft())
        pages = (await tx.connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(Unavailable, match="disk_full"):
        await _append(database, 100)
    async with database.read() as tx:
        assert await tx.audit.head() == kept
    async with database.begin() as tx:
        await tx.connection.exec_driver_sql("PRAGMA max_page_count=100000")
    async with database.begin() as tx:
        await tx.audit.append(draft(detail="x" * 4000))
        assert broken_at(await tx.audit.read(0, 10)) is None


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_really_full_disk_says_so(url: str, tmp_path: Path) -> None:
    """The same on a file system of one mebibyte, where the machine lets us make one."""
    small = tmp_path / "small"
    small.mkdir()
    if await _run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)):
        pytest.skip("no right to mount a small file system")
    try:
        database = await open_database(f"sqlite:///{small / 'loaxa.sqlite'}")
        async with database.begin() as tx:
            await tx.areas.add(AREAS[0])
        safe = 0
        with contextlib.suppress(Unavailable):
            while safe < 1000:
                await _append(database, 5)
                safe += 5
        with pytest.raises(Unavailable, match="disk_full"):
            await _append(database, 5)
        async with database.read() as tx:
            entries = await tx.audit.read(0, 1000)
        assert len(entries) == safe > 0
        assert broken_at(entries) is None
        await database.close()
    finally:
        assert await _run("umount", str(small)) == 0


async def _append(database: SqlDatabase, entries: int) -> None:
    async with database.begin() as tx:
        for _ in range(entries):
            await tx.audit.append(draft(PROVINCE, detail="x" * 4000))


async def _run(*command: str) -> int:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    return await process.wait()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("disk_full", ErrorCode.DISK_FULL),
        ("too_many_connections", ErrorCode.DATABASE_BUSY),
        ("lock_not_available", ErrorCode.DATABASE_BUSY),
        ("deadlock_detected", ErrorCode.DATABASE_BUSY),
        ("serialization_failure", ErrorCode.DATABASE_BUSY),
        ("admin_shutdown", ErrorCode.DATABASE_UNREACHABLE),
        ("io_error", ErrorCode.DATABASE_UNREACHABLE),
        ("string_data_right_truncation", ErrorCode.INVALID_FIELD),
    ],
)
async def test_what_the_server_says_is_told_plainly(
    database: SqlDatabase, condition: str, code: ErrorCode
) -> None:
    """Each condition of PostgreSQL that is not our mistake has its code."""
    with pytest.raises(DomainError) as caught:
        async with database.begin() as tx:
            await tx.connection.exec_driver_sql(f"DO $$ BEGIN RAISE {condition}; END $$")
    assert caught.value.code == code
    async with database.read() as tx:
        assert await tx.areas.find(PROVINCE) == AREAS[0]


async def test_what_was_said_to_be_stored_outlives_a_kill(database: SqlDatabase, url: str) -> None:
    """Killed between any two instructions, a writer loses nothing that it said was safe."""
    safe = 0
    for round_number in range(3):
        writer = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", WRITER, url), cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE
        )
        assert writer.stdout is not None
        for _ in range(5 + 7 * round_number):
            safe = int(await writer.stdout.readline())
        writer.kill()
        rest = (await writer.stdout.read()).splitlines(keepends=True)
        await writer.wait()
        safe = max([safe, *(int(line) for line in rest if line.endswith(b"\n"))])
        async with database.read() as tx:
            entries = await tx.audit.read(0, 10_000)
        assert len(entries) >= safe > 0
        assert broken_at(entries) is None


async def test_a_server_that_crashes_is_missed_and_found_again() -> None:
    """PostgreSQL killed in the middle: a plain answer, then all that was stored, by itself."""
    with postgres_server() as server:
        database = await open_database(server.create("loaxa"))
        async with database.begin() as tx:
            await tx.areas.add(AREAS[0])

        async def crash() -> None:
            async with database.begin() as tx:
                await tx.areas.add(AREAS[1])
                server.stop()
                await tx.areas.find(COMMUNE)

        with pytest.raises(Unavailable, match="database_unreachable"):
            await crash()
        for transaction in (database.begin, database.read):
            with pytest.raises(Unavailable, match="database_unreachable"):
                async with transaction() as tx:
                    await tx.areas.top()
        server.start()
        async with database.begin() as tx:
            assert await tx.areas.list(PROVINCE) == (AREAS[0],)
        await database.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_every_connection_is_set_up(database: SqlDatabase) -> None:
    """Write-ahead log, full synchronisation and foreign keys, for writing and for reading."""
    for transaction in (database.begin, database.read):
        async with transaction() as tx:
            found = [
                (await tx.connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        assert found == ["wal", 2, 1]


def _directory(path: Path) -> None:
    path.mkdir()


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database, whatever its name says" * 100)


@pytest.mark.parametrize("spoil", [_directory, _garbage], ids=["directory", "garbage"])
async def test_a_file_that_is_no_database_is_told(
    spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    """One plain reason, and the file stays as it was."""
    path = tmp_path / "loaxa.sqlite"
    spoil(path)
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(Unavailable, match="database_unreachable") as caught:
        await open_database(f"sqlite:///{path}")
    assert caught.value.detail["reason"]
    assert before is None or path.read_bytes() == before


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////no/such/folder/loaxa.sqlite",
        "postgresql://loaxa:secret@127.0.0.1:1/loaxa",
        "postgresql://loaxa:secret@/loaxa?host=/no/such/socket",
    ],
)
async def test_a_database_that_is_not_there_is_told(url: str) -> None:
    """One plain reason, without the password."""
    with pytest.raises(Unavailable, match="database_unreachable") as caught:
        await open_database(url)
    assert caught.value.detail["reason"]
    assert "secret" not in str(caught.value)


async def test_a_database_of_another_name_is_told(postgres: PostgresServer) -> None:
    """The server is there, the database is not."""
    with pytest.raises(Unavailable, match="database_unreachable"):
        await open_database(postgres.url("no_such_database"))


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///:memory:", "mysql://a:secret@b/c", "x secret", "secret:"]
)
async def test_another_kind_of_address_is_refused(url: str) -> None:
    """Nothing but a file or PostgreSQL; what was given is not repeated."""
    with pytest.raises(ValueError, match="database URL") as caught:
        await open_database(url)
    assert "secret" not in str(caught.value)


async def test_migrations_make_the_tables_of_the_program(empty: SqlDatabase) -> None:
    """The last migration ends at exactly what the repositories use."""
    async with empty.read() as tx:
        assert await tx.connection.run_sync(differences) == []


async def test_opening_again_changes_nothing(database: SqlDatabase, url: str) -> None:
    """A restart finds everything, and a second controller may start meanwhile."""
    other = await open_database(url)
    await database.migrate()
    async with other.read() as tx:
        assert await tx.terminals.find(NEAR) is not None
    await other.close()


async def test_controllers_that_start_together_migrate_once(postgres: PostgresServer) -> None:
    """Four at once on an empty database all start."""
    url = postgres.create("fresh")
    opened = await asyncio.gather(*(open_database(url) for _ in range(4)))
    async with opened[0].begin() as tx:
        await tx.areas.add(AREAS[0])
    async with opened[3].read() as tx:
        assert await tx.areas.top() == AREAS[0]
    for one in opened:
        await one.close()


@pytest.mark.parametrize("version", ["9999", "0000"])
async def test_a_newer_database_is_left_alone(
    database: SqlDatabase, url: str, version: str
) -> None:
    """An older program does not touch what a newer one has changed, and says so."""
    set_version = "UPDATE alembic_version SET version_num = '{}'"
    async with database.begin() as tx:
        query = "SELECT version_num FROM alembic_version"
        current = (await tx.connection.exec_driver_sql(query)).scalar_one()
        await tx.connection.exec_driver_sql(set_version.format(version))
    try:
        with pytest.raises(Unavailable, match="newer version"):
            await open_database(url)
    finally:
        async with database.begin() as tx:
            await tx.connection.exec_driver_sql(set_version.format(current))
