"""A signing side of its own: keys, trust file, documents and orders, good ones and bad ones."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.wire.authority import root_fingerprint
from edge_agent.wire.codec import Message, encode
from edge_agent.wire.enrolment import EnrolmentCode
from edge_agent.wire.envelope import MessageType, pre_authentication_encoding, seal
from edge_agent.wire.orders import Cancel, LogReceipt, Play, Test, TestKind, Time
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import (
    Assignment,
    KeyGrant,
    Manifest,
    Policy,
    QuietWindow,
    Role,
    RootSignature,
    Rundown,
    RundownItem,
    Stop,
    Trust,
    TrustFile,
)

SECOND = 1_000_000
DAY = 24 * 3600 * SECOND
WORK = (Role.FLEET, Role.POLICY, Role.SCHEDULE, Role.COMMAND, Role.SERVICE)
CHAIN = ("p-89", "c-30280", "h-1")
"""Province, commune, hamlet."""
COMMUNE = CHAIN[1]
FOREIGN = "c-99999"


class Key:
    """One Ed25519 key."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)

    def seal(self, kind: MessageType, message: Message) -> bytes:
        return seal(kind, encode(message), self.public_key, self.sign)


@dataclass
class Authority:
    """Signs for one province. `now` is the moment of issue of what comes next."""

    now: int
    chain: tuple[str, ...] = CHAIN
    terminal: UUID = field(default_factory=uuid4)
    root: Key = field(default_factory=Key)
    work: dict[str, Key] = field(default_factory=dict)
    emergency: dict[str, Key] = field(default_factory=dict)
    lasts: int = 400 * DAY
    lead_ms: int = 200
    version: int = 0

    def __post_init__(self) -> None:
        for area in (*self.chain[:2], FOREIGN):
            self.work[area] = Key()
            self.emergency[area] = Key()

    @property
    def fingerprint(self) -> bytes:
        return root_fingerprint([self.root.public_key], 1)

    def next_version(self) -> int:
        self.version += 1
        return self.version

    # -- state

    def trust(self, version: int | None = None) -> bytes:
        classes = (MessageClass.ORDINARY, MessageClass.PRIORITY)
        grants = [self._grant(key, area, WORK, classes) for area, key in self.work.items()] + [
            self._grant(key, area, (Role.EMERGENCY,), (MessageClass.EMERGENCY,))
            for area, key in self.emergency.items()
        ]
        trust = Trust(
            version=version or self.next_version(),
            issued=self.now,
            expires=self.now + self.lasts,
            root_keys=(self.root.public_key,),
            threshold=1,
            grants=tuple(grants),
        )
        body = encode(trust)
        signed = pre_authentication_encoding(MessageType.TRUST, body)
        signature = RootSignature(key=self.root.public_key, signature=self.root.sign(signed))
        return self.root.seal(MessageType.TRUST, TrustFile(trust=body, signatures=(signature,)))

    def _grant(
        self, key: Key, area: str, roles: tuple[Role, ...], classes: tuple[MessageClass, ...]
    ) -> KeyGrant:
        return KeyGrant(
            key=key.public_key,
            roles=roles,
            area=area,
            classes=classes,
            not_before=max(0, self.now - 30 * DAY),
            not_after=self.now + self.lasts,
            epoch=1,
        )

    def assignment(self, *, volume: int = 100, zone: str = "Asia/Ho_Chi_Minh") -> bytes:
        return self.work[COMMUNE].seal(
            MessageType.ASSIGNMENT,
            Assignment(
                terminal=self.terminal,
                version=self.next_version(),
                issued=self.now,
                name="Cụm loa Thôn 1",
                chain=self.chain,
                zones=("z-school",),
                policies=self.chain[:2],
                timezone=zone,
                volume=volume,
                amplifier_lead=self.lead_ms,
            ),
        )

    def moved_away(self) -> bytes:
        """An assignment to another commune, by a key of the province."""
        return self.work[self.chain[0]].seal(
            MessageType.ASSIGNMENT,
            Assignment(
                terminal=self.terminal,
                version=self.next_version(),
                issued=self.now,
                name="Cụm loa mới",
                chain=(self.chain[0], "c-77777"),
                zones=(),
                policies=(self.chain[0], "c-77777"),
                timezone="Asia/Ho_Chi_Minh",
                volume=80,
                amplifier_lead=200,
            ),
        )

    def policy(
        self,
        area: str = COMMUNE,
        quiet: tuple[QuietWindow, ...] = (),
        max_day_ms: int | None = None,
    ) -> bytes:
        policy = Policy(
            area=area,
            version=self.next_version(),
            issued=self.now,
            quiet=quiet,
            max_volume=100,
            max_session=None,
            max_day=max_day_ms,
        )
        return self.work[area].seal(MessageType.POLICY, policy)

    def item(self, sound: bytes, start: int, duration_ms: int) -> RundownItem:
        return RundownItem(
            occurrence=uuid4(),
            announcement=uuid4(),
            approval=uuid4(),
            area=COMMUNE,
            message_class=MessageClass.ORDINARY,
            title="Bản tin sáng",
            rendition=hashlib.sha256(sound).digest(),
            start=start,
            duration=duration_ms,
            latest_start=start + duration_ms * 1000,
        )

    def moved(self, item: RundownItem, start: int) -> RundownItem:
        """The same occurrence at another time."""
        return RundownItem(
            occurrence=item.occurrence,
            announcement=item.announcement,
            approval=item.approval,
            area=item.area,
            message_class=item.message_class,
            title=item.title,
            rendition=item.rendition,
            start=start,
            duration=item.duration,
            latest_start=start + item.duration * 1000,
        )

    def rundown(
        self,
        items: Iterable[RundownItem],
        *,
        key: Key | None = None,
        terminal: UUID | None = None,
        area: str = COMMUNE,
        version: int | None = None,
        keep: tuple[bytes, ...] = (),
        valid_for: int = 7 * DAY,
    ) -> bytes:
        rundown = Rundown(
            terminal=terminal or self.terminal,
            area=area,
            version=version or self.next_version(),
            issued=self.now,
            valid_until=self.now + valid_for,
            items=tuple(sorted(items, key=lambda item: item.start)),
            keep=keep,
        )
        return (key or self.work[area]).seal(MessageType.RUNDOWN, rundown)

    def stop(self, *, hold_s: int = 3600, area: str = COMMUNE) -> bytes:
        stop = Stop(
            id=uuid4(),
            area=area,
            terminal=None,
            version=self.next_version(),
            issued=self.now,
            hold_until=self.now + hold_s * SECOND,
        )
        return self.work[area].seal(MessageType.STOP, stop)

    def manifest(self, sound: bytes, block_size: int = 1024) -> bytes:
        blocks = tuple(
            hashlib.sha256(sound[at : at + block_size]).digest()
            for at in range(0, len(sound), block_size)
        )
        manifest = Manifest(
            area=COMMUNE,
            rendition=hashlib.sha256(sound).digest(),
            size=len(sound),
            block_size=block_size,
            blocks=blocks,
            duration=0,
        )
        return self.work[COMMUNE].seal(MessageType.MANIFEST, manifest)

    # -- orders

    def play(
        self,
        sound: bytes,
        duration_ms: int,
        *,
        key: Key | None = None,
        area: str = COMMUNE,
        targets: tuple[str, ...] = CHAIN,
        order: UUID | None = None,
        lasts_s: int = 600,
        repeats: int = 1,
        message_class: MessageClass = MessageClass.EMERGENCY,
    ) -> bytes:
        play = Play(
            id=order or uuid4(),
            area=area,
            targets=targets,
            terminals=(),
            message_class=message_class,
            approval=uuid4(),
            title="Lũ về",
            rendition=hashlib.sha256(sound).digest(),
            duration=duration_ms,
            issued=self.now,
            expires=self.now + lasts_s * SECOND,
            repeats=repeats,
            gap=1000,
        )
        return (key or self.emergency[area]).seal(MessageType.PLAY, play)

    def cancel(self, order: UUID, area: str = COMMUNE) -> bytes:
        cancel = Cancel(
            id=uuid4(),
            area=area,
            order=order,
            issued=self.now,
            expires=self.now + 3600 * SECOND,
        )
        return self.emergency[area].seal(MessageType.CANCEL, cancel)

    def test(self, kind: TestKind = TestKind.CHIME, volume: int = 50) -> tuple[UUID, bytes]:
        test = Test(
            id=uuid4(),
            area=COMMUNE,
            terminal=self.terminal,
            kind=kind,
            volume=volume,
            issued=self.now,
            expires=self.now + 300 * SECOND,
        )
        return test.id, self.work[COMMUNE].seal(MessageType.TEST, test)

    def time(self, nonce: bytes, now: int | None = None) -> bytes:
        time = Time(terminal=self.terminal, nonce=nonce, now=self.now if now is None else now)
        return self.work[COMMUNE].seal(MessageType.TIME, time)

    def receipt(self, log: UUID, sequence: int) -> bytes:
        receipt = LogReceipt(terminal=self.terminal, log=log, sequence=sequence)
        return self.work[COMMUNE].seal(MessageType.LOG_RECEIPT, receipt)

    def code(self, url: str, tls: bytes | None) -> EnrolmentCode:
        return EnrolmentCode(
            url=url,
            root=self.fingerprint,
            tls=tls,
            token=secrets.token_bytes(16),
            area=COMMUNE,
        )
