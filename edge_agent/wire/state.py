"""State documents: complete desired state, each with a strictly rising version.

A terminal stores a document before it acts on it and refuses one whose version is not
above the one it holds from the same role, area and key epoch.
"""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from edge_agent.wire.codec import (
    AreaId,
    DurationMs,
    Instant,
    Message,
    Percent,
    PublicKey,
    Samples,
    Sha256,
    Signature,
    Title,
    Version,
)
from edge_agent.wire.precedence import MessageClass


class Role(StrEnum):
    """What a key may sign."""

    FLEET = "fleet"
    """Assignments: where a terminal belongs."""
    POLICY = "policy"
    SCHEDULE = "schedule"
    """Rundowns and manifests."""
    COMMAND = "command"
    """Stops and tests."""
    EMERGENCY = "emergency"
    """Emergency orders and their cancellation."""
    SERVICE = "service"
    """Time answers and play log receipts."""


class KeyGrant(Message, frozen=True, kw_only=True):
    """One key and all it may do: roles, inside one area, for some classes, for some time."""

    key: PublicKey
    roles: tuple[Role, ...]
    area: AreaId
    classes: tuple[MessageClass, ...]
    not_before: Instant
    not_after: Instant
    epoch: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]


class Trust(Message, frozen=True, kw_only=True):
    """The trust file: which keys count. Signed by `threshold` of the root keys."""

    version: Version
    issued: Instant
    expires: Instant
    root_keys: tuple[PublicKey, ...]
    threshold: Annotated[int, msgspec.Meta(ge=1, le=16)]
    grants: tuple[KeyGrant, ...]


class RootSignature(Message, frozen=True, kw_only=True):
    """One root key's signature over the PAE of the trust bytes."""

    key: PublicKey
    signature: Signature


class TrustFile(Message, frozen=True, kw_only=True):
    """Payload of a TRUST envelope: the trust's exact bytes and the roots' signatures.

    The envelope itself is signed by one of the roots too.
    """

    trust: bytes
    signatures: tuple[RootSignature, ...]


class Assignment(Message, frozen=True, kw_only=True):
    """Where a terminal belongs and what it is set to."""

    terminal: UUID
    version: Version
    issued: Instant
    name: Title
    chain: tuple[AreaId, ...]
    """Areas from the top of the tree down to the terminal's own."""
    zones: tuple[AreaId, ...]
    """Further groups it belongs to."""
    policies: tuple[AreaId, ...]
    """Areas whose policy must be held before anything but emergency sounds."""
    timezone: Annotated[str, msgspec.Meta(max_length=64)]
    volume: Percent
    amplifier_lead: DurationMs

    @property
    def groups(self) -> frozenset[str]:
        """All groups whose topics this terminal hears."""
        return frozenset(self.chain) | frozenset(self.zones)


class QuietWindow(Message, frozen=True, kw_only=True):
    """A daily span in which nothing but emergency sounds, in local minutes.

    `end` below or equal to `start` reaches into the next day. `weekdays` is a bit mask of
    the days on which the window starts, Monday = 1.
    """

    start: Annotated[int, msgspec.Meta(ge=0, lt=1440)]
    end: Annotated[int, msgspec.Meta(ge=0, le=1440)]
    weekdays: Annotated[int, msgspec.Meta(ge=1, le=127)]


class Policy(Message, frozen=True, kw_only=True):
    """Rules of one area; where several apply, the stricter value holds."""

    area: AreaId
    version: Version
    issued: Instant
    quiet: tuple[QuietWindow, ...]
    max_volume: Percent
    max_session: DurationMs | None
    """Longest single ordinary or priority item."""
    max_day: DurationMs | None
    """Most sound of ordinary and priority items in one local day."""


class RundownItem(Message, frozen=True, kw_only=True):
    """One dated airing of one rendition."""

    occurrence: UUID
    announcement: UUID
    approval: UUID
    area: AreaId
    """The area that ordered it."""
    message_class: MessageClass
    title: Title
    rendition: Sha256
    start: Instant
    duration: DurationMs
    latest_start: Instant
    """After this an item that has not begun is missed, never caught up."""


class Rundown(Message, frozen=True, kw_only=True):
    """All a terminal is to sound: ordered by start, never overlapping, no emergency."""

    terminal: UUID
    area: AreaId
    version: Version
    issued: Instant
    valid_until: Instant
    items: tuple[RundownItem, ...]
    keep: tuple[Sha256, ...]
    """Renditions that are never evicted (stored emergency messages)."""


class Stop(Message, frozen=True, kw_only=True):
    """Ends everything issued before it and refuses ordinary and priority until `hold_until`.

    Lifting a stop is a new version with the same `issued` and an earlier `hold_until`.
    """

    id: UUID
    area: AreaId
    terminal: UUID | None
    """None: every terminal of the area."""
    version: Version
    issued: Instant
    hold_until: Instant


class Manifest(Message, frozen=True, kw_only=True):
    """How a rendition is cut into blocks."""

    area: AreaId
    rendition: Sha256
    size: Annotated[int, msgspec.Meta(ge=1, le=2**31)]
    block_size: Annotated[int, msgspec.Meta(ge=1024, le=65536)]
    blocks: tuple[Sha256, ...]
    """SHA-256 of each block, in order; all but the last are `block_size` long."""
    duration: Samples
