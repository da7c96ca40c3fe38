"""Run the signer: `python -m controller.signer --data DIR`."""

import argparse
import asyncio
import contextlib
import ctypes
import fcntl
import logging
import os
import pwd
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from controller.signer.errors import CannotStart, JournalLost, Refused
from controller.signer.journal import Journal
from controller.signer.keys import KeyFolder, make_private
from controller.signer.lane import Lane
from controller.signer.operations import Operations, Urgency
from controller.signer.people import Passwords, Throttle, Tickets
from controller.signer.records import Records
from controller.signer.server import Server
from controller.signer.sign import TICKET_SECRET, Desk
from controller.signer.trusting import current

_log = logging.getLogger("loaxa.signer")

FOLDER: Final = "signer"
SOCKET: Final = "signer.sock"
_PR_SET_PDEATHSIG: Final = 1
_RENEWAL_CHECK_S: Final = 3600.0


def main() -> int:
    """Run until told to stop; 0 after that, 1 when it cannot start, 2 when the disk failed."""
    arguments = _arguments()
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s signer %(levelname)s %(message)s")
    try:
        if arguments.parent_death:
            _die_with_parent()
        asyncio.run(_run(arguments))
    except CannotStart as error:
        sys.stderr.write(f"loaxa signer: {error}\n")
        return 1
    except JournalLost:
        return 2
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="controller.signer", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the program's data folder")
    parser.add_argument("--socket", type=Path, help="default: signer/signer.sock in that folder")
    parser.add_argument(
        "--client-uid", type=int, action="append", default=[], help="a user that may ask as well"
    )
    parser.add_argument(
        "--client-user", type=_uid_of, action="append", default=[], help="the same, by name"
    )
    parser.add_argument("--parent-death", action="store_true", help="end when the parent ends")
    return parser.parse_args()


def _uid_of(name: str) -> int:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise argparse.ArgumentTypeError(f"there is no user {name}") from None


async def _run(arguments: argparse.Namespace) -> None:
    folder: Path = arguments.data / FOLDER
    make_private(folder)
    with _only_one(folder), contextlib.closing(Journal(folder / "journal.sqlite")) as journal:
        keys = KeyFolder(folder / "keys")
        tickets = Tickets(keys.secret(TICKET_SECRET, make=True))
        desk = Desk(keys, journal, Records(journal), tickets, now_us)
        users = frozenset((os.geteuid(), *arguments.client_uid, *arguments.client_user))
        await _serve(desk, arguments.socket or folder / SOCKET, users)


async def _serve(desk: Desk, path: Path, users: frozenset[int]) -> None:
    lane = Lane()
    operations = Operations(desk, Passwords(), Throttle(now_us), lane.run)
    server = Server(path, operations.do, users, now_us)
    background = [asyncio.create_task(lane.serve()), asyncio.create_task(_renew(desk, lane))]
    serving = asyncio.create_task(server.serve())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        _log.info("stopped", extra={"action": "stopped"})
    finally:
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)


async def _renew(desk: Desk, lane: Lane) -> None:
    """Issue the trust file anew in time, also when nobody asks for it."""
    while True:
        try:
            await lane.run(lambda: current(desk), Urgency.BULK)
        except Refused as refused:
            _log.info("no trust file yet: %s", refused, extra={"action": "renewal"})
        await asyncio.sleep(_RENEWAL_CHECK_S)


def now_us() -> int:
    """Return the wall clock in UTC microseconds."""
    return time.time_ns() // 1000


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder for this process alone, or refuse to start (CannotStart)."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise CannotStart(f"another signer already uses {folder}") from error
    finally:
        os.close(descriptor)


def _die_with_parent() -> None:
    """Have the kernel send SIGTERM when the parent ends, and see that it has not yet."""
    parent = os.getppid()
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        raise CannotStart(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        raise CannotStart("the parent has ended")


if __name__ == "__main__":
    sys.exit(main())
