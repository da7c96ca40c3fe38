"""The one way in for what terminals report: whose it is, whether it is true, how often.

A report counts when the terminal of its topic signed it with the key it enrolled with and
names itself. All else is counted by reason and goes no further.
"""

import logging
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar
from uuid import UUID

from controller.services.loops import Monotonic, attempt
from controller.services.ports import Message, Messenger
from controller.services.presence import Presence
from controller.services.roster import KnownTerminal, Roster
from edge_agent.wire.authority import read_report
from edge_agent.wire.codec import Report
from edge_agent.wire.envelope import parse
from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.topics import UpKind, parse_up

_log = logging.getLogger(__name__)
_R = TypeVar("_R", bound=Report)

RATE_PER_S: Final = 50.0
RATE_BURST: Final = 300.0
"""What one terminal may say; a download's requests are the most talkative part of it."""
TOO_OFTEN: Final = "too_often"
UNKNOWN: Final = "unknown_terminal"
_MOST_RATES: Final = 20_000


class Reception:
    """Hears every terminal and hands each true report to who takes its kind."""

    def __init__(
        self, messenger: Messenger, roster: Roster, presence: Presence, monotonic: Monotonic
    ) -> None:
        self._messenger = messenger
        self._roster = roster
        self._presence = presence
        self._monotonic = monotonic
        self._rates: OrderedDict[UUID, tuple[float, float]] = OrderedDict()
        self._refused: Counter[str] = Counter()
        self.believed = 0

    @property
    def refused(self) -> Mapping[str, int]:
        """How many reports did not count, by reason."""
        return self._refused

    def on(
        self,
        kind: UpKind,
        report: type[_R],
        handle: Callable[[KnownTerminal, _R], Awaitable[None]],
    ) -> None:
        """Have true reports of a kind handled, one after the other.

        What does not fit the queue is dropped, the oldest first: terminals say everything
        again that matters, and a flood by one must not end the link for all.
        """

        async def arrived(message: Message) -> None:
            await self._take(message, kind, report, handle)

        self._messenger.subscribe(f"t/+/up/{kind.value}", arrived, may_drop=True)

    async def _take(
        self,
        message: Message,
        kind: UpKind,
        report: type[_R],
        handle: Callable[[KnownTerminal, _R], Awaitable[None]],
    ) -> None:
        topic = parse_up(message.topic)
        if topic is None or topic.kind is not kind or message.retained:
            self._refuse(Refusal.RETAINED if message.retained else Refusal.WRONG_TOPIC, None)
            return
        if not self._within_rate(topic.terminal):
            self._refuse(TOO_OFTEN, topic.terminal)
            return
        known = await self._roster.find(topic.terminal)
        if known is None:
            self._refuse(UNKNOWN, topic.terminal)
            return
        try:
            said = read_report(parse(message.payload), report, known.terminal.public_key)
            if getattr(said, "terminal", None) != known.id:
                raise WireError(Refusal.NOT_FOR_THIS_TERMINAL)
        except WireError as error:
            self._refuse(error.reason, topic.terminal)
            return
        self.believed += 1
        self._presence.heard(known.id)
        await attempt(f"report.{kind.value}", handle, known, said)

    def _within_rate(self, terminal: UUID) -> bool:
        now = self._monotonic()
        left, at = self._rates.get(terminal, (RATE_BURST, now))
        left = min(RATE_BURST, left + (now - at) * RATE_PER_S)
        allowed = left >= 1
        self._rates[terminal] = (left - 1 if allowed else left, now)
        self._rates.move_to_end(terminal)
        while len(self._rates) > _MOST_RATES:
            self._rates.popitem(last=False)
        return allowed

    def _refuse(self, reason: str, terminal: UUID | None) -> None:
        self._refused[str(reason)] += 1
        # A flood of forgeries must not fill the log: each power of two of a reason is told.
        count = self._refused[str(reason)]
        if count & (count - 1) == 0:
            _log.warning(
                "a report does not count: %s (%d so far)",
                reason,
                count,
                extra={"action": "report_refused", "terminal": str(terminal)},
            )
