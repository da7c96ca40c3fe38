"""What the tests of the play-out engine share: a bench, and how late a voice is heard."""

from itertools import pairwise
from typing import TypeVar

from edge_agent.services.play_events import Ended, Failed, PlayEvent, Voice
from edge_agent.services.sound_ports import NS, RATE
from tests.fakes.sound import SAW, FakeCard, PlayBench, SimulatedClock

Event = TypeVar("Event")


def bench(
    *,
    ppm: float = 0.0,
    latency_ms: float = 0.0,
    noise_ns: int = 0,
    seed: int = 1,
    saw: bool = True,
) -> PlayBench:
    """An engine with a fake card, in simulated time."""
    clock = SimulatedClock()
    card = FakeCard(clock, ppm=ppm, latency_ms=latency_ms, noise_ns=noise_ns, seed=seed)
    return PlayBench(card, clock, saw=saw)


def error_ms(desk: PlayBench, voice: Voice, instant_ns: float, session: int = -1) -> float:
    """How late the voice is at an instant, by the frame of it that leaves the card."""
    card = desk.card
    spacing = card.instant_of(1, session) - card.instant_of(0, session)
    frame = round((instant_ns - card.instant_of(0, session)) / spacing)
    due = voice.position + (card.instant_of(frame, session) - voice.at_monotonic_ns) * RATE / NS
    sample = card.sample_at(frame, session)
    assert sample > 0, "silence"
    apart = (due - (sample - 1) + SAW / 2) % SAW - SAW / 2
    return apart / RATE * 1000


def heard_of(desk: PlayBench, voice_id: str) -> int:
    """Frames of a voice that left the card, over all its sessions."""
    total = 0
    for number, session in enumerate(desk.card.sessions):
        heard = desk.card.heard(number)
        bounds = [*session.owners, (len(heard), None)]
        for (first, owner), (end, _) in pairwise(bounds):
            if owner == voice_id:
                total += max(0, min(end, len(heard)) - first)
    return total


def of_kind(desk: PlayBench, kind: type[Event]) -> list[Event]:
    """Events of one kind, in order."""
    return [event for event in desk.events if isinstance(event, kind)]


def last_words(desk: PlayBench, voice_id: str) -> list[PlayEvent]:
    """The events that end a voice."""
    return [
        event for event in desk.events if isinstance(event, Ended | Failed) and event.id == voice_id
    ]
