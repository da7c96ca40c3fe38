"""What the terminal keeps for itself between two runs of its program."""

from uuid import UUID

from edge_agent.wire.codec import Report


class Enrolled(Report, frozen=True, kw_only=True):
    """The terminal's place in the system, from its enrolment."""

    terminal: UUID
    url: str
    root: bytes
    """Fingerprint of the root keys, pinned for good."""
    tls: bytes | None
    mqtt_host: str
    mqtt_port: int
    mqtt_tls: bool
    ca_pem: str
    mqtt_password: str


class ClockRecord(Report, frozen=True, kw_only=True):
    """What is known about time; the anchor counts within one boot of the machine only."""

    floor: int
    boot_id: str
    boot: int
    lower: int
    upper: int
    answered_at: int


class OrderRecord(Report, frozen=True, kw_only=True):
    """An order that was taken, so that it is acted on once."""

    id: UUID
    type: int
    digest: bytes
    forget_at: int
    over: bool
    envelope: bytes


class OrderRecords(Report, frozen=True, kw_only=True):
    """All orders that are remembered."""

    orders: tuple[OrderRecord, ...]


class BootCount(Report, frozen=True, kw_only=True):
    """How often the program was started in this folder."""

    boots: int
