"""Signed time for who asks, and the newest trust file for everybody."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from controller.domain.area import Level
from controller.domain.pace import Pace
from controller.services import clock_exchange
from controller.services.trust import TrustWatch
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.reports import TimeQuestion
from tests.fakes.commune import Town
from tests.unit.controller.services.terminal_rig import Field, until


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


async def test_a_terminal_that_asks_is_told_the_signed_time(field: Field) -> None:
    """With its own nonce and the signer's clock."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    nonce = os.urandom(16)
    question = TimeQuestion(terminal=terminal.id, nonce=nonce)
    await terminal.say(MessageType.TIME_QUESTION, question)
    await until(lambda: terminal.times, "the time")
    assert terminal.times[0].nonce == nonce
    assert terminal.times[0].now == field.now_us()


async def test_a_hanging_signer_keeps_no_other_report_waiting(field: Field) -> None:
    """Questions beyond a handful are dropped; heartbeats are heard all the while."""
    terminal = await field.join("Loa 1", "Thôn Đông")
    hung = asyncio.Event()
    real = field.town.signer.time

    async def hang(request: Any) -> Any:
        await hung.wait()
        return await real(request)

    field.town.signer.time = hang  # type: ignore[method-assign]
    for _ in range(clock_exchange.AT_ONCE * 2):
        question = TimeQuestion(terminal=terminal.id, nonce=os.urandom(16))
        await terminal.say(MessageType.TIME_QUESTION, question)
    await terminal.status(field.now_us())
    await until(lambda: terminal.id in field.side.fleet._latest, "the heartbeat")
    assert terminal.times == []
    hung.set()
    await until(lambda: len(terminal.times) == clock_exchange.AT_ONCE, "the answers")


async def test_a_new_areas_trust_file_reaches_every_terminal(field: Field) -> None:
    """Adding a commune makes new keys; all terminals learn of them and say so."""
    town = field.town
    terminal = await field.join("Loa 1", "Thôn Đông")
    before = terminal.trust.version
    await town.area_service.create(
        town.actor("admin"),
        town.areas["Tỉnh Sông Lam"].id,
        Level.COMMUNE,
        "Xã Mới",
        "90003",
        town.ticket("admin"),
    )
    await until(lambda: terminal.trust.version > before, "the new trust file")
    await until(lambda: terminal.rundown is not None, "settled")
    await field.side.dispatch.words.settled()


async def test_a_trust_file_that_the_signer_renewed_is_put_on_its_way_once(town: Town) -> None:
    """The watch finds the newer one and leaves the same one alone."""
    watch = TrustWatch(town.context)
    top = town.areas["Tỉnh Sông Lam"].id
    async with town.database.begin() as tx:
        known = await tx.documents.find(MessageType.TRUST, top)
        assert known is not None
        await tx.documents.remove(MessageType.TRUST, top)
    await watch.look()
    async with town.database.read() as tx:
        found = await tx.documents.find(MessageType.TRUST, top)
    assert found is not None
    assert found.envelope == known.envelope
    await watch.look()
    async with town.database.read() as tx:
        assert await tx.documents.find(MessageType.TRUST, top) == found
