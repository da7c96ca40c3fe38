"""What every use case needs from outside, and the two things each of them does at its end."""

from dataclasses import dataclass
from uuid import UUID

from controller.domain.audit import AuditDraft
from controller.domain.event import Event, EventKind
from controller.domain.ids import AreaId
from controller.domain.roles import Actor
from controller.services.outbox import Outbox
from controller.services.ports import Clock, Database, EventFeed, Ids, Transaction
from controller.services.signer_port import Signer


@dataclass(frozen=True, slots=True)
class Context:
    """The ports, joined once in bootstrap."""

    database: Database
    signer: Signer
    clock: Clock
    ids: Ids
    feed: EventFeed
    outbox: Outbox

    async def note(
        self,
        tx: Transaction,
        actor: Actor | None,
        area: AreaId,
        action: str,
        subject: UUID | str,
        detail: str = "",
    ) -> None:
        """Write a line of the audit trail into the running transaction."""
        await tx.audit.append(
            AuditDraft(
                id=self.ids.new(),
                at=self.clock.now(),
                area=area,
                actor=actor.account if actor else None,
                actor_name=actor.name if actor else "loaxa",
                action=action,
                subject=str(subject),
                detail=detail,
            )
        )

    def tell(self, kind: EventKind, subject: UUID | str, chain: tuple[AreaId, ...]) -> None:
        """Tell open screens that something changed."""
        self.feed.publish(Event(kind, str(subject), chain, self.clock.now()))
