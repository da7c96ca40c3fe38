"""A stored recording as samples by position: packets of the file, decoded, joined and trimmed."""

from edge_agent.services.sound_ports import (
    RATE,
    SAMPLE_BYTES,
    OpusDecoder,
    Packet,
    PacketReader,
    SoundError,
    SoundFault,
)

_CONCEALED_FRAMES = RATE * 100 // 1000
"""Missing sound is concealed for 100 ms, what is missing beyond that is silent."""

_LONGEST_HOLE = RATE * 60
"""A hole longer than a minute is not damage on the way but a broken recording."""

_GAIN_STEP_DB = 1.0
"""The loudness moves by at most this much from packet to packet, so that it never clicks."""


class RecordingSound:
    """The `Sound` of one recording. Owns its packet reader and its decoder."""

    def __init__(self, packets: PacketReader, decoder: OpusDecoder, gain_db: float = 0.0) -> None:
        """Begin at frame 0 with `gain_db` on top of what the recording's header asks for."""
        self._packets = packets
        self._decoder = decoder
        self._gain_db = self._wanted_gain_db = gain_db + packets.header_gain_db
        decoder.set_gain(self._gain_db)
        self._pcm = bytearray()
        self._at = 0  # frame that the next byte of _pcm will hold
        self._decoded: int | None = None  # frame behind the last packet; None after a jump
        self._waiting: Packet | None = None

    @property
    def length(self) -> int | None:
        """Frames of the whole recording, None when its end cannot be read."""
        return self._packets.length

    def seek(self, position: int) -> None:
        """The next `read` begins at frame `position`; the decoder runs in over 80 ms before it."""
        self._packets.seek(position)
        self._decoder.reset()
        self._pcm.clear()
        self._at = position
        self._decoded = None
        self._waiting = None

    def read(self, frames: int) -> bytes:
        """The next frames; fewer than asked only at the end."""
        while len(self._pcm) < frames * SAMPLE_BYTES and self._fill():
            pass
        taken = bytes(self._pcm[: frames * SAMPLE_BYTES])
        del self._pcm[: len(taken)]
        return taken

    def set_gain(self, gain_db: float) -> None:
        """Change the loudness from the next packet on, 1 dB per packet."""
        self._wanted_gain_db = gain_db + self._packets.header_gain_db

    def close(self) -> None:
        """Let file and decoder go; may be called twice."""
        self._packets.close()
        self._decoder.close()

    def _fill(self) -> bool:
        """Decode one more packet, or a piece of a hole; False at the end."""
        packet = self._waiting or self._packets.read()
        self._waiting = None
        if packet is None:
            return False
        hole = packet.position - (self._at if self._decoded is None else self._decoded)
        if hole > _LONGEST_HOLE:
            raise SoundError(SoundFault.RECORDING_DAMAGED, "a minute or more of it is missing")
        if hole > 0:
            self._waiting = packet
            self._append(packet.position - hole, self._conceal(hole))
        else:
            self._follow_gain()
            self._append(packet.position, self._decoder.decode(packet.data, packet.frames))
            self._decoded = packet.position + packet.frames
        return True

    def _conceal(self, hole: int) -> bytes:
        """Sound for a hole: what the decoder makes up for 100 ms, silence for the rest."""
        made_up = b""
        if self._decoded is not None:
            made_up = self._decoder.decode(None, min(hole, _CONCEALED_FRAMES) // 120 * 120)
        self._decoded = (self._at if self._decoded is None else self._decoded) + hole
        return made_up + bytes(hole * SAMPLE_BYTES - len(made_up))

    def _append(self, position: int, pcm: bytes) -> None:
        """Keep what lies at or behind the wanted frame and before the end of the recording."""
        end = position + len(pcm) // SAMPLE_BYTES
        length = self.length
        first = min(max(self._at, position), end)
        last = end if length is None else max(first, min(end, length))
        self._pcm += pcm[(first - position) * SAMPLE_BYTES : (last - position) * SAMPLE_BYTES]
        self._at = max(self._at, last)

    def _follow_gain(self) -> None:
        if self._gain_db != self._wanted_gain_db:
            step = self._wanted_gain_db - self._gain_db
            self._gain_db += max(-_GAIN_STEP_DB, min(_GAIN_STEP_DB, step))
            self._decoder.set_gain(self._gain_db)
