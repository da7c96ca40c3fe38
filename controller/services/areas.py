"""The area tree and the rules of its areas."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from controller.domain.announcement import Targets
from controller.domain.area import Area, Level, add_below, new_area_id, rename
from controller.domain.errors import ErrorCode, Invalid
from controller.domain.event import EventKind
from controller.domain.ids import AreaId
from controller.domain.policy import PolicySettings, check
from controller.domain.roles import Actor, Permission, authorize
from controller.domain.signing import AddArea, SetPolicy, Signed
from controller.services.context import Context
from controller.services.ports import Transaction
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.state import QuietWindow


@dataclass(frozen=True, slots=True)
class AreaRules:
    """An area's own rules (None: none set) and those of all areas above, the top first."""

    area: Area
    own: PolicySettings | None
    above: tuple[PolicySettings, ...]


@dataclass(frozen=True, slots=True)
class RulesChange:
    """Rules as an administrator wants them; durations in milliseconds."""

    quiet: tuple[QuietWindow, ...]
    max_volume: int
    max_session_ms: int | None
    max_day_ms: int | None
    author_may_approve: bool


class Areas:
    """Reads and changes areas inside the actor's own."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def list(self, actor: Actor) -> tuple[tuple[Area, ...], dict[AreaId, int]]:
        """Return the actor's areas, parents first, and how many terminals each holds."""
        async with self._context.database.read() as tx:
            areas = await tx.areas.list(actor.area)
            return areas, await tx.areas.terminal_counts(actor.area)

    async def get(self, actor: Actor, area_id: AreaId) -> tuple[Area, int]:
        """Return one area and its number of terminals. Raises NotFound."""
        async with self._context.database.read() as tx:
            area = await tx.areas.get(actor.area, area_id)
            counts = await tx.areas.terminal_counts(area.id)
        return area, counts.get(area.id, 0)

    async def create(
        self, actor: Actor, parent_id: AreaId, level: Level, name: str, code: str, ticket: str
    ) -> Area:
        """Add an area; a province or commune gets keys and a policy of its own.

        Raises NotFound, Forbidden, Invalid, Conflict.
        """
        context = self._context
        async with context.database.read() as tx:
            parent = await tx.areas.get(actor.area, parent_id)
        authorize(actor, Permission.MANAGE_AREAS, parent.chain)
        spare = context.ids.secret(4).hex()
        area = add_below(parent, new_area_id(level, code, spare), level, name, code)
        added = await context.signer.add_area(
            AddArea(ticket=ticket, chain=area.chain, level=area.level, timezone=area.timezone)
        )
        async with context.database.begin() as tx:
            await tx.areas.add(area)
            if added.trust is not None:
                trust = Signed(envelope=added.trust, version=added.trust_version)
                await self._put(tx, trust, MessageType.TRUST, area.chain[0])
            if added.policy is not None:
                first = Signed(envelope=added.policy, version=1)
                await self._put(tx, first, MessageType.POLICY, area.id)
            await context.note(tx, actor, area.id, "area.created", area.id, area.name)
        context.outbox.wake()
        context.tell(EventKind.AREA, area.id, area.chain)
        return area

    async def change(
        self, actor: Actor, area_id: AreaId, name: str | None, code: str | None
    ) -> Area:
        """Rename an area. Raises NotFound, Forbidden, Invalid."""
        async with self._context.database.begin() as tx:
            area = await tx.areas.get(actor.area, area_id)
            authorize(actor, Permission.MANAGE_AREAS, area.chain)
            area = rename(area, name, code)
            await tx.areas.save(area)
            await self._context.note(tx, actor, area.id, "area.renamed", area.id, area.name)
        self._context.tell(EventKind.AREA, area.id, area.chain)
        return area

    async def rules(self, actor: Actor, area_id: AreaId) -> AreaRules:
        """Return the rules that hold in an area. Raises NotFound."""
        async with self._context.database.read() as tx:
            area = await tx.areas.get(actor.area, area_id)
            chain = await tx.policies.chain(area.id)
        own = next((rules for rules in chain if rules.area == area.id), None)
        return AreaRules(area, own, tuple(rules for rules in chain if rules.area != area.id))

    async def set_rules(
        self, actor: Actor, area_id: AreaId, change: RulesChange, ticket: str
    ) -> AreaRules:
        """Set an area's own rules; they may only be stricter than those above.

        Raises NotFound, Forbidden, Invalid `policy_looser` and others.
        """
        context = self._context
        held = await self.rules(actor, area_id)
        area = held.area
        authorize(actor, Permission.MANAGE_POLICY, area.chain)
        if area.level is Level.HAMLET:
            raise Invalid(ErrorCode.AREA_LEVEL, field="area_id")
        settings = PolicySettings(
            area=area.id,
            quiet=change.quiet,
            changed_at=context.clock.now(),
            changed_by=actor.account,
            max_volume=change.max_volume,
            max_session_ms=change.max_session_ms,
            max_day_ms=change.max_day_ms,
            author_may_approve=change.author_may_approve,
        )
        check(settings, held.above)
        signed = await context.signer.set_policy(
            SetPolicy(
                ticket=ticket,
                area=area.id,
                quiet=settings.quiet,
                max_volume=settings.max_volume,
                max_session=settings.max_session_ms,
                max_day=settings.max_day_ms,
                author_may_approve=settings.author_may_approve,
            )
        )
        async with context.database.begin() as tx:
            await tx.policies.save(settings)
            await self._put(tx, signed, MessageType.POLICY, area.id)
            terminals = await tx.terminals.addressed(Targets(areas=(area.id,)))
            await tx.rundowns.mark_stale([terminal.id for terminal in terminals])
            await context.note(tx, actor, area.id, "policy.set", area.id)
        context.outbox.wake()
        context.tell(EventKind.POLICY, area.id, area.chain)
        return AreaRules(area, settings, held.above)

    async def _put(self, tx: Transaction, signed: Signed, kind: MessageType, area: AreaId) -> None:
        await self._context.outbox.put(
            tx,
            signed,
            kind=kind,
            subject=area,
            area=area,
            targets=Targets(areas=(area,)),
            issued_at=self._context.clock.now(),
        )


def known_timezone(name: str) -> str:
    """Return an IANA zone's name as given. Raises Invalid `timezone_unknown`."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(ErrorCode.TIMEZONE_UNKNOWN, field="timezone") from None
    return name
