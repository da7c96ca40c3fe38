"""libopus by ctypes: the system's library, else the one inside the opuslib-next-bundled wheel."""

import ctypes
import ctypes.util
import importlib.util
from functools import cache
from pathlib import Path

from edge_agent.services.sound_ports import RATE, SAMPLE_BYTES, SoundError, SoundFault

_SET_GAIN = 4034
_RESET_STATE = 4028
_MAX_FRAMES = RATE * 120 // 1000
_GAIN_LIMIT_DB = 127.0


def _candidates() -> list[str]:
    """Names and paths to try, the system's first."""
    names = [ctypes.util.find_library("opus"), "libopus.so.0", "libopus.0.dylib", "opus.dll"]
    spec = importlib.util.find_spec("opuslib_next")  # finds the folder, does not run the package
    for folder in (spec.submodule_search_locations or []) if spec else []:
        names += [
            str(path) for path in sorted(Path(folder).glob("_native/*opus*")) if path.is_file()
        ]
    return [name for name in names if name]


@cache
def load_library() -> ctypes.CDLL:
    """The opened library; SoundError(DECODER_UNAVAILABLE) when this machine has none."""
    for name in _candidates():
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.opus_decoder_create.restype = ctypes.c_void_p
        library.opus_decoder_create.argtypes = [
            ctypes.c_int32,
            ctypes.c_int,
            ctypes.POINTER(ctypes.c_int),
        ]
        library.opus_decoder_destroy.restype = None
        library.opus_decoder_destroy.argtypes = [ctypes.c_void_p]
        library.opus_decode.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_int32,
            ctypes.c_void_p,
            ctypes.c_int,
            ctypes.c_int,
        ]
        return library
    raise SoundError(SoundFault.DECODER_UNAVAILABLE, "no libopus: install libopus0 or loaxa[opus]")


class LibOpusDecoder:
    """One stream's decoder; stereo packets are mixed down to mono by the library."""

    def __init__(self, gain_db: float = 0.0) -> None:
        """Create it with a first gain; SoundError(DECODER_UNAVAILABLE) when it cannot be."""
        self._library = load_library()
        error = ctypes.c_int()
        self._state = self._library.opus_decoder_create(RATE, 1, ctypes.byref(error))
        if not self._state:
            raise SoundError(SoundFault.DECODER_UNAVAILABLE, f"libopus error {error.value}")
        self._pcm = ctypes.create_string_buffer(_MAX_FRAMES * SAMPLE_BYTES)
        self.set_gain(gain_db)

    def set_gain(self, gain_db: float) -> None:
        """Loudness of what is decoded from here on, limited to ±127 dB; peaks clip softly."""
        q8 = round(256 * max(-_GAIN_LIMIT_DB, min(_GAIN_LIMIT_DB, gain_db)))
        self._control(_SET_GAIN, q8)

    def decode(self, packet: bytes | None, frames: int) -> bytes:
        """PCM of one packet, or `frames` frames of concealment for None; damage gives silence."""
        wanted = max(0, min(frames, _MAX_FRAMES))
        room = _MAX_FRAMES if packet else wanted
        got = self._library.opus_decode(
            self._open(), packet, len(packet) if packet else 0, self._pcm, room, 0
        )
        if got < 0:
            return bytes(wanted * SAMPLE_BYTES)
        pcm: bytes = ctypes.string_at(self._pcm, got * SAMPLE_BYTES)
        return pcm

    def reset(self) -> None:
        """Forget the past, as after a jump; the gain stays."""
        self._control(_RESET_STATE)

    def close(self) -> None:
        """Free it; may be called twice."""
        if self._state:
            self._library.opus_decoder_destroy(self._state)
            self._state = None

    def _open(self) -> ctypes.c_void_p:
        if not self._state:
            raise SoundError(SoundFault.DECODER_UNAVAILABLE, "used after close")
        return ctypes.c_void_p(self._state)

    def _control(self, request: int, *values: int) -> None:
        # A variadic C function: every argument is given its C type by hand.
        arguments = [ctypes.c_int(value) for value in (request, *values)]
        self._library.opus_decoder_ctl(self._open(), *arguments)
