"""`loaxa demo`: the whole system on this machine, with a province to try everything in."""

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import segno

from controller.adapters.children import Program
from controller.bootstrap import TERMINALS, System, child
from controller.services.demonstration import Person, Province

_AGENT: Final = "edge_agent"
_CODE: Final = ".code"
_ENROL_S: Final = 60.0
"""Starting Python, making a key, asking us: a second; more on a busy machine."""

Say = Callable[[str], None]


class DemoError(Exception):
    """The demonstration cannot start; the text is one line for the person who asked."""


@asynccontextmanager
async def running(system: System, timezone: str, say: Say) -> AsyncIterator[None]:
    """Make the province at the first start; run its loudspeakers inside the block."""
    folder = system.settings.data / TERMINALS
    province = await system.demonstration.make(timezone, system.settings.admin_password)
    say(f"\n  Loa Xã  {system.settings.address}\n")
    if province is not None:
        await _write_codes(system, province, folder)
        for person in province.people:
            say(_account(person))
        say("\n  Mật khẩu chỉ hiện lần này / the passwords are shown this once.")
    else:
        say("  Tài khoản như lần chạy đầu / accounts as at the first start.")
        say(f"  Làm lại từ đầu / to start afresh, delete {system.settings.data}")
    await _enrol_waiting(folder)
    async with AsyncExitStack() as stack:
        homes = sorted(home for home in folder.iterdir() if home.is_dir())
        terminals = [child(_program(system, home)) for home in homes]
        for terminal in terminals:
            await stack.enter_async_context(terminal.running())
        say(f"  {len(homes)} loa ảo / virtual loudspeakers: Loa → … → nghe / listen")
        say("  Ctrl-C: dừng / to end\n")
        try:
            yield
        finally:
            for terminal in terminals:
                terminal.ask_to_end()


def qr(text: str) -> str:
    """Return a QR code for a text terminal."""
    out = io.StringIO()
    segno.make(text, error="m").terminal(out, compact=True)
    return out.getvalue()


def _account(person: Person) -> str:
    return f"    {person.username:<10}{person.password:<18}{person.duty}, {person.area}"


async def _write_codes(system: System, province: Province, folder: Path) -> None:
    """Keep a code for each loudspeaker, so that an interrupted first start can be taken up."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    actor = province.administrator.actor()
    for number, place in enumerate(province.places, start=1):
        code = await system.enrolments.create(actor, place.area.id, place.name, virtual=True)
        file = folder / f"{number:02d}{_CODE}"
        file.touch(mode=0o600)
        file.write_text(code.text, encoding="utf-8")


async def _enrol_waiting(folder: Path) -> None:
    """Let each virtual loudspeaker redeem its code, as a technician would."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with asyncio.TaskGroup() as group:
        for file in sorted(folder.glob(f"*{_CODE}")):
            group.create_task(_enrol(file))


async def _enrol(file: Path) -> None:
    home = file.with_suffix("")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", _AGENT, "enrol", file.read_text(encoding="utf-8"),
        "--data", str(home),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_ENROL_S):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        raise DemoError(f"{home.name} did not enrol within {_ENROL_S:.0f} s") from None
    if process.returncode:
        raise DemoError(f"{home.name} did not enrol: {said.decode(errors='replace').strip()}")
    file.unlink()


def _program(system: System, home: Path) -> Program:
    return Program(
        name=f"loudspeaker {home.name}",
        module=_AGENT,
        arguments=("run", "--data", str(home), "--sound", "wav"),
        log=system.settings.data / "logs" / f"terminal-{home.name}.log",
    )
