"""Which state document replaces which: versions rise per role, area and key epoch."""

from dataclasses import dataclass
from enum import Enum

from edge_agent.wire.errors import Refusal, WireError


@dataclass(frozen=True, slots=True)
class Stamp:
    """What orders two documents of the same subject.

    area, epoch: of the key that signed. digest: SHA-256 of the envelope.
    """

    area: str
    epoch: int
    version: int
    issued: int
    digest: bytes


class Verdict(Enum):
    """What to do with a document that may be believed."""

    NEW = "new"
    KNOWN = "known"
    """It is the one that is held: acknowledge it again."""


def compare(held: Stamp | None, offered: Stamp) -> Verdict:
    """Tell whether a document replaces the held one. Raises WireError stale_version.

    A new key epoch starts a new count, so that a thief's huge version is cured by changing
    the key. Documents signed by keys of different areas go by their date.
    """
    if held is None:
        return Verdict.NEW
    if held.digest == offered.digest:
        return Verdict.KNOWN
    if held.area == offered.area:
        newer = (offered.epoch, offered.version) > (held.epoch, held.version)
    else:
        newer = offered.issued > held.issued
    if not newer:
        raise WireError(Refusal.STALE_VERSION, f"{offered.version} after {held.version}")
    return Verdict.NEW
