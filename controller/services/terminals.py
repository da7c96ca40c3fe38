"""Terminals as people see and change them: names, places, volume, retirement, captures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from uuid import UUID

from controller.domain.area import Area
from controller.domain.capture import Capture
from controller.domain.errors import Conflict, ErrorCode, Invalid, NotFound
from controller.domain.event import EventKind
from controller.domain.ids import AreaId
from controller.domain.occurrence import AskedItem, Occurrence
from controller.domain.paging import Page, PageRequest
from controller.domain.policy import effective
from controller.domain.roles import Actor, Permission, authorize
from controller.domain.terminal import (
    Health,
    Terminal,
    TerminalState,
    health,
    require_in_service,
)
from controller.domain.text import read_title
from controller.services.context import Context
from controller.services.enrol import assign_request, put_assignment, require_free_name
from controller.services.planning import Replanning
from controller.services.ports import Transaction
from controller.services.terminal_side import TerminalSide
from edge_agent.wire.envelope import MessageType


class Captures(Protocol):
    """What virtual terminals have sounded; controller.adapters.captures implements it."""

    async def list(self, terminal: UUID) -> tuple[Capture, ...]:
        """Return what a terminal has sounded, newest first."""
        ...

    async def path(self, terminal: UUID, name: str) -> Path:
        """Return the WAV file of that name. Raises NotFound `capture_missing`."""
        ...


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """A terminal with all that screens show of it. `sounding`: what is heard now."""

    state: TerminalState
    area: Area
    health: Health
    sounding: AskedItem | None
    coming: Occurrence | None


@dataclass(frozen=True, slots=True)
class TerminalChange:
    """What is to be changed; None leaves it."""

    name: str | None = None
    area_id: AreaId | None = None
    volume: int | None = None


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """A capture and the title of what sounded, where it is known."""

    capture: Capture
    title: str | None


class Terminals:
    """Reads and changes terminals inside the actor's own area."""

    def __init__(
        self,
        context: Context,
        side: TerminalSide,
        replanning: Replanning,
        captures: Captures,
    ) -> None:
        self._context = context
        self._side = side
        self._replanning = replanning
        self._captures = captures

    async def list(
        self, actor: Actor, scope: AreaId, page: PageRequest, state: Health | None
    ) -> Page[TerminalFacts]:
        """Return terminals of an area and below, by name. Raises NotFound."""
        async with self._context.database.read() as tx:
            area = await tx.areas.get(actor.area, scope)
            authorize(actor, Permission.SEE, area.chain)
            found = await tx.terminals.list(
                area.id,
                page,
                now=self._context.clock.now(),
                listening_since=self._side.presence.listening_since,
                health=state,
            )
            return Page(await self._facts(tx, found.items), found.next)

    async def get(self, actor: Actor, terminal_id: UUID) -> TerminalFacts:
        """Return one terminal. Raises NotFound."""
        async with self._context.database.read() as tx:
            state = await tx.terminals.get(actor.area, terminal_id)
            return (await self._facts(tx, [state]))[0]

    async def change(
        self, actor: Actor, terminal_id: UUID, change: TerminalChange, ticket: str
    ) -> TerminalFacts:
        """Rename, move, or set the volume. Moving needs the right in both places.

        Raises NotFound, Forbidden, Invalid, Conflict.
        """
        context = self._context
        async with context.database.read() as tx:
            before, area = await _managed(tx, actor, terminal_id)
            after = await _changed(tx, actor, before, area, change)
        if after == before:
            return await self.get(actor, terminal_id)
        moved = after.area != before.area
        signed = await context.signer.assign(assign_request(after, ticket))
        async with context.database.begin() as tx:
            await tx.terminals.save(after)
            await put_assignment(context, tx, after, signed)
            if moved:
                # It was signed for the other place; nothing of it counts in the new one.
                await tx.documents.remove(MessageType.RUNDOWN, str(after.id))
                await tx.rundowns.mark_stale([after.id])
            action = "terminal.moved" if moved else "terminal.changed"
            await context.note(tx, actor, after.area, action, after.id, after.name)
        self._side.left(after.id) if moved else self._side.roster.forget(after.id)
        if moved:
            await self._side.rights.apply(after.id)
            self._replanning.ask()
        context.outbox.wake()
        context.tell(EventKind.TERMINAL, after.id, area.chain)
        return await self._told(actor, after.id)

    async def retire(self, actor: Actor, terminal_id: UUID) -> TerminalFacts:
        """Take a terminal out of service for good: it is cut off and owed nothing.

        Raises NotFound, Forbidden, Conflict `terminal_retired`.
        """
        context = self._context
        async with context.database.begin() as tx:
            before, area = await _managed(tx, actor, terminal_id)
            await tx.terminals.save(replace(before, retired_at=context.clock.now()))
            for kind in (MessageType.ASSIGNMENT, MessageType.RUNDOWN):
                await tx.documents.remove(kind, str(before.id))
            await context.note(tx, actor, area.id, "terminal.retired", before.id, before.name)
        self._side.left(before.id)
        await self._side.rights.apply(before.id)
        self._replanning.ask()
        context.tell(EventKind.TERMINAL, before.id, area.chain)
        return await self.get(actor, before.id)

    async def captures(self, actor: Actor, terminal_id: UUID) -> tuple[CaptureFacts, ...]:
        """Return what a virtual terminal has sounded, newest first. Raises NotFound."""
        await self._require_virtual(actor, terminal_id)
        found = await self._captures.list(terminal_id)
        async with self._context.database.read() as tx:
            items = await tx.diary.items(sorted({one.item for one in found if one.item}))
        titles = {item: asked.title for item, asked in items.items()}
        return tuple(CaptureFacts(one, titles.get(one.item) if one.item else None) for one in found)

    async def capture(self, actor: Actor, terminal_id: UUID, name: str) -> Path:
        """Return the file of a capture. Raises NotFound, Forbidden."""
        await self._require_virtual(actor, terminal_id)
        return await self._captures.path(terminal_id, name)

    async def _require_virtual(self, actor: Actor, terminal_id: UUID) -> None:
        async with self._context.database.read() as tx:
            terminal = (await tx.terminals.get(actor.area, terminal_id)).terminal
            area = await tx.areas.get(actor.area, terminal.area)
        authorize(actor, Permission.LISTEN, area.chain)
        if not terminal.virtual:
            raise NotFound(ErrorCode.CAPTURE_MISSING)

    async def _told(self, actor: Actor, terminal_id: UUID) -> TerminalFacts:
        facts = await self.get(actor, terminal_id)
        self._context.tell(EventKind.TERMINAL, terminal_id, facts.area.chain)
        return facts

    async def _facts(
        self, tx: Transaction, states: Sequence[TerminalState]
    ) -> tuple[TerminalFacts, ...]:
        now, since = self._context.clock.now(), self._side.presence.listening_since
        areas = await _areas(tx, {one.terminal.area for one in states})
        sounding = {
            one.status.sounding
            for one in states
            if one.status is not None and one.status.sounding is not None
        }
        items = await tx.diary.items(sorted(sounding))
        coming = await tx.occurrences.next_for([one.terminal.id for one in states], now)
        found = []
        for one in states:
            how = health(one.terminal, one.status, now, since)
            heard = one.status.sounding if one.status and how is Health.ON_AIR else None
            found.append(
                TerminalFacts(
                    state=one,
                    area=areas[one.terminal.area],
                    health=how,
                    sounding=items.get(heard) if heard else None,
                    coming=coming.get(one.terminal.id),
                )
            )
        return tuple(found)


async def _areas(tx: Transaction, ids: set[AreaId]) -> Mapping[AreaId, Area]:
    found = {}
    for one in ids:
        area = await tx.areas.find(one)
        if area is not None:
            found[one] = area
    return found


async def _managed(tx: Transaction, actor: Actor, terminal_id: UUID) -> tuple[Terminal, Area]:
    """Return a terminal in service that the actor manages. Raises as `change`."""
    terminal = (await tx.terminals.get(actor.area, terminal_id)).terminal
    area = await tx.areas.get(actor.area, terminal.area)
    authorize(actor, Permission.MANAGE_TERMINALS, area.chain)
    require_in_service(terminal)
    return terminal, area


async def _changed(
    tx: Transaction, actor: Actor, before: Terminal, area: Area, change: TerminalChange
) -> Terminal:
    if change.area_id is not None and change.area_id != area.id:
        area = await tx.areas.get(actor.area, change.area_id)
        authorize(actor, Permission.MANAGE_TERMINALS, area.chain)
        if area.valid_until is not None:
            raise Conflict(ErrorCode.AREA_ENDED, field="area_id")
    name = before.name if change.name is None else read_title(change.name, "name")
    if (name, area.id) != (before.name, before.area):
        await require_free_name(tx, area.id, name, before.id)
    volume = before.volume if change.volume is None else change.volume
    if change.volume is not None:
        most = effective(await tx.policies.chain(area.id)).max_volume
        if not 0 <= volume <= most:
            raise Invalid(ErrorCode.VOLUME, field="volume", detail={"most": most})
    return replace(before, name=name, area=area.id, volume=volume)
