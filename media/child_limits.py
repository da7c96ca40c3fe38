"""Set limits on this process, then become another program. Run as a file, never imported.

    python -I -S child_limits.py LIMITS PROGRAM ARGUMENT…

LIMITS is a JSON object: `parent`, the process that must be alive (when it dies, so does the
program); `memory` bytes of private memory, `cpu` seconds, `file` bytes in any one file; `reads`
and `writes`, the only paths it may touch, or no `reads` where a sandbox sees to that. A program
of its own because code between fork and exec may hang in a process that has threads.
"""

import ctypes
import json
import os
import resource
import signal
import stat
import sys

_SET_DEATH_SIGNAL, _SET_NO_NEW_PRIVILEGES = 1, 38
_NEW_NETWORK, _NEW_USER = 0x4000_0000, 0x1000_0000
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ALL_OF_VERSION = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF}
_READ_FILE, _READ_FOLDER = 0x5, 0xD
"""Rights of Landlock: read and execute; for a folder, list it too."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def main() -> None:
    """Apply the limits and start the program."""
    limits = json.loads(sys.argv[1])
    command = sys.argv[2:]
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        if limits["reads"] is not None:
            # Each where the kernel has it; what it has not is no reason to refuse the work.
            system.unshare(_NEW_USER | _NEW_NETWORK)
            system.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
            confine(system, [*limits["reads"], command[0]], limits["writes"])
        # After the new user namespace, which clears it.
        system.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_DATA, (limits["memory"], limits["memory"]))
    if os.getppid() != limits["parent"]:
        sys.exit(1)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"] + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file"], limits["file"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    os.nice(10)
    os.execv(command[0], command)  # noqa: S606 - that is what it is for


def confine(system: ctypes.CDLL, reads: list[str], writes: str | None) -> None:
    """Let this process and its children touch these paths and nothing else (Landlock)."""
    version = system.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return
    everything = _ALL_OF_VERSION.get(version, 0xFFFF)
    # No TCP since version 4; no signals and no abstract sockets to the outside since 6.
    wanted, known = _Ruleset(everything, 0x3, 0x3), 8 if version < 4 else 16 if version < 6 else 24
    rules = system.syscall(_CREATE_RULESET, ctypes.byref(wanted), ctypes.c_size_t(known), 0)
    if rules < 0:
        return
    for path in reads:
        _allow(system, rules, path, None)
    _allow(system, rules, "/dev/null", 0x7)
    if writes is not None:
        _allow(system, rules, writes, everything)
    if system.syscall(_RESTRICT_SELF, rules, 0):
        sys.exit(1)
    os.close(rules)


def _allow(system: ctypes.CDLL, rules: int, path: str, rights: int | None) -> None:
    try:
        at = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if rights is None:
        rights = _READ_FOLDER if stat.S_ISDIR(os.fstat(at).st_mode) else _READ_FILE
    rule = _Beneath(rights, at)
    system.syscall(_ADD_RULE, rules, 1, ctypes.byref(rule), 0)
    os.close(at)


if __name__ == "__main__":
    main()
