"""Documents on disk are believed again at each start, and only as far as the trust file goes."""

import pytest

from edge_agent.services.holdings import Holdings
from edge_agent.wire.envelope import parse
from edge_agent.wire.errors import Refusal, WireError
from tests.fakes.authority import CHAIN, COMMUNE, FOREIGN, Authority, Key
from tests.fakes.disk import Disk, MemoryDocuments
from tests.fakes.simulation import inline
from tests.fakes.world import MORNING


class Cabinet:
    """Holdings over a disk in memory."""

    def __init__(self) -> None:
        self.authority = Authority(now=MORNING)
        self.disk = Disk()
        self.holdings = self.opened()

    def opened(self) -> Holdings:
        documents = MemoryDocuments(self.disk)
        return Holdings(documents, inline, self.authority.terminal, self.authority.fingerprint)

    async def offer(self, raw: bytes, now: int | None = MORNING) -> None:
        await self.holdings.offer(parse(raw), raw, now)

    async def refused(self, raw: bytes, now: int | None = MORNING) -> Refusal:
        with pytest.raises(WireError) as error:
            await self.offer(raw, now)
        return error.value.reason

    async def reload(self) -> None:
        self.holdings = self.opened()
        await self.holdings.load()


@pytest.fixture
async def cabinet() -> Cabinet:
    """One with trust, assignment, policies and a rundown."""
    cabinet = Cabinet()
    authority = cabinet.authority
    await cabinet.offer(authority.trust())
    await cabinet.offer(authority.assignment())
    for area in CHAIN[:2]:
        await cabinet.offer(authority.policy(area))
    await cabinet.offer(authority.rundown([]))
    return cabinet


async def test_everything_is_there_again_after_a_restart(cabinet: Cabinet) -> None:
    """The same documents in the same versions."""
    before = set(cabinet.holdings.all_held)
    await cabinet.reload()
    assert set(cabinet.holdings.all_held) == before
    assert len(before) == 5


@pytest.mark.parametrize("name", ["rundown", f"policy-{COMMUNE}", "assignment", "trust"])
async def test_a_document_that_was_changed_on_disk_does_not_count(
    cabinet: Cabinet, name: str
) -> None:
    """A flipped bit in the stored bytes: the document is gone, the terminal starts all the same."""
    data = cabinet.disk.documents[name]
    cabinet.disk.documents[name] = data[:-1] + bytes([data[-1] ^ 1])
    await cabinet.reload()
    if name in ("trust", "assignment"):
        assert not cabinet.holdings.ready
        assert cabinet.holdings.all_held == ()
    else:
        assert len(cabinet.holdings.all_held) == 4


async def test_a_document_under_another_name_is_no_way_in(cabinet: Cabinet) -> None:
    """Somebody with the card puts a foreign rundown there: it is not signed for us."""
    other = Authority(now=MORNING, terminal=cabinet.authority.terminal)
    cabinet.disk.documents["rundown"] = other.rundown([])
    await cabinet.reload()
    assert cabinet.holdings.rundown is None


async def test_without_trust_nothing_is_believed() -> None:
    """A terminal without its trust file refuses everything but that."""
    cabinet = Cabinet()
    assert await cabinet.refused(cabinet.authority.rundown([])) is Refusal.NO_TRUST
    foreign = Authority(now=MORNING)
    assert await cabinet.refused(foreign.trust()) is Refusal.UNKNOWN_KEY


async def test_a_new_trust_file_that_drops_a_key_drops_what_it_signed(cabinet: Cabinet) -> None:
    """Revocation: documents of a key that no longer counts are gone, from the disk too."""
    cabinet.authority.work[COMMUNE] = Key()
    await cabinet.offer(cabinet.authority.trust())
    assert cabinet.holdings.rundown is None
    assert set(cabinet.holdings.policies) == {"p-89"}
    assert "rundown" not in cabinet.disk.documents
    await cabinet.offer(cabinet.authority.rundown([]))
    assert cabinet.holdings.rundown is not None


async def test_the_trust_file_only_rises_and_only_by_its_own_roots(cabinet: Cabinet) -> None:
    """An older version, and one by other roots, are refused; the held one stays."""
    await cabinet.offer(cabinet.authority.trust())
    assert await cabinet.refused(cabinet.authority.trust(version=1)) is Refusal.STALE_VERSION
    cabinet.authority.root = Key()
    assert await cabinet.refused(cabinet.authority.trust()) is Refusal.BAD_SIGNATURE


async def test_who_may_say_what(cabinet: Cabinet) -> None:
    """Wrong role, foreign area, another terminal, expired key: each with its reason."""
    authority = cabinet.authority
    emergency = authority.emergency[COMMUNE]
    assert await cabinet.refused(authority.rundown([], key=emergency)) is Refusal.WRONG_ROLE
    assert await cabinet.refused(authority.policy(FOREIGN)) is Refusal.WRONG_AREA
    late = MORNING + authority.lasts + 1
    assert await cabinet.refused(authority.rundown([]), late) is Refusal.KEY_NOT_VALID_NOW


async def test_an_assignment_to_an_unknown_time_zone_is_refused(cabinet: Cabinet) -> None:
    """Without its zone quiet hours mean nothing, so such an assignment is not taken."""
    assert await cabinet.refused(cabinet.authority.assignment(zone="Mars/Olympus")) is (
        Refusal.INCONSISTENT
    )
