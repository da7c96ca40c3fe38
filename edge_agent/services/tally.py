"""What truly sounded: frames are counted when their instant has passed, never when written."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from edge_agent.core.drift import CardClock
from edge_agent.services.play_events import Ended, Ending, Failed, PlayEvent, Progress, Started
from edge_agent.services.sound_ports import RATE, SoundFault


@dataclass(slots=True, eq=False)
class Count:
    """Frames of one voice that have sounded, and the frame of its sound that was reached."""

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
    count: Count
    position: int


class Tally:
    """Counts sounded frames per voice and makes the events that tell of them."""

    def __init__(self) -> None:
        """Nothing has sounded yet."""
        self._pieces: deque[_Piece] = deque()
        self._counts: list[Count] = []

    def expect(self, voice_id: str, position: int) -> Count:
        """A voice was asked for; each one gets exactly one last event."""
        count = Count(voice_id, position)
        self._counts.append(count)
        return count

    def wrote(self, count: Count, first: int, frames: int, position: int, lost: int) -> None:
        """The card took frames of a voice; the first `lost` of them came too late to be heard."""
        if lost < frames:
            self._pieces.append(_Piece(first + lost, first + frames, count, position + lost))

    @property
    def waiting(self) -> bool:
        """True while frames that were written wait for their instant."""
        return bool(self._pieces)

    def settle(self, clock: CardClock, sounded: float) -> Iterator[PlayEvent]:
        """Events for all frames before card frame `sounded`."""
        while self._pieces and self._pieces[0].first < int(sounded):
            piece = self._pieces[0]
            count = piece.count
            if not count.started:
                count.started = True
                yield Started(count.voice_id, round(clock.instant_of(piece.first)), piece.position)
            passed = min(piece.end, int(sounded)) - piece.first
            piece.first += passed
            piece.position += passed
            count.sounded += passed
            count.position = piece.position
            if count.sounded - count.told >= RATE:
                count.told = count.sounded
                yield Progress(count.voice_id, count.sounded, count.position)
            if piece.first == piece.end:
                self._pieces.popleft()
        yield from self._last_words()

    def forget_unsounded(self) -> Iterator[PlayEvent]:
        """The card is gone, and with it what it had not played yet."""
        self._pieces.clear()
        yield from self._last_words()

    def _last_words(self) -> Iterator[PlayEvent]:
        for count in [done for done in self._counts if done.ending is not None]:
            if any(piece.count is count for piece in self._pieces):
                continue
            self._counts.remove(count)
            facts = (count.sounded, count.position)
            if isinstance(count.ending, SoundFault):
                yield Failed(count.voice_id, count.ending, *facts)
            elif count.ending is not None:
                yield Ended(count.voice_id, *facts, count.ending)
