"""A recording as samples by position: decoded, joined, trimmed, concealed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge_agent.adapters.ogg import OggOpusReader
from edge_agent.adapters.opus import LibOpusDecoder
from edge_agent.services.recording import RecordingSound
from edge_agent.services.sound_ports import RATE, Packet, SoundError, SoundFault
from tests.benchmarks.rig.compare import known_sound
from tests.fakes.ogg_opus import PRE_SKIP, packets_of, pages, recording

SECONDS = 3


PCM = known_sound(SECONDS)
FILE = recording(PCM.tobytes(), bitrate=64_000)


def sound_of(file: bytes, gain_db: float = 0.0) -> RecordingSound:
    return RecordingSound(OggOpusReader(file), LibOpusDecoder(), gain_db)


def samples(pcm: bytes) -> NDArray[np.float64]:
    return np.frombuffer(pcm, dtype=np.int16).astype(np.float64)


def likeness(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.sum(one * other) / np.sqrt(np.sum(one**2) * np.sum(other**2)))


WHOLE = samples(sound_of(FILE).read(10 * RATE))


def test_the_decoded_sound_is_the_recording() -> None:
    """Decoded length is the original's to the frame, and the sound lies where it was."""
    assert len(WHOLE) == len(PCM) == sound_of(FILE).length
    assert likeness(WHOLE, PCM.astype(np.float64)) > 0.98


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=30))
def test_how_it_is_read_does_not_matter(counts: list[int]) -> None:
    """Reading in pieces gives the same samples as reading at once."""
    sound = sound_of(FILE)
    pieces = samples(b"".join(sound.read(count) for count in counts))
    assert np.array_equal(pieces, WHOLE[: sum(counts)])


@settings(max_examples=30)
@given(st.integers(0, SECONDS * RATE - 5000))
def test_a_jump_lands_on_its_frame(position: int) -> None:
    """After a jump the samples are those of that position, as if played from the start."""
    sound = sound_of(FILE)
    sound.seek(position)
    landed = samples(sound.read(4800))
    assert len(landed) == 4800
    assert likeness(landed, WHOLE[position : position + 4800]) > 0.99


def test_a_jump_behind_the_end_gives_nothing() -> None:
    """Behind the end there are no frames, and no error."""
    sound = sound_of(FILE)
    sound.seek(SECONDS * RATE + 1)
    assert sound.read(100) == b""
    sound.seek(SECONDS * RATE - 10)
    assert len(sound.read(100)) == 20


@pytest.mark.parametrize("gain_db", [-12.0, 6.0])
def test_gain_changes_the_loudness(gain_db: float) -> None:
    """A gain from the start scales every sample by as many decibels."""
    loud = samples(sound_of(FILE, gain_db).read(RATE))
    measured = 20 * np.log10(np.std(loud) / np.std(WHOLE[:RATE]))
    assert abs(measured - gain_db) < 0.1


def test_too_much_gain_clips_softly() -> None:
    """With far too much gain samples stay in range and keep their signs."""
    loud = samples(sound_of(FILE, 30).read(RATE))
    clear = np.abs(WHOLE[:RATE]) > 3000
    assert np.abs(loud).max() <= 32_768
    assert np.array_equal(np.sign(loud[clear]), np.sign(WHOLE[:RATE][clear]))


def test_a_change_of_gain_does_not_jump() -> None:
    """A change by 20 dB takes at least 20 packets."""
    sound = sound_of(FILE)
    before = samples(sound.read(RATE))
    sound.set_gain(-20)
    after = samples(sound.read(RATE))
    assert np.std(after[:960]) > 0.75 * np.std(before)
    assert abs(20 * np.log10(np.std(after[RATE // 2 :]) / np.std(before)) + 20) < 0.5


def test_the_gain_of_the_header_counts() -> None:
    """A header that asks for -6 dB gets them."""
    soft = samples(sound_of(recording(PCM.tobytes(), bitrate=64_000, gain_q8=-6 * 256)).read(RATE))
    assert abs(20 * np.log10(np.std(soft) / np.std(WHOLE[:RATE])) + 6) < 0.1


def test_a_hole_is_concealed_and_nothing_moves() -> None:
    """Half a second of lost pages: 100 ms made up, then silence, then the sound at its place."""
    length = SECONDS * RATE
    made = list(
        pages(
            packets_of(PCM.tobytes() + bytes(PRE_SKIP * 2), bitrate=64_000),
            frames=960,
            length=length,
            packets_per_page=5,
        )
    )
    kept = b"".join(page.encode() for page in made[:12] + made[17:])
    heard = samples(sound_of(kept).read(10 * RATE))
    assert len(heard) == length
    hole = 10 * 4800 - PRE_SKIP
    assert np.array_equal(heard[:hole], WHOLE[:hole])
    assert np.std(heard[hole : hole + 960]) > 0.2 * np.std(WHOLE)
    assert not heard[hole + 4800 : hole + 5 * 4800].any()
    after = hole + 5 * 4800 + 4800
    assert likeness(heard[after:], WHOLE[after:]) > 0.99


def test_a_damaged_packet_is_silent_and_nothing_moves() -> None:
    """A packet that the decoder refuses gives silence of its length."""
    decoder = LibOpusDecoder()
    assert decoder.decode(b"\x7b\xff\xff", 960) == bytes(1920)
    assert len(decoder.decode(None, 960)) == 1920


def test_a_decoder_that_was_closed_says_so() -> None:
    """Use after close is an error of its own, not a crash; closing twice is nothing."""
    decoder = LibOpusDecoder()
    decoder.close()
    decoder.close()
    with pytest.raises(SoundError) as caught:
        decoder.decode(b"\x78", 960)
    assert caught.value.fault is SoundFault.DECODER_UNAVAILABLE


@given(st.binary(max_size=200), st.integers(0, 6000))
def test_any_packet_is_answered(packet: bytes, frames: int) -> None:
    """Arbitrary bytes never crash the decoder and never give more than a packet can hold."""
    decoder = LibOpusDecoder()
    assert len(decoder.decode(packet, frames)) <= 5760 * 2
    decoder.close()


class _Packets:
    """Packets with a place, as a reader would give them."""

    header_gain_db = 0.0
    length = None

    def __init__(self, packets: list[Packet]) -> None:
        self._packets = packets

    def seek(self, position: int) -> None:
        del position

    def read(self) -> Packet | None:
        return self._packets.pop(0) if self._packets else None

    def close(self) -> None:
        self._packets.clear()


def test_an_absurd_hole_is_damage() -> None:
    """A packet said to lie years ahead ends the recording as damaged, not in endless silence."""
    one = next(packets_of(PCM.tobytes()))
    sound = RecordingSound(
        _Packets([Packet(one, 0, 960), Packet(one, 2**61, 960)]), LibOpusDecoder()
    )
    with pytest.raises(SoundError) as caught:
        sound.read(RATE)
    assert caught.value.fault is SoundFault.RECORDING_DAMAGED


def test_without_an_end_the_packets_decide() -> None:
    """When nobody knows the length the sound goes to its last packet."""
    found = [Packet(p, n * 960, 960) for n, p in enumerate(packets_of(PCM.tobytes()))]
    sound = RecordingSound(_Packets(found), LibOpusDecoder())
    assert len(sound.read(10 * RATE)) == len(PCM) * 2
