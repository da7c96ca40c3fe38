"""What screens are told at once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from controller.domain.ids import AreaId


class EventKind(StrEnum):
    """What changed; the screen reads the thing itself from the API."""

    AREA = "area"
    ACCOUNT = "account"
    RECORDING = "recording"
    ANNOUNCEMENT = "announcement"
    OCCURRENCE = "occurrence"
    TERMINAL = "terminal"
    ENROLMENT = "enrolment"
    STOP = "stop"
    EMERGENCY = "emergency"
    DIARY = "diary"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Event:
    """A change of one thing. `chain` is the chain of its area: who sees any of it hears it."""

    kind: EventKind
    subject: str
    chain: tuple[AreaId, ...]
    at: datetime
