"""What truly sounded: frames are counted when their instant has passed, never when written."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from edge_agent.core.drift import CardClock
from edge_agent.services.play_events import Ended, Ending, Failed, PlayEvent, Progress, Started
from edge_agent.services.sound_ports import RATE, SoundFault


@dataclass(slots=True)
class _Count:
    """Frames of one voice."""

    voice_id: str
    position: int
    sounded: int = 0
    told: int = 0
    started: bool = False
    ending: Ending | SoundFault | None = None


@dataclass(slots=True)
class _Piece:
    """Frames [first, end) of the card that belong to a voice; its sound begins at `position`."""

    first: int
    end: int
    count: _Count
    position: int


class Tally:
    """Counts sounded frames per voice and makes the events that tell of them."""

    def __init__(self) -> None:
        """Nothing has sounded yet."""
        self._pieces: deque[_Piece] = deque()
        self._counts: dict[str, _Count] = {}

    def expect(self, voice_id: str, position: int) -> None:
        """A voice was asked for; every one that was gets exactly one last event."""
        self._counts[voice_id] = _Count(voice_id, position)

    def wrote(self, voice_id: str, first: int, frames: int, position: int, lost: int) -> None:
        """The card took frames of a voice; the first `lost` of them came too late to be heard."""
        if lost < frames:
            count = self._counts[voice_id]
            self._pieces.append(_Piece(first + lost, first + frames, count, position + lost))

    def finish(self, voice_id: str, ending: Ending | SoundFault) -> None:
        """No more frames of this voice will come."""
        self._counts[voice_id].ending = ending

    def frames_of(self, voice_id: str) -> int:
        """Frames of a voice that have sounded so far."""
        return self._counts[voice_id].sounded

    @property
    def next_end(self) -> int | None:
        """Card frame behind the oldest frames that wait for their instant."""
        return self._pieces[0].end if self._pieces else None

    def settle(self, clock: CardClock, sounded: float) -> Iterator[PlayEvent]:
        """Events for all frames before card frame `sounded`."""
        while self._pieces and self._pieces[0].first < sounded:
            piece = self._pieces[0]
            count = piece.count
            if not count.started:
                count.started = True
                yield Started(count.voice_id, round(clock.instant_of(piece.first)), piece.position)
            passed = min(piece.end, int(sounded)) - piece.first
            count.sounded += passed
            piece.first += passed
            piece.position += passed
            count.position = piece.position
            if count.sounded - count.told >= RATE:
                count.told = count.sounded
                yield Progress(count.voice_id, count.sounded, count.position)
            if piece.first < piece.end:
                break
            self._pieces.popleft()
        yield from self._last_words()

    def forget_unsounded(self) -> Iterator[PlayEvent]:
        """The card is gone, and with it what it had not played yet."""
        self._pieces.clear()
        yield from self._last_words()

    def _last_words(self) -> Iterator[PlayEvent]:
        waiting = {piece.count.voice_id for piece in self._pieces}
        for count in list(self._counts.values()):
            if count.ending is None or count.voice_id in waiting:
                continue
            del self._counts[count.voice_id]
            facts = (count.sounded, count.position)
            if isinstance(count.ending, SoundFault):
                yield Failed(count.voice_id, count.ending, *facts)
            else:
                yield Ended(count.voice_id, *facts, count.ending)
