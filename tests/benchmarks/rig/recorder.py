"""Records the rig's stereo monitor and knows at which monotonic instant each frame sounded."""

import ctypes
import ctypes.util
import threading
import time

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.rig.pulse_server import RATE

_FRAME_BYTES = 4
_ADJUST_LATENCY = 0x2000
_UNSET = 0xFFFFFFFF


class _SampleSpec(ctypes.Structure):
    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


class _BufferAttributes(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("max", "target", "pre", "min", "frag"))


class _Timing(ctypes.Structure):
    _fields_ = (
        ("seconds", ctypes.c_long),
        ("microseconds", ctypes.c_long),
        ("synchronized", ctypes.c_int),
        ("sink_usec", ctypes.c_uint64),
        ("source_usec", ctypes.c_uint64),
        ("transport_usec", ctypes.c_uint64),
        ("playing", ctypes.c_int),
        ("write_corrupt", ctypes.c_int),
        ("write_index", ctypes.c_int64),
        ("read_corrupt", ctypes.c_int),
        ("read_index", ctypes.c_int64),
    )


class Recorder:
    """Records in a thread from `start()` to `stop()`."""

    def __init__(self, server: str, source: str = "rig.monitor") -> None:
        """`server` and `source` as PulseAudio names them."""
        self._server = server.encode()
        self._source = source.encode()
        self._pa = ctypes.CDLL(ctypes.util.find_library("pulse") or "libpulse.so.0")
        for name in ("pa_mainloop_new", "pa_mainloop_get_api", "pa_context_new", "pa_stream_new"):
            getattr(self._pa, name).restype = ctypes.c_void_p
        self._pa.pa_stream_update_timing_info.restype = ctypes.c_void_p
        self._pa.pa_stream_get_timing_info.restype = ctypes.POINTER(_Timing)
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._chunks: list[bytes] = []
        self._looks: list[tuple[int, int, int, int]] = []
        self._arrivals: list[tuple[int, int]] = []
        self._frames = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.problem: str | None = None

    def start(self) -> None:
        """Begin; returns once frames arrive."""
        self._thread.start()
        if not self._ready.wait(10) or self.problem:
            raise RuntimeError(self.problem or "nothing to record")

    def stop(self) -> None:
        """End; `sound` and `instant_of_first` are valid afterwards."""
        self._stopping.set()
        self._thread.join()

    @property
    def sound(self) -> NDArray[np.int16]:
        """Frames × 2 channels."""
        raw = np.frombuffer(b"".join(self._chunks), dtype="<i2")
        return raw.reshape(-1, 2)

    def instants_of(self, frames: NDArray[np.float64]) -> NDArray[np.float64]:
        """Monotonic seconds at which frames sounded, by the server's own timing.

        The null sink's clock is not exactly ours, so each frame is placed by a line through the
        readings; a reading far from the first line does not count.
        """
        at, index, sink, source = np.array(self._looks[1:], dtype=np.float64).T
        where = index / _FRAME_BYTES
        when = (at - at[0]) / 1e9 + (sink - source) / 1e6
        line = np.polynomial.Polynomial.fit(where, when, 1)
        apart = np.abs(when - line(where))
        good = apart <= 3 * np.median(apart) + 1e-6
        line = np.polynomial.Polynomial.fit(where[good], when[good], 1)
        placed: NDArray[np.float64] = line(frames) + at[0] / 1e9
        return placed

    @property
    def earliest_arrival_of_first(self) -> float:
        """Monotonic seconds: a rough second opinion from when the frames reached this program."""
        return min(at / 1e9 - frames / RATE for at, frames in self._arrivals if frames > RATE)

    def _run(self) -> None:
        pa = self._pa
        loop = ctypes.c_void_p(pa.pa_mainloop_new())
        context = ctypes.c_void_p(
            pa.pa_context_new(ctypes.c_void_p(pa.pa_mainloop_get_api(loop)), b"recorder")
        )
        try:
            pa.pa_context_connect(context, self._server, 1, None)
            self._until(loop, lambda: pa.pa_context_get_state(context), 4)
            spec = _SampleSpec(3, RATE, 2)
            stream = ctypes.c_void_p(
                pa.pa_stream_new(context, b"recorder", ctypes.byref(spec), None)
            )
            fragment = RATE * 20 // 1000 * _FRAME_BYTES
            attributes = _BufferAttributes(_UNSET, _UNSET, _UNSET, _UNSET, fragment)
            pa.pa_stream_connect_record(
                stream, self._source, ctypes.byref(attributes), _ADJUST_LATENCY
            )
            self._until(loop, lambda: pa.pa_stream_get_state(stream), 2)
            self._record(loop, stream)
        except RuntimeError as error:
            self.problem = str(error)
        finally:
            self._ready.set()
            pa.pa_context_disconnect(context)
            pa.pa_mainloop_free(loop)

    def _until(self, loop: ctypes.c_void_p, state: object, wanted: int) -> None:
        deadline = time.monotonic() + 5
        while (now := state()) != wanted:  # type: ignore[operator]
            if now > wanted or time.monotonic() > deadline:
                raise RuntimeError("no connection to the rig's server")
            self._wait(loop)

    def _wait(self, loop: ctypes.c_void_p) -> None:
        self._pa.pa_mainloop_prepare(loop, 20_000)
        self._pa.pa_mainloop_poll(loop)
        self._pa.pa_mainloop_dispatch(loop)

    def _record(self, loop: ctypes.c_void_p, stream: ctypes.c_void_p) -> None:
        pa = self._pa
        operation: ctypes.c_void_p | None = None
        asked = 0.0
        while not self._stopping.is_set():
            self._wait(loop)
            self._take(stream)
            if operation is not None and pa.pa_operation_get_state(operation):
                self._look(stream)
                pa.pa_operation_unref(operation)
                operation = None
            if operation is None and time.monotonic() - asked > 0.1:
                asked = time.monotonic()
                operation = ctypes.c_void_p(pa.pa_stream_update_timing_info(stream, None, None))

    def _take(self, stream: ctypes.c_void_p) -> None:
        data, size = ctypes.c_void_p(), ctypes.c_size_t()
        self._pa.pa_stream_peek(stream, ctypes.byref(data), ctypes.byref(size))
        while size.value:
            raw = ctypes.string_at(data, size.value) if data.value else bytes(size.value)
            self._chunks.append(raw)
            self._frames += len(raw) // _FRAME_BYTES
            self._arrivals.append((time.monotonic_ns(), self._frames))
            self._pa.pa_stream_drop(stream)
            self._ready.set()
            self._pa.pa_stream_peek(stream, ctypes.byref(data), ctypes.byref(size))

    def _look(self, stream: ctypes.c_void_p) -> None:
        info = self._pa.pa_stream_get_timing_info(stream).contents
        offset = time.time_ns() - time.monotonic_ns()
        at = (info.seconds * 1_000_000 + info.microseconds) * 1000 - offset
        self._looks.append((at, info.write_index, info.sink_usec, info.source_usec))
