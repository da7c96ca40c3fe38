"""Which terminals hold which recordings, as they tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from controller.domain.errors import DomainError
from controller.domain.event import EventKind
from controller.domain.ids import HashText, read_hash
from controller.services.context import Context
from controller.services.gathering import Gathering
from controller.services.roster import KnownTerminal


@dataclass(frozen=True, slots=True)
class _Word:
    known: KnownTerminal
    rendition: HashText
    at: datetime


class StoredSound:
    """Takes the word of terminals that a recording is complete; `words.run` must run."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.words = Gathering("stored_sound", self._store)

    def add(self, known: KnownTerminal, rendition: str) -> None:
        """A terminal says that it now holds a recording."""
        try:
            self.words.add(_Word(known, read_hash(rendition), self._context.clock.now()))
        except DomainError:
            return

    async def _store(self, words: Sequence[_Word]) -> None:
        async with self._context.database.begin() as tx:
            for word in words:
                if await tx.renditions.find(word.rendition) is not None:
                    await tx.renditions.add_held(word.known.id, word.rendition, word.at)
        for known in {word.known.id: word.known for word in words}.values():
            self._context.tell(EventKind.TERMINAL, known.id, known.chain)
