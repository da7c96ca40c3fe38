"""A scheduled item sounds at its instant, once, whatever happens around it."""

import time
from uuid import UUID

from edge_agent.wire.reports import Outcome
from tests.contract.broker_rigs import until
from tests.fakes.authority import SECOND
from tests.integration.agent.conftest import Site
from tests.integration.agent.desk import opus_of, speechlike


def now_us() -> int:
    return time.time_ns() // 1000


async def test_an_item_sounds_at_its_instant_and_once(site: Site) -> None:
    """A delivered item sounds within 20 ms of its start, whole, once, and is in the log."""
    pcm = speechlike(3.0)
    sound = opus_of(pcm)
    site.controller.add_sound(sound)
    start = now_us() + 9 * SECOND
    item = site.authority.item(sound, start, 3000)
    site.controller.documents.append(site.authority.rundown([item]))
    await site.agent.start()
    await site.controller.ready(renditions=1)
    await until(lambda: ended(site, item.occurrence), within=20, what="the end in the log")
    (capture,) = site.agent.captures()
    place, fit = capture.place_in(pcm)
    error_ms = (capture.began_us - start) / 1000 - place * 1000
    assert abs(error_ms) < 20, f"{error_ms:+.2f} ms"
    assert fit > 0.95
    assert 2.9 < capture.seconds < 3.1
    outcomes = [(line.item, line.outcome) for line in site.controller.lines]
    assert outcomes == [(item.occurrence, Outcome.STARTED), (item.occurrence, Outcome.SOUNDED)]
    assert await site.agent.stop() == 0
    assert "Traceback" not in site.agent.output


def ended(site: Site, item: UUID) -> bool:
    return any(
        line.item == item and line.outcome is not Outcome.STARTED for line in site.controller.lines
    )
