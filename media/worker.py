"""Runs one confined program: reads what it says within bounds, ends it when time is up.

Cancelling the task kills the program and all its children and waits until they are gone.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from media.confinement import Access, Confinement, Limits
from media.errors import Code, WorkFailed

_CHUNK: Final = 64 * 1024
_KEPT_LOG: Final = 64 * 1024
_KEPT_OUTPUT: Final = 256 * 1024
_LONGEST_LINE: Final = 16 * 1024

Lines = Callable[[str], None]


def ignore(_line: str) -> None:
    """Take a line and do nothing with it."""


@dataclass(slots=True)
class Finished:
    """What a program left: its exit status (negative = signal), and the ends of its outputs."""

    status: int
    output: str
    log: str


@dataclass(slots=True)
class _Intake:
    """Collects one stream: the last bytes of it, and each whole line for whoever wants them."""

    keep: int
    line: Lines
    tail: bytearray = field(default_factory=bytearray)
    rest: bytes = b""

    async def drain(self, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(_CHUNK):
            self.tail += chunk
            del self.tail[: -self.keep]
            *lines, self.rest = (self.rest + chunk).split(b"\n")
            self.rest = self.rest[-_LONGEST_LINE:]
            for line in lines:
                self.line(line.decode(errors="replace").strip())

    def text(self) -> str:
        return self.tail.decode(errors="replace")


async def run(
    command: Sequence[str],
    confinement: Confinement,
    limits: Limits,
    access: Access,
    *,
    output: Lines = ignore,
    log: Lines = ignore,
) -> Finished:
    """Run a program to its end; `output` and `log` get its lines as they come.

    Raises WorkFailed when it cannot be started or when `limits.wall_s` is over.
    """
    wrapped = confinement.wrap(command, limits, access)
    try:
        process = await asyncio.create_subprocess_exec(
            *wrapped,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(),
            start_new_session=True,
        )
    except OSError as problem:
        raise WorkFailed(Code.TOOL_MISSING, program=_name(command)) from problem
    said, logged = _Intake(_KEPT_OUTPUT, output), _Intake(_KEPT_LOG, log)
    try:
        async with asyncio.timeout(limits.wall_s):
            status = await _attend(process, said, logged)
    except TimeoutError:
        raise WorkFailed(Code.TOOL_TIMED_OUT, program=_name(command)) from None
    finally:
        await _end(process)
    if status in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
        raise WorkFailed(Code.TOOL_TIMED_OUT, program=_name(command))
    return Finished(status, said.text(), logged.text())


async def _attend(process: asyncio.subprocess.Process, said: _Intake, logged: _Intake) -> int:
    if process.stdout is None or process.stderr is None:
        raise AssertionError("both are pipes")
    async with asyncio.TaskGroup() as readers:
        readers.create_task(said.drain(process.stdout))
        readers.create_task(logged.drain(process.stderr))
    return await process.wait()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill whatever is left of the program's process group and reap it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await asyncio.shield(process.wait())


def _name(command: Sequence[str]) -> str:
    return command[0].rpartition("/")[2]


def _environment() -> dict[str, str]:
    """Nothing of ours (no keys, no addresses) but where libraries are."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/", **kept}
