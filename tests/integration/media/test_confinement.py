"""What a program that turned hostile could reach, with bubblewrap and without."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from media.confinement import Access, Confinement, Limits, detect_confinement, python_access
from media.errors import Code, WorkFailed
from media.worker import Finished, run

LIMITS = Limits(wall_s=30, cpu_s=20, file_bytes=1_000_000)


@pytest.fixture(params=["kernel", "bubblewrap"])
def confined(request: pytest.FixtureRequest) -> Confinement:
    """Each kind of confinement that there is; bubblewrap only where it is installed and works."""
    if request.param == "kernel":
        return Confinement()
    found = detect_confinement()
    if found.sandbox is None:
        pytest.skip("bubblewrap is missing, or may not be used here")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file that the program may read, one that it may not, and one to write to."""
    for name in ("given", "hidden", "scratch"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    return tmp_path


async def attempt(confined: Confinement, folder: Path, code: str, limits: Limits = LIMITS) -> str:
    """Run Python code confined and return what it printed; errors of the system as their name."""
    finished = await start(confined, folder, code, limits)
    return finished.output.strip()


async def start(confined: Confinement, folder: Path, code: str, limits: Limits) -> Finished:
    program = (
        "import os, socket, sys\n"
        f"given, hidden, scratch = (os.path.join({str(folder)!r}, n) for n in "
        "('given', 'hidden', 'scratch'))\n"
        "try:\n" + "".join(f"    {line}\n" for line in code.splitlines()) + "except OSError as e:\n"
        "    print(type(e).__name__)\n"
    )
    access = Access((*python_access().reads, folder / "given"), folder / "scratch")
    command = [sys.executable, "-I", "-B", "-c", program]
    return await run(command, confined, limits, access)


REFUSED = ("PermissionError", "FileNotFoundError", "OSError")


async def test_it_reads_what_it_is_given(confined: Confinement, folder: Path) -> None:
    """Its file can be read and its folder written; so the refusals below mean something."""
    code = (
        "print(open(given + '/file').read())\nopen(scratch + '/new', 'w').write('x')\n"
        "os.remove(scratch + '/new')"
    )
    assert await attempt(confined, folder, code) == "given"


async def test_it_reads_nothing_else(confined: Confinement, folder: Path) -> None:
    """Neither other files nor the names of other folders."""
    for code in ("open(hidden + '/file')", "os.listdir(hidden)", "open('/etc/passwd')"):
        assert await attempt(confined, folder, code) in REFUSED


async def test_it_changes_nothing_else(confined: Confinement, folder: Path) -> None:
    """It cannot write, remove or rename outside its scratch folder."""
    for code in (
        "open(given + '/file', 'w')",
        "open(given + '/new', 'w')",
        "os.remove(given + '/file')",
        "os.rename(scratch + '/file', given + '/moved')",
        "os.truncate(given + '/file', 0)",
    ):
        assert await attempt(confined, folder, code) in REFUSED
    assert (folder / "given" / "file").read_text() == "given"


async def test_it_reaches_no_network(confined: Confinement, folder: Path) -> None:
    """Not even this machine: a port that listens here is out of reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"socket.create_connection(('127.0.0.1', {port}), 5)\nprint('connected')"
        assert (await attempt(confined, folder, code)).endswith("Error")
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()


async def test_it_ends_no_other_program(confined: Confinement, folder: Path) -> None:
    """It cannot send a signal to whoever started it."""
    code = f"os.kill({os.getpid()}, 0)\nprint('reached')"
    assert await attempt(confined, folder, code) in ("PermissionError", "ProcessLookupError")


async def test_it_knows_no_secrets(
    confined: Confinement, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of our environment reaches it."""
    monkeypatch.setenv("LOAXA_SECRET", "word")
    assert await attempt(confined, folder, "print(os.environ.get('LOAXA_SECRET'))") == "None"


async def test_its_memory_ends(confined: Confinement, folder: Path) -> None:
    """What asks for more than it is given dies."""
    code = "block = bytearray(400_000_000)\nprint(len(block))"
    finished = await start(confined, folder, code, LIMITS)
    assert finished.status != 0
    assert "MemoryError" in finished.log


async def test_its_files_end(confined: Confinement, folder: Path) -> None:
    """No file grows beyond the limit, so a bomb cannot fill the disk."""
    code = "with open(scratch + '/bomb', 'wb', 0) as f:\n    while f.write(bytes(65536)): pass"
    await start(confined, folder, code, LIMITS)
    assert (folder / "scratch" / "bomb").stat().st_size <= LIMITS.file_bytes


async def test_its_processor_time_ends(confined: Confinement, folder: Path) -> None:
    """A program that only turns is ended and told as timed out."""
    with pytest.raises(WorkFailed) as failed:
        await start(confined, folder, "while True: pass", Limits(wall_s=50, cpu_s=1))
    assert failed.value.code is Code.TOOL_TIMED_OUT


async def test_its_time_ends(confined: Confinement, folder: Path) -> None:
    """A program that only waits is ended too, with all that it started."""
    code = (
        "import subprocess, time\n"
        "subprocess.Popen([sys.executable, '-I', '-c', 'import time; time.sleep(611)'])\n"
        "time.sleep(611)"
    )
    with pytest.raises(WorkFailed) as failed:
        await start(confined, folder, code, Limits(wall_s=1.5, cpu_s=20))
    assert failed.value.code is Code.TOOL_TIMED_OUT
    await asyncio.to_thread(gone, "time.sleep(611)")


def gone(mark: str) -> None:
    """Wait until no program has this on its command line."""
    deadline = time.monotonic() + 10
    while True:
        found = subprocess.run(["pgrep", "-f", mark], capture_output=True, text=True, check=False)
        if found.returncode == 1:
            return
        assert time.monotonic() < deadline, f"still running: {found.stdout}"
        time.sleep(0.05)


PARENT = """
import asyncio, sys
from pathlib import Path
from media.confinement import Access, Confinement, Limits, python_access
from media.worker import run

async def main():
    confined = Confinement(Path(sys.argv[1]) if sys.argv[1] else None)
    command = [sys.executable, '-I', '-c', 'import time; print("up", flush=True); time.sleep(612)']
    await run(command, confined, Limits(600, 60), python_access(), output=lambda line: print(line, flush=True))

asyncio.run(main())
"""  # noqa: E501 - one statement a line


async def test_it_dies_with_its_parent(confined: Confinement) -> None:
    """A controller that is killed leaves no program behind."""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(confined.sandbox or ""), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    assert await parent.stdout.readline() == b"up\n"
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    await asyncio.to_thread(gone, "time.sleep(612)")


async def test_a_program_that_is_missing_is_told(folder: Path) -> None:
    """What cannot be started ends with a status, and says nothing."""
    finished = await run(["/nonexistent"], Confinement(), LIMITS, Access())
    assert finished.status != 0


async def test_endless_talk_is_bounded(folder: Path) -> None:
    """Whatever a program prints, only the end of it is kept, and lines come as they are."""
    longest = 0

    def line(text: str) -> None:
        nonlocal longest
        longest = max(longest, len(text))

    code = "print('x' * 3_000_000 + 'last words')"
    access = Access(python_access().reads)
    command = [sys.executable, "-I", "-c", code]
    finished = await run(command, Confinement(), LIMITS, access, output=line)
    assert finished.output.endswith("last words\n")
    assert len(finished.output) < 300_000
    assert longest < 100_000
