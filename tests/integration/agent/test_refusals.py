"""Whoever owns the broker can cause silence, never speech."""

from uuid import uuid4

from edge_agent.wire.envelope import HEADER_BYTES
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.reports import Outcome, Refused
from edge_agent.wire.state import QuietWindow
from edge_agent.wire.topics import Lane, down, group
from tests.contract.broker_rigs import until
from tests.fakes.authority import COMMUNE, FOREIGN, SECOND, Authority
from tests.integration.agent.conftest import Site
from tests.integration.agent.desk import opus_of, speechlike
from tests.integration.agent.test_airing import now_us

MS = 1500
ALWAYS = (QuietWindow(start=0, end=1440, weekdays=127),)


async def stocked(site: Site, *documents: bytes) -> bytes:
    """A running terminal that holds a sound which nothing asks for; returns the sound."""
    sound = opus_of(speechlike(MS / 1000))
    rendition = site.controller.add_sound(sound)
    site.controller.documents += [site.authority.rundown([], keep=(rendition,)), *documents]
    await site.agent.start()
    await site.controller.ready(renditions=1)
    return sound


async def test_nothing_hostile_sounds_and_all_of_it_is_reported(site: Site) -> None:
    """Forged, altered, foreign, expired, misplaced, unsigned and replayed: a reason each."""
    sound = await stocked(site)
    authority, refused_before = site.authority, len(site.controller.refusals())
    assert refused_before == 0
    terminal, soon = down(authority.terminal), now_us() + 6 * SECOND
    item = authority.item(sound, soon, MS)
    authority.now = now_us()
    altered = bytearray(authority.play(sound, MS))
    altered[-1] ^= 1
    rogue = Authority(now=authority.now, terminal=authority.terminal)
    past = Authority(now=now_us() - 7200 * SECOND, terminal=authority.terminal)
    past.work, past.emergency = authority.work, authority.emergency
    schedule = authority.work[COMMUNE]
    messages: dict[str, tuple[str, bytes]] = {
        "unknown_key": (terminal, rogue.rundown([item])),
        "bad_signature": (group(COMMUNE, Lane.ORDER), bytes(altered)),
        "wrong_role": (terminal, authority.play(sound, MS, key=schedule)),
        "wrong_area": (terminal, authority.rundown([item], area=FOREIGN)),
        "not_for_this_terminal": (terminal, authority.rundown([item], terminal=uuid4())),
        "stale_version": (terminal, authority.rundown([item], version=1)),
        "expired": (terminal, past.play(sound, MS)),
        "wrong_class": (
            terminal,
            authority.play(sound, MS, message_class=MessageClass.ORDINARY),
        ),
        "malformed": (group(COMMUNE, Lane.ORDER), sound),
        "wrong_topic": (group(COMMUNE, Lane.ORDER), authority.rundown([item])),
        "unknown_type": (terminal, b"LX\x01\xc8" + bytes(HEADER_BYTES)),
        "unknown_version": (terminal, b"LX\x09\x10" + bytes(HEADER_BYTES)),
    }
    for topic, payload in messages.values():
        await site.controller.publish(topic, payload)
    reasons = site.controller.refusals
    await until(
        lambda: set(messages) <= set(reasons()), within=15, what=f"{set(messages) - set(reasons())}"
    )
    reports = site.controller.of(Refused)
    assert {report.topic for report in reports} == {topic for topic, _ in messages.values()}
    await until(lambda: now_us() > soon + 3 * SECOND, within=15)
    assert site.agent.captures() == []
    assert site.controller.lines == []
    assert "Traceback" not in site.agent.output


async def test_a_replayed_order_and_an_old_rundown_stay_silent(site: Site) -> None:
    """What was acted on once is known: it does not sound again, and that is reported."""
    sound = await stocked(site)
    site.authority.now = now_us()
    order = site.authority.play(sound, MS)
    await site.controller.order(order)
    await until(lambda: finals(site) == 1, within=15, what="the order is over")
    await site.controller.order(order)
    await until(lambda: "replayed" in site.controller.refusals(), what="the replay is reported")
    await site.agent.kill()
    await site.agent.start()
    await until(lambda: len(site.controller.of(Refused)) >= 1)
    site.controller.reports.clear()
    await site.controller.ready(renditions=1)
    await site.controller.order(order)
    await until(lambda: "replayed" in site.controller.refusals(), what="also after a restart")
    assert len(site.agent.captures()) == 1


async def test_in_quiet_hours_only_a_signed_emergency_sounds(site: Site) -> None:
    """The terminal itself refuses an ordinary item in quiet hours; an emergency passes."""
    sound = await stocked(site)
    authority = site.authority
    authority.now = now_us()
    item = authority.item(sound, now_us() + 6 * SECOND, MS)
    await site.controller.send(authority.policy(quiet=ALWAYS))
    await site.controller.send(authority.rundown([item]))
    await until(lambda: finals(site) == 1, within=20, what="the item is over")
    line = site.controller.lines[-1]
    assert (line.item, line.outcome, line.reason) == (
        item.occurrence,
        Outcome.MISSED,
        "quiet_hours",
    )
    assert site.agent.captures() == []
    authority.now = now_us()
    await site.controller.order(authority.play(sound, MS))
    await until(lambda: finals(site) == 2, within=15, what="the emergency is over")
    assert site.controller.lines[-1].outcome is Outcome.SOUNDED
    assert len(site.agent.captures()) == 1


async def test_a_test_order_sounds_a_chime(site: Site) -> None:
    """A chime of the terminal's own sounds at the asked volume, is logged and acknowledged."""
    await stocked(site)
    site.authority.now = now_us()
    test, envelope = site.authority.test(volume=50)
    await site.controller.send(envelope)
    await until(lambda: finals(site) == 1, within=15, what="the chime is over")
    line = site.controller.lines[-1]
    assert (line.item, line.outcome) == (test, Outcome.SOUNDED)
    assert site.controller.acknowledged(str(test))
    (capture,) = site.agent.captures()
    assert 1.5 < capture.seconds < 2.1, "a busy machine may lose its beginning"
    peak = int(abs(capture.pcm.astype(int)).max())
    assert 1900 < peak < 2600, "9000 at 12 dB less"


async def test_a_stop_silences_and_holds(site: Site) -> None:
    """A stop ends what sounds within a second and holds back what is scheduled later."""
    pcm = speechlike(5.0)
    sound = opus_of(pcm)
    site.controller.add_sound(sound)
    items = [
        site.authority.item(sound, now_us() + 7 * SECOND, 5000),
        site.authority.item(sound, now_us() + 13 * SECOND, 5000),
    ]
    site.controller.documents.append(site.authority.rundown(items))
    await site.agent.start()
    await site.agent.sounding()
    site.authority.now = now_us()
    await site.controller.order(site.authority.stop())
    stopped = now_us()
    await until(lambda: finals(site) == 1, what="the item is ended")
    assert now_us() - stopped < 2 * SECOND
    assert (site.controller.lines[-1].outcome, site.controller.lines[-1].reason) == (
        Outcome.CUT,
        "stopped",
    )
    await until(lambda: finals(site) == 2, within=40, what="the second is refused")
    assert site.controller.lines[-1].outcome is Outcome.MISSED
    assert site.controller.lines[-1].reason == "stopped"
    assert len(site.agent.captures()) == 1


def finals(site: Site) -> int:
    """How many airings are over, by the log."""
    return sum(line.outcome is not Outcome.STARTED for line in site.controller.lines)
