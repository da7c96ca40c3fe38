"""The signer as a process: its files, its socket, hostile peers, sudden death."""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from controller.adapters.signer_client import SignerClient
from controller.domain.area import Level
from controller.domain.errors import DomainError, SignInNeeded, TooMany, Unavailable
from controller.domain.signing import (
    FRAME_LIMIT,
    AddArea,
    AssignTerminal,
    Founded,
    FoundSystem,
    Request,
    SetPolicy,
    SignIn,
    frame,
)
from edge_agent.wire.codec import encode

PASSWORD = "bốn con trâu đi qua cầu"
ADMIN = UUID(int=1)


class Signer:
    """One run of the process and a client of it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.socket = data / "signer" / "signer.sock"
        self.client = SignerClient(self.socket)
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with (self.data / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "controller.signer", "--data", str(self.data),
                stdout=log, stderr=log,
            )  # fmt: skip
        async with asyncio.timeout(20):
            while not await self.answers():  # noqa: ASYNC110  nothing tells when it listens
                await asyncio.sleep(0.05)

    async def answers(self) -> bool:
        try:
            await self.client.status()
        except Unavailable:
            return False
        return True

    async def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def found(self, account: UUID = ADMIN, password: str = PASSWORD) -> Founded:
        return await self.client.found(
            FoundSystem(
                area="p-99",
                level=Level.PROVINCE,
                timezone="Asia/Ho_Chi_Minh",
                account=account,
                password=password,
            )
        )

    async def guess(self, number: int) -> None:
        request = SignIn(account=ADMIN, password=f"guess {number:05}", source="198.51.100.7")
        await self.client.sign_in(request)


@asynccontextmanager
async def running(data: Path) -> AsyncIterator[Signer]:
    signer = Signer(data)
    await signer.start()
    try:
        yield signer
    finally:
        await signer.client.close()
        if signer.process is not None and signer.process.returncode is None:
            signer.process.terminate()
            async with asyncio.timeout(10):
                await signer.process.wait()


@pytest.fixture
async def signer(tmp_path: Path) -> AsyncIterator[Signer]:
    async with running(tmp_path) as signer:
        yield signer


def modes(folder: Path) -> dict[str, int]:
    found = {".": folder.stat().st_mode}
    for file in folder.rglob("*"):
        found[file.relative_to(folder).as_posix()] = file.lstat().st_mode
    return found


async def test_nobody_else_can_read_its_files(signer: Signer) -> None:
    """Folders 0700, files and socket 0600, whatever the umask was."""
    await signer.found()
    for name, mode in modes(signer.data / "signer").items():
        allowed = 0o700 if stat.S_ISDIR(mode) else 0o600
        assert stat.S_IMODE(mode) & ~allowed == 0, (name, oct(mode))


async def test_a_second_signer_does_not_start_on_the_same_folder(signer: Signer) -> None:
    """Two with the same keys and counters would sign two documents of one version."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "controller.signer", "--data", str(signer.data),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert said.decode().count("\n") == 1
    assert "another signer" in said.decode()
    assert await signer.answers()


HOSTILE = {
    "too-long": (FRAME_LIMIT + 1).to_bytes(4, "big"),
    "endless": b"\xff\xff\xff\xff",
    "empty": frame(b""),
    "noise": frame(os.urandom(500)),
    "another-message": frame(encode(SignIn(account=ADMIN, password="x", source="y"))),
    "deep": frame(b"\x91" * 10_000),
    "cut": frame(encode(Request(number=1, operation="status", body=b"")))[:-3],
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_bytes_end_one_connection_only(signer: Signer, name: str) -> None:
    """Whoever sends them is cut off; everybody else is served on."""
    assert await signer.answers()
    reader, writer = await asyncio.open_unix_connection(str(signer.socket))
    writer.write(HOSTILE[name])
    await writer.drain()
    if name == "cut":
        writer.write_eof()
    assert await asyncio.wait_for(reader.read(), 15) == b""
    writer.close()
    assert await signer.answers()


async def test_an_unknown_operation_and_a_wrong_body_are_refused(signer: Signer) -> None:
    """A right frame with a wrong content gets an answer with a reason."""
    reader, writer = await asyncio.open_unix_connection(str(signer.socket))
    for operation, body in (("open_sesame", b""), ("sign_in", b"\xc1"), ("rundown", b"\x80")):
        writer.write(frame(encode(Request(number=7, operation=operation, body=body))))
        await writer.drain()
        length = int.from_bytes(await asyncio.wait_for(reader.readexactly(4), 5), "big")
        assert b"refused" in await reader.readexactly(length)
    writer.close()
    assert await signer.answers()


async def test_nothing_is_signed_before_it_is_set_up(signer: Signer) -> None:
    """Without a root there is no one to believe."""
    for ask in (
        signer.client.trust(),
        signer.client.assign(
            AssignTerminal(
                terminal=uuid4(), area="p-99", name="x", zones=(), volume=80, amplifier_lead=0
            )
        ),
    ):
        with pytest.raises(DomainError):
            await ask


async def test_it_is_set_up_once(signer: Signer) -> None:
    """A second root is refused: whoever comes later cannot take the system over."""
    await signer.found()
    for account, password in ((uuid4(), PASSWORD), (ADMIN, "another long password")):
        with pytest.raises(DomainError) as refused:
            await signer.found(account, password)
        assert refused.value.code in {"already_set_up", "wrong_credentials"}


async def test_guessing_passwords_is_slowed(signer: Signer) -> None:
    """After a few wrong tries one waits; who knows the password from elsewhere does not."""
    await signer.found()
    for number in range(5):
        with pytest.raises(SignInNeeded):
            await signer.guess(number)
    with pytest.raises(TooMany) as refused:
        await signer.guess(5)
    for number in range(5):
        with pytest.raises(DomainError):
            await signer.found(password=f"guess {number:07}")
    with pytest.raises(TooMany):
        await signer.found(password="guess at the founder")
    assert int(str(refused.value.detail["retry_after_s"])) > 0
    ticket = await signer.client.sign_in(
        SignIn(account=ADMIN, password=PASSWORD, source="203.0.113.5")
    )
    assert ticket.token


async def test_versions_go_on_after_a_sudden_death(signer: Signer) -> None:
    """Killed and started again, the same keys sign and no version is used a second time."""
    founded = await signer.found()
    request = AssignTerminal(
        terminal=uuid4(), area="p-99", name="Loa", zones=(), volume=80, amplifier_lead=0
    )
    first = await signer.client.assign(request)
    root = (await signer.client.trust()).fingerprint
    await signer.kill()
    await signer.start()
    assert (await signer.client.trust()).fingerprint == root
    changed = AssignTerminal(
        terminal=request.terminal, area="p-99", name="Loa mới", zones=(), volume=70,
        amplifier_lead=0,
    )  # fmt: skip
    second = await signer.client.assign(changed)
    assert second.version > first.version
    # A ticket given before holds after it: its secret is on disk, not in memory.
    added = await signer.client.add_area(
        AddArea(
            ticket=founded.ticket.token,
            chain=("p-99", "c-90001"),
            level=Level.COMMUNE,
            timezone="Asia/Ho_Chi_Minh",
        )
    )
    assert added.trust is not None


async def test_killed_at_any_moment_no_version_is_given_twice(signer: Signer) -> None:
    """Each signed version was journaled before: kills between requests never bring one back."""
    founded = await signer.found()
    seen: list[int] = []

    async def ask(volume: int) -> None:
        request = SetPolicy(
            ticket=founded.ticket.token,
            area="p-99",
            quiet=(),
            max_volume=volume,
            max_session=None,
            max_day=None,
            author_may_approve=False,
        )
        try:
            seen.append((await signer.client.set_policy(request)).version)
        except Unavailable:
            return

    for round_number in range(4):
        asking = [asyncio.create_task(ask(50 + round_number * 10 + n)) for n in range(10)]
        await asyncio.sleep(0.002 * round_number)
        await signer.kill()
        await asyncio.gather(*asking)
        await signer.start()
    await ask(100)
    assert seen
    assert len(seen) == len(set(seen))
    assert seen[-1] == max(seen)


async def test_many_clients_are_served_side_by_side(signer: Signer) -> None:
    """One slow peer, that holds a half-sent frame, keeps nobody waiting."""
    await signer.found()
    _, slow = await asyncio.open_unix_connection(str(signer.socket))
    slow.write(b"\x00")
    clients = [SignerClient(signer.socket) for _ in range(5)]
    answers = await asyncio.wait_for(
        asyncio.gather(*(client.trust() for client in clients for _ in range(10))), 10
    )
    assert len({answer.version for answer in answers}) == 1
    for client in clients:
        await client.close()
    slow.close()


async def test_a_forged_ticket_opens_nothing(signer: Signer) -> None:
    """Any character of a ticket changed, and it is nobody's."""
    founded = await signer.found()
    token = founded.ticket.token
    for at in range(0, len(token), 5):
        forged = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(DomainError):
            await signer.client.add_area(
                AddArea(
                    ticket=forged,
                    chain=("p-99", "c-90001"),
                    level=Level.COMMUNE,
                    timezone="Asia/Ho_Chi_Minh",
                )
            )
