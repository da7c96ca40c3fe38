"""The Unix socket: who may speak, how much, and one answer for each request."""

import asyncio
import logging
import os
import socket
import sqlite3
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from controller.domain.signer_refusal import Reason
from controller.domain.signing import FRAME_LIMIT, LENGTH_BYTES, Answer, Request, frame
from controller.signer.errors import CannotStart, JournalLost, Refused
from controller.signer.people import Bucket
from edge_agent.wire.codec import Message, decode_strict, encode
from edge_agent.wire.errors import WireError

_log = logging.getLogger("loaxa.signer")

MAX_CONNECTIONS: Final = 8
MAX_WAITING: Final = 64
"""Requests of one connection that wait for their answer; more are not read meanwhile."""
RATE_PER_S: Final = 500
RATE_BURST: Final = 2000
PAUSE_S: Final = 0.05
"""How long a connection that asks faster than that is not read."""
FRAME_TIMEOUT_S: Final = 30.0
"""A frame that began must be here whole by then."""

Do = Callable[[str, bytes], Awaitable[Message]]


class Server:
    """Serves requests of the users it knows until it is closed or the journal is lost."""

    def __init__(self, path: Path, do: Do, users: frozenset[int], clock: Callable[[], int]) -> None:
        self._path = path
        self._do = do
        self._users = users
        self._clock = clock
        self._open: set[asyncio.Task[None]] = set()
        self._lost: asyncio.Future[None] | None = None

    async def serve(self) -> None:
        """Listen until cancelled. Raises JournalLost."""
        self._lost = asyncio.get_running_loop().create_future()
        self._path.unlink(missing_ok=True)
        mode = 0o600 if self._users == {os.geteuid()} else 0o666
        listener = _listening(self._path, mode)
        server = await asyncio.start_unix_server(self._connected, sock=listener)
        _log.info("listening", extra={"action": "listening", "path": str(self._path)})
        try:
            await self._lost
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)
            self._path.unlink(missing_ok=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        user = _user_of(writer)
        if task is None or user not in self._users or len(self._open) >= MAX_CONNECTIONS:
            _log.warning("refused a connection", extra={"action": "refused_peer", "user": user})
            writer.close()
            return
        self._open.add(task)
        try:
            await self._converse(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting = asyncio.Semaphore(MAX_WAITING)
        rate = Bucket(RATE_BURST, 1 / RATE_PER_S, self._clock())
        async with asyncio.TaskGroup() as answers:
            while (data := await _read_frame(reader)) is not None:
                if rate.wait_s(self._clock()):
                    await asyncio.sleep(PAUSE_S)
                rate.take()
                try:
                    request = decode_strict(Request, data, FRAME_LIMIT)
                except WireError as error:
                    _log.warning("not a request: %s", error, extra={"action": "bad_frame"})
                    break
                await waiting.acquire()
                answers.create_task(self._answer(request, writer, waiting))

    async def _answer(
        self, request: Request, writer: asyncio.StreamWriter, waiting: asyncio.Semaphore
    ) -> None:
        try:
            answer = await self._answer_to(request)
            writer.write(frame(encode(answer)))
            await writer.drain()
        except ConnectionError:
            _log.debug("nobody waits for the answer", extra={"action": "answer_lost"})
        finally:
            waiting.release()

    async def _answer_to(self, request: Request) -> Answer:
        try:
            message = await self._do(request.operation, request.body)
        except Refused as refused:
            _log.warning(
                "refused: %s", refused, extra={"action": "refused", "operation": request.operation}
            )
            return _refusal(request, refused)
        except (JournalLost, sqlite3.DatabaseError) as error:
            _log.critical("the journal is lost: %s", error, extra={"action": "journal_lost"})
            if self._lost is not None and not self._lost.done():
                self._lost.set_exception(JournalLost(str(error)))
            return _refusal(request, Refused(Reason.DISK))
        except Exception:  # noqa: BLE001  the boundary of the process
            # One request that trips over a fault of ours must not silence all the others.
            _log.exception("fault in %s", request.operation, extra={"action": "fault"})
            return _refusal(request, Refused(Reason.INTERNAL))
        return Answer(
            number=request.number,
            refused=None,
            detail="",
            item=None,
            retry_after_s=None,
            body=encode(message),
        )


def _refusal(request: Request, refused: Refused) -> Answer:
    return Answer(
        number=request.number,
        refused=refused.reason.value,
        detail=refused.detail,
        item=refused.item,
        retry_after_s=refused.retry_after_s,
        body=b"",
    )


async def _read_frame(reader: asyncio.StreamReader) -> bytes | None:
    """Return the next frame; None at the end, and when it is too long or does not come whole."""
    try:
        head = await reader.readexactly(1)
        async with asyncio.timeout(FRAME_TIMEOUT_S):
            head += await reader.readexactly(LENGTH_BYTES - 1)
            length = int.from_bytes(head, "big")
            if length <= FRAME_LIMIT:
                return await reader.readexactly(length)
            _log.warning("a frame of %d bytes", length, extra={"action": "frame_too_long"})
    except (ConnectionError, TimeoutError, asyncio.IncompleteReadError) as error:
        _log.debug("connection ended: %s", error, extra={"action": "disconnected"})
    return None


def _listening(path: Path, mode: int) -> socket.socket:
    """Return a bound socket. Who may speak is decided by `_user_of`, not by the mode alone."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    # Through the folder's descriptor, since an address has room for 107 bytes only.
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    old = os.umask(0o777 & ~mode)
    try:
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")
    except OSError as error:
        listener.close()
        raise CannotStart(f"cannot listen at {path}: {error.strerror}") from error
    finally:
        os.umask(old)
        os.close(folder)
    return listener


def _user_of(writer: asyncio.StreamWriter) -> int:
    """Return the user id of the process at the other end, as the kernel knows it."""
    peer = writer.get_extra_info("socket")
    data = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    user: int = struct.unpack("3i", data)[1]
    return user
