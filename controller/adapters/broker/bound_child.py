"""Runs another program so that it dies with its parent.

Usage: `bound_child.py PARENT_PID PROGRAM ARGUMENTS…`. Started as a script of its own rather
than between fork and exec of the controller, where Python code is unsafe once other threads run.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel for SIGKILL at the parent's death, then become the program."""
    parent = int(sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        sys.exit(1)  # it died before we asked
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - a fixed argument list, no shell


if __name__ == "__main__":
    main()
