"""The count of sounded frames."""

from edge_agent.core.drift import CardClock
from edge_agent.services.play_events import Ended, Ending, Failed, Progress, Started
from edge_agent.services.sound_ports import RATE, SoundFault
from edge_agent.services.tally import Tally


def exact_clock() -> CardClock:
    clock = CardClock(RATE, 0)
    clock.observe(0, 1_000_000_000)
    return clock


def test_only_what_has_sounded_counts() -> None:
    """Frames count when the card has passed them, and the start is told with its instant."""
    tally = Tally()
    count = tally.expect("a", 100)
    tally.wrote(count, 4800, 4800, position=100, lost=0)
    assert list(tally.settle(exact_clock(), 4800)) == []
    assert list(tally.settle(exact_clock(), 4801)) == [Started("a", 1_100_000_000, 100)]
    assert (count.sounded, count.position) == (1, 101)
    list(tally.settle(exact_clock(), 90_000))
    assert (count.sounded, count.position, tally.waiting) == (4800, 4900, False)


def test_lost_frames_never_count() -> None:
    """Of a block that came late only the rest counts, and the start is where it was heard."""
    tally = Tally()
    count = tally.expect("a", 0)
    tally.wrote(count, 0, 960, position=0, lost=960)
    tally.wrote(count, 960, 960, position=960, lost=480)
    assert list(tally.settle(exact_clock(), 5000)) == [Started("a", 1_030_000_000, 1440)]
    assert count.sounded == 480


def test_the_last_word_waits_for_the_last_frame() -> None:
    """A finished voice is told as ended when its last frame has sounded, not before."""
    tally = Tally()
    count = tally.expect("a", 0)
    tally.wrote(count, 0, 2 * RATE, position=0, lost=0)
    count.ending = Ending.FINISHED
    told = list(tally.settle(exact_clock(), 2 * RATE - 1))
    assert [type(event) for event in told] == [Started, Progress]
    assert list(tally.settle(exact_clock(), 2 * RATE)) == [
        Ended("a", 2 * RATE, 2 * RATE, Ending.FINISHED)
    ]


def test_what_a_lost_card_held_is_forgotten() -> None:
    """Frames that were in the card when it went away never count, on whatever comes next."""
    tally = Tally()
    count = tally.expect("a", 0)
    tally.wrote(count, 0, 960, position=0, lost=0)
    list(tally.settle(exact_clock(), 480))
    count.ending = SoundFault.CARD_LOST
    assert list(tally.forget_unsounded()) == [Failed("a", SoundFault.CARD_LOST, 480, 480)]
    assert list(tally.settle(exact_clock(), 10**6)) == []
    assert count.sounded == 480
