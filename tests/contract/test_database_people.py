"""Areas, people, and what lets them in."""

from dataclasses import replace
from datetime import date

import pytest

from controller.adapters.database import SqlDatabase
from controller.domain.area import Area, Level
from controller.domain.errors import Conflict, NotFound
from controller.domain.paging import PageRequest
from controller.domain.policy import PolicySettings
from controller.domain.roles import Role
from edge_agent.wire.state import QuietWindow
from tests.contract.database_samples import (
    AREAS,
    AWAY,
    COMMUNE,
    FAR,
    HAMLET,
    HOUR,
    MINUTE,
    NEAR,
    NOW,
    OPERATOR,
    OTHER,
    PROVINCE,
    account,
    invite,
    new_id,
    session,
    terminal,
    token,
)


async def test_an_empty_tree_has_no_top(empty: SqlDatabase) -> None:
    """Before set-up there is no area, and the first one becomes the top."""
    async with empty.begin() as tx:
        assert await tx.areas.top() is None
        await tx.areas.add(AREAS[0])
        assert await tx.areas.top() == AREAS[0]


async def test_areas_come_back_as_they_were_stored(database: SqlDatabase) -> None:
    """Every field of an area survives, accents and emoji too; the top is the province."""
    async with database.read() as tx:
        for area in AREAS:
            assert await tx.areas.find(area.id) == area
        assert await tx.areas.find("c-9") is None
        assert await tx.areas.top() == AREAS[0]


async def test_an_area_id_is_taken_once(database: SqlDatabase) -> None:
    """A second area of the same id is refused and changes nothing."""
    async with database.begin() as tx:
        twin = Area(COMMUNE, Level.COMMUNE, "Xã khác", (PROVINCE, COMMUNE), "1")
        with pytest.raises(Conflict, match="area_exists"):
            await tx.areas.add(twin)
        assert await tx.areas.find(COMMUNE) == AREAS[1]


async def test_a_changed_area_keeps_its_place(database: SqlDatabase) -> None:
    """Name, code, zone and validity change; what lies below it stays."""
    changed = replace(
        AREAS[1],
        name="Xã Bình Minh Mới",
        code="30299",
        timezone="Asia/Bangkok",
        valid_from=date(2025, 7, 1),
        valid_until=date(2027, 1, 1),
        successor=OTHER,
    )
    async with database.begin() as tx:
        await tx.areas.save(changed)
    async with database.read() as tx:
        assert await tx.areas.get(PROVINCE, COMMUNE) == changed
        assert [one.id for one in await tx.areas.list(COMMUNE)] == [COMMUNE, HAMLET]


async def test_the_tree_is_listed_from_each_of_its_nodes(database: SqlDatabase) -> None:
    """A listing holds the area and all below it, parents first, then by name."""
    async with database.read() as tx:
        listed = [one.id for one in await tx.areas.list(PROVINCE)]
        assert listed[0] == PROVINCE
        assert set(listed[1:3]) == {COMMUNE, OTHER}
        assert set(listed[3:]) == {HAMLET, FAR}
        assert [one.id for one in await tx.areas.list(FAR)] == [FAR]
        assert await tx.areas.list("c-9") == ()


async def test_chains_of_those_that_exist(database: SqlDatabase) -> None:
    """Chains lead from the top down; an unknown area is left out."""
    async with database.read() as tx:
        assert await tx.areas.chains([HAMLET, PROVINCE, "c-9"]) == {
            HAMLET: (PROVINCE, COMMUNE, HAMLET),
            PROVINCE: (PROVINCE,),
        }
        assert await tx.areas.chains([]) == {}


async def test_an_official_code_finds_the_present_area_first(database: SqlDatabase) -> None:
    """A code that two areas had one after the other gives both, the present one first."""
    ended = Area("c-3", Level.COMMUNE, "Xã cũ", (PROVINCE, "c-3"), "30280")
    async with database.begin() as tx:
        await tx.areas.add(replace(ended, valid_until=date(2025, 7, 1)))
        await tx.areas.add(replace(ended, id="c-4", chain=(PROVINCE, "c-4")))
        await tx.areas.save(replace(AREAS[1], valid_until=date(2026, 1, 1)))
        found = await tx.areas.by_code(Level.COMMUNE, "30280")
        assert [one.id for one in found] == ["c-4", COMMUNE, "c-3"]
        assert await tx.areas.by_code(Level.PROVINCE, "30280") == ()


async def test_terminals_in_service_are_counted_with_all_below(database: SqlDatabase) -> None:
    """Counts add up along the tree; retired terminals are not counted."""
    async with database.begin() as tx:
        await tx.terminals.add(terminal(new_id(), COMMUNE, "Loa xã"))
        await tx.terminals.add(terminal(new_id(), COMMUNE, "Loa hỏng", retired_at=NOW))
        expected = {PROVINCE: 3, COMMUNE: 2, HAMLET: 1, OTHER: 1, FAR: 1}
        assert await tx.areas.terminal_counts(PROVINCE) == expected
        assert await tx.areas.terminal_counts(OTHER) == {OTHER: 1, FAR: 1}


async def test_rules_of_an_area_replace_those_before(database: SqlDatabase) -> None:
    """An area has one set of own rules; the chain gives them from the top down."""
    quiet = (QuietWindow(start=1320, end=300, weekdays=127),)
    top = PolicySettings(PROVINCE, quiet, NOW, OPERATOR, author_may_approve=True)
    own = PolicySettings(HAMLET, (), NOW, OPERATOR, 70, 600_000, 3_600_000)
    async with database.begin() as tx:
        await tx.policies.save(top)
        await tx.policies.save(replace(own, max_volume=10))
        await tx.policies.save(own)
    async with database.read() as tx:
        assert await tx.policies.find(PROVINCE) == top
        assert await tx.policies.find(COMMUNE) is None
        assert await tx.policies.chain(HAMLET) == (top, own)
        assert await tx.policies.chain(FAR) == (top,)


async def test_a_user_name_is_taken_once_in_the_whole_system(database: SqlDatabase) -> None:
    """Also in another commune; nothing of the refused account is kept."""
    first, second = account(), account(area=OTHER)
    async with database.begin() as tx:
        await tx.accounts.add(first)
        with pytest.raises(Conflict, match="username_taken"):
            await tx.accounts.add(second)
        assert await tx.accounts.find(second.id) is None
        assert await tx.accounts.by_username("nguyen.van.a") == first
        assert await tx.accounts.by_username("nobody") is None


async def test_a_changed_account_keeps_area_and_user_name(database: SqlDatabase) -> None:
    """Role, names and times change; what identifies the person does not."""
    made = account()
    changed = replace(
        made,
        area=OTHER,
        username="another",
        display_name="Trần Thị B",
        role=Role.ADMINISTRATOR,
        may_release_emergency=True,
        password_set=True,
        disabled_at=NOW,
        last_seen_at=NOW,
    )
    async with database.begin() as tx:
        await tx.accounts.add(made)
        await tx.accounts.save(changed)
    async with database.read() as tx:
        kept = replace(changed, area=COMMUNE, username=made.username)
        assert await tx.accounts.get(PROVINCE, made.id) == kept
        assert await tx.accounts.names([made.id, OPERATOR, new_id()]) == {
            made.id: "Trần Thị B",
            OPERATOR: "Nguyễn Văn A",
        }


async def test_accounts_are_listed_by_user_name(database: SqlDatabase) -> None:
    """Pages follow one another without a gap and without a repeat."""
    names = [f"person-{number:02}" for number in range(7)]
    async with database.begin() as tx:
        for name in reversed(names):
            await tx.accounts.add(account(username=name))
    async with database.read() as tx:
        cursor, found = None, []
        while True:
            page = await tx.accounts.list(COMMUNE, PageRequest(cursor, 3))
            found += [one.username for one in page.items]
            if (cursor := page.next) is None:
                break
        assert found == ["operator", *names]


async def test_administrators_who_can_sign_in_are_counted(database: SqlDatabase) -> None:
    """Only of exactly this area, with a password, and not disabled."""
    chief = account(role=Role.ADMINISTRATOR, password_set=True)
    others = (
        replace(chief, id=new_id(), username="no-password", password_set=False),
        replace(chief, id=new_id(), username="disabled", disabled_at=NOW),
        replace(chief, id=new_id(), username="elsewhere", area=PROVINCE),
        replace(chief, id=new_id(), username="approver", role=Role.APPROVER),
    )
    async with database.begin() as tx:
        for one in (chief, *others):
            await tx.accounts.add(one)
        assert await tx.accounts.count_administrators(COMMUNE) == 1
        assert await tx.accounts.count_administrators(OTHER) == 0
        await tx.accounts.touch(chief.id, NOW + HOUR)
        found = await tx.accounts.find(chief.id)
        assert found == replace(chief, last_seen_at=NOW + HOUR)


async def test_sessions_live_until_removed(database: SqlDatabase) -> None:
    """A session is found by its cookie, touched, removed alone, all at once or when expired."""
    first, second, old = session(), session(), session(expires_at=NOW)
    async with database.begin() as tx:
        for one in (first, second, old):
            await tx.sessions.add(one)
        await tx.sessions.touch(first.token_hash, NOW + MINUTE)
        assert await tx.sessions.find(first.token_hash) == replace(first, seen_at=NOW + MINUTE)
        assert await tx.sessions.remove_expired(NOW) == 1
        assert await tx.sessions.find(old.token_hash) is None
        await tx.sessions.remove(first.token_hash)
        assert await tx.sessions.find(first.token_hash) is None
        assert await tx.sessions.remove_all(new_id()) == 0
        assert await tx.sessions.remove_all(OPERATOR) == 1
        assert await tx.sessions.find(second.token_hash) is None


async def test_tokens_are_revoked_by_their_owner_only(database: SqlDatabase) -> None:
    """Another account's id does not revoke a token; newest first in the list."""
    older, newer = token(), token(created_at=NOW + HOUR)
    async with database.begin() as tx:
        for one in (older, newer):
            await tx.tokens.add(one)
        await tx.tokens.touch(older.id, NOW)
        used = replace(older, last_used_at=NOW)
        assert await tx.tokens.find(older.secret_hash) == used
        assert await tx.tokens.list(OPERATOR) == (newer, used)
        with pytest.raises(NotFound):
            await tx.tokens.remove(new_id(), older.id)
        await tx.tokens.remove(OPERATOR, older.id)
        with pytest.raises(NotFound):
            await tx.tokens.remove(OPERATOR, older.id)
        assert await tx.tokens.remove_all(OPERATOR) == 1
        assert await tx.tokens.list(OPERATOR) == ()


async def test_a_link_works_once(database: SqlDatabase) -> None:
    """The second use, a use too late and an unknown link each get their own answer."""
    link, late = invite(), invite(account=OPERATOR)
    async with database.begin() as tx:
        await tx.invites.add(link)
        assert await tx.invites.use(link.token_hash, NOW) == replace(link, used_at=NOW)
        with pytest.raises(Conflict, match="link_used"):
            await tx.invites.use(link.token_hash, NOW)
        await tx.invites.add(late)
        with pytest.raises(Conflict, match="link_expired"):
            await tx.invites.use(late.token_hash, late.expires_at)
        with pytest.raises(NotFound):
            await tx.invites.use(bytes(32), NOW)
        assert await tx.invites.find(late.token_hash) == late


async def test_a_new_link_ends_older_unused_ones(database: SqlDatabase) -> None:
    """Only of the same account; a used link stays known as used."""
    person = account()
    used, older, newer, foreign = (
        invite(),
        invite(),
        invite(),
        invite(account=person.id),
    )
    async with database.begin() as tx:
        await tx.accounts.add(person)
        await tx.invites.add(foreign)
        await tx.invites.add(used)
        await tx.invites.use(used.token_hash, NOW)
        await tx.invites.add(older)
        await tx.invites.add(newer)
        assert await tx.invites.find(older.token_hash) is None
        assert await tx.invites.find(newer.token_hash) == newer
        assert await tx.invites.find(foreign.token_hash) == foreign
        assert await tx.invites.find(used.token_hash) == replace(used, used_at=NOW)


async def test_the_settled_terminals_are_there(database: SqlDatabase) -> None:
    """What other tests build on: one terminal in each hamlet."""
    async with database.read() as tx:
        assert {one.id for one in await tx.terminals.in_service()} == {NEAR, AWAY}
