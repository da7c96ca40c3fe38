"""Where a known sound lies in a recording, to a fraction of a frame."""

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]


def known_sound(seconds: float, rate: int = 48_000, seed: int = 7) -> NDArray[np.int16]:
    """Noise in the band of speech (300 to 3,400 Hz): never periodic, never silent."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * rate))
    spectrum = np.fft.rfft(noise)
    pitch = np.fft.rfftfreq(len(noise), 1 / rate)
    spectrum[(pitch < 300) | (pitch > 3400)] = 0
    band = np.fft.irfft(spectrum, len(noise))
    loud: NDArray[np.int16] = (band / np.abs(band).max() * 16_000).astype(np.int16)
    return loud


def find(known: Signal, recorded: Signal) -> tuple[float, float]:
    """Frame of `recorded` at which `known` begins, and how alike they are there (0 to 1)."""
    size = 1 << (len(known) + len(recorded)).bit_length()
    product = np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(known, size))
    likeness = np.fft.irfft(product, size)[: len(recorded) - len(known) + 1]
    energy = np.concatenate([[0.0], np.cumsum(recorded**2)])
    window = np.sqrt(np.maximum(energy[len(known) :] - energy[: -len(known)], 1e-9))
    likeness = likeness / (window[: len(likeness)] * np.sqrt(np.sum(known**2)) + 1e-9)
    best = int(np.argmax(likeness))
    part = 0.0
    if 0 < best < len(likeness) - 1:
        before, at, after = likeness[best - 1 : best + 2]
        bend = before - 2 * at + after
        part = float((before - after) / (2 * bend)) if bend else 0.0
    return best + part, float(likeness[best])
