"""What the controller asks of a broker, whichever it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rights:
    """What a signed-in client may do.

    groups: ids of areas and zones whose topics a terminal reads. is_controller: reads and
    writes everything below `t/` and `g/`; then `groups` does not matter.
    """

    groups: frozenset[str] = frozenset()
    is_controller: bool = False


Authenticate = Callable[[str, str, str], Awaitable[Rights | None]]
"""(user name, password, client id) -> rights, or None to refuse. Decided at each sign-in."""


class TerminalAccess(Protocol):
    """Who may sign in at the broker, and what for. Terminal ids are lower-case UUID text."""

    async def grant(self, terminal_id: str, password: str | None, groups: frozenset[str]) -> None:
        """Create or change a terminal's access; None keeps its password.

        A change of password or groups disconnects the terminal, so that it returns with its
        new rights. Raises BrokerError.
        """
        ...

    async def revoke(self, terminal_id: str) -> None:
        """Disconnect the terminal at once and refuse it from then on.

        An unknown terminal is no error. Raises BrokerError.
        """
        ...
