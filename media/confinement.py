"""Programs that touch strangers' bytes run confined: limits always, more as the system allows.

Limits (private memory, processor time, file size) bind on any Unix. The program also sees no
network and no file but the system's libraries, the paths it is told to read and the folder it
may write to: by bubblewrap where that is there and works, else by the kernel's own means
(namespaces, Landlock), as far as it has them.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

_LIMITER: Final = Path(__file__).with_name("child_limits.py")
_SYSTEM: Final = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use. `wall_s` is enforced by whoever runs it, the rest by the system."""

    wall_s: float
    cpu_s: int
    memory_bytes: int = 256 * 1024 * 1024
    file_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Access:
    """The paths a program may read, and the one folder it may write to."""

    reads: tuple[Path, ...] = ()
    writes: Path | None = None


@dataclass(frozen=True, slots=True)
class Confinement:
    """How programs are confined here. `sandbox` is bubblewrap's path, None without one."""

    sandbox: Path | None = None

    def wrap(self, command: Sequence[str], limits: Limits, access: Access) -> list[str]:
        """Return the command that starts `command` confined.

        `command[0]` must be an absolute path.
        """
        reads = None if self.sandbox else [*_SYSTEM, *map(str, access.reads)]
        limited = {
            "parent": os.getpid(),
            "memory": limits.memory_bytes,
            "cpu": limits.cpu_s,
            "file": limits.file_bytes,
            "reads": reads,
            "writes": None if access.writes is None else str(access.writes),
        }
        starter = [sys.executable, "-I", "-S", str(_LIMITER), json.dumps(limited)]
        if self.sandbox is None:
            return [*starter, *command]
        return [*starter, str(self.sandbox), *_sandbox(command[0], access), "--", *command]


def _sandbox(program: str, access: Access) -> list[str]:
    options = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    for path in _SYSTEM:
        options += ["--ro-bind-try", path, path]
    options += ["--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/"]  # noqa: S108 - its own
    for readable in (Path(program), *access.reads):
        options += ["--ro-bind", str(readable), str(readable)]
    if access.writes is not None:
        options += ["--bind", str(access.writes), str(access.writes)]
    return options


def detect_confinement() -> Confinement:
    """Return the strictest confinement that works on this machine. Takes up to a second."""
    found = shutil.which("bwrap")
    if found is None:
        log.info("bubblewrap is not installed", extra={"action": "confine"})
        return Confinement()
    trial = [
        found,
        *_sandbox(sys.executable, python_access()),
        "--",
        sys.executable,
        "-I",
        "-c",
        "",
    ]
    try:
        subprocess.run(trial, check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        log.warning("bubblewrap does not work here", extra={"action": "confine"})
        return Confinement()
    return Confinement(Path(found))


def python_access() -> Access:
    """Return what a Python child must be able to read: the interpreter, its packages, ours."""
    ours = Path(__file__).parent
    return Access(tuple({Path(sys.prefix), Path(sys.base_prefix), ours}))


def python_child(module: str, *arguments: str) -> list[str]:
    """Return the command that calls `main` of one of this package's modules in a new process.

    The package is loaded by its path: the folder it lies in is not for the child to search.
    """
    ours = Path(__file__).parent
    code = (
        "import sys; from importlib.util import module_from_spec, spec_from_file_location; "
        f"spec = spec_from_file_location({ours.name!r}, {str(ours / '__init__.py')!r}, "
        f"submodule_search_locations=[{str(ours)!r}]); "
        f"sys.modules[{ours.name!r}] = module_from_spec(spec); "
        f"from {module} import main; main()"
    )
    return [sys.executable, "-I", "-B", "-W", "ignore", "-c", code, *arguments]
