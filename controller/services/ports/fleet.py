"""Repositories of terminals, their documents, orders, and the program's own bookkeeping."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from controller.domain.announcement import Targets
from controller.domain.audit import AuditDraft, AuditEntry
from controller.domain.document import Acknowledged, Delivery, Document, Pending, RundownState
from controller.domain.enrolment import Enrolment
from controller.domain.idempotency import IdempotencyRecord
from controller.domain.ids import AreaId
from controller.domain.order import Order, OrderKind, Stop
from controller.domain.paging import Page, PageRequest
from controller.domain.terminal import (
    Health,
    HealthCounts,
    Terminal,
    TerminalHello,
    TerminalState,
    TerminalStatus,
    TerminalTelemetry,
)
from edge_agent.wire.envelope import MessageType


class Terminals(Protocol):
    """Terminals and their latest reports."""

    async def add(self, terminal: Terminal) -> None:
        """Store a newly enrolled terminal."""
        ...

    async def save(self, terminal: Terminal) -> None:
        """Store a changed terminal: name, area, volume, retirement and so on."""
        ...

    async def find(self, terminal_id: UUID) -> Terminal | None:
        """Return the terminal of that id, for the program's own use."""
        ...

    async def get(self, scope: AreaId, terminal_id: UUID) -> TerminalState:
        """Return a terminal inside `scope` with its reports. Raises NotFound."""
        ...

    async def list(
        self,
        scope: AreaId,
        page: PageRequest,
        *,
        now: datetime,
        listening_since: datetime | None,
        health: Health | None = None,
    ) -> Page[TerminalState]:
        """Return terminals of `scope` and below in order of name.

        Retired ones only when asked for. Health is as `domain.terminal.health` says.
        """
        ...

    async def addressed(self, targets: Targets) -> tuple[Terminal, ...]:
        """Return the terminals in service that targets name, singly or by area."""
        ...

    async def in_service(self) -> tuple[Terminal, ...]:
        """Return every terminal in service."""
        ...

    async def health_counts(
        self, areas: Sequence[AreaId], *, now: datetime, listening_since: datetime | None
    ) -> dict[AreaId, HealthCounts]:
        """Return for each of these areas the counts of its terminals, all below included."""
        ...

    async def sounding(
        self, areas: Sequence[AreaId], now: datetime
    ) -> dict[AreaId, tuple[UUID, ...]]:
        """Return for each of these areas the items that its terminals sound now.

        What a terminal said that is silent since does not count.
        """
        ...

    async def store_status(self, statuses: Sequence[TerminalStatus]) -> None:
        """Store heartbeats in place of older ones; unknown terminals are passed over."""
        ...

    async def store_hello(self, hello: TerminalHello) -> None:
        """Store the last hello."""
        ...

    async def store_telemetry(self, telemetry: Sequence[TerminalTelemetry]) -> None:
        """Store slow figures in place of older ones; unknown terminals are passed over."""
        ...

    async def telemetry(self, terminal_id: UUID) -> TerminalTelemetry | None:
        """Return the last slow figures."""
        ...


class Enrolments(Protocol):
    """One-time codes of terminals."""

    async def add(self, enrolment: Enrolment) -> None:
        """Store a new code."""
        ...

    async def find(self, token_hash: bytes) -> Enrolment | None:
        """Return the code of that token, used or not."""
        ...

    async def get(self, scope: AreaId, enrolment_id: UUID) -> Enrolment:
        """Return a code inside `scope`. Raises NotFound."""
        ...

    async def list(self, scope: AreaId, page: PageRequest) -> Page[Enrolment]:
        """Return codes of `scope` and below that are not voided, newest first."""
        ...

    async def use(self, token_hash: bytes, terminal: UUID, at: datetime) -> Enrolment:
        """Use a code, once, whoever else tries at the same time.

        Raises NotFound `enrolment_unknown`, Conflict `enrolment_used`, `enrolment_expired`.
        """
        ...

    async def void(self, enrolment_id: UUID, at: datetime) -> None:
        """Make an unused code worthless. Raises Conflict `enrolment_used`."""
        ...


class Documents(Protocol):
    """Signed state and orders, and what terminals acknowledged."""

    async def put(self, document: Document) -> None:
        """Store the current document of its subject.

        Raises Conflict `document_stale` when one of the same or a later version is there.
        """
        ...

    async def find(self, kind: MessageType, subject: str) -> Document | None:
        """Return the current document of a subject."""
        ...

    async def remove(self, kind: MessageType, subject: str) -> None:
        """Forget a document and its acknowledgements."""
        ...

    async def addressed_to(self, terminal: UUID, now: datetime) -> tuple[Document, ...]:
        """Return all current, unexpired documents for a terminal.

        In order of type (trust first) and issue.
        """
        ...

    async def acknowledge(self, acknowledged: Acknowledged) -> bool:
        """Store a terminal's word and tell whether it was new and about what is current.

        A word about an older version than the one stored changes nothing.
        """
        ...

    async def pending(
        self, now: datetime, terminals: Sequence[UUID] | None = None, limit: int = 1000
    ) -> tuple[Pending, ...]:
        """Return what terminals in service have not acknowledged in its current version.

        Unexpired, orders first; for these terminals only when given.
        """
        ...

    async def delivery(self, kind: MessageType, subject: str) -> Delivery:
        """Return how far the current document of a subject is."""
        ...

    async def acknowledged_by(self, kind: MessageType, subject: str) -> frozenset[UUID]:
        """Return the terminals that have the current document of a subject."""
        ...

    async def remove_expired(self, before: datetime) -> int:
        """Forget documents that expired before an instant. Returns how many."""
        ...


class Rundowns(Protocol):
    """Which terminals need a new rundown."""

    async def save(self, state: RundownState) -> None:
        """Store what a terminal was sent; `made_of` says which changes it knows."""
        ...

    async def find(self, terminal: UUID) -> RundownState | None:
        """Return what a terminal was last sent; None: nothing, and nobody asked for it."""
        ...

    async def mark_stale(self, terminals: Sequence[UUID]) -> None:
        """Store that these terminals need a new rundown."""
        ...

    async def due(self, issued_before: datetime, limit: int) -> tuple[UUID, ...]:
        """Return terminals in service whose rundown must be made anew.

        It is stale or missing (these first), or was issued before an instant.
        """
        ...


class Stops(Protocol):
    """Stops."""

    async def save(self, stop: Stop) -> None:
        """Store a new or lifted stop."""
        ...

    async def get(self, scope: AreaId, stop_id: UUID) -> Stop:
        """Return a stop inside `scope`. Raises NotFound."""
        ...

    async def holding(self, scope: AreaId, now: datetime) -> tuple[Stop, ...]:
        """Return stops that hold and concern `scope`, newest first.

        Those of areas in it and of the areas above it.
        """
        ...


class Orders(Protocol):
    """Emergencies and tests."""

    async def save(self, order: Order, terminals: Sequence[UUID] = ()) -> None:
        """Store a new or cancelled order.

        For a new play order, `terminals` are those asked: each becomes a row of the diary.
        """
        ...

    async def find(self, order_id: UUID) -> Order | None:
        """Return the order of that id, for the program's own use."""
        ...

    async def get(self, scope: AreaId, order_id: UUID) -> Order:
        """Return an order given inside `scope`. Raises NotFound."""
        ...

    async def list(self, scope: AreaId, kind: OrderKind, page: PageRequest) -> Page[Order]:
        """Return orders given in `scope` or below, newest first."""
        ...

    async def open(self, now: datetime) -> tuple[Order, ...]:
        """Return play orders that terminals may still act on."""
        ...


class Audit(Protocol):
    """Who did what."""

    async def append(self, draft: AuditDraft) -> AuditEntry:
        """Chain an entry to the last one and store it."""
        ...

    async def list(self, scope: AreaId, page: PageRequest) -> Page[AuditEntry]:
        """Return entries of `scope` and below, newest first."""
        ...

    async def head(self) -> AuditEntry | None:
        """Return the last entry."""
        ...

    async def read(self, after: int, limit: int) -> tuple[AuditEntry, ...]:
        """Return entries with a number above `after`, in order (to verify the chain)."""
        ...


class Idempotency(Protocol):
    """Answers to requests that may come twice."""

    async def reserve(self, record: IdempotencyRecord) -> IdempotencyRecord | None:
        """Store that a request has begun.

        Returns None, or the record that is there already (by actor, key and route).
        """
        ...

    async def complete(self, record: IdempotencyRecord) -> None:
        """Store the answer."""
        ...

    async def release(self, record: IdempotencyRecord) -> None:
        """Forget a request that failed, so that it may be tried again."""
        ...

    async def remove_before(self, before: datetime) -> int:
        """Forget old records. Returns how many."""
        ...


class Leases(Protocol):
    """At most one controller at a time does a thing."""

    async def acquire(self, name: str, holder: UUID, now: datetime, ttl: timedelta) -> bool:
        """Take or renew a lease until now + ttl; False while another one holds it."""
        ...

    async def release(self, name: str, holder: UUID) -> None:
        """Give a lease back."""
        ...
