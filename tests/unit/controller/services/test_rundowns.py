"""Rundowns: all that a terminal is to sound, signed when it differs, never more than approved."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from controller.adapters.database.tables import approvals
from controller.domain.announcement import ApprovalRecord
from controller.domain.document import Document
from controller.domain.signing import Operation, Withdraw
from controller.services import rundown_plan, rundowns
from controller.services.areas import RulesChange
from controller.services.rundowns import Rundowns
from edge_agent.wire.codec import decode_strict
from edge_agent.wire.envelope import MessageType, parse
from edge_agent.wire.policy import to_datetime
from edge_agent.wire.state import QuietWindow, Rundown
from scheduler.schedule import Daily
from tests.fakes.commune import Town, instant, local, once

EAST = "Loa nhà văn hóa"


class Maker:
    """Rundowns of a town, made when the test says so."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.now = 0.0
        self.changed: list[UUID] = []
        self.rundowns = Rundowns(town.context, lambda: self.now, self.changed.append)

    async def make(self) -> int:
        """Make what is due; returns how many were signed."""
        before = self.town.signer.asked.count(Operation.RUNDOWN)
        await self.rundowns.make_due()
        return self.town.signer.asked.count(Operation.RUNDOWN) - before

    async def document(self, name: str = EAST) -> Document | None:
        async with self.town.database.read() as tx:
            return await tx.documents.find(MessageType.RUNDOWN, str(self.town.terminals[name]))

    async def held(self, name: str = EAST) -> Rundown:
        document = await self.document(name)
        assert document is not None
        return decode_strict(Rundown, parse(document.envelope).payload)

    async def due(self) -> set[UUID]:
        now = self.town.clock.now()
        async with self.town.database.read() as tx:
            return set(await tx.rundowns.due(now - timedelta(hours=24), 100))


@pytest.fixture
async def maker(town: Town) -> Maker:
    maker = Maker(town)
    await maker.make()
    return maker


async def test_every_terminal_has_one_though_nothing_is_planned(maker: Maker) -> None:
    """An empty rundown, valid for eight days: silence that was meant."""
    for name in maker.town.terminals:
        rundown = await maker.held(name)
        assert rundown.items == ()
        valid = to_datetime(rundown.valid_until) - to_datetime(rundown.issued)
        assert valid == timedelta(days=8)
    assert await maker.due() == set()
    assert await maker.make() == 0


async def test_only_those_whom_it_concerns_get_another(maker: Maker) -> None:
    """An approval makes the rundowns of its hamlet anew, with all its airings of a week."""
    town = maker.town
    others = await maker.document("Loa bến đò")
    maker.changed.clear()
    await town.approved(once(23, 17), once(24, 5, 30), once(30, 9))
    assert await maker.make() == 2
    rundown = await maker.held()
    starts = [to_datetime(item.start) for item in rundown.items]
    assert starts == [instant(23, 17), instant(24, 5, 30)], "the third lies beyond seven days"
    assert await maker.document("Loa bến đò") == others
    assert set(maker.changed) == {town.terminals[EAST], town.terminals["Loa đình làng"]}


async def test_what_has_not_changed_is_not_signed_again(maker: Maker) -> None:
    """Marked without a difference: no signature. A day later: a new one in any case."""
    town = maker.town
    await town.approved(once(25, 17))
    await maker.make()
    first = await maker.document()
    await maker.rundowns.mark(list(town.terminals.values()))
    assert await maker.make() == 0
    assert await maker.due() == set()
    assert await maker.document() == first
    town.clock.run(timedelta(hours=7))
    await maker.rundowns.mark([town.terminals[EAST]])
    assert await maker.make() == 1, "asked for, and older than six hours"
    town.clock.run(timedelta(hours=25))
    assert await maker.make() == len(town.terminals)


async def test_a_withdrawal_empties_it_at_once(maker: Maker) -> None:
    """What was withdrawn stands in no rundown made afterwards."""
    town = maker.town
    shown = await town.approved(once(23, 17))
    await maker.make()
    assert (await maker.held()).items
    await town.approvals.withdraw(town.actor("approver"), shown.announcement.id, "sai nội dung")
    assert await maker.make() == 2
    assert (await maker.held()).items == ()


async def test_an_approval_that_the_signer_does_not_know_gets_nothing_signed(
    maker: Maker,
) -> None:
    """A row written straight into the database stays out, whatever it holds; the rest goes."""
    town = maker.town
    await town.approved(once(23, 9))
    forged = await town.approved(once(23, 17), title="Giả mạo")
    await maker.make()
    record = await approval_of(town, forged.announcement.approval)
    for change in (
        {"signature": bytes(64)},
        {"body": record.body[:-1] + b"\0"},
        {"body": b"", "signature": b""},
        {"body": bytes(500_000)},
    ):
        await rewrite(town, replace(record, **change))  # type: ignore[arg-type]
        await town_forgets(maker)
        assert await maker.make() > 0
        starts = [to_datetime(item.start) for item in (await maker.held()).items]
        assert starts == [instant(23, 9)]


async def test_an_approval_withdrawn_at_the_signer_only_stays_out_and_keeps_nobody_waiting(
    maker: Maker,
) -> None:
    """Between the signer's withdrawal and the database's, the other items are still signed."""
    town = maker.town
    shown = await town.approved(once(23, 17))
    await town.approved(once(24, 9))
    assert shown.announcement.approval is not None
    by = town.people["approver"].account.id
    await town.signer.withdraw(Withdraw(approval=shown.announcement.approval, by=by))
    assert await maker.make() > 0
    assert [to_datetime(item.start) for item in (await maker.held()).items] == [instant(24, 9)]


async def test_an_item_that_the_rules_no_longer_allow_stays_out(maker: Maker) -> None:
    """Quiet hours set after the approval: that airing is dropped, the others stand."""
    town = maker.town
    await town.approved(once(23, 17), once(24, 9))
    await town.area_service.set_rules(
        town.actor("admin"),
        town.areas["Xã Bình Minh"].id,
        RulesChange(
            (QuietWindow(start=16 * 60, end=18 * 60, weekdays=127),),
            100,
            None,
            None,
            author_may_approve=False,
        ),
        town.ticket("admin"),
    )
    await maker.make()
    assert [to_datetime(item.start) for item in (await maker.held()).items] == [instant(24, 9)]


async def test_a_signer_that_is_away_loses_nothing(maker: Maker) -> None:
    """Nothing is stored, all stays due, and it is made when the signer is back."""
    town = maker.town
    await town.approved(once(23, 17))
    due = await maker.due()
    town.signer.away = True
    await maker.make()
    assert await maker.due() == due
    town.signer.away = False
    assert await maker.make() == 0, "not at once again"
    maker.now += rundowns.AGAIN_S
    assert await maker.make() == 2
    assert (await maker.held()).items


async def test_one_terminal_that_the_signer_does_not_know_stops_no_other(maker: Maker) -> None:
    """It waits for its turn; all others have theirs."""
    town = maker.town
    async with town.database.begin() as tx:
        found = await tx.terminals.find(town.terminals[EAST])
        assert found is not None
        await tx.terminals.add(replace(found, id=uuid4(), name="Loa ma"))
    await town.approved(once(23, 17))
    await maker.make()
    assert (await maker.held()).items
    assert len(await maker.due()) == 1


async def test_a_full_week_is_cut_where_it_no_longer_fits(
    maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first airings are signed; those that do not fit come with a later issue."""
    town = maker.town
    monkeypatch.setattr(rundown_plan, "MAX_ITEM_BYTES", 2_000)
    await town.approved(Daily((local(23, 9).time(),), local(23, 9).date()))
    await maker.make()
    items = (await maker.held()).items
    assert 0 < len(items) < 7
    assert to_datetime(items[0].start) == instant(23, 9)


async def test_a_change_while_one_is_made_is_not_overlooked(maker: Maker) -> None:
    """What is marked between reading and storing is due again at once."""
    town = maker.town
    await town.approved(once(23, 17))
    real = town.signer.rundown

    async def interrupted(request: object) -> object:
        town.signer.rundown = real  # type: ignore[method-assign]
        await maker.rundowns.mark([town.terminals[EAST]])
        return await real(request)  # type: ignore[arg-type]

    town.signer.rundown = interrupted  # type: ignore[method-assign,assignment]
    plan = maker.rundowns._make
    await plan([town.terminals[EAST]], ())
    assert town.terminals[EAST] in await maker.due()


async def approval_of(town: Town, approval: UUID | None) -> ApprovalRecord:
    assert approval is not None
    async with town.database.read() as tx:
        record = await tx.approvals.find(approval)
    assert record is not None
    return record


async def rewrite(town: Town, record: ApprovalRecord) -> None:
    """Write an approval straight into the database, as whoever took it over would."""
    async with town.database.begin() as tx:
        await tx.connection.execute(
            update(approvals)
            .where(approvals.c.id == record.id)
            .values(body=record.body, signature=record.signature)
        )


async def town_forgets(maker: Maker) -> None:
    """Have the terminal's rundown made from nothing."""
    terminal = maker.town.terminals[EAST]
    async with maker.town.database.begin() as tx:
        await tx.documents.remove(MessageType.RUNDOWN, str(terminal))
        await tx.rundowns.mark_stale([terminal])
