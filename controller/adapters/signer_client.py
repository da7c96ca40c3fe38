"""The signer at the other end of a Unix socket (services.signer_port.Signer)."""

import asyncio
import logging
import os
from pathlib import Path
from typing import Final, TypeVar

from controller.domain.approval import SignedApproval
from controller.domain.errors import ErrorCode, Unavailable
from controller.domain.signer_refusal import refusal_of
from controller.domain.signing import (
    FRAME_LIMIT,
    LENGTH_BYTES,
    AddArea,
    Answer,
    Approve,
    AreaAdded,
    AssignTerminal,
    CancelPlay,
    ChangePassword,
    EndTickets,
    Founded,
    FoundSystem,
    InvitePerson,
    LiftStop,
    Nothing,
    Operation,
    PlayNow,
    ReceiveLog,
    RedeemInvitation,
    Request,
    SendTest,
    SetDisabled,
    SetPolicy,
    SetRights,
    Signed,
    SignIn,
    SignManifest,
    SignRundown,
    Status,
    StopSound,
    TellTime,
    Ticket,
    TrustAnswer,
    Withdraw,
    frame,
)
from edge_agent.wire.codec import Message, decode_strict, encode
from edge_agent.wire.errors import WireError

_log = logging.getLogger("loaxa.signer_client")
_A = TypeVar("_A", bound=Message)

ANSWER_TIMEOUT_S: Final = 15.0
"""The signer answers in milliseconds; only a hung one or a very slow disk takes longer."""


class SignerClient:
    """Asks the signer. Connects when it is first asked and again after a lost connection.

    Requests run side by side on one connection. A request whose answer was lost is not
    repeated here: the caller asks again, and the signer answers the same ids as before.
    """

    def __init__(self, path: Path, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()

    async def close(self) -> None:
        """End the connection; a later request opens another."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def status(self) -> Status:
        """Ask for the signer's state."""
        return await self._ask(Operation.STATUS, Nothing(), Status)

    async def found(self, request: FoundSystem) -> Founded:
        """Set the system up."""
        return await self._ask(Operation.FOUND, request, Founded)

    async def sign_in(self, request: SignIn) -> Ticket:
        """Ask for a ticket."""
        return await self._ask(Operation.SIGN_IN, request, Ticket)

    async def change_password(self, request: ChangePassword) -> Ticket:
        """Set one's own new password."""
        return await self._ask(Operation.CHANGE_PASSWORD, request, Ticket)

    async def invite(self, request: InvitePerson) -> None:
        """Allow a one-time token."""
        await self._ask(Operation.INVITE, request, Nothing)

    async def redeem(self, request: RedeemInvitation) -> Ticket:
        """Use a one-time token."""
        return await self._ask(Operation.REDEEM, request, Ticket)

    async def set_rights(self, request: SetRights) -> None:
        """Change a person's area and rights."""
        await self._ask(Operation.SET_RIGHTS, request, Nothing)

    async def set_disabled(self, request: SetDisabled) -> None:
        """Shut a person out or let one in again."""
        await self._ask(Operation.SET_DISABLED, request, Nothing)

    async def end_tickets(self, request: EndTickets) -> None:
        """End an account's tickets."""
        await self._ask(Operation.END_TICKETS, request, Nothing)

    async def add_area(self, request: AddArea) -> AreaAdded:
        """Add an area."""
        return await self._ask(Operation.ADD_AREA, request, AreaAdded)

    async def trust(self) -> TrustAnswer:
        """Ask for the current trust file."""
        return await self._ask(Operation.TRUST, Nothing(), TrustAnswer)

    async def set_policy(self, request: SetPolicy) -> Signed:
        """Have the rules of an area signed."""
        return await self._ask(Operation.SET_POLICY, request, Signed)

    async def approve(self, request: Approve) -> SignedApproval:
        """Have an approval signed."""
        return await self._ask(Operation.APPROVE, request, SignedApproval)

    async def withdraw(self, request: Withdraw) -> None:
        """Take an approval back."""
        await self._ask(Operation.WITHDRAW, request, Nothing)

    async def assign(self, request: AssignTerminal) -> Signed:
        """Have a terminal's place signed."""
        return await self._ask(Operation.ASSIGN, request, Signed)

    async def rundown(self, request: SignRundown) -> Signed:
        """Have a rundown signed."""
        return await self._ask(Operation.RUNDOWN, request, Signed)

    async def manifest(self, request: SignManifest) -> Signed:
        """Have a manifest signed."""
        return await self._ask(Operation.MANIFEST, request, Signed)

    async def stop(self, request: StopSound) -> Signed:
        """Have a stop signed."""
        return await self._ask(Operation.STOP, request, Signed)

    async def lift(self, request: LiftStop) -> Signed:
        """Have the end of a stop signed."""
        return await self._ask(Operation.LIFT, request, Signed)

    async def play(self, request: PlayNow) -> Signed:
        """Have an emergency order signed."""
        return await self._ask(Operation.PLAY, request, Signed)

    async def cancel(self, request: CancelPlay) -> Signed:
        """Have the end of an emergency signed."""
        return await self._ask(Operation.CANCEL, request, Signed)

    async def test(self, request: SendTest) -> Signed:
        """Have a test signed."""
        return await self._ask(Operation.TEST, request, Signed)

    async def time(self, request: TellTime) -> Signed:
        """Have the time signed."""
        return await self._ask(Operation.TIME, request, Signed)

    async def receipt(self, request: ReceiveLog) -> Signed:
        """Have a receipt for play log lines signed."""
        return await self._ask(Operation.RECEIPT, request, Signed)

    async def _ask(self, operation: Operation, request: Message, kind: type[_A]) -> _A:
        body = encode(request)
        try:
            async with asyncio.timeout(self._timeout_s):
                connection = await self._connected()
                answer = await connection.ask(operation, body)
        except (OSError, TimeoutError, WireError) as error:
            _log.warning("%s: %s", operation, error, extra={"action": "signer_unavailable"})
            raise Unavailable(ErrorCode.SIGNER_UNAVAILABLE) from error
        if answer.refused is not None:
            raise refusal_of(
                answer.refused,
                answer.detail,
                item=answer.item,
                retry_after_s=answer.retry_after_s,
            )
        return decode_strict(kind, answer.body, FRAME_LIMIT)

    async def _connected(self) -> "_Connection":
        async with self._connecting:
            if self._connection is None or self._connection.ended:
                self._connection = await _Connection.open(self._path)
            return self._connection


class _Connection:
    """One connection and the requests that wait on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._number = 0
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, path: Path) -> "_Connection":
        """Connect. Raises OSError."""
        # Through the folder's descriptor, since an address has room for 107 bytes only.
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            reader, writer = await asyncio.open_unix_connection(
                f"/proc/self/fd/{folder}/{path.name}"
            )
        finally:
            os.close(folder)
        return cls(reader, writer)

    @property
    def ended(self) -> bool:
        """True when no answer can come any more."""
        return self._reading.done()

    async def ask(self, operation: Operation, body: bytes) -> Answer:
        """Send a request and return its answer. Raises ConnectionError."""
        self._number += 1
        number = self._number
        data = encode(Request(number=number, operation=operation.value, body=body))
        if len(data) > FRAME_LIMIT:
            raise ConnectionError(f"a request of {len(data)} bytes")
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._writer.write(frame(data))
            await self._writer.drain()
            return await answer
        finally:
            self._waiting.pop(number, None)

    async def close(self) -> None:
        """End it; whoever waits gets ConnectionError."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        try:
            while True:
                length = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "big")
                if length > FRAME_LIMIT:
                    raise ConnectionError(f"an answer of {length} bytes")
                data = await self._reader.readexactly(length)
                answer = decode_strict(Answer, data, FRAME_LIMIT)
                waiting = self._waiting.get(answer.number)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
        except (OSError, asyncio.IncompleteReadError, WireError) as error:
            _log.warning("the signer is gone: %s", error, extra={"action": "signer_lost"})
        finally:
            self._writer.close()
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionError("the signer closed the connection"))
