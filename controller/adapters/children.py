"""Programs that run beside the controller, are started again when they end, and end with it."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_log = logging.getLogger(__name__)

_PAUSES_S: Final = (0.2, 1.0, 3.0, 10.0)
"""Before restarts that follow each other."""

_STABLE_S: Final = 60.0
"""A run that lasted so long starts the pauses over."""

_END_S: Final = 5.0
"""Time to end when asked; a terminal fades its sound out, the signer closes its journal."""

_LOG_BYTES: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Program:
    """A Python module to run: name for people, arguments, added environment, file of its output."""

    name: str
    module: str
    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """One running program. `running` starts it; it is restarted until the block is left."""

    def __init__(self, program: Program, guard: Path, monotonic: Callable[[], float]) -> None:
        self._program = program
        self._guard = guard
        self._monotonic = monotonic
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Process id, None while it does not run."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Child"]:
        """Run it inside the block. Raises OSError when it cannot be started at all."""
        await self._start()
        self._watcher = asyncio.create_task(self._watch())
        try:
            yield self
        finally:
            self.ask_to_end()
            await asyncio.gather(self._watcher, return_exceptions=True)
            await self._end()

    def ask_to_end(self) -> None:
        """Ask it to end and do not wait: many end at the same time when each is asked first."""
        if self._watcher is not None:
            self._watcher.cancel()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    async def _watch(self) -> None:
        failures = 0
        while self._process is not None:
            started = self._monotonic()
            code = await self._process.wait()
            if self._monotonic() - started >= _STABLE_S:
                failures = 0
            pause = _PAUSES_S[min(failures, len(_PAUSES_S) - 1)]
            failures += 1
            _log.error(
                "%s ended (code %s); starting it again in %.1f s",
                self._program.name,
                code,
                pause,
                extra={"action": "child_restart", "child": self._program.name},
            )
            await asyncio.sleep(pause)
            await self._start()

    async def _start(self) -> None:
        program = self._program
        command = (str(os.getpid()), sys.executable, "-m", program.module, *program.arguments)
        with _open_log(program.log) as out:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                str(self._guard),
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **program.environment},
                # Ctrl-C is for the controller, which then ends its children in order.
                start_new_session=True,
            )

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        try:
            async with asyncio.timeout(_END_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def last_line(log: Path) -> str:
    """Return the last line a program wrote, for a person who waits for it."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


@contextlib.contextmanager
def _open_log(log: Path) -> Iterator[int]:
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".old"))
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
