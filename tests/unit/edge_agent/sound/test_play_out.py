"""The play-out engine in simulated time: what sounds when, and what is told about it."""

import numpy as np
import pytest

from edge_agent.services.play_events import (
    Ended,
    Ending,
    Failed,
    Interrupted,
    Progress,
    Started,
    Voice,
)
from edge_agent.services.sound_ports import NS, RATE, SoundFault
from tests.unit.edge_agent.sound.desk import bench, error_ms, heard_of, last_words, of_kind

TEN_SECONDS = str(10 * RATE)
MINUTES = str(20 * 60 * RATE)


def test_a_voice_begins_at_its_instant_with_its_first_frame() -> None:
    """On an exact card the first frame sounds within half a frame of the instant asked for."""
    desk = bench()
    voice = Voice("a", TEN_SECONDS, desk.clock() + 3 * NS + 12_345)
    desk.out.start(voice)
    desk.run_for(20)
    heard = desk.card.heard()
    first = int(np.flatnonzero(heard)[0])
    assert heard[first] == 1
    assert abs(desk.card.instant_of(first) - voice.at_monotonic_ns) <= 0.51 * NS / RATE
    assert desk.events[0] == Started("a", round(desk.card.instant_of(first)), 0)
    assert desk.events[-1] == Ended("a", 10 * RATE, 10 * RATE, Ending.FINISHED)


def test_every_frame_sounds_once_and_in_order() -> None:
    """On an exact card what leaves the loudspeaker is the recording, sample by sample."""
    desk = bench()
    desk.out.start(Voice("a", TEN_SECONDS, desk.clock() + 2 * NS))
    desk.run_for(20)
    heard = desk.card.heard(0)
    first = int(np.flatnonzero(heard)[0])
    wanted = np.arange(10 * RATE) % 16_384 + 1
    assert np.array_equal(heard[first : first + 10 * RATE], wanted)
    assert not heard[:first].any()
    assert not heard[first + 10 * RATE :].any()


def test_progress_is_told_each_second_and_never_runs_ahead() -> None:
    """Progress comes about each second, and says no more than what has sounded by then."""
    desk = bench()
    voice = Voice("a", TEN_SECONDS, desk.clock() + 2 * NS)
    desk.out.start(voice)
    told = 0
    for _ in range(150):
        desk.run_for(0.1)
        for event in desk.events[told:]:
            if isinstance(event, Progress):
                sounded = (desk.clock() - voice.at_monotonic_ns) * RATE / NS
                assert sounded - 0.2 * RATE < event.frames_sounded <= sounded + 1
        told = len(desk.events)
    assert len(of_kind(desk, Progress)) in (9, 10)


def test_a_late_voice_joins_where_its_timeline_is() -> None:
    """A voice asked for 4 s after its instant skips what is past, and fades in over 20 ms."""
    desk = bench()
    voice = Voice("a", TEN_SECONDS, desk.clock() - 4 * NS)
    desk.out.start(voice)
    desk.run_for(10)
    started = of_kind(desk, Started)[0]
    assert 4 * RATE <= started.position <= 4.3 * RATE
    assert abs(error_ms(desk, voice, started.at_monotonic_ns + NS)) < 0.03
    heard = desk.card.heard(0)
    first = int(np.flatnonzero(heard)[0])
    assert heard[first + 100] < 0.15 * ((started.position + 100) % 16_384)
    ended = of_kind(desk, Ended)[0]
    assert ended.frames_sounded == 10 * RATE - started.position


def test_a_voice_may_begin_in_the_middle_at_a_later_instant() -> None:
    """`position` is where the timeline is at the instant, also when that lies ahead."""
    desk = bench()
    voice = Voice("a", TEN_SECONDS, desk.clock() + 2 * NS, position=3 * RATE)
    desk.out.start(voice)
    desk.run_for(4)
    assert of_kind(desk, Started)[0].position == 3 * RATE
    assert abs(error_ms(desk, voice, voice.at_monotonic_ns + NS)) < 0.03


def test_a_voice_whose_time_is_over_ends_without_a_sound() -> None:
    """A voice whose timeline ended long ago is told as ended with no frame sounded."""
    desk = bench()
    desk.out.start(Voice("a", TEN_SECONDS, desk.clock() - 60 * NS))
    desk.run_for(5)
    assert [(e.frames_sounded, e.ending) for e in of_kind(desk, Ended)] == [(0, Ending.FINISHED)]
    assert not of_kind(desk, Started)


def test_stop_fades_out_and_tells_what_sounded() -> None:
    """After `stop` the voice fades over 20 ms, is silent within the buffer, and is counted."""
    desk = bench()
    desk.out.start(Voice("a", MINUTES, desk.clock() + 2 * NS))
    desk.run_for(5)
    desk.out.stop("a", 20)
    stopped_ns = desk.clock()
    desk.run_for(3)
    heard = desk.card.heard(0)
    last = int(np.flatnonzero(heard)[-1])
    assert 0.02 < (desk.card.instant_of(last) - stopped_ns) / NS < 0.2
    ended = of_kind(desk, Ended)[0]
    assert ended.ending is Ending.STOPPED
    assert ended.frames_sounded == heard_of(desk, "a")


def test_a_voice_that_waits_can_be_dropped() -> None:
    """Stopping a voice before its instant leaves the loudspeaker silent and the card closed."""
    desk = bench()
    desk.out.start(Voice("a", TEN_SECONDS, desk.clock() + 60 * NS))
    desk.run_for(1)
    desk.out.stop("a", 20)
    desk.run_for(120)
    assert desk.events == [Ended("a", 0, 0, Ending.STOPPED)]
    assert desk.card.sessions == []
    assert desk.sounds[0].closed


def test_the_next_voice_cuts_the_one_that_sounds() -> None:
    """At its instant a voice replaces the other, which has faded out just before."""
    desk = bench()
    first = Voice("a", MINUTES, desk.clock() + 2 * NS)
    second = Voice("b", TEN_SECONDS, desk.clock() + 5 * NS)
    desk.out.start(first)
    desk.out.start(second)
    desk.run_for(30)
    started = of_kind(desk, Started)
    assert [event.id for event in started] == ["a", "b"]
    assert started[1].position == 0
    assert abs(started[1].at_monotonic_ns - second.at_monotonic_ns) < 0.51 * NS / RATE
    frame = round((started[1].at_monotonic_ns - desk.card.instant_of(0)) * RATE / NS)
    heard = desk.card.heard(0)
    assert 0 <= heard[frame - 1] < 40
    endings = {event.id: event for event in of_kind(desk, Ended)}
    assert endings["a"].ending is Ending.REPLACED
    assert endings["a"].frames_sounded == 3 * RATE
    assert endings["b"].ending is Ending.FINISHED


def test_an_urgent_voice_cuts_at_once_and_the_other_may_return() -> None:
    """A voice asked for now cuts within the buffer; the cut one goes on where its time is."""
    desk = bench()
    low = Voice("low", MINUTES, desk.clock() + 2 * NS)
    desk.out.start(low)
    desk.run_for(10)
    now = desk.clock()
    desk.out.start(Voice("siren", str(3 * RATE), now))
    back = Voice("low again", MINUTES, low.at_monotonic_ns)
    desk.run_for(3.5)
    desk.out.start(back)
    desk.run_for(4)
    siren = of_kind(desk, Started)[1]
    assert siren.id == "siren"
    assert siren.at_monotonic_ns - now < 0.2 * NS
    assert abs(error_ms(desk, back, desk.clock() - NS)) < 0.03


def test_one_of_two_due_voices_sounds() -> None:
    """Of voices that are due together only the one with the latest instant is heard."""
    desk = bench()
    now = desk.clock()
    desk.out.start(Voice("a", MINUTES, now - 20 * NS))
    desk.out.start(Voice("b", MINUTES, now - 10 * NS))
    desk.run_for(3)
    assert [event.id for event in of_kind(desk, Started)] == ["b"]
    assert last_words(desk, "a") == [Ended("a", 0, 0, Ending.REPLACED)]


def test_the_amplifier_is_on_before_and_after() -> None:
    """The amplifier goes on 1.5 s before the first frame and off 1 s after the last one."""
    desk = bench()
    at = desk.clock() + 60 * NS
    desk.out.start(Voice("a", TEN_SECONDS, at))
    desk.run_for(120)
    (on_ns, on), (off_ns, off) = desk.amplifier.switched
    assert (on, off) == (True, False)
    assert 1.4 < (at - on_ns) / NS < 1.6
    assert 0.9 < (off_ns - at - 10 * NS) / NS < 1.2
    assert not desk.card.is_open


def test_the_amplifier_stays_on_between_close_voices() -> None:
    """Between two voices a second apart the amplifier is not switched."""
    desk = bench()
    at = desk.clock() + 10 * NS
    desk.out.start(Voice("a", TEN_SECONDS, at))
    desk.out.start(Voice("b", TEN_SECONDS, at + 12 * NS))
    desk.run_for(60)
    assert [on for _, on in desk.amplifier.switched] == [True, False]


def test_a_sudden_voice_does_not_wait_for_the_amplifier() -> None:
    """A voice asked for now switches the amplifier at once and sounds without the lead."""
    desk = bench()
    now = desk.clock()
    desk.out.start(Voice("siren", TEN_SECONDS, now))
    desk.run_for(3)
    assert desk.amplifier.switched == [(now, True)]
    assert of_kind(desk, Started)[0].at_monotonic_ns - now < 0.25 * NS


def test_a_broken_amplifier_silences_nobody() -> None:
    """A switch that refuses is logged; the voice sounds all the same."""
    desk = bench()
    desk.amplifier.broken = True
    desk.out.start(Voice("a", TEN_SECONDS, desk.clock() + 2 * NS))
    desk.run_for(20)
    assert of_kind(desk, Ended)[0].frames_sounded == 10 * RATE


@pytest.mark.parametrize("ppm", [-100.0, 50.0, 500.0])
def test_a_drifting_card_stays_in_step(ppm: float) -> None:
    """With a crystal that is off and noisy readings a voice stays within 0.05 ms for minutes."""
    desk = bench(ppm=ppm, latency_ms=35, noise_ns=50_000)
    voice = Voice("a", MINUTES, desk.clock() + 2 * NS)
    desk.out.start(voice)
    desk.run_for(180)
    begun = desk.card.instant_of(0)
    instants = np.arange(begun + 10 * NS, desk.clock() - NS, 0.37 * NS)
    errors = [abs(error_ms(desk, voice, instant)) for instant in instants]
    assert np.percentile(errors, 95) < 0.05
    assert max(errors) < 0.1


def test_a_drifting_card_begins_in_step() -> None:
    """Also the first second is right: within 0.1 ms on a card 50 ppm off, from the first frame."""
    for seed in range(5):
        desk = bench(ppm=50, latency_ms=20, noise_ns=50_000, seed=seed)
        voice = Voice("a", MINUTES, desk.clock() + 2 * NS + 7_777)
        desk.out.start(voice)
        desk.run_for(5)
        for after_s in (0.1, 0.5, 1.0):
            at = voice.at_monotonic_ns + after_s * NS
            assert abs(error_ms(desk, voice, at)) < 0.1


def test_frames_lost_to_a_stall_do_not_count() -> None:
    """What the card played nothing for is not told as sounded, and the voice stays in step."""
    desk = bench()
    voice = Voice("a", TEN_SECONDS, desk.clock() + 2 * NS)
    desk.out.start(voice)
    desk.run_for(5)
    desk.stall_for(0.5)
    desk.run_for(2)
    assert abs(error_ms(desk, voice, desk.clock() - NS // 2)) < 0.03
    desk.run_for(10)
    ended = of_kind(desk, Ended)[0]
    heard = desk.card.heard()
    first = int(np.flatnonzero(heard)[0])
    lost = int((heard[first : first + 10 * RATE] == 0).sum())
    assert 0.3 * RATE < lost < 0.5 * RATE
    assert ended.frames_sounded == 10 * RATE - lost
    assert ended.position == 10 * RATE


def test_a_lost_card_is_told_and_the_voice_joins_again() -> None:
    """A card that goes away is told once; when it is back, the voice is where its time is."""
    desk = bench()
    voice = Voice("a", MINUTES, desk.clock() + 2 * NS)
    desk.out.start(voice)
    desk.run_for(5)
    desk.card.break_down()
    desk.run_for(4)
    assert [e.fault for e in of_kind(desk, Interrupted)] == [SoundFault.CARD_LOST]
    desk.card.broken = False
    desk.run_for(4)
    assert abs(error_ms(desk, voice, desk.clock() - NS // 2)) < 0.03
    desk.out.stop("a", 20)
    desk.run_for(2)
    assert len(of_kind(desk, Started)) == 1
    ended = of_kind(desk, Ended)[0]
    assert abs(ended.frames_sounded - heard_of(desk, "a")) < 0.25 * RATE
    assert 6 * RATE < ended.frames_sounded < 8 * RATE


def test_without_a_card_the_voice_fails_when_its_time_is_over() -> None:
    """A card that never opens: interrupted, then failed with nothing sounded."""
    desk = bench()
    desk.card.broken = True
    desk.out.start(Voice("a", TEN_SECONDS, desk.clock() + 2 * NS))
    desk.run_for(30)
    assert desk.events == [
        Interrupted("a", SoundFault.CARD_UNAVAILABLE),
        Failed("a", SoundFault.CARD_UNAVAILABLE, 0, 0),
    ]


def test_a_card_that_takes_nothing_is_opened_again() -> None:
    """A card that stops taking frames counts as lost after a second, and the count stays true."""
    desk = bench()
    desk.out.start(Voice("a", MINUTES, desk.clock() + 2 * NS))
    desk.run_for(4)
    desk.card.deaf = True
    desk.run_for(1.5)
    desk.card.deaf = False
    desk.run_for(4)
    assert [e.fault for e in of_kind(desk, Interrupted)] == [SoundFault.CARD_LOST]
    assert len(desk.card.sessions) == 2


def test_a_recording_that_cannot_be_opened_fails_at_once() -> None:
    """The reason of the recording is told, without waiting for the instant."""
    desk = bench()
    desk.out.start(Voice("a", "recording_missing", desk.clock() + 60 * NS))
    assert desk.events == [Failed("a", SoundFault.RECORDING_MISSING, 0, 0)]
    desk.run_for(70)
    assert desk.card.sessions == []


def test_the_same_id_again_replaces_the_voice() -> None:
    """Starting an id that sounds ends the first one, and each gets its own last word."""
    desk = bench()
    desk.out.start(Voice("a", MINUTES, desk.clock() + 2 * NS))
    desk.run_for(5)
    desk.out.start(Voice("a", str(RATE), desk.clock() + NS))
    desk.run_for(5)
    assert [event.ending for event in of_kind(desk, Ended)] == [Ending.STOPPED, Ending.FINISHED]
    assert of_kind(desk, Ended)[1].frames_sounded == RATE


def test_a_moved_timeline_is_followed() -> None:
    """A small move is slewed without a gap, a large one is jumped to."""
    desk = bench(noise_ns=50_000)
    voice = Voice("a", MINUTES, desk.clock() + 2 * NS)
    desk.out.start(voice)
    desk.run_for(5)
    near = Voice("a", MINUTES, voice.at_monotonic_ns + 2_000_000)
    desk.out.retime("a", near.at_monotonic_ns)
    desk.run_for(20)
    assert abs(error_ms(desk, near, desk.clock() - NS // 2)) < 0.05
    far = Voice("a", MINUTES, near.at_monotonic_ns - 2 * NS)
    desk.out.retime("a", far.at_monotonic_ns)
    desk.run_for(2)
    assert abs(error_ms(desk, far, desk.clock() - NS // 2)) < 0.05


def test_gain_reaches_the_sound() -> None:
    """A change of loudness goes to the voice that sounds and to one that waits."""
    desk = bench()
    desk.out.start(Voice("a", MINUTES, desk.clock() + 2 * NS))
    desk.out.start(Voice("b", MINUTES, desk.clock() + 90 * NS))
    desk.run_for(5)
    desk.out.set_gain("a", -6)
    desk.out.set_gain("b", -9)
    assert [sound.gains for sound in desk.sounds] == [[-6], [-9]]


def test_leaving_fades_out_and_ends_every_voice() -> None:
    """After `leave` nothing sounds, the amplifier is off and every voice has its last word."""
    desk = bench()
    desk.out.start(Voice("a", MINUTES, desk.clock() + 2 * NS))
    desk.out.start(Voice("b", MINUTES, desk.clock() + 90 * NS))
    desk.run_for(5)
    desk.out.leave()
    while not desk.out.left:
        desk.run_for(0.05)
    desk.out.close()
    assert [on for _, on in desk.amplifier.switched] == [True, False]
    assert {event.id for event in of_kind(desk, Ended)} == {"a", "b"}
    assert heard_of(desk, "a") == of_kind(desk, Ended)[-1].frames_sounded
