"""Passwords and tickets: who asks, and how often may one guess.

Wrong passwords slow down the place they come from, not the account: nobody is locked out
by a stranger who guesses.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import math
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from controller.domain.signer_refusal import Reason
from controller.domain.signing import (
    PASSWORD_LENGTH,
    TICKET_LIFETIME_US,
    Right,
    Ticket,
)
from controller.signer.errors import Refused
from controller.signer.records import Person
from edge_agent.wire.codec import Instant, Message, decode_strict, encode
from edge_agent.wire.errors import WireError

_MAC_BYTES: Final = 32
_TICKET_CONTEXT: Final = b"loaxa-ticket-1"
_SECOND: Final = 1_000_000
MAX_PASSWORD_LENGTH: Final = 1024


class TicketBody(Message, frozen=True, kw_only=True):
    """What a ticket's MAC covers."""

    account: UUID
    area: str
    rights: tuple[Right, ...]
    issued: Instant
    expires: Instant


class Tickets:
    """Issues and reads tickets, with one secret key."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def issue(self, person: Person, now: int) -> Ticket:
        """Return a ticket that counts for 12 hours."""
        body = TicketBody(
            account=person.account,
            area=person.area,
            rights=tuple(sorted(person.rights)),
            issued=now,
            expires=now + TICKET_LIFETIME_US,
        )
        data = encode(body)
        token = base64.urlsafe_b64encode(data + self._mac(data)).rstrip(b"=").decode()
        return Ticket(
            token=token,
            account=body.account,
            area=body.area,
            rights=body.rights,
            expires=body.expires,
        )

    def read(self, token: str, now: int) -> TicketBody:
        """Return what a ticket says. Raises Refused: ticket_forged, ticket_expired."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refused(Reason.TICKET_FORGED, "not a ticket") from error
        data, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(data)):
            raise Refused(Reason.TICKET_FORGED, "wrong code of authentication")
        try:
            body = decode_strict(TicketBody, data)
        except WireError as error:
            raise Refused(Reason.TICKET_FORGED, error.detail) from error
        if not body.issued <= now < body.expires:
            raise Refused(Reason.TICKET_EXPIRED)
        return body

    def _mac(self, data: bytes) -> bytes:
        return hmac.digest(self._secret, _TICKET_CONTEXT + data, hashlib.sha256)


class Passwords:
    """Argon2id in threads, two at a time, so that signing goes on meanwhile."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._free = asyncio.Semaphore(2)
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Return the hash to keep. Raises Refused password_too_short, malformed."""
        if len(password) < PASSWORD_LENGTH:
            raise Refused(Reason.PASSWORD_TOO_SHORT, f"{len(password)} characters")
        text = _normal(password)
        async with self._free:
            return await asyncio.to_thread(self._hasher.hash, text)

    async def fits(self, kept: str, password: str) -> bool:
        """Tell whether a password is the kept one; takes as long where none is kept."""
        text = _normal(password)
        async with self._free:
            right = await asyncio.to_thread(self._verify, kept or self._nobody, text)
        return right and bool(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """Return one form of a text: keyboards write the same Vietnamese letter in two ways."""
    if len(password) > MAX_PASSWORD_LENGTH:
        raise Refused(Reason.MALFORMED, "the password is too long")
    return unicodedata.normalize("NFC", password)


class Bucket:
    """A number of tries that fills up again with time."""

    __slots__ = ("_at", "_left", "_refill_us", "_size")

    def __init__(self, size: int, refill_s: float, now: int) -> None:
        self._size, self._refill_us = size, refill_s * _SECOND
        self._left, self._at = float(size), now

    def wait_s(self, now: int) -> int:
        """Return after how many seconds there is a try again; 0 when there is one."""
        gained = max(0, now - self._at) / self._refill_us
        self._left, self._at = min(self._size, self._left + gained), now
        return 0 if self._left >= 1 else math.ceil((1 - self._left) * self._refill_us / _SECOND)

    def take(self) -> None:
        """Use one try up."""
        self._left -= 1


class Throttle:
    """How often wrong passwords may be tried.

    Per account and source: five, then one in thirty seconds. Per account from sources that
    never signed in rightly: thirty, then one in ten seconds. A source that did is not
    touched by what others try.
    """

    _KEPT: Final = 10_000

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[UUID, str | None], Bucket] = OrderedDict()
        self._proven: OrderedDict[tuple[UUID, str], None] = OrderedDict()

    def take(self, account: UUID, source: str) -> None:
        """Count a try before it is judged. Raises Refused too_many_attempts."""
        now = self._clock()
        buckets = [self._bucket((account, source), 5, 30, now)]
        if (account, source) not in self._proven:
            buckets.append(self._bucket((account, None), 30, 10, now))
        wait = max(bucket.wait_s(now) for bucket in buckets)
        if wait:
            raise Refused(Reason.TOO_MANY_ATTEMPTS, f"wait {wait} s", retry_after_s=wait)
        for bucket in buckets:
            bucket.take()

    def right(self, account: UUID, source: str) -> None:
        """Forget the tries of a source that knew the password."""
        self._buckets.pop((account, source), None)
        self._proven[account, source] = None
        _trim(self._proven, self._KEPT)

    def _bucket(self, key: tuple[UUID, str | None], size: int, refill_s: float, now: int) -> Bucket:
        found = self._buckets.get(key)
        if found is None:
            found = self._buckets[key] = Bucket(size, refill_s, now)
            _trim(self._buckets, self._KEPT)
        self._buckets.move_to_end(key)
        return found


def _trim(kept: OrderedDict[Any, Any], size: int) -> None:
    while len(kept) > size:
        kept.popitem(last=False)
