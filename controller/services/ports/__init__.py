"""What services need from outside, as Protocols; adapters and tests/fakes implement them.

The signer has a module of its own, controller.services.signer_port.
"""

from controller.services.ports.airing import (
    Announcements,
    Approvals,
    Diary,
    Occurrences,
    PlayLog,
    Recordings,
    Renditions,
)
from controller.services.ports.database import Database, Transaction
from controller.services.ports.fleet import (
    Audit,
    Documents,
    Enrolments,
    Idempotency,
    Leases,
    Orders,
    Rundowns,
    Stops,
    Terminals,
)
from controller.services.ports.outside import Clock, EventFeed, Ids, Message, Messenger
from controller.services.ports.people import (
    Accounts,
    Areas,
    Invites,
    Policies,
    Sessions,
    Tokens,
)

__all__ = [
    "Accounts",
    "Announcements",
    "Approvals",
    "Areas",
    "Audit",
    "Clock",
    "Database",
    "Diary",
    "Documents",
    "Enrolments",
    "EventFeed",
    "Idempotency",
    "Ids",
    "Invites",
    "Leases",
    "Message",
    "Messenger",
    "Occurrences",
    "Orders",
    "PlayLog",
    "Policies",
    "Recordings",
    "Renditions",
    "Rundowns",
    "Sessions",
    "Stops",
    "Terminals",
    "Tokens",
    "Transaction",
]
