"""Small documents, one file each, replaced whole."""

import logging
import re
from pathlib import Path

from edge_agent.adapters.disk.atomic import remove_file, write_file

_log = logging.getLogger(__name__)
_NAME = re.compile(r"\A[a-z0-9][a-z0-9.-]{0,100}\Z")


class DocumentFolder:
    """Documents by name, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read_all(self) -> dict[str, bytes]:
        """Every document that can be read."""
        documents = {}
        for path in sorted(self._folder.iterdir()):
            if not _NAME.match(path.name):
                continue
            try:
                documents[path.name] = path.read_bytes()
            except OSError:
                _log.exception("a document cannot be read", extra={"action": "load"})
        return documents

    def write(self, name: str, data: bytes) -> None:
        """Replace one; durable when it returns. Raises OSError."""
        write_file(self._path(name), data)

    def remove(self, name: str) -> None:
        """Remove one. Raises OSError."""
        remove_file(self._path(name))

    def _path(self, name: str) -> Path:
        if not _NAME.match(name):
            raise ValueError(f"not a document's name: {name!r}")
        return self._folder / name
