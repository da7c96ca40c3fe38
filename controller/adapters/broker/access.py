"""The broker's list of terminals as services see it (services.broker_access.BrokerAccess)."""

from uuid import UUID

from controller.adapters.broker.errors import BrokerError
from controller.adapters.broker.ports import TerminalAccess
from controller.domain.errors import ErrorCode, Unavailable


class ServiceAccess:
    """A TerminalAccess whose refusals are the services' own."""

    def __init__(self, access: TerminalAccess) -> None:
        self._access = access

    async def grant(self, terminal: UUID, password: str | None, groups: frozenset[str]) -> None:
        """Let a terminal in, or change its groups. Raises Unavailable `broker_unavailable`."""
        try:
            await self._access.grant(str(terminal), password, groups)
        except BrokerError as error:
            raise _unavailable(error) from error

    async def revoke(self, terminal: UUID) -> None:
        """Cut a terminal off. Raises Unavailable `broker_unavailable`."""
        try:
            await self._access.revoke(str(terminal))
        except BrokerError as error:
            raise _unavailable(error) from error


def _unavailable(error: BrokerError) -> Unavailable:
    return Unavailable(ErrorCode.BROKER_UNAVAILABLE, detail={"reason": error.problem.value})
