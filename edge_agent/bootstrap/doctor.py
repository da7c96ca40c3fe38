"""What is well with a terminal and what is not, in plain lines."""

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from edge_agent.adapters.clock import MachineClock
from edge_agent.adapters.disk import DataFolder, KeyFile, KeyMissing
from edge_agent.bootstrap.identity import NotEnrolled, agent_name, hardware, read_identity
from edge_agent.bootstrap.sound import amplifier, sound_card
from edge_agent.core.clock_trust import RELEASED
from edge_agent.services.sound_ports import SoundError
from edge_agent.settings import Settings, SoundOutput

_CONNECT_S = 5.0
_LEAST_FREE = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    good: bool
    text: str

    def __str__(self) -> str:
        return f"{'ok     ' if self.good else 'PROBLEM'} {self.text}"


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything; nothing is changed and nothing sounds."""
    yield Finding(good=True, text=f"{agent_name()} on {hardware()}")
    yield from _folder(settings)
    yield from _identity(settings)
    yield from _clock()
    yield from _sound(settings)


def _folder(settings: Settings) -> Iterator[Finding]:
    path = settings.data
    if not path.is_dir():
        yield Finding(good=False, text=f"there is no folder {path}: enrol first")
        return
    writable = os.access(path, os.W_OK | os.X_OK)
    yield Finding(writable, f"data in {path}" + ("" if writable else ", not writable"))
    free = shutil.disk_usage(path).free
    yield Finding(free >= _LEAST_FREE, f"{free // 2**20} MiB free on its disk")


def _identity(settings: Settings) -> Iterator[Finding]:
    folder = DataFolder(settings.data)
    try:
        enrolled = read_identity(folder)
        KeyFile.load(folder.key)
    except (NotEnrolled, KeyMissing) as error:
        yield Finding(good=False, text=str(error))
        return
    yield Finding(good=True, text=f"enrolled as terminal {enrolled.terminal} by {enrolled.url}")
    host, port = settings.broker_address() or (enrolled.mqtt_host, enrolled.mqtt_port)
    try:
        socket.create_connection((host, port), timeout=_CONNECT_S).close()
    except OSError as error:
        yield Finding(good=False, text=f"the broker {host}:{port} cannot be reached: {error}")
    else:
        yield Finding(good=True, text=f"the broker {host}:{port} can be reached")


def _clock() -> Iterator[Finding]:
    machine = MachineClock().machine()
    if machine.system < RELEASED:
        yield Finding(good=False, text="the clock shows a time before this program was made")
    source = "synchronised by NTP" if machine.synchronised else "not synchronised by NTP"
    kept = "kept by a clock with a battery" if machine.rtc else "no clock with a battery"
    yield Finding(good=True, text=f"time: {source}, {kept}")


def _sound(settings: Settings) -> Iterator[Finding]:
    from edge_agent.adapters.opus import load_library

    try:
        load_library()
    except SoundError as error:
        yield Finding(good=False, text=str(error))
    if settings.sound is not SoundOutput.WAV:
        card = sound_card(settings, MachineClock(), lambda: 0)
        try:
            card.open()
        except SoundError as error:
            yield Finding(good=False, text=f"sound by {settings.sound}: {error}")
        else:
            yield Finding(good=True, text=f"sound by {settings.sound} {settings.device}".rstrip())
        finally:
            card.close()
    else:
        yield Finding(good=True, text=f"sound is written to {settings.captures_folder}")
    try:
        switch = amplifier(settings)
    except SoundError as error:
        yield Finding(good=False, text=str(error))
    else:
        state = f"switched by pin {settings.amplifier_pin}" if switch else "always on"
        yield Finding(good=True, text=f"amplifier {state}")
