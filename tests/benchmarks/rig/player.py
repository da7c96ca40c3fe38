"""A terminal's play-out engine as a process of its own: plays a recording at given wall instants.

    python -m tests.benchmarks.rig.player --sink left --recording FILE --at WALL_US ...

Prints one line of JSON per event. The wall clock is read once per occurrence to place it, as a
terminal does.
"""

import argparse
import json
import queue
import time
from dataclasses import asdict
from pathlib import Path

from edge_agent.adapters.ogg import OggOpusReader
from edge_agent.adapters.opus import LibOpusDecoder
from edge_agent.adapters.sound_card.alsa import AlsaCard
from edge_agent.adapters.sound_card.pulse import PulseCard
from edge_agent.services.play import PlayEngine
from edge_agent.services.play_events import Ended, Failed, PlayEvent, Voice
from edge_agent.services.recording import RecordingSound
from edge_agent.services.sound_ports import SoundCard


def open_sound(source: str | bytes, gain_db: float) -> RecordingSound:
    """Open a recording as the terminal does."""
    return RecordingSound(OggOpusReader(source), LibOpusDecoder(), gain_db)


def play(card: SoundCard, recording: str, instants_us: list[int], ahead_s: float) -> None:
    """Play the recording at each instant, asked for `ahead_s` before it; events to stdout."""
    events: queue.SimpleQueue[PlayEvent] = queue.SimpleQueue()
    engine = PlayEngine(card, open_sound, None, time.monotonic_ns, events.put)
    try:
        for number, at_us in enumerate(instants_us):
            time.sleep(max(0.0, at_us / 1e6 - ahead_s - time.time()))
            at_ns = at_us * 1000 - time.time_ns() + time.monotonic_ns()
            engine.start(Voice(str(number), recording, at_ns))
            while True:
                event = events.get()
                print(json.dumps({"kind": type(event).__name__, **asdict(event)}), flush=True)
                if isinstance(event, Ended | Failed):
                    break
    finally:
        engine.close()


def main() -> None:
    """Read the command line and play."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sink", required=True)
    arguments.add_argument("--alsa", action="store_true", help="the sink is an ALSA device")
    arguments.add_argument("--recording", type=Path, required=True)
    arguments.add_argument("--ahead-s", type=float, default=1.3)
    arguments.add_argument("--at", type=int, nargs="+", required=True, metavar="WALL_US")
    chosen = arguments.parse_args()
    card: SoundCard = AlsaCard(chosen.sink) if chosen.alsa else PulseCard(chosen.sink)
    play(card, str(chosen.recording), chosen.at, chosen.ahead_s)


if __name__ == "__main__":
    main()
