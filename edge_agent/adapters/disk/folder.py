"""The data folder and what lies where in it; one program at a time."""

import fcntl
import os
from pathlib import Path

from edge_agent.adapters.disk.atomic import leftovers


class FolderBusy(Exception):
    """Another program works in this folder."""


class DataFolder:
    """One terminal's folder.

    `key` and `identity` are secrets (0600); `state/` holds signed documents, `recordings/`
    the renditions, `ledger` the started airings, `play.log` what sounded.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.key = root / "key"
        self.identity = root / "identity"
        self.state = root / "state"
        self.recordings = root / "recordings"
        self.ledger = root / "ledger"
        self.log = root / "play.log"
        self._lock: int | None = None

    def prepare(self) -> None:
        """Make what is missing. Raises OSError."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.state, self.recordings):
            folder.mkdir(mode=0o700, exist_ok=True)
        for folder in (self.root, self.state, self.recordings):
            leftovers(folder)

    def lock(self) -> None:
        """Keep others out until this program ends. Raises FolderBusy, OSError."""
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise FolderBusy(str(self.root)) from error
        self._lock = descriptor

    def unlock(self) -> None:
        """Let others in."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
