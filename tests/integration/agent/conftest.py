"""An enrolled terminal, a broker, and a controller's side to talk to."""

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.broker_rigs import KINDS, BrokerRig, _MqttRig
from tests.fakes.authority import Authority
from tests.integration.agent.controller import FakeController
from tests.integration.agent.desk import Agent, counter


@dataclass
class Site:
    """One terminal and all that it needs."""

    rig: BrokerRig
    authority: Authority
    controller: FakeController
    agent: Agent
    code: str


@pytest.fixture
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Site]:
    """An enrolled terminal that does not run yet; on Mosquitto, or the kind that a test names."""
    async with opened_site(getattr(request, "param", "mosquitto"), tmp_path) as site:
        yield site


@asynccontextmanager
async def opened_site(kind: str, folder: Path) -> AsyncIterator[Site]:
    """Enrol a terminal at a broker of this kind."""
    authority = Authority(now=time.time_ns() // 1000)
    agent = Agent(folder)
    async with KINDS[kind](folder / "broker") as rig:
        assert isinstance(rig, _MqttRig)
        password = secrets.token_hex(16)
        groups = frozenset({*authority.chain, "z-school"})
        await rig.access.grant(str(authority.terminal), password, groups)
        broker, identity = (rig.port, rig.authority.pem), rig.identity.file
        pin = rig.authority.fingerprint
        with counter(authority, broker, password, identity, pin) as (code, desk):
            status, out, err = await agent.run("enrol", code)
            assert (status, err) == (0, ""), err
            assert "Cụm loa Thôn 1" in out
            controller = FakeController(rig, authority)
            controller.terminal_key = desk.redeemed[0].public_key
            async with controller.running():
                try:
                    yield Site(rig, authority, controller, agent, code)
                finally:
                    await agent.kill()
