"""The signer without its process and socket: the same operations, on the caller's loop."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher

from controller.adapters.signer_client import SignerClient
from controller.domain.errors import ErrorCode, Unavailable
from controller.domain.signer_refusal import refusal_of
from controller.domain.signing import FRAME_LIMIT, Operation
from controller.signer.errors import Refused
from controller.signer.journal import Journal
from controller.signer.keys import KeyFolder, make_private
from controller.signer.operations import Operations, Urgency
from controller.signer.people import Passwords, Throttle, Tickets
from controller.signer.records import Records
from controller.signer.sign import TICKET_SECRET, Desk
from edge_agent.wire.codec import Message, decode_strict, encode

_T = TypeVar("_T")
_A = TypeVar("_A", bound=Message)


class InProcessSigner(SignerClient):
    """Everything of the real one but process, socket and the cost of a password's hash.

    `away` makes it answer as one that does not run. `asked` lists what it was asked for.
    """

    def __init__(self, folder: Path, clock_us: Callable[[], int]) -> None:
        super().__init__(folder / "no.sock")
        make_private(folder)
        keys = KeyFolder(folder / "keys")
        self._journal = Journal(folder / "journal.sqlite")
        tickets = Tickets(keys.secret(TICKET_SECRET, make=True))
        desk = Desk(keys, self._journal, Records(self._journal), tickets, clock_us)
        cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self._operations = Operations(desk, cheap, Throttle(clock_us), self._run)
        self.away = False
        self.asked: list[Operation] = []

    async def close(self) -> None:
        self._journal.close()

    async def _run(self, work: Callable[[], _T], urgency: Urgency) -> _T:
        return work()

    async def _ask(self, operation: Operation, request: Message, kind: type[_A]) -> _A:
        self.asked.append(operation)
        if self.away:
            raise Unavailable(ErrorCode.SIGNER_UNAVAILABLE)
        try:
            answer = await self._operations.do(operation, encode(request))
        except Refused as refused:
            raise refusal_of(
                refused.reason.value,
                refused.detail,
                item=refused.item,
                retry_after_s=refused.retry_after_s,
            ) from refused
        return decode_strict(kind, encode(answer), FRAME_LIMIT)
