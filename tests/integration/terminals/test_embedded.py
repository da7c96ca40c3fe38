"""Controller and terminals over the embedded broker: carried, stopped, cut off, kept apart."""

import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge_agent.link import LinkProblem, Message
from edge_agent.wire.topics import Lane, group
from tests.fakes.commune import Town, once
from tests.integration.terminals.rig import Site, embedded
from tests.unit.controller.services.terminal_rig import until


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    town = await Town.found(tmp_path)
    try:
        await town.settle()
        town.sounds.copies = 20_000
        async with embedded(town, tmp_path) as site:
            yield site
    finally:
        await town.close()


async def test_the_line_over_the_real_broker(site: Site) -> None:
    """Two terminals of a hamlet get rundown and recording, and their logs are receipted."""
    pair = [await site.join(f"Loa {n}", "Thôn Đông") for n in range(2)]
    apart = await site.join("Loa xã bên", "Thôn Thượng")
    await until(lambda: apart.rundown and all(one.rundown for one in pair), "rundowns", 20)
    await site.town.approved(once(23, 17))
    await until(lambda: all(one.held for one in pair), "the recording", 20)
    assert not apart.held
    for terminal in pair:
        terminal.write()
        await terminal.send_log()
    await until(lambda: all(one.receipts for one in pair), "receipts", 20)
    assert site.side.reception.refused == {}


async def test_a_stop_arrives_within_three_seconds(site: Site) -> None:
    """Heard by all terminals of the commune, and by none of the other."""
    ours = [await site.join(f"Loa {n}", "Thôn Đông") for n in range(5)]
    theirs = await site.join("Loa xã bên", "Thôn Thượng")
    await until(lambda: theirs.rundown and all(one.rundown for one in ours), "settled", 20)
    area = site.town.areas["Xã Bình Minh"].id
    facts = await site.stops.stop(site.town.actor("operator"), area, None, timedelta(minutes=5))
    await until(lambda: all(facts.stop.id in one.stops for one in ours), "the stop", within=3)
    assert not theirs.stops


async def test_a_retired_terminal_is_off_the_broker_at_once(site: Site) -> None:
    """It is disconnected and refused from then on."""
    terminal = await site.join("Loa 1", "Thôn Đông")
    await until(lambda: terminal.rundown, "settled", 20)
    await site.terminals.retire(site.town.actor("admin"), terminal.id)
    await until(
        lambda: terminal.messenger.status.problem is LinkProblem.SIGN_IN_REFUSED, "refused", 20
    )


async def test_a_terminal_hears_no_other_commune_whatever_it_asks_for(site: Site) -> None:
    """Subscriptions to foreign groups deliver nothing; only deliveries count."""
    spy = await site.join("Loa xã bên", "Thôn Thượng")
    ours = await site.join("Loa 1", "Thôn Đông")
    heard: list[Message] = []

    async def hear(message: Message) -> None:
        heard.append(message)

    chain = site.town.areas["Thôn Đông"].chain
    for area in chain[1:]:
        for lane in Lane:
            spy.messenger.subscribe(group(area, lane), hear)
    spy.messenger.subscribe(f"t/{ours.id}/down", hear)
    await until(lambda: ours.rundown and spy.rundown, "settled", 20)
    await site.town.approved(once(23, 17))
    await site.stops.stop(site.town.actor("operator"), chain[1], None, timedelta(minutes=5))
    await until(lambda: ours.held and ours.stops, "ours has everything", 20)
    assert heard == []


async def test_a_broker_that_is_killed_loses_nothing(site: Site) -> None:
    """It is started again, everybody returns, and what was given meanwhile arrives."""
    terminal = await site.join("Loa 1", "Thôn Đông")
    await until(lambda: terminal.rundown, "settled", 20)
    pid = site.broker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    area = site.town.areas["Thôn Đông"].id
    facts = await site.stops.stop(site.town.actor("operator"), area, None, timedelta(minutes=5))
    await until(lambda: facts.stop.id in terminal.stops, "the stop", within=30)
