"""Sound to test with, all of it calculated here: something like speech, and what is not."""

import struct
import subprocess
import wave
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Signal = NDArray[np.float64]

RATE = 22_050
_FORMANTS = ((650, 90), (1150, 110), (2500, 160), (3500, 220))


def voice(seconds: float, *, seed: int = 3, rate: int = RATE, level: float = 0.3) -> Signal:
    """Something like speech: a gliding pitch through formants, in syllables, words and pauses."""
    count = round(seconds * rate)
    now = np.arange(count) / rate
    random = np.random.default_rng(seed)
    pitch = 130 + 35 * np.sin(2 * np.pi * 0.31 * now) + 18 * np.sin(2 * np.pi * 1.7 * now)
    turns = np.cumsum(pitch / rate)
    glottis = np.diff(np.floor(turns), prepend=0.0) + 0.02 * random.standard_normal(count)
    sound = glottis
    for middle, width in _FORMANTS:
        radius = np.exp(-np.pi * width / rate)
        sound = lfilter(
            [1 - radius], [1, -2 * radius * np.cos(2 * np.pi * middle / rate), radius**2], sound
        )
    syllables = 0.15 + 0.85 * np.abs(np.sin(2 * np.pi * 2.1 * now + np.sin(0.7 * now))) ** 1.5
    pauses = (now % 4.3 < 3.6).astype(float)
    sound = sound * syllables * lfilter([0.01], [1, -0.99], pauses)
    return np.asarray(sound / (np.abs(sound).max() + 1e-12) * level)


def tone(seconds: float, pitch: float, *, rate: int = RATE, level: float = 0.3) -> Signal:
    """One steady pitch."""
    return np.asarray(level * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate))


def write_wav(path: Path, sound: Signal, *, rate: int = RATE, channels: int = 1) -> Path:
    """Write a 16-bit WAV file; every channel carries the same."""
    whole = np.clip(np.round(sound * 32767), -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(whole, channels).tobytes())
    return path


def convert(source: Path, target: Path, *options: str) -> Path:
    """Convert with the packaged ffmpeg; the name of the target says into what."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    command = [program, "-v", "error", "-y", "-i", str(source), *options, str(target)]
    subprocess.run(command, check=True, capture_output=True)
    return target


def wav_header(rate: int, channels: int, data_bytes: int, bits: int = 16) -> bytes:
    """A WAV header that may claim anything."""
    frame = channels * bits // 8
    return (
        b"RIFF"
        + struct.pack("<I", min(data_bytes + 36, 0xFFFF_FFFF))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * frame & 0xFFFF_FFFF, frame, bits)
        + b"data"
        + struct.pack("<I", min(data_bytes, 0xFFFF_FFFF))
    )
