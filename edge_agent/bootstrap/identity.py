"""Who this terminal is: its folder, its enrolment, its name towards others."""

import asyncio
import contextlib
import platform
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, TypeVar

from edge_agent.adapters.clock import MachineClock
from edge_agent.adapters.disk import DataFolder, DocumentFolder, KeyFile
from edge_agent.adapters.disk.atomic import remove_file, write_file
from edge_agent.adapters.enrolment_client import EnrolmentClient
from edge_agent.core.clock_trust import RELEASED
from edge_agent.core.records import Enrolled
from edge_agent.link import LinkTls, judged_instant
from edge_agent.link.tls import client_context
from edge_agent.services.enrol import Machine, enrol
from edge_agent.services.holdings import Holdings
from edge_agent.settings import Settings
from edge_agent.wire.codec import from_json, to_json
from edge_agent.wire.errors import WireError
from edge_agent.wire.policy import to_datetime

_MODEL: Final = Path("/proc/device-tree/model")

T = TypeVar("T")


class NotEnrolled(Exception):
    """This folder belongs to no terminal, or what says so is damaged; the text is for a person."""


class EnrolledAlready(OSError):
    """This folder belongs to a terminal; the text says to which."""


async def in_thread(work: Callable[[], T]) -> T:
    """Run blocking work beside the event loop."""
    return await asyncio.to_thread(work)


def agent_name() -> str:
    """Name and version of this program."""
    try:
        return f"loaxa-agent {version('loaxa')}"
    except PackageNotFoundError:
        return "loaxa-agent"


def hardware() -> str:
    """What this machine is."""
    with contextlib.suppress(OSError):
        return _MODEL.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    return f"{platform.system()} {platform.machine()}"


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


def write_identity(folder: DataFolder, enrolled: Enrolled) -> None:
    """Keep what enrolment gave; from now on this folder is that terminal's. Raises OSError."""
    write_file(folder.identity, to_json(enrolled))


async def enrol_into(folder: DataFolder, code: str, server: str | None, *, again: bool) -> str:
    """Redeem a code and make this folder that terminal's; returns its name.

    `again`: forget an earlier enrolment, once the new one has come. Raises EnrolledAlready,
    EnrolFailed, OSError.
    """
    if folder.identity.exists() and not again:
        raise EnrolledAlready(f"{folder.root} belongs to a terminal already; --again replaces it")
    key = KeyFile.load_or_make(folder.key)
    fresh = DocumentFolder(folder.root / "enrolling")
    (folder.root / "enrolling").mkdir(mode=0o700, exist_ok=True)
    client = EnrolmentClient(partial(_pinned_context, MachineClock()))
    machine = Machine(hardware(), agent_name())
    enrolled = await enrol(code, server, machine, key, client, fresh, in_thread)
    held = fresh.read_all()
    folder.identity.unlink(missing_ok=True)
    for place in (folder.log, *folder.state.iterdir()):
        remove_file(place)
    kept = DocumentFolder(folder.state)
    for name, raw in held.items():
        kept.write(name, raw)
        fresh.remove(name)
    write_file(folder.identity, to_json(enrolled))
    holdings = Holdings(kept, in_thread, enrolled.terminal, enrolled.root)
    await holdings.load()
    return holdings.assignment.name


def _pinned_context(clock: MachineClock, ca_pem: str, server_name: str) -> ssl.SSLContext:
    floor = to_datetime(RELEASED)
    return client_context(LinkTls(ca_pem, server_name), lambda: judged_instant(clock.wall(), floor))
