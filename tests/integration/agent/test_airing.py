"""A scheduled item sounds at its instant, once, whatever happens around it."""

import asyncio
import sys
import time
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from edge_agent.adapters.disk import FolderBusy
from edge_agent.bootstrap.identity import opened
from edge_agent.settings import Settings
from edge_agent.wire.reports import Outcome
from edge_agent.wire.state import RundownItem
from tests.contract.broker_rigs import until
from tests.fakes.authority import SECOND
from tests.fakes.ogg_opus import RATE
from tests.integration.agent.conftest import Site
from tests.integration.agent.desk import REPOSITORY, opus_of, speechlike


def now_us() -> int:
    return time.time_ns() // 1000


@pytest.mark.parametrize("site", ["embedded", "mosquitto"], indirect=True)
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
    assert 2.7 < capture.seconds < 3.1
    outcomes = [(line.item, line.outcome) for line in site.controller.lines]
    assert outcomes == [(item.occurrence, Outcome.STARTED), (item.occurrence, Outcome.SOUNDED)]
    assert await site.agent.stop() == 0
    assert "Traceback" not in site.agent.output


def started(site: Site, item: UUID) -> bool:
    return any(line.item == item for line in site.controller.lines)


def ended(site: Site, item: UUID) -> bool:
    return any(
        line.item == item and line.outcome is not Outcome.STARTED for line in site.controller.lines
    )


async def test_a_killed_terminal_rejoins_in_step_and_never_repeats(site: Site) -> None:
    """After SIGKILL in the middle the rest sounds where its timeline is, and nothing twice."""
    pcm = speechlike(9.0)
    item = await deliver(site, opus_of(pcm), in_s=7, duration_ms=9000)
    await site.agent.sounding()
    await until(lambda: site.agent.heard_seconds() > 2, what="two seconds of sound")
    await site.agent.kill()
    await site.agent.start()
    await until(lambda: ended(site, item.occurrence), within=25, what="the end in the log")
    first, second = site.agent.captures()
    place, fit = second.place_in(pcm)
    assert fit > 0.9
    assert abs((second.began_us - item.start) / 1000 - place * 1000) < 20
    assert place >= first.seconds - 0.05, "nothing sounds twice"
    (line,) = [line for line in site.controller.lines if line.outcome is not Outcome.STARTED]
    assert line.outcome is Outcome.CUT
    assert line.reason == "restarted"
    heard_ms = 1000 * (first.seconds + second.seconds)
    assert heard_ms - 10_500 < line.sounded < heard_ms + 100, "checkpoints are 10 s apart"


async def test_a_started_item_is_not_begun_again_after_its_time(site: Site) -> None:
    """A terminal that comes back after an item's end logs it as cut and stays silent."""
    item = await deliver(site, opus_of(speechlike(4.0)), in_s=7, duration_ms=4000)
    await until(lambda: started(site, item.occurrence), within=20, what="it is on air")
    await until(lambda: site.agent.heard_seconds() > 1.5, what="a second and a half of it")
    await site.agent.kill()
    await until(lambda: now_us() > item.start + 5 * SECOND, within=10)
    before = len(site.agent.captures())
    await site.agent.start()
    await until(lambda: ended(site, item.occurrence), within=15, what="the end in the log")
    assert len(site.agent.captures()) == before
    assert site.controller.lines[-1].outcome is Outcome.CUT


async def test_it_sounds_with_everything_else_gone(site: Site) -> None:
    """Broker killed and program restarted after delivery: it sounds; the log follows later."""
    pcm = speechlike(3.0)
    item = await deliver(site, opus_of(pcm), in_s=11, duration_ms=3000)
    await site.rig.kill()
    await site.agent.kill()
    await site.agent.start()
    await site.agent.sounding(within=25)
    await until(lambda: now_us() > item.start + 4 * SECOND, within=10)
    (capture,) = site.agent.captures()
    place, fit = capture.place_in(pcm)
    assert fit > 0.9
    assert abs((capture.began_us - item.start) / 1000 - place * 1000) < 20
    assert not ended(site, item.occurrence)
    await site.rig.bring_back()
    await until(lambda: ended(site, item.occurrence), within=30, what="the log arrives")
    assert site.controller.lines[-1].outcome is Outcome.SOUNDED


async def test_sigterm_fades_and_keeps_the_place(site: Site) -> None:
    """Asked to end, it fades out and exits with 0; started again it goes on in step."""
    pcm = speechlike(8.0)
    item = await deliver(site, opus_of(pcm), in_s=7, duration_ms=8000)
    await site.agent.sounding()
    assert await site.agent.stop() == 0
    (first,) = site.agent.captures()
    tail = first.pcm[-RATE // 1000 :].astype(float)
    assert np.abs(tail).max() < 1500, "it faded"
    await site.agent.start()
    await until(lambda: ended(site, item.occurrence), within=25, what="the end in the log")
    second = site.agent.captures()[1]
    place, _ = second.place_in(pcm)
    assert abs((second.began_us - item.start) / 1000 - place * 1000) < 20
    assert place >= first.seconds - 0.05
    assert "Traceback" not in site.agent.output


async def test_a_terminal_ends_with_the_parent_that_it_was_given(site: Site) -> None:
    """Killed with SIGKILL, the parent takes its terminal with it; the folder is free again."""
    script = f"{sys.executable} -m edge_agent run --sound null --data {site.agent.data} --parent $$"
    parent = await asyncio.create_subprocess_shell(f"{script} & wait", cwd=REPOSITORY)
    await site.controller.ready(renditions=0)
    parent.kill()
    await parent.wait()
    await until(lambda: is_free(site.agent.data), what="the terminal has ended")


def is_free(data: Path) -> bool:
    """Whether no program works in a terminal's folder."""
    try:
        with opened(Settings(data=data)):
            return True
    except FolderBusy:
        return False


async def deliver(site: Site, sound: bytes, *, in_s: float, duration_ms: int) -> RundownItem:
    """Have the terminal hold an item that starts in some seconds."""
    site.controller.add_sound(sound)
    item = site.authority.item(sound, now_us() + int(in_s * SECOND), duration_ms)
    site.controller.documents.append(site.authority.rundown([item]))
    await site.agent.start()
    await site.controller.ready(renditions=1)
    return item
