"""Recordings as people send them become what terminals play."""

import asyncio
import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample_poly

from media.audio import CLOCK, AudioFormat, seconds
from media.chime import CHIME, CLOSING, LEVEL, Note, render
from media.encoding import MUSIC
from media.library import Stage
from media.ports import Envelope
from tests.integration.media.meter import integrated, true_peak
from tests.integration.media.studio import Studio, sounded
from tests.integration.media.voice import RATE, Signal, convert, tone, voice, write_wav


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which recordings arrive: name, format, codec, how it is made."""

    name: str
    format: AudioFormat
    codec: str
    options: tuple[str, ...] = ()


KINDS = [
    Kind("radio.mp3", AudioFormat.MP3, "mp3float", ("-b:a", "64k")),
    Kind("recorder.wav", AudioFormat.WAV, "pcm_s16le"),
    Kind("old.wav", AudioFormat.WAV, "pcm_mulaw", ("-acodec", "pcm_mulaw", "-ar", "8000")),
    Kind("studio.flac", AudioFormat.FLAC, "flac", ("-ar", "96000")),
    Kind("browser.ogg", AudioFormat.OGG, "opus", ("-acodec", "libopus")),
    Kind("music.ogg", AudioFormat.OGG, "vorbis", ("-acodec", "libvorbis", "-ac", "2")),
    Kind("phone.m4a", AudioFormat.MP4, "aac"),
    Kind("apple.m4a", AudioFormat.MP4, "alac", ("-acodec", "alac")),
    Kind("film.mp4", AudioFormat.MP4, "aac"),
    Kind("old-phone.3gp", AudioFormat.MP4, "amrnb", ("-ar", "8000")),
    Kind("stream.aac", AudioFormat.AAC, "aac"),
    Kind("dictaphone.amr", AudioFormat.AMR, "amrnb", ("-ar", "8000")),
    Kind("mac.aiff", AudioFormat.AIFF, "pcm_s16be"),
    Kind("browser.webm", AudioFormat.WEBM, "opus", ("-acodec", "libopus")),
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_each_format_is_taken(studio: Studio, speech: Path, kind: Kind) -> None:
    """Every format of the list becomes a mono rendition of the right length and loudness."""
    source = convert(speech, studio.folder / kind.name, *kind.options)
    taken = await studio.library.ingest(source)
    assert (taken.original.format, taken.original.codec) == (kind.format, kind.codec)
    assert taken.original.size == source.stat().st_size
    assert taken.original.hash == hashlib.sha256(source.read_bytes()).hexdigest()
    assert seconds(taken.original.duration) == pytest.approx(12, abs=0.15)
    assert taken.doubt is None
    assert taken.after.integrated == pytest.approx(-16, abs=0.4)
    rendition = await studio.library.open_rendition(taken.rendition.hash)
    assert rendition.read_bytes()[28:36] == b"OpusHead"
    assert len(sounded(rendition)) == taken.rendition.duration


VOICES = {
    "as it comes": voice(20),
    "another voice, close and loud": voice(20, seed=8, level=0.99),
    "far from the microphone": voice(20, seed=5, level=0.02),
    "clipped": np.clip(voice(20, seed=6) * 8, -0.9, 0.9),
    "in noise": voice(20) + 0.02 * np.random.default_rng(1).standard_normal(20 * RATE),
    "with bangs": voice(20) * 0.2 + np.where(np.arange(20 * RATE) % 30_000 < 40, 0.8, 0.0),
    "now near, now far": voice(40, seed=9) * np.repeat([1.0, 0.12, 0.9, 0.1], 10 * RATE),
}


@pytest.mark.parametrize("name", VOICES)
async def test_a_second_meter_agrees(any_studio: Studio, name: str) -> None:
    """What a terminal plays is within 1 LU of the target, and no peak is above -1.5 dBTP."""
    source = write_wav(any_studio.folder / "voice.wav", VOICES[name])
    taken = await any_studio.library.ingest(source)
    sound = sounded(await any_studio.library.open_rendition(taken.rendition.hash))
    assert integrated(sound) == pytest.approx(-16, abs=1.0)
    assert integrated(sound) == pytest.approx(taken.after.integrated, abs=0.3)
    assert true_peak(sound) <= -1.5
    assert taken.after.true_peak == pytest.approx(true_peak(sound), abs=0.4)
    assert taken.after.range <= 7.0


async def test_what_comes_out_is_what_came_in(studio: Studio) -> None:
    """The rendition is the speech: alike in its loudness over time, and nothing of it missing."""
    source = write_wav(studio.folder / "voice.wav", voice(15, rate=CLOCK // 2), rate=CLOCK // 2)
    taken = await studio.library.ingest(source)
    sound = sounded(await studio.library.open_rendition(taken.rendition.hash))
    before = np.asarray(resample_poly(voice(15, rate=CLOCK // 2), 2, 1))
    assert abs(len(sound) - len(before)) < CLOCK
    lag, alike = _alignment(_shape(before), _shape(sound))
    assert alike > 0.85
    assert abs(lag) <= 60  # hundredths of a second: silence at the ends may be trimmed


def _shape(sound: Signal) -> Signal:
    """Loudness by hundredths of a second."""
    hundredth = CLOCK // 100
    whole = sound[: len(sound) // hundredth * hundredth].reshape(-1, hundredth)
    return np.asarray(np.sqrt((whole**2).mean(axis=1)))


def _alignment(one: Signal, other: Signal) -> tuple[int, float]:
    one, other = one - one.mean(), other - other.mean()
    both = np.correlate(one, other, "full")
    best = int(both.argmax())
    norm = np.sqrt((one**2).sum() * (other**2).sum())
    return best - len(other) + 1, float(both[best] / norm)


async def test_low_tones_are_taken_out(studio: Studio) -> None:
    """Hum of 50 Hz, which a horn cannot sound, loses 20 dB against the speech over it."""
    hum = voice(10) + tone(10, 50, level=0.1)
    taken = await studio.library.ingest(write_wav(studio.folder / "hum.wav", hum))
    sound = sounded(await studio.library.open_rendition(taken.rendition.hash))
    assert _hum(sound, CLOCK) < _hum(hum, RATE) / 100


def _hum(sound: Signal, rate: int) -> float:
    """How much of 50 Hz there is for each part of speech."""
    spectrum, pitch = np.abs(np.fft.rfft(sound)) ** 2, np.fft.rfftfreq(len(sound), 1 / rate)
    return float(spectrum[(pitch > 45) & (pitch < 55)].sum() / spectrum[pitch > 300].sum())


async def test_music_keeps_its_width(studio: Studio) -> None:
    """The music profile holds tones that the voice profile has no room for."""
    source = write_wav(studio.folder / "m.wav", tone(5, 10_000, rate=CLOCK), rate=CLOCK)
    music = await studio.library.ingest(source, profile=MUSIC)
    sound = sounded(await studio.library.open_rendition(music.rendition.hash))
    assert music.rendition.profile == "music"
    assert np.abs(np.fft.rfft(sound)).argmax() / len(sound) * CLOCK == pytest.approx(10_000, abs=5)


async def test_silence_at_the_ends_is_trimmed(studio: Studio) -> None:
    """Long silence before and behind goes, a breath of it stays, pauses inside stay."""
    silence = np.zeros(3 * RATE)
    sound = np.concatenate([silence, voice(8), silence, voice(8, seed=4), silence])
    taken = await studio.library.ingest(write_wav(studio.folder / "s.wav", sound))
    assert seconds(taken.original.duration) == pytest.approx(25, abs=0.1)
    assert 17.5 < seconds(taken.rendition.duration) < 20.5


async def test_sound_begins_and_ends_softly(studio: Studio) -> None:
    """Faded over 20 ms at both ends, no rendition begins or ends with a crack."""
    taken = await studio.library.ingest(write_wav(studio.folder / "t.wav", tone(5, 440)))
    sound = sounded(await studio.library.open_rendition(taken.rendition.hash))
    level = np.abs(sound[CLOCK : 2 * CLOCK]).max()
    assert np.abs(sound[:48]).max() < level / 5
    assert np.abs(sound[-48:]).max() < level / 5


@pytest.mark.parametrize("length", [10, 130])
async def test_an_announcement_is_wrapped(studio: Studio, length: int) -> None:
    """Chime, pause, speech, pause, closing tone, at a level that fits, also round a long speech."""
    source = write_wav(studio.folder / "w.wav", voice(length))
    bare = await studio.library.ingest(source)
    whole = await studio.library.ingest(source, envelope=Envelope(chime=True, closing=True))
    added = seconds(whole.rendition.duration) - seconds(bare.rendition.duration)
    tones = max(n.at + n.rings for n in CHIME) + max(n.at + n.rings for n in CLOSING)
    assert added == pytest.approx(tones + 1.0, abs=0.05)
    sound = sounded(await studio.library.open_rendition(whole.rendition.hash))
    assert _pitch(sound[: CLOCK // 4]) == pytest.approx(CHIME[0].pitch, abs=8)
    assert integrated(sound) == pytest.approx(-16, abs=1)
    for ends in (sound[: round(2.2 * CLOCK)], sound[-round(1.9 * CLOCK) :]):
        assert integrated(ends) == pytest.approx(-17, abs=1)
    assert true_peak(sound) <= -1.5


def _pitch(sound: Signal) -> float:
    return float(np.abs(np.fft.rfft(sound, CLOCK)).argmax())


@pytest.mark.parametrize("notes", [CHIME, CLOSING])
def test_tones_are_as_loud_as_they_say(notes: tuple[Note, ...]) -> None:
    """The level that the editor reckons with is what a meter reads."""
    sound = np.frombuffer(render(notes, CLOCK), "<i4") / 2**31
    assert integrated(np.asarray(sound)) == pytest.approx(LEVEL, abs=1.0)


async def test_the_same_sound_gives_the_same_name(studio: Studio, speech: Path) -> None:
    """Taken in twice, a recording is one rendition, so an approval holds for both."""
    first = await studio.library.ingest(speech)
    again = await studio.library.ingest(speech)
    assert first.rendition == again.rendition
    rendition = await studio.library.open_rendition(first.rendition.hash)
    assert hashlib.sha256(rendition.read_bytes()).hexdigest() == first.rendition.hash


async def test_titles_do_not_travel(studio: Studio, speech: Path) -> None:
    """What a file says in its tags is nowhere in the rendition."""
    tags = ("-metadata", "title=<script>alert(1)</script>", "-metadata", "artist=Nguyễn")
    source = convert(speech, studio.folder / "tagged.mp3", *tags)
    assert b"script" in source.read_bytes()
    taken = await studio.library.ingest(source)
    rendition = await studio.library.open_rendition(taken.rendition.hash)
    assert b"script" not in rendition.read_bytes()


async def test_progress_rises_to_the_end(studio: Studio) -> None:
    """Each stage is told in order, and inside a stage the share done never falls."""
    source = write_wav(studio.folder / "long.wav", voice(60))
    told: list[tuple[Stage, float]] = []
    await studio.library.ingest(source, progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(stage for stage, _ in told)) == list(Stage)
    for stage in (Stage.DECODE, Stage.ENCODE, Stage.LISTEN):
        done = [share for one, share in told if one is stage]
        assert all(0 <= share <= 1 for share in done)
        assert done == sorted(done)
        assert done[-1] > 0.9


async def test_giving_up_ends_the_programs(studio: Studio) -> None:
    """Cancelled while ffmpeg encodes, ffmpeg is gone when the task is, and nothing is left."""
    source = write_wav(studio.folder / "long.wav", voice(120))
    encoding = asyncio.Event()

    def progress(stage: Stage, done: float) -> None:
        if stage is Stage.ENCODE and done > 0:
            encoding.set()

    task = asyncio.create_task(studio.library.ingest(source, progress=progress))
    await encoding.wait()
    assert _running(studio.folder)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not _running(studio.folder)
    assert studio.left() == []


def _running(folder: Path) -> bool:
    """Tell whether a program has a file of this folder on its command line."""
    found = subprocess.run(["pgrep", "-f", str(folder)], capture_output=True, check=False)
    return found.returncode == 0


@pytest.mark.needs("espeak-ng")
async def test_spoken_vietnamese_is_taken(studio: Studio) -> None:
    """A sentence spoken by the machine's own voice reaches the target like a person's."""
    text = "Kính thưa bà con, đúng bảy giờ sáng mai mời bà con ra nhà văn hóa thôn để họp."
    source = studio.folder / "spoken.wav"
    command = ["espeak-ng", "-v", "vi", "-w", str(source), text]
    await asyncio.to_thread(subprocess.run, command, check=True)
    taken = await studio.library.ingest(source)
    sound = sounded(await studio.library.open_rendition(taken.rendition.hash))
    assert integrated(sound) == pytest.approx(-16, abs=1.0)
    assert true_peak(sound) <= -1.5
