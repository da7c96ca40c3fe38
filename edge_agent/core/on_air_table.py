"""The table of the on-air state machine: what each signal does in each state.

Nothing but this table changes the state of an airing; docs/protocol.md prints it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where an airing stands."""

    WAITING = "waiting"
    """Not begun yet."""
    ARMED = "armed"
    """Handed to the play-out engine, not heard yet."""
    HEARD = "heard"
    HIDDEN = "hidden"
    """Its timeline runs, and something else, or nothing, is heard."""
    GAP = "gap"
    """Between two repeats of an order."""
    CLOSING = "closing"
    """It never sounds again; its last voice is fading out."""
    OVER = "over"


class Signal(StrEnum):
    """What may happen to an airing."""

    BEGAN = "began"
    ENDED = "ended"
    FAILED = "failed"
    BUTTON = "button"
    FORBIDDEN = "forbidden"
    """A rule, a stop, a cancellation or a new rundown ends it for good."""
    LATE = "late"
    """Past its latest start without having begun."""
    COVERED = "covered"
    """Its time has come, and a higher layer is heard."""
    CLEAR = "clear"
    """Its time has come, the rules allow it, and nothing higher is heard."""
    PASSED = "passed"
    """Its timeline, or this repeat's, has run to its end."""
    EXHAUSTED = "exhausted"
    """No repeat of the order remains."""
    SILENT = "silent"
    """Nothing of it is left in the play-out engine."""


class Act(StrEnum):
    """What the machine does on a step."""

    START = "start"
    STOP = "stop"
    LOG_START = "log_start"
    LOG_END = "log_end"


class Shape(StrEnum):
    """Items and tests sound once; orders repeat."""

    ONCE = "once"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Step:
    """Where a signal leads, and what is done on the way."""

    state: State
    acts: tuple[Act, ...] = ()


_S, _N, _A = State, Signal, Act

_BOTH: Final[dict[tuple[State, Signal], Step]] = {
    (_S.WAITING, _N.FORBIDDEN): Step(_S.CLOSING),
    (_S.WAITING, _N.LATE): Step(_S.CLOSING),
    (_S.WAITING, _N.CLEAR): Step(_S.ARMED, (_A.START,)),
    (_S.ARMED, _N.BEGAN): Step(_S.HEARD, (_A.LOG_START,)),
    (_S.ARMED, _N.FORBIDDEN): Step(_S.CLOSING, (_A.STOP,)),
    (_S.ARMED, _N.COVERED): Step(_S.HIDDEN, (_A.STOP,)),
    (_S.HEARD, _N.FORBIDDEN): Step(_S.CLOSING, (_A.STOP,)),
    (_S.HEARD, _N.COVERED): Step(_S.HIDDEN, (_A.STOP,)),
    (_S.HIDDEN, _N.FORBIDDEN): Step(_S.CLOSING),
    (_S.HIDDEN, _N.CLEAR): Step(_S.ARMED, (_A.START,)),
    (_S.CLOSING, _N.SILENT): Step(_S.OVER, (_A.LOG_END,)),
}
_ONCE: Final[dict[tuple[State, Signal], Step]] = {
    (_S.WAITING, _N.COVERED): Step(_S.HIDDEN),
    (_S.ARMED, _N.ENDED): Step(_S.CLOSING),
    (_S.ARMED, _N.FAILED): Step(_S.HIDDEN),
    (_S.ARMED, _N.BUTTON): Step(_S.CLOSING, (_A.STOP,)),
    (_S.HEARD, _N.ENDED): Step(_S.CLOSING),
    (_S.HEARD, _N.FAILED): Step(_S.HIDDEN),
    (_S.HEARD, _N.BUTTON): Step(_S.CLOSING, (_A.STOP,)),
    (_S.HIDDEN, _N.PASSED): Step(_S.CLOSING),
}
_REPEATED: Final[dict[tuple[State, Signal], Step]] = {
    (_S.WAITING, _N.COVERED): Step(_S.WAITING),
    (_S.ARMED, _N.ENDED): Step(_S.GAP),
    (_S.ARMED, _N.FAILED): Step(_S.GAP),
    (_S.ARMED, _N.BUTTON): Step(_S.GAP, (_A.STOP,)),
    (_S.HEARD, _N.ENDED): Step(_S.GAP),
    (_S.HEARD, _N.FAILED): Step(_S.GAP),
    (_S.HEARD, _N.BUTTON): Step(_S.GAP, (_A.STOP,)),
    (_S.HIDDEN, _N.PASSED): Step(_S.GAP),
    (_S.HIDDEN, _N.EXHAUSTED): Step(_S.CLOSING),
    (_S.GAP, _N.FORBIDDEN): Step(_S.CLOSING),
    (_S.GAP, _N.EXHAUSTED): Step(_S.CLOSING),
    (_S.GAP, _N.CLEAR): Step(_S.ARMED, (_A.START,)),
    (_S.GAP, _N.COVERED): Step(_S.GAP),
}
TABLE: Final = {
    Shape.ONCE: {**_BOTH, **_ONCE},
    Shape.REPEATED: {**_BOTH, **_REPEATED},
}
"""Shape → (state, signal) → step. A pair that is not listed changes nothing."""


def table_rows() -> list[tuple[str, str, str, str, str]]:
    """Return rows for the documents: shape, state, signal, next state, acts."""
    return [
        (shape.value, state.value, signal.value, step.state.value, ", ".join(step.acts))
        for shape, steps in TABLE.items()
        for (state, signal), step in steps.items()
    ]
