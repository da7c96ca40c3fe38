"""Speech to put on air, and whether a captured sound holds it."""

import subprocess
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample_poly

Signal = NDArray[np.float64]

RATE = 16_000
TEXT = (
    "Kính thưa bà con trong thôn. Chiều nay đoàn y tế xã tiêm phòng cho trẻ em tại nhà văn hoá. "
    "Mời bà con đưa các cháu đến đúng giờ, mang theo sổ tiêm chủng. Xin cảm ơn bà con."
)


def speak(text: str, folder: Path, name: str = "ban-tin.mp3") -> Path:
    """Return an MP3 in which a Vietnamese voice says the text."""
    plain, packed = folder / "speech.wav", folder / name
    subprocess.run(["espeak-ng", "-v", "vi", "-s", "150", "-w", str(plain), text], check=True)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-i", str(plain), "-b:a", "128k", str(packed)], check=True
    )
    return packed


def decode(file: Path) -> Signal:
    """Return any sound file as mono samples at `RATE`, full scale 1."""
    command = ["ffmpeg", "-v", "error", "-i", str(file), "-f", "s16le", "-ac", "1"]
    raw = subprocess.run([*command, "-ar", str(RATE), "-"], check=True, capture_output=True).stdout
    return np.frombuffer(raw, dtype="<i2").astype(np.float64) / 32768


def read_wave(file: Path) -> Signal:
    """Return a capture as mono samples at `RATE`; a file still being written is no error."""
    with wave.open(str(file)) as source:
        rate, channels = source.getframerate(), source.getnchannels()
    raw = np.frombuffer(file.read_bytes()[44:][: -1 if file.stat().st_size % 2 else None], "<i2")
    mono = raw[: len(raw) // channels * channels].reshape(-1, channels).mean(axis=1) / 32768
    return np.asarray(resample_poly(mono, RATE, rate), dtype=np.float64)


def match(known: Signal, heard: Signal) -> tuple[float, float]:
    """Return where in `heard` the known sound begins (seconds) and how alike they are (0 to 1)."""
    if len(heard) < len(known):
        heard = np.pad(heard, (0, len(known) - len(heard)))
    products = fftconvolve(heard, known[::-1], mode="valid")
    energy = fftconvolve(heard**2, np.ones(len(known)), mode="valid")
    floor = 1e-9 * max(1.0, float(energy.max()))
    alike = np.abs(products) / np.sqrt(np.maximum(energy, floor) * np.sum(known**2))
    best = int(np.argmax(alike))
    return best / RATE, float(alike[best])


def level_db(signal: Signal) -> float:
    """Return the root mean square in dB of full scale; -120 for silence."""
    mean = float(np.mean(signal**2)) if len(signal) else 0.0
    return 10 * float(np.log10(max(mean, 1e-12)))
