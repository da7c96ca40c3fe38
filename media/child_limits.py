"""Set limits on this process, then become another program. Run as a file, never imported.

    python -I -S child_limits.py PARENT MEMORY CPU FILE PROGRAM ARGUMENT…

PARENT is the process that must be alive (when it dies, so does the program); MEMORY bytes
of private memory, CPU seconds, FILE bytes in any one file. A program of its own because
code between fork and exec may hang in a process that has threads.
"""

import ctypes
import os
import resource
import signal
import sys

_SET_DEATH_SIGNAL = 1


def main() -> None:
    """Apply the limits and start the program."""
    parent, memory, cpu, file_size = (int(number) for number in sys.argv[1:5])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    if os.getppid() != parent:
        sys.exit(1)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    os.nice(10)
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606 - that is what it is for


if __name__ == "__main__":
    main()
