"""Who this terminal is: its folder, its enrolment, its name towards others."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from edge_agent import __version__
from edge_agent.adapters.disk import DataFolder
from edge_agent.core.records import Enrolled
from edge_agent.settings import Settings
from edge_agent.wire.codec import from_json
from edge_agent.wire.errors import WireError

_MODEL: Final = Path("/proc/device-tree/model")

T = TypeVar("T")


class NotEnrolled(Exception):
    """This folder belongs to no terminal, or what says so is damaged; the text is for a person."""


async def in_thread(work: Callable[[], T]) -> T:
    """Run blocking work beside the event loop."""
    return await asyncio.to_thread(work)


def agent_name() -> str:
    """Name and version of this program."""
    return f"loaxa-agent {__version__}"


def hardware() -> str:
    """What this machine is."""
    with contextlib.suppress(OSError):
        return _MODEL.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    machine = os.uname()
    return f"{machine.sysname} {machine.machine}"


@contextmanager
def opened(settings: Settings) -> Iterator[DataFolder]:
    """The data folder, for this program alone. Raises FolderBusy, OSError."""
    folder = DataFolder(settings.data)
    folder.prepare()
    folder.lock()
    try:
        yield folder
    finally:
        folder.unlock()


def read_identity(folder: DataFolder) -> Enrolled:
    """Read what enrolment left. Raises NotEnrolled."""
    try:
        return from_json(Enrolled, folder.identity.read_bytes())
    except FileNotFoundError as error:
        raise NotEnrolled(f"not enrolled: {folder.root} belongs to no terminal yet") from error
    except (OSError, WireError) as error:
        raise NotEnrolled(f"{folder.identity} cannot be read: {error}") from error
