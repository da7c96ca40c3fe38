"""Files that are no recording, are not whole, or mean harm."""

import random
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media.asset import DoubtReason, Ingested
from media.audio import CLOCK
from media.errors import Code, MediaError, SoundRefused
from tests.integration.media.studio import Studio
from tests.integration.media.test_taking_in import KINDS, Kind
from tests.integration.media.voice import RATE, convert, tone, voice, wav_header, write_wav


async def refusal(studio: Studio, source: Path) -> Code:
    """Take a file in that must be refused, and return the code; nothing may be left."""
    with pytest.raises(SoundRefused) as refused:
        await studio.library.ingest(source)
    assert studio.left() == []
    return refused.value.code


def tag(body: bytes) -> bytes:
    size = len(body)
    return b"ID3\x04\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + body


PLAYLISTS: dict[str, Callable[[str], str]] = {
    "HLS": lambda path: f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{path}\n",
    "concat": lambda path: f"ffconcat version 1.0\nfile {path}\n",
    "concat protocol": lambda path: f"concat:{path}|{path}",
    "DASH": lambda path: f'<?xml version="1.0"?><MPD><BaseURL>file://{path}</BaseURL></MPD>',
    "SDP": lambda _path: "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    "sub-titles": lambda path: f"1\n00:00:01,000 --> 00:00:02,000\n{path}\n",
}


@pytest.mark.parametrize("name", PLAYLISTS)
@pytest.mark.parametrize("tagged", [False, True])
async def test_playlists_lead_nowhere(studio: Studio, name: str, *, tagged: bool) -> None:
    """A list that names another file is no sound, also behind a tag and called mp3."""
    other = write_wav(studio.folder / "other.wav", voice(3))
    text = PLAYLISTS[name](str(other)).encode()
    source = studio.folder / "song.mp3"
    source.write_bytes(tag(bytes(200)) + text if tagged else text)
    assert await refusal(studio, source) is Code.UNSUPPORTED_FORMAT


NO_SOUND = {
    "empty": (b"", Code.EMPTY_FILE),
    "zip": (b"PK\x03\x04" + bytes(2000), Code.UNSUPPORTED_FORMAT),
    "page": (b"<html><script>alert(1)</script></html>", Code.UNSUPPORTED_FORMAT),
    "noise": (random.Random(4).randbytes(50_000), Code.UNSUPPORTED_FORMAT),
    "tag and nothing": (tag(bytes(5000)), Code.UNSUPPORTED_FORMAT),
    "tag longer than the file": (
        b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(99),
        Code.UNSUPPORTED_FORMAT,
    ),
    "255 channels": (wav_header(8000, 255, 51_000) + bytes(51_000), Code.TOO_MANY_CHANNELS),
    "2 GHz": (wav_header(2_000_000_000, 1, 40_000) + bytes(40_000), Code.BAD_SAMPLE_RATE),
    "1 Hz": (wav_header(1, 1, 40_000) + bytes(40_000), Code.BAD_SAMPLE_RATE),
    "header only": (wav_header(48_000, 1, 0), Code.UNDECODABLE),
    "codec nobody may reach": (
        wav_header(48_000, 2, 4000).replace(b"\x10\0\0\0\x01\0", b"\x10\0\0\0\0\x20") + bytes(4000),
        Code.UNDECODABLE,
    ),
    "FLAC marker and noise": (b"fLaC" + random.Random(5).randbytes(9000), Code.UNDECODABLE),
    "Ogg marker and noise": (b"OggS\0" + random.Random(6).randbytes(9000), Code.CUT_SHORT),
    "MP4 marker and noise": (
        b"\0\0\0\x10ftypM4A \0\0\0\0" + random.Random(7).randbytes(9000),
        Code.CUT_SHORT,
    ),
}


@pytest.mark.parametrize("name", NO_SOUND)
async def test_no_sound_is_refused(any_studio: Studio, name: str) -> None:
    """Each gets its code, whatever it is called, and leaves nothing behind."""
    data, code = NO_SOUND[name]
    source = any_studio.folder / "recording.mp3"
    source.write_bytes(data)
    assert await refusal(any_studio, source) is code


SILENT = {
    "zeros": np.zeros(5 * RATE),
    "a switched-off microphone": np.random.default_rng(2).normal(0, 0.00005, 5 * RATE),
    "a constant": np.minimum(np.arange(5 * RATE) / RATE, 0.5),
    "a tone too low to sound": tone(5, 15),
}


@pytest.mark.parametrize("name", SILENT)
async def test_silence_is_refused(studio: Studio, name: str) -> None:
    """A recording in which a horn would sound nothing is refused, not made loud."""
    source = write_wav(studio.folder / "silent.wav", SILENT[name])
    assert await refusal(studio, source) is Code.SILENT


async def test_a_picture_with_sound_is_sound(studio: Studio) -> None:
    """Cover art and film are left out; what is heard is taken."""
    speech = write_wav(studio.folder / "speech.wav", voice(4))
    picture = ("-f", "lavfi", "-i", "color=red:s=64x64:d=4")
    film = convert(speech, studio.folder / "film.mp4", *picture, "-shortest")
    cover = convert(
        speech,
        studio.folder / "cover.mp3",
        *("-f", "lavfi", "-i", "color=blue:s=600x600:d=1:r=1", "-c:v", "png"),
        *("-map", "0:a", "-map", "1:v", "-disposition:v", "attached_pic"),
    )
    assert b"image/png" in cover.read_bytes()
    for source in (film, cover):
        taken = await studio.library.ingest(source)
        assert taken.doubt is None
        rendition = await studio.library.open_rendition(taken.rendition.hash)
        assert b"PNG" not in rendition.read_bytes()


async def test_a_film_without_sound_is_refused(studio: Studio) -> None:
    """There is nothing to hear in it, and the answer says so."""
    speech = write_wav(studio.folder / "speech.wav", voice(2))
    picture = ("-f", "lavfi", "-i", "color=red:s=64x64:d=2", "-map", "1:v")
    for name in ("mute.mp4", "mute.mkv"):
        mute = convert(speech, studio.folder / name, *picture)
        assert await refusal(studio, mute) is Code.NO_AUDIO


async def test_a_codec_off_the_list_is_refused(studio: Studio) -> None:
    """A container we take, with a codec that strangers' bytes may not reach."""
    speech = write_wav(studio.folder / "speech.wav", voice(2))
    film = convert(speech, studio.folder / "cinema.mkv", "-acodec", "ac3")
    assert await refusal(studio, film) is Code.UNDECODABLE


async def test_names_are_data(studio: Studio) -> None:
    """Accents, quotes, emoji and options in a file's name mean nothing to any program."""
    name = "-y 'loa phường' \"; touch đã-chạy; 📢 $(id).wav"
    source = write_wav(studio.folder / name, voice(2))
    await studio.library.ingest(source)
    assert not list(Path.cwd().glob("đã-chạy*"))


async def test_more_than_100_megabytes_is_refused(studio: Studio) -> None:
    """By its size alone, before anything reads it."""
    source = write_wav(studio.folder / "large.wav", voice(1))
    with source.open("r+b") as file:
        file.truncate(100 * 1024 * 1024 + 1)
    assert await refusal(studio, source) is Code.FILE_TOO_LARGE


async def test_hours_in_a_small_file_are_refused(studio: Studio) -> None:
    """Silence packs to nothing; it is refused by its declared length, and where that is hidden."""
    source = convert(
        write_wav(studio.folder / "s.wav", np.zeros(RATE)),
        studio.folder / "hours.flac",
        *("-filter_complex", "[0:a]aresample=8000,apad=whole_dur=9000"),
    )
    assert source.stat().st_size < 5_000_000
    assert await refusal(studio, source) is Code.TOO_LONG
    hidden = bytearray(source.read_bytes())
    at = hidden.index(b"fLaC") + 8 + 13
    hidden[at] &= 0xF0
    hidden[at + 1 : at + 5] = bytes(4)
    source.write_bytes(hidden)
    assert await refusal(studio, source) is Code.TOO_LONG


@pytest.mark.parametrize("share", [0.4, 0.9])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_cut_file_is_never_taken_for_whole(
    studio: Studio, speech: Path, kind: Kind, share: float
) -> None:
    """Cut anywhere, a file of every format is refused, or must be heard to its end."""
    whole = convert(speech, studio.folder / kind.name, *kind.options).read_bytes()
    source = studio.folder / "cut"
    source.write_bytes(whole[: round(len(whole) * share) | 1])
    try:
        taken = await studio.library.ingest(source)
    except SoundRefused as refused:
        assert refused.code in {Code.CUT_SHORT, Code.UNDECODABLE}  # noqa: PT017 - one of two ends
    else:
        assert taken.doubtful
        assert taken.rendition.duration < 11.5 * CLOCK


async def test_almost_nothing_left_is_refused(studio: Studio) -> None:
    """A tenth of the declared length is no recording any more."""
    whole = convert(write_wav(studio.folder / "v.wav", voice(30)), studio.folder / "v.flac")
    source = studio.folder / "cut"
    source.write_bytes(whole.read_bytes()[: whole.stat().st_size // 10])
    assert await refusal(studio, source) is Code.CUT_SHORT


async def test_damage_is_told(studio: Studio) -> None:
    """A hole in the middle makes no refusal, but somebody must hear it to its end."""
    whole = convert(write_wav(studio.folder / "v.wav", voice(12)), studio.folder / "v.mp3")
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = random.Random(1).randbytes(3000)
    whole.write_bytes(data)
    assert (await studio.library.ingest(whole)).doubtful


async def test_a_flipped_bit_is_told(studio: Studio) -> None:
    """Where the format carries checksums, one wrong bit is enough for doubt."""
    whole = convert(write_wav(studio.folder / "v.wav", voice(12)), studio.folder / "v.flac")
    data = bytearray(whole.read_bytes())
    data[len(data) // 2] ^= 0x10
    whole.write_bytes(data)
    taken = await studio.library.ingest(whole)
    assert taken.doubt is not None
    assert taken.doubt.reason is DoubtReason.DAMAGED


async def test_a_file_that_says_it_is_longer_is_doubtful(studio: Studio) -> None:
    """A header that declares twice what decodes is not believed."""
    whole = convert(write_wav(studio.folder / "v.wav", voice(12)), studio.folder / "v.mp3")
    data = bytearray(whole.read_bytes())
    at = data.index(b"Info") + 8
    frames = struct.unpack_from(">I", data, at)[0]
    struct.pack_into(">I", data, at, 2 * frames)
    whole.write_bytes(data)
    taken = await studio.library.ingest(whole)
    assert taken.doubt is not None
    assert taken.doubt.reason is DoubtReason.SHORTER_THAN_DECLARED


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_damaged_files_get_an_answer(studio: Studio, kind: Kind) -> None:
    """With bytes changed anywhere, a file is taken in or refused with a code, and never else."""
    speech = write_wav(studio.folder / "speech.wav", voice(1.5))
    whole = convert(speech, studio.folder / kind.name, *kind.options).read_bytes()
    chance = random.Random(kind.name)
    source = studio.folder / "damaged"
    for _ in range(2):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 40)):
            data[chance.randrange(min(len(data), chance.choice([100, 1000, 10**6])))] = (
                chance.randrange(256)
            )
        source.write_bytes(data)
        try:
            taken: Ingested | None = await studio.library.ingest(source)
        except MediaError:
            taken = None
        if taken is None:
            continue
        for name in (taken.original.hash, taken.rendition.hash):
            await studio.library.remove(name)
        assert studio.left() == []
