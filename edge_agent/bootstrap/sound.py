"""Which sound card, which switch, and how a voice's source is opened."""

from collections.abc import Callable
from typing import Final

from edge_agent.adapters.clock import MachineClock
from edge_agent.services.chime import SOURCE, Chime
from edge_agent.services.recording import RecordingSound
from edge_agent.services.sound_ports import Amplifier, Sound, SoundCard
from edge_agent.settings import Settings, SoundOutput

_MIB: Final = 1024 * 1024


def open_sound(source: str | bytes, gain_db: float) -> Sound:
    """Open what a voice names."""
    from edge_agent.adapters.ogg import OggOpusReader
    from edge_agent.adapters.opus import LibOpusDecoder

    if source == SOURCE:
        return Chime(gain_db)
    return RecordingSound(OggOpusReader(source), LibOpusDecoder(), gain_db)


def sound_card(settings: Settings, clock: MachineClock, wall_ns: Callable[[], int]) -> SoundCard:
    """Return the output that is set; each loads its library when it is opened."""
    if settings.sound is SoundOutput.ALSA:
        from edge_agent.adapters.sound_card.alsa import AlsaCard

        return AlsaCard(settings.device or "default", monotonic_ns=clock.monotonic_ns)
    if settings.sound is SoundOutput.PULSE:
        from edge_agent.adapters.sound_card.pulse import PulseCard

        return PulseCard(settings.device or None, monotonic_ns=clock.monotonic_ns)
    if settings.sound is SoundOutput.WAV:
        from edge_agent.adapters.sound_card.wav import WavCard, WavFolder

        folder = WavFolder(settings.captures_folder, keep_bytes=settings.captures_mib * _MIB)
        return WavCard(folder, clock.monotonic_ns, wall_ns)
    from edge_agent.adapters.sound_card.null import NullCard

    return NullCard(clock.monotonic_ns)


def amplifier(settings: Settings) -> Amplifier | None:
    """Return the amplifier's switch, None where it is always on. Raises SoundError."""
    if not settings.amplifier_pin:
        return None
    from edge_agent.adapters.amplifier import GpioAmplifier

    pin = (
        int(settings.amplifier_pin) if settings.amplifier_pin.isdigit() else settings.amplifier_pin
    )
    return GpioAmplifier(pin, active_high=settings.amplifier_active_high)
