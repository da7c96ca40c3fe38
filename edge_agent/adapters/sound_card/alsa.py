"""ALSA: libasound by ctypes, not blocking. `snd_pcm_delay` says when the next frame will sound.

After an underrun the card starts again; its timeline has moved, so the epoch of readings rises.
"""

import ctypes
import ctypes.util
import time
from collections.abc import Callable
from functools import cache

from edge_agent.services.sound_ports import (
    NS,
    RATE,
    SAMPLE_BYTES,
    CardReading,
    SoundError,
    SoundFault,
)

_PLAYBACK, _NON_BLOCKING = 0, 1
_FORMAT_S16LE, _ACCESS_INTERLEAVED = 2, 3
_RUNNING = 3
_AGAIN, _UNDERRUN, _SUSPENDED = -11, -32, -86


@cache
def load_library() -> ctypes.CDLL:
    """The opened library; SoundError(CARD_UNAVAILABLE) when this machine has none."""
    try:
        library = ctypes.CDLL(ctypes.util.find_library("asound") or "libasound.so.2")
    except OSError as error:
        raise SoundError(SoundFault.CARD_UNAVAILABLE, "libasound is not installed") from error
    library.snd_pcm_writei.restype = ctypes.c_long
    library.snd_pcm_writei.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong]
    library.snd_pcm_avail_update.restype = ctypes.c_long
    library.snd_strerror.restype = ctypes.c_char_p
    return library


class AlsaCard:
    """One ALSA device, by its name (`default`, `plughw:1,0`, …)."""

    noise_ns = 1_000_000

    def __init__(
        self,
        device: str = "default",
        buffer_ms: int = 120,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """The device is asked for mono at 48 kHz and converts by itself if it must."""
        self._device = device
        self._buffer_ms = buffer_ms
        self._now = monotonic_ns
        self._pcm: ctypes.c_void_p | None = None
        self._written = 0
        self._epoch = 0

    def open(self) -> None:
        """Open and set the device up; SoundError(CARD_UNAVAILABLE) when it cannot be had."""
        library = load_library()
        handle = ctypes.c_void_p()
        name = self._device.encode()
        code = library.snd_pcm_open(ctypes.byref(handle), name, _PLAYBACK, _NON_BLOCKING)
        if code < 0:
            raise _error(SoundFault.CARD_UNAVAILABLE, code)
        self._pcm = handle
        code = library.snd_pcm_set_params(
            handle, _FORMAT_S16LE, _ACCESS_INTERLEAVED, 1, RATE, 1, self._buffer_ms * 1000
        )
        if code < 0:
            self.close()
            raise _error(SoundFault.CARD_UNAVAILABLE, code)
        self._written = self._epoch = 0

    def writable(self) -> int:
        """Frames that the device takes now."""
        available: int = load_library().snd_pcm_avail_update(self._pcm)
        if available < 0:
            self._recover(available)
            available = load_library().snd_pcm_avail_update(self._pcm)
        return max(0, available)

    def write(self, pcm: bytes) -> None:
        """Hand frames over; an underrun in between starts the device again."""
        library = load_library()
        while pcm:
            frames = len(pcm) // SAMPLE_BYTES
            taken: int = library.snd_pcm_writei(self._pcm, pcm, frames)
            if taken == _AGAIN:
                raise SoundError(SoundFault.CARD_LOST, "ALSA takes less than it offered")
            if taken < 0:
                self._recover(taken)
                continue
            self._written += taken
            pcm = pcm[taken * SAMPLE_BYTES :]

    def reading(self) -> CardReading | None:
        """When the next frame to be written will sound; None while the device stands still."""
        library = load_library()
        if library.snd_pcm_state(self._pcm) != _RUNNING:
            return None
        delay = ctypes.c_long()
        library.snd_pcm_avail_update(self._pcm)
        before = self._now()
        if library.snd_pcm_delay(self._pcm, ctypes.byref(delay)) < 0 or delay.value < 0:
            return None
        now = (before + self._now()) // 2
        return CardReading(self._written, now + delay.value * NS // RATE, self._epoch)

    def mark(self, voice_id: str | None) -> None:
        """Nothing here depends on whose the frames are."""

    def close(self) -> None:
        """Drop what is buffered and let the device go."""
        if self._pcm is not None:
            library = load_library()
            library.snd_pcm_drop(self._pcm)
            library.snd_pcm_close(self._pcm)
            self._pcm = None

    def _recover(self, code: int) -> None:
        """After an underrun or a suspend the device starts again, else it is lost."""
        if code not in (_UNDERRUN, _SUSPENDED):
            raise _error(SoundFault.CARD_LOST, code)
        code = load_library().snd_pcm_recover(self._pcm, code, 1)
        if code < 0:
            raise _error(SoundFault.CARD_LOST, code)
        self._epoch += 1


def _error(fault: SoundFault, code: int) -> SoundError:
    return SoundError(fault, f"ALSA: {load_library().snd_strerror(code).decode()}")
