"""Terminals, their reports, codes, documents, rundowns, stops and orders."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.adapters.database import SqlDatabase
from controller.domain.announcement import Targets
from controller.domain.document import Acknowledged, Delivery, Document, Pending, RundownState
from controller.domain.errors import Conflict, NotFound
from controller.domain.order import OrderKind
from controller.domain.paging import PageRequest
from controller.domain.terminal import (
    SILENT_AFTER,
    Health,
    HealthCounts,
    Terminal,
    TerminalState,
    TerminalStatus,
    health,
)
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.reports import ClockState
from tests.contract.database_samples import (
    AWAY,
    COMMUNE,
    DAY,
    FAR,
    HAMLET,
    HOUR,
    MINUTE,
    NEAR,
    NOW,
    OPERATOR,
    OTHER,
    PROVINCE,
    document,
    enrolment,
    hello,
    new_id,
    order,
    sounding,
    status,
    stop,
    telemetry,
    terminal,
)

PAGE = PageRequest(limit=500)
SECOND = timedelta(seconds=1)


async def test_a_terminal_comes_back_with_all_it_reported(database: SqlDatabase) -> None:
    """Before its first words only what was set; after them the last of each kind."""
    item = new_id()
    full = replace(
        sounding(item),
        stopped_until=NOW + HOUR,
        problems=("card_missing", "clock_untrusted"),
        clock=ClockState.HOLDOVER,
        clock_reason="no answer",
    )
    async with database.begin() as tx:
        before = await tx.terminals.get(HAMLET, NEAR)
        assert before == TerminalState(terminal(NEAR, HAMLET, "Loa 1"))
        await tx.terminals.store_status([status(), status(AWAY)])
        await tx.terminals.store_status([full])
        await tx.terminals.store_hello(hello(boot=bytes([1] * 16)))
        await tx.terminals.store_hello(hello())
        await tx.terminals.store_telemetry([telemetry()])
        assert await tx.terminals.telemetry(AWAY) is None
    async with database.read() as tx:
        after = await tx.terminals.get(PROVINCE, NEAR)
        assert after == TerminalState(before.terminal, full, hello(), telemetry())
        assert await tx.terminals.telemetry(NEAR) == telemetry()


async def test_an_older_report_does_not_replace_a_newer_one(database: SqlDatabase) -> None:
    """Two controllers may store in another order than they heard."""
    newer = status(received_at=NOW + SECOND, volume=50)
    async with database.begin() as tx:
        await tx.terminals.store_status([newer])
        await tx.terminals.store_status([status()])
        assert (await tx.terminals.get(HAMLET, NEAR)).status == newer


async def test_reports_of_unknown_terminals_are_passed_over(database: SqlDatabase) -> None:
    """One stranger in a batch does not keep the others' words from being stored."""
    stranger = new_id()
    async with database.begin() as tx:
        await tx.terminals.store_status([status(stranger), status()])
        await tx.terminals.store_telemetry([telemetry(stranger), telemetry()])
        await tx.terminals.store_hello(hello(stranger))
        assert (await tx.terminals.get(HAMLET, NEAR)).status == status()
        assert await tx.terminals.find(stranger) is None


async def test_a_changed_terminal_keeps_the_day_of_its_enrolment(database: SqlDatabase) -> None:
    """Name, area, volume, retirement change; identity and enrolment do not."""
    changed = terminal(
        NEAR,
        FAR,
        "Loa chợ 📢",
        volume=35,
        amplifier_lead_ms=3000,
        hardware="Raspberry Pi 4",
        virtual=True,
        quarantined_at=NOW,
        enrolled_at=NOW + DAY,
        public_key=bytes(32),
        broker_password_hash="other",
    )
    async with database.begin() as tx:
        await tx.terminals.save(changed)
        assert await tx.terminals.find(NEAR) == replace(changed, enrolled_at=NOW)
        with pytest.raises(NotFound):
            await tx.terminals.get(COMMUNE, NEAR)


async def test_terminals_are_listed_by_name_in_pages(database: SqlDatabase) -> None:
    """Retired ones only when asked for; equal names do not confuse the pages."""
    made = [terminal(new_id(), HAMLET, "Loa 1") for _ in range(4)]
    gone = terminal(new_id(), HAMLET, "Loa 0", retired_at=NOW)
    async with database.begin() as tx:
        for one in (*made, gone):
            await tx.terminals.add(one)
        cursor, found = None, []
        while True:
            page = await tx.terminals.list(
                COMMUNE, PageRequest(cursor, 2), now=NOW, listening_since=None
            )
            found += [one.terminal.id for one in page.items]
            if (cursor := page.next) is None:
                break
        assert found == [NEAR, *(one.id for one in made)]
        retired = await tx.terminals.list(
            COMMUNE, PAGE, now=NOW, listening_since=None, health=Health.RETIRED
        )
        assert [one.terminal for one in retired.items] == [gone]


_offsets = st.sampled_from(
    [-SILENT_AFTER - SECOND, -SILENT_AFTER, -SECOND, timedelta(), SECOND, -DAY]
)
_statuses = st.none() | st.builds(
    lambda at, item, problems, clock: status(
        received_at=NOW + at, sounding=item, problems=problems, clock=clock
    ),
    _offsets,
    st.sampled_from([None, OPERATOR]),
    st.sampled_from([(), ("card_missing",)]),
    st.sampled_from(ClockState),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.tuples(_statuses, _statuses),
    quarantined=st.booleans(),
    listening=st.none() | _offsets,
)
async def test_health_is_what_the_domain_says(
    database: SqlDatabase,
    said: tuple[TerminalStatus | None, TerminalStatus | None],
    quarantined: bool,
    listening: timedelta | None,
) -> None:
    """Listing by health and counting by health agree with domain.terminal.health."""
    since = None if listening is None else NOW + listening
    words: dict[Terminal, Health] = {}
    async with database.begin() as tx:
        await tx.connection.exec_driver_sql("DELETE FROM terminal_statuses")
        for each, word in zip((NEAR, AWAY), said, strict=True):
            kept = terminal(each, HAMLET, "Loa", quarantined_at=NOW if quarantined else None)
            await tx.terminals.save(kept)
            own = None if word is None else replace(word, terminal=each)
            if own is not None:
                await tx.terminals.store_status([own])
            words[kept] = health(kept, own, NOW, since)
        for wanted in Health:
            page = await tx.terminals.list(
                COMMUNE, PAGE, now=NOW, listening_since=since, health=wanted
            )
            listed = {one.terminal for one in page.items}
            assert listed == {kept for kept, is_now in words.items() if is_now is wanted}
        counts = await tx.terminals.health_counts(
            [PROVINCE, COMMUNE, OTHER], now=NOW, listening_since=since
        )
    assert counts[PROVINCE] == counts[COMMUNE]
    assert counts[OTHER] == HealthCounts()
    for wanted in set(Health) - {Health.RETIRED}:
        expected = list(words.values()).count(wanted)
        assert getattr(counts[COMMUNE], wanted.value) == expected
    reports = [one.received_at for one in said if one is not None]
    assert counts[COMMUNE].last_report_at == max(reports, default=None)


async def test_what_sounds_is_told_for_each_area(database: SqlDatabase) -> None:
    """Each item once per area; not of those that are silent since, or retired."""
    item = new_id()
    third, fourth = terminal(new_id(), HAMLET), terminal(new_id(), FAR, retired_at=NOW)
    async with database.begin() as tx:
        await tx.terminals.add(third)
        await tx.terminals.add(fourth)
        await tx.terminals.store_status(
            [
                sounding(item),
                sounding(item, third.id),
                replace(sounding(item, AWAY), received_at=NOW - SILENT_AFTER - SECOND),
                sounding(item, fourth.id),
            ]
        )
        found = await tx.terminals.sounding([PROVINCE, HAMLET, OTHER], NOW)
        assert found.get(PROVINCE) == found.get(HAMLET) == (item,)
        assert not found.get(OTHER)


async def test_targets_name_terminals_in_service(database: SqlDatabase) -> None:
    """By area with all below, and singly; each once, no retired one."""
    gone = terminal(new_id(), HAMLET, retired_at=NOW)
    async with database.begin() as tx:
        await tx.terminals.add(gone)

        async def named(*areas: str, singly: tuple[UUID, ...] = ()) -> set[UUID]:
            found = await tx.terminals.addressed(Targets(areas, singly))
            assert len({one.id for one in found}) == len(found)
            return {one.id for one in found}

        assert await named(PROVINCE, COMMUNE) == {NEAR, AWAY}
        assert await named(COMMUNE, singly=(AWAY, gone.id)) == {NEAR, AWAY}
        assert await named(singly=(NEAR,)) == {NEAR}
        assert await named() == set()


async def test_a_code_works_once(database: SqlDatabase) -> None:
    """Used, voided, too old and unknown codes each get their own answer."""
    code, void, late = enrolment(), enrolment(virtual=True), enrolment()
    machine = new_id()
    async with database.begin() as tx:
        for one in (code, void, late):
            await tx.enrolments.add(one)
        used = await tx.enrolments.use(code.token_hash, machine, NOW)
        assert used == replace(code, used_at=NOW, terminal=machine)
        assert await tx.enrolments.find(code.token_hash) == used
        with pytest.raises(Conflict, match="enrolment_used"):
            await tx.enrolments.use(code.token_hash, new_id(), NOW)
        with pytest.raises(Conflict, match="enrolment_used"):
            await tx.enrolments.void(code.id, NOW)
        await tx.enrolments.void(void.id, NOW)
        with pytest.raises(Conflict, match="enrolment_used"):
            await tx.enrolments.use(void.token_hash, machine, NOW)
        with pytest.raises(Conflict, match="enrolment_expired"):
            await tx.enrolments.use(late.token_hash, machine, late.expires_at)
        with pytest.raises(NotFound, match="enrolment_unknown"):
            await tx.enrolments.use(bytes(32), machine, NOW)
        assert await tx.enrolments.get(HAMLET, late.id) == late
        listed = (await tx.enrolments.list(COMMUNE, PAGE)).items
        assert set(listed) == {used, late}


def _for(kind: MessageType, *areas: str, version: int = 1, **changes: Any) -> Document:
    targets = Targets(areas)
    return document(kind, "c-1", targets, version, **changes)


async def test_a_document_is_replaced_by_a_later_version_only(database: SqlDatabase) -> None:
    """The same or an earlier version is refused; other types and subjects do not matter."""
    first = _for(MessageType.POLICY, COMMUNE, version=5)
    later = _for(MessageType.POLICY, COMMUNE, OTHER, version=6, expires_at=NOW + DAY)
    async with database.begin() as tx:
        await tx.documents.put(first)
        for version in (4, 5):
            with pytest.raises(Conflict, match="document_stale"):
                await tx.documents.put(_for(MessageType.POLICY, FAR, version=version))
        assert await tx.documents.find(MessageType.POLICY, "c-1") == first
        await tx.documents.put(later)
        await tx.documents.put(_for(MessageType.TRUST, PROVINCE))
    async with database.read() as tx:
        assert await tx.documents.find(MessageType.POLICY, "c-1") == later
        assert await tx.documents.find(MessageType.POLICY, "c-2") is None


async def test_a_terminal_gets_what_is_for_it(database: SqlDatabase) -> None:
    """By any area above it or by name; unexpired; trust first. Targets that changed count."""
    trust = _for(MessageType.TRUST, PROVINCE)
    policy = _for(MessageType.POLICY, COMMUNE)
    own = document(MessageType.RUNDOWN, str(NEAR), Targets((), (NEAR,)))
    both = document(MessageType.STOP, "s", Targets((HAMLET,), (NEAR,)), expires_at=NOW + HOUR)
    async with database.begin() as tx:
        for one in (own, both, policy, trust):
            await tx.documents.put(one)
        assert await tx.documents.addressed_to(NEAR, NOW) == (trust, policy, own, both)
        assert await tx.documents.addressed_to(AWAY, NOW) == (trust,)
        assert await tx.documents.addressed_to(NEAR, NOW + HOUR) == (trust, policy, own)
        moved = _for(MessageType.POLICY, OTHER, version=2)
        await tx.documents.put(moved)
        assert await tx.documents.addressed_to(AWAY, NOW) == (trust, moved)
        assert moved not in await tx.documents.addressed_to(NEAR, NOW)
        await tx.terminals.save(terminal(NEAR, HAMLET, retired_at=NOW))
        assert await tx.documents.addressed_to(NEAR, NOW) == ()


def _word(of: Document, who: UUID = NEAR, **changes: Any) -> Acknowledged:
    made = Acknowledged(NEAR, of.type, of.subject, of.version, of.digest, NOW)
    return replace(made, terminal=who, **changes)


async def test_delivery_counts_words_about_the_current_document(database: SqlDatabase) -> None:
    """A word is new once; an older version's word changes nothing; a newer document waits."""
    first = _for(MessageType.POLICY, PROVINCE)
    second = replace(first, version=2, digest=bytes([7]) * 32)
    async with database.begin() as tx:
        await tx.documents.put(first)
        assert await tx.documents.acknowledge(_word(first)) is True
        assert await tx.documents.acknowledge(_word(first)) is False
        assert await tx.documents.acknowledge(_word(first, new_id())) is False
        assert await tx.documents.delivery(first.type, "c-1") == Delivery(2, 1)
        assert await tx.documents.acknowledged_by(first.type, "c-1") == {NEAR}
        assert await tx.documents.pending(NOW) == (Pending(AWAY, first),)
        await tx.documents.put(second)
        assert await tx.documents.delivery(first.type, "c-1") == Delivery(2, 0)
        assert await tx.documents.acknowledge(_word(second)) is True
        assert await tx.documents.acknowledge(_word(first)) is False
        assert await tx.documents.acknowledged_by(first.type, "c-1") == {NEAR}
        assert await tx.documents.acknowledge(_word(first, AWAY)) is False
        assert await tx.documents.acknowledged_by(first.type, "c-1") == {NEAR}


async def test_a_word_about_other_bytes_is_no_word(database: SqlDatabase) -> None:
    """The version alone does not count: the bytes that the terminal names must be ours."""
    one = _for(MessageType.POLICY, PROVINCE)
    async with database.begin() as tx:
        await tx.documents.put(one)
        assert await tx.documents.acknowledge(_word(one, digest=bytes(32))) is False
        assert await tx.documents.delivery(one.type, "c-1") == Delivery(2, 0)
        assert await tx.documents.acknowledge(_word(one)) is True


async def test_what_is_pending_is_sent_orders_first(database: SqlDatabase) -> None:
    """Unexpired, for terminals in service, for those asked, at most as many as asked."""
    policy = _for(MessageType.POLICY, PROVINCE)
    play = document(MessageType.PLAY, "o", Targets((COMMUNE,)), expires_at=NOW + MINUTE)
    async with database.begin() as tx:
        await tx.documents.put(policy)
        await tx.documents.put(play)
        every = await tx.documents.pending(NOW)
        assert every[0] == Pending(NEAR, play)
        assert {(one.terminal, one.document.type) for one in every[1:]} == {
            (NEAR, MessageType.POLICY),
            (AWAY, MessageType.POLICY),
        }
        assert await tx.documents.pending(NOW, [AWAY]) == (Pending(AWAY, policy),)
        assert await tx.documents.pending(NOW, []) == ()
        assert len(await tx.documents.pending(NOW, limit=2)) == 2
        assert len(await tx.documents.pending(NOW + MINUTE)) == 2
        await tx.terminals.save(terminal(AWAY, FAR, retired_at=NOW))
        assert {one.terminal for one in await tx.documents.pending(NOW)} == {NEAR}


async def test_expired_documents_are_forgotten_with_their_words(database: SqlDatabase) -> None:
    """A subject that comes again begins anew."""
    lasting = _for(MessageType.POLICY, PROVINCE)
    play = document(MessageType.PLAY, "o", Targets((COMMUNE,), (AWAY,)), expires_at=NOW)
    async with database.begin() as tx:
        await tx.documents.put(lasting)
        await tx.documents.put(play)
        await tx.documents.acknowledge(_word(play))
        assert await tx.documents.remove_expired(NOW) == 0
        assert await tx.documents.remove_expired(NOW + SECOND) == 1
        assert await tx.documents.find(play.type, "o") is None
        assert await tx.documents.delivery(play.type, "o") == Delivery(0, 0)
        await tx.documents.put(replace(play, expires_at=None))
        assert await tx.documents.acknowledged_by(play.type, "o") == frozenset()
        await tx.documents.remove(play.type, "o")
        assert await tx.documents.addressed_to(AWAY, NOW) == (lasting,)


def _rundown(who: UUID, version: int, issued: datetime, made_of: int) -> RundownState:
    until = issued + 8 * DAY
    return RundownState(who, version, bytes(32), issued, until, made_of=made_of)


async def test_a_change_while_a_rundown_is_made_is_not_lost(database: SqlDatabase) -> None:
    """What happened after the reading keeps the terminal in line for another rundown."""
    async with database.begin() as tx:
        assert await tx.rundowns.find(NEAR) is None
        assert set(await tx.rundowns.due(NOW - DAY, 10)) == {NEAR, AWAY}
        await tx.rundowns.mark_stale([NEAR, NEAR])
        read = await tx.rundowns.find(NEAR)
        assert read is not None
        assert (read.version, read.changes, read.stale) == (0, 1, True)
        await tx.rundowns.mark_stale([NEAR])
        await tx.rundowns.save(_rundown(NEAR, 1, NOW, read.changes))
        kept = await tx.rundowns.find(NEAR)
        assert kept == replace(_rundown(NEAR, 1, NOW, 1), changes=2)
        await tx.rundowns.save(_rundown(NEAR, 2, NOW, 2))
        await tx.rundowns.save(_rundown(AWAY, 1, NOW - DAY, 0))
        assert await tx.rundowns.due(NOW - DAY, 10) == ()
        assert await tx.rundowns.due(NOW - DAY + SECOND, 10) == (AWAY,)
        await tx.rundowns.mark_stale([NEAR])
        assert await tx.rundowns.due(NOW + SECOND, 10) == (NEAR, AWAY)
        assert await tx.rundowns.due(NOW + SECOND, 1) == (NEAR,)
        await tx.terminals.save(terminal(AWAY, FAR, retired_at=NOW))
        assert await tx.rundowns.due(NOW + SECOND, 10) == (NEAR,)


async def test_stops_that_hold_are_shown_to_whom_they_concern(database: SqlDatabase) -> None:
    """Those of the area, below it and above it; a single terminal's only to those it is in."""
    whole = stop(area=PROVINCE, issued_at=NOW + SECOND)
    mine = stop(area=PROVINCE, terminal=NEAR)
    over = stop(area=HAMLET, hold_until=NOW)
    lifted = stop(area=HAMLET)
    async with database.begin() as tx:
        for one in (whole, mine, over, lifted):
            await tx.stops.save(one)
        ended = replace(lifted, lifted_at=NOW, lifted_by=OPERATOR)
        await tx.stops.save(ended)
        assert await tx.stops.holding(HAMLET, NOW) == (whole, mine)
        assert await tx.stops.holding(OTHER, NOW) == (whole,)
        assert await tx.stops.holding(PROVINCE, NOW - SECOND) == (whole, mine, over)
        assert await tx.stops.get(HAMLET, lifted.id) == ended


async def test_orders_come_back_and_are_open_until_they_end(database: SqlDatabase) -> None:
    """A cancelled or expired emergency is no longer open; a test never is."""
    play, brief = order(), order(expires_at=NOW + SECOND, issued_at=NOW - SECOND)
    chime = order(
        kind=OrderKind.TEST, announcement=None, approval=None, rendition=None, duration_ms=0
    )
    async with database.begin() as tx:
        for one in (play, brief, chime):
            await tx.orders.save(one, [NEAR])
        assert await tx.orders.open(NOW) == (brief, play)
        assert await tx.orders.open(NOW + SECOND) == (play,)
        cancelled = replace(play, cancel=new_id(), cancelled_at=NOW, cancelled_by=OPERATOR)
        await tx.orders.save(cancelled)
        assert await tx.orders.open(NOW) == (brief,)
        assert await tx.orders.find(play.id) == cancelled
        assert await tx.orders.find(new_id()) is None
        plays = await tx.orders.list(COMMUNE, OrderKind.PLAY, PAGE)
        assert plays.items == (cancelled, brief)
        tests = await tx.orders.list(COMMUNE, OrderKind.TEST, PAGE)
        assert tests.items == (chime,)
        rows = await tx.diary.list(PROVINCE, NOW - DAY, NOW + DAY, PAGE)
        assert {row.item for row in rows.items} == {play.id, brief.id}
