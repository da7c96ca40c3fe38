"""The database as services see it: transactions that give repositories."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from controller.services.ports.airing import (
    Announcements,
    Approvals,
    Diary,
    Occurrences,
    PlayLog,
    Recordings,
    Renditions,
)
from controller.services.ports.fleet import (
    Audit,
    Documents,
    Enrolments,
    Idempotency,
    Leases,
    Orders,
    Rundowns,
    Stops,
    Terminals,
)
from controller.services.ports.people import (
    Accounts,
    Areas,
    Invites,
    Policies,
    Sessions,
    Tokens,
)


class Transaction(Protocol):
    """Repositories that see and change one consistent state."""

    @property
    def areas(self) -> Areas: ...  # noqa: D102 - the type says it
    @property
    def accounts(self) -> Accounts: ...  # noqa: D102
    @property
    def sessions(self) -> Sessions: ...  # noqa: D102
    @property
    def tokens(self) -> Tokens: ...  # noqa: D102
    @property
    def invites(self) -> Invites: ...  # noqa: D102
    @property
    def policies(self) -> Policies: ...  # noqa: D102
    @property
    def recordings(self) -> Recordings: ...  # noqa: D102
    @property
    def renditions(self) -> Renditions: ...  # noqa: D102
    @property
    def announcements(self) -> Announcements: ...  # noqa: D102
    @property
    def approvals(self) -> Approvals: ...  # noqa: D102
    @property
    def occurrences(self) -> Occurrences: ...  # noqa: D102
    @property
    def play_log(self) -> PlayLog: ...  # noqa: D102
    @property
    def diary(self) -> Diary: ...  # noqa: D102
    @property
    def terminals(self) -> Terminals: ...  # noqa: D102
    @property
    def enrolments(self) -> Enrolments: ...  # noqa: D102
    @property
    def documents(self) -> Documents: ...  # noqa: D102
    @property
    def rundowns(self) -> Rundowns: ...  # noqa: D102
    @property
    def stops(self) -> Stops: ...  # noqa: D102
    @property
    def orders(self) -> Orders: ...  # noqa: D102
    @property
    def audit(self) -> Audit: ...  # noqa: D102
    @property
    def idempotency(self) -> Idempotency: ...  # noqa: D102
    @property
    def leases(self) -> Leases: ...  # noqa: D102


class Database(Protocol):
    """Where everything but keys and sound is kept."""

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that may change things.

        Left normally, all of it is kept and durable; left by an exception, none. Keep it
        short and wait for nothing else inside: others that write wait for it. Raises
        Unavailable `database_busy`, `database_unreachable`, `disk_full`, and Invalid
        `invalid_field` for a value that no column holds.
        """
        ...

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that only reads; it waits for no writer.

        Raises as `begin`.
        """
        ...
