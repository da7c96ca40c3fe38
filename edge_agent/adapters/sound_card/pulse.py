"""PulseAudio, and PipeWire through its Pulse service: libpulse by ctypes, in the caller's thread.

The stream runs without pre-buffering, so the server's timeline never waits: a byte that comes too
late is skipped, and every byte keeps its instant. Readings are the server's raw timing (no client
interpolation): the byte at `read_index` leaves at `timestamp + sink_usec`.
"""

import ctypes
import ctypes.util
import time
from collections.abc import Callable
from functools import cache

from edge_agent.services.sound_ports import (
    RATE,
    SAMPLE_BYTES,
    CardReading,
    SoundError,
    SoundFault,
)

_CONTEXT_READY, _CONTEXT_GONE = 4, (5, 6)
_STREAM_READY, _STREAM_GONE = 2, (3, 4)
_NO_AUTOSPAWN = 0x0001
_ADJUST_LATENCY = 0x2000
_FORMAT_S16LE = 3
_OPERATION_RUNNING = 0
_SEEK_RELATIVE = 0
_UNSET = 0xFFFFFFFF
_FAILED_SIZE = ctypes.c_size_t(-1).value
_CONNECT_S = 3.0
_STEP_NS = 100_000
"""Wall and monotonic clock may part by this much during a reading; beyond it the clock was set."""


class _SampleSpec(ctypes.Structure):
    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


class _BufferAttributes(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")
    )


class _TimingInfo(ctypes.Structure):
    _fields_ = (
        ("timestamp_s", ctypes.c_long),
        ("timestamp_us", ctypes.c_long),
        ("synchronized_clocks", ctypes.c_int),
        ("sink_usec", ctypes.c_uint64),
        ("source_usec", ctypes.c_uint64),
        ("transport_usec", ctypes.c_uint64),
        ("playing", ctypes.c_int),
        ("write_index_corrupt", ctypes.c_int),
        ("write_index", ctypes.c_int64),
        ("read_index_corrupt", ctypes.c_int),
        ("read_index", ctypes.c_int64),
        ("configured_sink_usec", ctypes.c_uint64),
        ("configured_source_usec", ctypes.c_uint64),
        ("since_underrun", ctypes.c_int64),
    )


_POINTERS = (
    "pa_mainloop_new",
    "pa_mainloop_get_api",
    "pa_context_new",
    "pa_stream_new",
    "pa_stream_update_timing_info",
)


@cache
def load_library() -> ctypes.CDLL:
    """The opened library; SoundError(CARD_UNAVAILABLE) when this machine has none."""
    try:
        library = ctypes.CDLL(ctypes.util.find_library("pulse") or "libpulse.so.0")
    except OSError as error:
        raise SoundError(SoundFault.CARD_UNAVAILABLE, "libpulse is not installed") from error
    for name in _POINTERS:
        getattr(library, name).restype = ctypes.c_void_p
    library.pa_stream_writable_size.restype = ctypes.c_size_t
    library.pa_stream_get_timing_info.restype = ctypes.POINTER(_TimingInfo)
    library.pa_strerror.restype = ctypes.c_char_p
    library.pa_stream_write.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_void_p,
        ctypes.c_int64,
        ctypes.c_int,
    ]
    return library


class PulseCard:
    """One mono playback stream on a sink of a PulseAudio server."""

    noise_ns = 50_000

    def __init__(
        self,
        sink: str | None = None,
        server: str | None = None,
        buffer_ms: int = 120,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """None = the server's and the environment's own choice of server and sink."""
        self._sink = sink
        self._server = server
        self._buffer_ms = buffer_ms
        self._now = monotonic_ns
        self._wall = wall_ns
        self._loop: ctypes.c_void_p | None = None
        self._context: ctypes.c_void_p | None = None
        self._stream: ctypes.c_void_p | None = None
        self._operation: ctypes.c_void_p | None = None
        self._asked_offset_ns = 0

    def open(self) -> None:
        """Connect and start a stream; SoundError(CARD_UNAVAILABLE) within three seconds."""
        try:
            self._connect()
        except SoundError as error:
            self.close()
            raise SoundError(SoundFault.CARD_UNAVAILABLE, str(error)) from error

    def writable(self) -> int:
        """Frames that the server asks for now."""
        self._iterate()
        size = load_library().pa_stream_writable_size(self._stream)
        if size == _FAILED_SIZE:
            raise self._lost("no stream")
        return int(size) // SAMPLE_BYTES

    def write(self, pcm: bytes) -> None:
        """Append frames to the stream."""
        library = load_library()
        if library.pa_stream_write(self._stream, pcm, len(pcm), None, 0, _SEEK_RELATIVE):
            raise self._lost("write refused")
        self._iterate()

    def reading(self) -> CardReading | None:
        """The answer to the timing question asked at the last call; asks the next one."""
        self._iterate()
        library = load_library()
        offset_ns = self._wall_offset_ns()
        reading = None
        if self._operation is not None:
            if library.pa_operation_get_state(self._operation) == _OPERATION_RUNNING:
                return None
            if abs(offset_ns - self._asked_offset_ns) < _STEP_NS:
                reading = self._timing(offset_ns)
            library.pa_operation_unref(self._operation)
        asked = library.pa_stream_update_timing_info(self._stream, None, None)
        self._operation = ctypes.c_void_p(asked) if asked else None
        self._asked_offset_ns = offset_ns
        return reading

    def mark(self, voice_id: str | None) -> None:
        """Nothing here depends on whose the frames are."""

    def close(self) -> None:
        """Drop what is buffered and disconnect."""
        if self._loop is None:
            return
        library = load_library()
        if self._operation is not None:
            library.pa_operation_unref(self._operation)
        if self._stream is not None:
            library.pa_stream_disconnect(self._stream)
            library.pa_stream_unref(self._stream)
        if self._context is not None:
            library.pa_context_disconnect(self._context)
            library.pa_context_unref(self._context)
        library.pa_mainloop_free(self._loop)
        self._operation = self._stream = self._context = self._loop = None

    def _connect(self) -> None:
        library = load_library()
        self._loop = ctypes.c_void_p(library.pa_mainloop_new())
        api = ctypes.c_void_p(library.pa_mainloop_get_api(self._loop))
        self._context = ctypes.c_void_p(library.pa_context_new(api, b"loaxa-agent"))
        server = self._server.encode() if self._server else None
        if library.pa_context_connect(self._context, server, _NO_AUTOSPAWN, None) < 0:
            raise self._lost("cannot connect")
        self._await(lambda: library.pa_context_get_state(self._context), _CONTEXT_READY)
        spec = _SampleSpec(_FORMAT_S16LE, RATE, 1)
        stream = library.pa_stream_new(self._context, b"loaxa", ctypes.byref(spec), None)
        if not stream:
            raise self._lost("no stream")
        self._stream = ctypes.c_void_p(stream)
        size = RATE * self._buffer_ms // 1000 * SAMPLE_BYTES
        attributes = _BufferAttributes(_UNSET, size, 0, _UNSET, _UNSET)
        sink = self._sink.encode() if self._sink else None
        if library.pa_stream_connect_playback(
            self._stream, sink, ctypes.byref(attributes), _ADJUST_LATENCY, None, None
        ):
            raise self._lost("no such sink")
        self._await(lambda: library.pa_stream_get_state(self._stream), _STREAM_READY)

    def _await(self, state: Callable[[], int], ready: int) -> None:
        """Run the loop until the state is reached; SoundError when it fails or takes too long."""
        library = load_library()
        deadline = self._now() + round(_CONNECT_S * 1e9)
        while state() != ready:
            if self._now() > deadline:
                raise self._lost("no answer")
            if library.pa_mainloop_prepare(self._loop, 100_000) < 0:
                raise self._lost("no loop")
            library.pa_mainloop_poll(self._loop)
            library.pa_mainloop_dispatch(self._loop)
            self._check()

    def _iterate(self) -> None:
        """Handle what the server has sent, without waiting."""
        library = load_library()
        while library.pa_mainloop_iterate(self._loop, 0, None) > 0:
            pass
        self._check()

    def _check(self) -> None:
        library = load_library()
        if self._context is None or library.pa_context_get_state(self._context) in _CONTEXT_GONE:
            raise self._lost("server gone")
        if self._stream is not None and library.pa_stream_get_state(self._stream) in _STREAM_GONE:
            raise self._lost("stream gone")

    def _lost(self, what: str) -> SoundError:
        detail = what
        if self._context is not None:
            library = load_library()
            text = library.pa_strerror(library.pa_context_errno(self._context))
            detail = f"{what}: {text.decode()}" if text else what
        return SoundError(SoundFault.CARD_LOST, f"PulseAudio {detail}")

    def _wall_offset_ns(self) -> int:
        """Wall minus monotonic clock, from the tightest of three looks."""
        looks = []
        for _ in range(3):
            before = self._now()
            wall = self._wall()
            after = self._now()
            looks.append((after - before, wall - (before + after) // 2))
        return min(looks)[1]

    def _timing(self, offset_ns: int) -> CardReading | None:
        pointer = load_library().pa_stream_get_timing_info(self._stream)
        if not pointer:
            return None
        info = pointer.contents
        if not info.playing or info.read_index_corrupt:
            return None
        wall_us = info.timestamp_s * 1_000_000 + info.timestamp_us + info.sink_usec
        return CardReading(info.read_index // SAMPLE_BYTES, wall_us * 1000 - offset_ns)
