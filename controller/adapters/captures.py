"""Reads what virtual terminals have sounded from their folders on this machine."""

import asyncio
import json
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from controller.domain.capture import Capture, read_name
from controller.domain.errors import ErrorCode, NotFound

IDENTITY: Final = "identity"
CAPTURES: Final = "captures"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ITEM: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LARGEST_FACTS: Final = 10_000


class CaptureFolders:
    """services.terminals.Captures over the folders below `root`, one for each terminal.

    Each holds `identity`, from which is read whose it is, and `captures/`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._homes: dict[UUID, Path] = {}

    async def list(self, terminal: UUID) -> tuple[Capture, ...]:
        """Return what a terminal has sounded, newest first; nothing for one that is not here."""
        return await asyncio.to_thread(self._list, terminal)

    async def path(self, terminal: UUID, name: str) -> Path:
        """Return the file of that name. Raises NotFound `capture_missing`."""
        return await asyncio.to_thread(self._path, terminal, name)

    def _list(self, terminal: UUID) -> tuple[Capture, ...]:
        folder = self._folder(terminal)
        found = [] if folder is None else [_read(file) for file in folder.glob("*.json")]
        known = [one for one in found if one is not None]
        return tuple(sorted(known, key=lambda one: one.began_at, reverse=True))

    def _path(self, terminal: UUID, name: str) -> Path:
        folder = self._folder(terminal)
        if folder is None:
            raise NotFound(ErrorCode.CAPTURE_MISSING)
        path = folder / read_name(name)
        try:
            regular = stat.S_ISREG(path.lstat().st_mode)
        except OSError:
            regular = False
        if not regular:
            raise NotFound(ErrorCode.CAPTURE_MISSING)
        return path

    def _folder(self, terminal: UUID) -> Path | None:
        if terminal not in self._homes:
            self._look()
        home = self._homes.get(terminal)
        return None if home is None else home / CAPTURES

    def _look(self) -> None:
        try:
            homes = [home for home in self._root.iterdir() if home.is_dir()]
        except OSError:
            return
        for home in homes:
            facts = _facts(home / IDENTITY)
            try:
                self._homes[UUID(str(facts.get("terminal")))] = home
            except ValueError:
                continue


def _read(file: Path) -> Capture | None:
    facts = _facts(file)
    began, frames, rate = (facts.get(key) for key in ("first_sample_wall_us", "frames", "rate"))
    if not (isinstance(began, int) and isinstance(frames, int) and isinstance(rate, int)):
        return None
    item = _ITEM.search(str(facts.get("voice")))
    try:
        return Capture(
            name=read_name(file.with_suffix(".wav").name),
            began_at=_EPOCH + timedelta(microseconds=began),
            duration_ms=frames * 1000 // rate,
            item=UUID(item[0]) if item else None,
        )
    except (NotFound, OverflowError, ZeroDivisionError):
        return None


def _facts(file: Path) -> dict[str, object]:
    try:
        if file.stat().st_size > _LARGEST_FACTS:
            return {}
        facts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}
