"""A download goes on where it stopped, whatever stopped it."""

from edge_agent.wire.reports import Hello, Want
from tests.contract.broker_rigs import until
from tests.fakes.authority import SECOND
from tests.integration.agent.conftest import Site
from tests.integration.agent.desk import opus_of, speechlike
from tests.integration.agent.test_airing import now_us


async def test_a_download_cut_at_each_block_fetches_none_twice(site: Site) -> None:
    """Killed after every single block, the terminal asks only for what it does not have."""
    sound = opus_of(speechlike(1.0))[:12_000]
    rendition = site.controller.add_sound(sound)
    blocks = -(-len(sound) // 1024)
    item = site.authority.item(sound, now_us() + 3600 * SECOND, 1000)
    site.controller.documents.append(site.authority.rundown([item]))
    for number in range(blocks):
        site.controller.blocks_allowed = 1
        await site.agent.start()
        await until(lambda: site.controller.blocks_allowed == 0, within=20, what="a block is sent")
        await on_disk(site, number + 1)
        await site.agent.kill()
    site.controller.blocks_allowed = None
    await site.agent.start()
    await until(lambda: held(site, rendition), within=20, what="it is complete")
    assert site.controller.blocks_sent == list(range(blocks))


async def test_a_cut_link_costs_only_what_was_on_the_way(site: Site) -> None:
    """After the broker was killed in the middle, the rest is asked for, and only the rest."""
    sound = opus_of(speechlike(2.0))
    rendition = site.controller.add_sound(sound)
    item = site.authority.item(sound, now_us() + 3600 * SECOND, 2000)
    site.controller.documents.append(site.authority.rundown([item]))
    site.controller.blocks_allowed = 5
    await site.agent.start()
    await until(lambda: written(site) == 5, within=20, what="five blocks are on disk")
    await site.rig.kill()
    await site.rig.bring_back()
    asked = len(site.controller.of(Want))
    site.controller.blocks_allowed = None
    await until(lambda: held(site, rendition), within=40, what="it is complete")
    later = site.controller.of(Want)[asked:]
    assert all(span.first >= 5 for want in later for span in want.ranges)
    assert site.controller.blocks_sent.count(0) == 1


async def test_a_damaged_recording_is_fetched_again(site: Site) -> None:
    """A recording whose bytes changed on disk does not count; it is fetched anew and sounds."""
    sound = opus_of(speechlike(2.0))
    rendition = site.controller.add_sound(sound)
    item = site.authority.item(sound, now_us() + 3600 * SECOND, 2000)
    site.controller.documents.append(site.authority.rundown([item]))
    await site.agent.start()
    await until(lambda: held(site, rendition), within=20, what="it is complete")
    assert await site.agent.stop() == 0
    path = site.agent.data / "recordings" / f"{rendition.hex()}.opus"
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    site.controller.reports.clear()
    await site.agent.start()
    await until(lambda: held(site, rendition), within=20, what="it is complete again")
    assert path.read_bytes() == sound


async def on_disk(site: Site, blocks: int) -> None:
    """Wait until so many blocks are written, or all of them."""
    await until(lambda: written(site) >= blocks, what=f"{blocks} blocks on disk")


def written(site: Site) -> int:
    """Blocks on disk of the one recording there is."""
    folder = site.agent.data / "recordings"
    for path in (*folder.glob("*.part"), *folder.glob("*.opus")):
        data = path.read_bytes()
        return sum(any(data[at : at + 1024]) for at in range(0, len(data), 1024))
    return 0


def held(site: Site, rendition: bytes) -> bool:
    """Whether the terminal says so: on completion, or in a hello after a restart."""
    told = any(rendition in hello.renditions for hello in site.controller.of(Hello))
    return told or site.controller.acknowledged(rendition.hex())
