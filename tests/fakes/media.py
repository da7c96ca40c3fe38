"""The media library's tools without ffmpeg: sounds are described, not decoded."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from media.audio import AudioFormat, Lufs, Samples, from_seconds
from media.encoding import EncodingProfile
from media.loudness import Loudness, Treatment
from media.ports import Bench, Decoded, Fraction, Heard, Pcm, Probed, Tones

RATE = 16_000
FLAT = (50,) * 200


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound as the fakes see it.

    `limiter_takes` is the share of each decibel above `free_gain` that a limiter swallows,
    `coder_takes` what encoding takes away, `overshoot` how far peaks rise above the ceiling.
    """

    seconds: float = 10.0
    declared: float | None = None
    cut: bool = False
    faults: int = 0
    channels: int = 1
    rate: int = 44_100
    integrated: Lufs = -23.0
    range: float = 3.0
    free_gain: float = 100.0
    limiter_takes: float = 0.5
    coder_takes: float = 0.3
    overshoot: float = 1.0

    def treated(self, treatment: Treatment) -> Loudness:
        """Return what a meter says of it after a treatment."""
        gain = treatment.gain
        held = max(gain - self.free_gain, 0.0)
        loud = self.integrated + gain - held * self.limiter_takes
        spread = self.range
        if treatment.levelling is not None:
            spread /= treatment.levelling.ratio
            loud -= self.range - spread
        return Loudness(loud, spread, treatment.ceiling)


async def _nothing() -> None:
    """Go on at once."""


@dataclass(slots=True)
class FakeTools:
    """Prober, Transcoder and Editor. `before` is awaited at each step and may raise or wait."""

    sound: Sound = field(default_factory=Sound)
    before: Callable[[str], Awaitable[None]] = lambda _step: _nothing()
    steps: list[str] = field(default_factory=list)

    async def _step(self, name: str) -> None:
        self.steps.append(name)
        await asyncio.sleep(0)
        await self.before(name)

    async def probe(self, bench: Bench) -> Probed:
        await self._step("probe")
        sound = self.sound
        declared = None if sound.declared is None else from_seconds(sound.declared)
        return Probed(
            AudioFormat.MP3, "mp3", sound.channels, sound.rate, declared, declared, sound.cut
        )

    async def decode(
        self,
        bench: Bench,
        container: AudioFormat,
        profile: EncodingProfile,
        at_most: Samples,
        expected: Samples,
        progress: Fraction,
    ) -> Decoded:
        await self._step("decode")
        progress(1.0)
        count = min(round(self.sound.seconds * RATE), at_most // 3)
        pcm = Pcm(bench.scratch / "speech.pcm", RATE, 0, count)
        loudness = Loudness(self.sound.integrated, self.sound.range)
        return Decoded(pcm, loudness, self.sound.faults)

    async def measure(self, bench: Bench, parts: tuple[Pcm, ...], treatment: Treatment) -> Loudness:
        await self._step("measure")
        return self.sound.treated(treatment)

    async def encode(
        self,
        bench: Bench,
        parts: tuple[Pcm, ...],
        treatment: Treatment,
        profile: EncodingProfile,
        progress: Fraction,
    ) -> Path:
        await self._step("encode")
        progress(1.0)
        made = bench.scratch / "rendition.opus"
        made.write_text(f"{treatment.gain} {treatment.ceiling}")
        self._last = treatment
        return made

    async def listen(
        self,
        bench: Bench,
        rendition: Path,
        profile: EncodingProfile,
        expected: Samples,
        progress: Fraction,
    ) -> Heard:
        await self._step("listen")
        progress(1.0)
        heard = self.sound.treated(self._last)
        loudness = replace(
            heard,
            integrated=heard.integrated - self.sound.coder_takes,
            true_peak=self._last.ceiling + self.sound.overshoot,
        )
        return Heard(expected, loudness, FLAT)

    async def arrange(
        self, bench: Bench, speech: Pcm, level: Lufs, tones: Tones
    ) -> tuple[Pcm, ...]:
        await self._step("arrange")
        return (speech,)

    _last: Treatment = field(default_factory=lambda: Treatment(0.0, 0.0))
