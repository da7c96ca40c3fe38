"""Sign-ins are judged from the database; changes reach the broker however long it is away."""

import asyncio
import time
from uuid import UUID

import pytest

from controller.domain.errors import ErrorCode, Unavailable
from controller.domain.pace import Pace
from controller.services import broker_access
from controller.services.broker_access import BrokerRights
from controller.services.roster import Roster
from tests.fakes.commune import Town
from tests.unit.controller.services.terminal_rig import Field, until


class Gate:
    """A broker's list that is sometimes away."""

    def __init__(self) -> None:
        self.away = False
        self.granted: dict[UUID, frozenset[str]] = {}
        self.revoked: list[UUID] = []

    async def grant(self, terminal: UUID, password: str | None, groups: frozenset[str]) -> None:
        self._check()
        self.granted[terminal] = groups

    async def revoke(self, terminal: UUID) -> None:
        self._check()
        self.revoked.append(terminal)

    def _check(self) -> None:
        if self.away:
            raise Unavailable(ErrorCode.BROKER_UNAVAILABLE)


async def test_only_the_right_name_and_password_get_in(town: Town) -> None:
    """Another spelling, other text, a wrong or empty password, somebody else's: refused."""
    field = Field(town, time.monotonic, Pace())
    one, other = await field.enrol("Loa 1", "Thôn Đông"), await field.enrol("Loa 2", "Thôn Đoài")
    judge = field.side.rights.groups_of
    name, password = str(one.id), one.answer.mqtt_password
    assert await judge(name, password) == frozenset(town.areas["Thôn Đông"].chain)
    for wrong_name, wrong_password in (
        (name, ""),
        (name, other.answer.mqtt_password),
        (f"{{{name}}}", password),
        (name.replace("-", ""), password),
        ("controller-1", password),
        ("", ""),
        (str(UUID(int=5)), password),
        (str(town.terminals["Loa bến đò"]), ""),
    ):
        assert await judge(wrong_name, wrong_password) is None, wrong_name


async def test_changes_are_carried_to_a_broker_that_returns(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed is tried again; at the start of the program everything is compared."""
    monkeypatch.setattr(broker_access, "AGAIN_S", 0.01)
    gate = Gate()
    rights = BrokerRights(town.database, gate, Roster(town.database, time.monotonic))
    gate.away = True
    await rights.apply(town.terminals["Loa bến đò"])
    await rights.apply(UUID(int=5))
    assert not gate.granted
    task = asyncio.create_task(rights.run())
    try:
        await asyncio.sleep(0)
        gate.away = False
        await until(lambda: gate.granted and gate.revoked, "both changes")
        assert gate.granted == {
            town.terminals["Loa bến đò"]: frozenset(town.areas["Thôn Thượng"].chain)
        }
        assert gate.revoked == [UUID(int=5)]
        await rights.apply_all()
        await until(lambda: len(gate.granted) == len(town.terminals), "everybody")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
