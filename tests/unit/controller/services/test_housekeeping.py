"""What is swept up, and that sweeping goes on."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from controller.domain.account import Session
from controller.domain.errors import Unavailable
from controller.domain.idempotency import IdempotencyRecord
from controller.services import housekeeping
from controller.services.housekeeping import ANSWERS_KEPT, Housekeeping
from tests.fakes.commune import Town


async def test_only_what_has_run_out_is_forgotten(town: Town) -> None:
    """Sessions that ended and answers of yesterday go, those of today stay."""
    me, now = town.actor("operator").account, town.clock.now()
    ended = Session(bytes(32), me, now, now, now + timedelta(hours=1))
    holds = Session(b"\1" * 32, me, now, now, now + timedelta(days=9))
    old = IdempotencyRecord(me, "old", "route", bytes(32), now)
    async with town.database.begin() as tx:
        for session in (ended, holds):
            await tx.sessions.add(session)
        await tx.idempotency.reserve(old)
    town.clock.run(ANSWERS_KEPT + timedelta(minutes=1))
    young = IdempotencyRecord(me, "young", "route", bytes(32), town.clock.now())
    async with town.database.begin() as tx:
        await tx.idempotency.reserve(young)
    await Housekeeping(town.context, town.recordings).sweep()
    async with town.database.begin() as tx:
        assert await tx.sessions.find(ended.token_hash) is None
        assert await tx.sessions.find(holds.token_hash) == holds
        assert await tx.idempotency.reserve(old) is None
        assert await tx.idempotency.reserve(young) == young


async def test_abandoned_uploads_go_with_it(town: Town) -> None:
    """The same sweep gives up uploads that nobody finished."""
    which: UUID = (await town.upload()).recording.id
    town.clock.run(timedelta(days=2))
    await Housekeeping(town.context, town.recordings).sweep()
    async with town.database.read() as tx:
        assert await tx.recordings.find(which) is None


async def test_a_failed_sweep_is_not_the_last(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is busy costs one round, not the loop."""
    house = Housekeeping(town.context, town.recordings)
    rounds: list[int] = []
    again = asyncio.Event()

    async def busy() -> None:
        rounds.append(1)
        if len(rounds) == 2:
            again.set()
        raise Unavailable("database_busy")

    monkeypatch.setattr(house, "sweep", busy)
    monkeypatch.setattr(housekeeping, "EVERY_S", 0.0)
    sweeping = asyncio.create_task(house.run())
    try:
        async with asyncio.timeout(10):
            await again.wait()
        assert not sweeping.done()
    finally:
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)
