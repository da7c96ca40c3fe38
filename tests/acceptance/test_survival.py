"""What was delivered sounds, once, whatever dies."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.acceptance import speech
from tests.acceptance.line import aired, asked, began, heard
from tests.acceptance.town import Town, ended, running, until

pytestmark = [pytest.mark.timeout(240), pytest.mark.needs("espeak-ng", "ffmpeg")]


@asynccontextmanager
async def terminal(home: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a virtual loudspeaker that does not belong to the controller."""
    with (home / "run.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "edge_agent", "run", "--data", str(home), "--sound", "wav",
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield process
    finally:
        await ended(process)


def children(parent: int) -> list[int]:
    """Return the process ids of everything below a process."""
    found = []
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *children(int(child))]
    return found


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


async def gone(pids: list[int]) -> bool:
    return not any(is_alive(pid) for pid in pids)


@pytest.fixture
async def furnished(tmp_path: Path) -> Town:
    """A town whose demonstration was set up and ended again."""
    async with running(tmp_path / "data") as town:
        below = children(town.process.pid)
        assert len(below) >= 8  # signer, broker, six loudspeakers
    await until(lambda: gone(below), 5)
    return town


async def test_it_sounds_once_though_controller_signer_and_broker_are_killed(
    furnished: Town, tmp_path: Path
) -> None:
    """After delivery nothing but the loudspeaker is needed; its log arrives when all return."""
    homes = sorted((furnished.data / "terminals").iterdir())
    zone, ports = furnished.zone.key, furnished.ports
    sound = speech.speak(speech.TEXT, tmp_path)
    async with AsyncExitStack() as stack:
        for home in homes:
            await stack.enter_async_context(terminal(home))
        async with running(furnished.data, command="serve", zone=zone, ports=ports) as town:
            town.passwords = furnished.passwords
            async with town.person("operator") as operator, town.person("approver") as approver:
                approved = await aired(
                    town, operator, approver, sound, "Thôn Đông", timedelta(seconds=20)
                )

                async def stored() -> bool:
                    view = await operator.get(f"/announcements/{approved['id']}")
                    return bool(view["delivery"]["stored"] == 2)

                await until(stored, 15)
            below = children(town.process.pid)
            for pid in (town.process.pid, *below):
                os.kill(pid, signal.SIGKILL)
            await until(lambda: gone(below), 5)
        await until(lambda: _captured(homes, 2), 60)
        async with running(furnished.data, command="serve", zone=zone, ports=ports) as town:
            town.passwords = furnished.passwords
            async with town.person("monitor") as monitor:
                rows = await heard(monitor, approved["id"], 2)
    assert [row["outcome"] for row in rows] == ["sounded", "sounded"]
    files = _captures(homes)
    assert len(files) == 2  # each once
    for file in files:
        assert abs(began(file) - asked(approved)) < 0.05


async def test_no_process_is_left_when_the_controller_is_killed(tmp_path: Path) -> None:
    """SIGKILL of the controller takes signer, broker and virtual loudspeakers along."""
    async with running(tmp_path / "data") as town:
        below = children(town.process.pid)
        assert len(below) >= 8
        town.process.kill()
        await town.process.wait()
        await until(lambda: gone(below), 10)


async def test_a_second_start_keeps_everything_and_is_quick(furnished: Town) -> None:
    """Accounts, areas and loudspeakers are there again; no password is printed a second time."""
    async with running(furnished.data, zone=furnished.zone.key, ports=furnished.ports) as town:
        assert town.passwords == {}
        async with town.person("admin", furnished.passwords["admin"]) as admin:

            async def all_ready() -> bool:
                items = (await admin.get("/terminals"))["items"]
                return [one["health"] for one in items] == ["ready"] * 6

            await until(all_ready, 30)


def _captures(homes: list[Path]) -> list[Path]:
    return [file for home in homes for file in (home / "captures").glob("*.wav")]


async def _captured(homes: list[Path], count: int) -> bool:
    """True when so many captures are complete: the card closed them and wrote their facts."""
    done = [file for file in _captures(homes) if file.with_suffix(".json").exists()]
    return len(done) >= count
