"""Whatever is asked for and whatever the card does: the engine keeps its word."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge_agent.services.play_events import Ended, Failed, Progress, Started, Voice
from edge_agent.services.sound_ports import NS, RATE
from tests.fakes.sound import PLATEAU, PlayBench
from tests.unit.edge_agent.sound.desk import bench, heard_of

NAMES = "abc"

start = st.tuples(
    st.just("start"),
    st.sampled_from(NAMES),
    st.floats(-5, 6),
    st.integers(0, 3 * RATE),
    st.integers(1, 8 * RATE),
)
stop = st.tuples(st.just("stop"), st.sampled_from(NAMES), st.sampled_from([0, 20, 500]))
retime = st.tuples(st.just("retime"), st.sampled_from(NAMES), st.floats(-3, 3))
wait = st.tuples(st.just("wait"), st.floats(0, 4))
stall = st.tuples(st.just("stall"), st.floats(0, 0.8))
trouble = st.tuples(st.sampled_from(["break", "mend"]))
smooth = st.lists(st.one_of(start, start, stop, retime, wait), max_size=15)
calm = st.lists(st.one_of(start, start, stop, retime, wait, wait, stall), max_size=25)
rough = st.lists(st.one_of(start, stop, wait, wait, stall, trouble), max_size=25)


class Run:
    """One story told to an engine, and what became of each voice."""

    def __init__(self, story: list[tuple[object, ...]], desk: PlayBench | None = None) -> None:
        self.desk = desk or bench()
        self.asked: list[str] = []
        for step in story:
            getattr(self, str(step[0]))(*step[1:])
        self.mend()
        self.desk.run_for(25)

    def start(self, name: str, after_s: float, position: int, length: int) -> None:
        voice_id = f"{name}{len(self.asked)}"
        self.asked.append(voice_id)
        at = self.desk.clock() + round(after_s * NS)
        self.desk.out.start(Voice(voice_id, str(length), at, position))

    def _of(self, name: str) -> list[str]:
        return [voice_id for voice_id in self.asked if voice_id.startswith(name)]

    def stop(self, name: str, fade_ms: int) -> None:
        for voice_id in self._of(name):
            self.desk.out.stop(voice_id, fade_ms)

    def retime(self, name: str, after_s: float) -> None:
        for voice_id in self._of(name):
            self.desk.out.retime(voice_id, self.desk.clock() + round(after_s * NS))

    def wait(self, seconds: float) -> None:
        self.desk.run_for(seconds)

    def stall(self, seconds: float) -> None:
        self.desk.stall_for(seconds)

    def mend(self) -> None:
        self.desk.card.broken = False

    def check(self) -> None:
        """Each voice: at most one start, first; one last word, last; counts that only grow."""
        for voice_id in self.asked:
            events = [event for event in self.desk.events if event.id == voice_id]
            assert isinstance(events[-1], Ended | Failed)
            assert sum(isinstance(event, Ended | Failed) for event in events) == 1
            assert sum(isinstance(event, Started) for event in events) <= 1
            counts = [e.frames_sounded for e in events if isinstance(e, Progress | Ended | Failed)]
            assert counts == sorted(counts)
            assert bool(counts[-1]) == any(isinstance(event, Started) for event in events)
        switched = [on for _, on in self.desk.amplifier.switched]
        assert switched == [True, False] * (len(switched) // 2)
        assert not self.desk.card.is_open
        assert all(sound.closed for sound in self.desk.sounds)


def _break(run: Run) -> None:
    if run.desk.card.is_open:
        run.desk.card.break_down()
    run.desk.card.broken = True


setattr(Run, "break", _break)  # a word of Python's own, and the right one


@settings(max_examples=150)
@given(calm)
@example([("start", "a", 0.0, 0, 55_678), ("wait", 1.0), ("retime", "a", 1.0)])
def test_what_is_told_is_what_was_heard(story: list[tuple[object, ...]]) -> None:
    """On a card that stays: told frames are the frames that left the loudspeaker, less the lost."""
    run = Run(story)
    run.check()
    for event in run.desk.events:
        if isinstance(event, Ended):
            assert event.frames_sounded <= heard_of(run.desk, event.id)
    told = sum(e.frames_sounded for e in run.desk.events if isinstance(e, Ended))
    audible = sum(
        int((run.desk.card.heard(number) != 0).sum())
        for number in range(len(run.desk.card.sessions))
    )
    fades = 1000 * (len(story) + 1)  # at their ends fades hold zeros that did sound
    assert audible <= told <= audible + fades


@settings(max_examples=150)
@given(rough)
def test_no_failure_of_the_card_breaks_the_promises(story: list[tuple[object, ...]]) -> None:
    """With a card that comes and goes every voice still gets one truthful last word."""
    run = Run(story)
    run.check()
    breaks = 1 + sum(step[0] == "break" for step in story)
    for event in run.desk.events:
        if isinstance(event, Ended | Failed):
            assert event.frames_sounded <= heard_of(run.desk, event.id) + breaks * RATE // 4


@settings(max_examples=150)
@given(smooth, st.sampled_from([0, 50_000]))
def test_nothing_clicks(story: list[tuple[object, ...]], noise_ns: int) -> None:
    """Starts, stops, cuts and jumps never step by more than a fade of 20 ms does."""
    run = Run(story, bench(saw=False, noise_ns=noise_ns))
    for number in range(len(run.desk.card.sessions)):
        steps = np.abs(np.diff(run.desk.card.heard(number).astype(int)))
        assert not len(steps) or steps.max() <= 2.5 * PLATEAU / 960
