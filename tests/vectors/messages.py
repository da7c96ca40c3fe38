"""One table of examples: every message, with every field filled, and the variations that matter.

`wire.json` beside this file holds their bytes; it is the part that must never change while the
wire version stays. `python -m tests.vectors.messages` writes it anew after a deliberate change.
"""

import hashlib
import json
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.wire import orders, reports, state
from edge_agent.wire.codec import Message, Report, encode
from edge_agent.wire.envelope import MessageType, seal
from edge_agent.wire.precedence import Layer, MessageClass
from edge_agent.wire.state import Role

FILE: Final = Path(__file__).parent / "wire.json"
KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC: Final = KEY.public_key().public_bytes_raw()
NOW: Final = 1_795_512_980_000_000
"""2026-11-24T09:36:20Z in microseconds."""
HOUR: Final = 3600 * 1_000_000


def _id(number: int) -> UUID:
    return UUID(int=0x01A2_0CE9_0000_7000_8000_0000_0000_0000 + number)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


TERMINAL: Final = _id(1)
_GRANT = state.KeyGrant(
    key=PUBLIC,
    roles=(Role.SCHEDULE, Role.COMMAND),
    area="c-30280",
    classes=(MessageClass.ORDINARY, MessageClass.PRIORITY),
    not_before=NOW,
    not_after=NOW + 365 * 24 * HOUR,
    epoch=1,
)
_TRUST = state.Trust(
    version=3,
    issued=NOW,
    expires=NOW + 400 * 24 * HOUR,
    root_keys=(PUBLIC,),
    threshold=1,
    grants=(_GRANT,),
)
_ITEM = state.RundownItem(
    occurrence=_id(2),
    announcement=_id(3),
    approval=_id(4),
    area="c-30280",
    message_class=MessageClass.ORDINARY,
    title="Lịch tiêm phòng 🐃",
    rendition=_hash("rendition"),
    start=NOW + HOUR,
    duration=17_179,
    latest_start=NOW + HOUR + 15_000_000,
)
_ENTRY = reports.LogEntry(
    sequence=7,
    previous=_hash("line 6"),
    at=NOW + HOUR + 20_000_000,
    outcome=reports.Outcome.CUT,
    item=_id(2),
    announcement=_id(3),
    message_class=MessageClass.ORDINARY,
    rendition=_hash("rendition"),
    planned=NOW + HOUR,
    began=NOW + HOUR + 5,
    asked=17_179,
    sounded=9_000,
    reason="restarted",
)

SIGNED: Final[dict[str, tuple[MessageType, Message]]] = {
    "trust": (
        MessageType.TRUST,
        state.TrustFile(
            trust=encode(_TRUST),
            signatures=(state.RootSignature(key=PUBLIC, signature=KEY.sign(encode(_TRUST))),),
        ),
    ),
    "assignment": (
        MessageType.ASSIGNMENT,
        state.Assignment(
            terminal=TERMINAL,
            version=2,
            issued=NOW,
            name="Loa nhà văn hóa",
            chain=("p-89", "c-30280", "h-3fa9c1d2"),
            zones=("z-school",),
            policies=("p-89", "c-30280"),
            timezone="Asia/Ho_Chi_Minh",
            volume=80,
            amplifier_lead=1500,
        ),
    ),
    "policy": (
        MessageType.POLICY,
        state.Policy(
            area="c-30280",
            version=5,
            issued=NOW,
            quiet=(state.QuietWindow(start=21 * 60, end=5 * 60, weekdays=127),),
            max_volume=90,
            max_session=1_800_000,
            max_day=None,
        ),
    ),
    "rundown": (
        MessageType.RUNDOWN,
        state.Rundown(
            terminal=TERMINAL,
            area="c-30280",
            version=11,
            issued=NOW,
            valid_until=NOW + 8 * 24 * HOUR,
            items=(_ITEM,),
            keep=(_hash("flood"),),
        ),
    ),
    "rundown, empty": (
        MessageType.RUNDOWN,
        state.Rundown(
            terminal=TERMINAL,
            area="c-30280",
            version=1,
            issued=NOW,
            valid_until=NOW + 8 * 24 * HOUR,
            items=(),
            keep=(),
        ),
    ),
    "stop of an area": (
        MessageType.STOP,
        state.Stop(
            id=_id(5), area="c-30280", terminal=None, version=1, issued=NOW, hold_until=NOW + HOUR
        ),
    ),
    "stop of a terminal": (
        MessageType.STOP,
        state.Stop(
            id=_id(6), area="c-30280", terminal=TERMINAL, version=2, issued=NOW, hold_until=NOW
        ),
    ),
    "manifest": (
        MessageType.MANIFEST,
        state.Manifest(
            area="c-30280",
            rendition=_hash("rendition"),
            size=40_000,
            block_size=32_768,
            blocks=(_hash("block 0"), _hash("block 1")),
            duration=824_592,
        ),
    ),
    "play": (
        MessageType.PLAY,
        orders.Play(
            id=_id(7),
            area="p-89",
            targets=("c-30280",),
            terminals=(TERMINAL,),
            message_class=MessageClass.EMERGENCY,
            approval=_id(8),
            title="Sơ tán khẩn cấp",
            rendition=_hash("flood"),
            duration=30_000,
            issued=NOW,
            expires=NOW + HOUR,
            repeats=3,
            gap=10_000,
        ),
    ),
    "cancel": (
        MessageType.CANCEL,
        orders.Cancel(id=_id(9), area="p-89", order=_id(7), issued=NOW, expires=NOW + HOUR),
    ),
    "test": (
        MessageType.TEST,
        orders.Test(
            id=_id(10),
            area="c-30280",
            terminal=TERMINAL,
            kind=orders.TestKind.CHIME,
            volume=30,
            issued=NOW,
            expires=NOW + 60_000_000,
        ),
    ),
    "time": (
        MessageType.TIME,
        orders.Time(terminal=TERMINAL, nonce=bytes(range(16)), now=NOW),
    ),
    "log receipt": (
        MessageType.LOG_RECEIPT,
        orders.LogReceipt(terminal=TERMINAL, log=_id(11), sequence=7),
    ),
}

REPORTS: Final[dict[str, tuple[MessageType, Report]]] = {
    "hello": (
        MessageType.HELLO,
        reports.Hello(
            terminal=TERMINAL,
            boot=bytes(range(16)),
            boot_count=4,
            wire_versions=(1,),
            agent="loaxa-agent 0.1.0",
            held=(reports.HeldState(type=3, area="c-30280", version=5),),
            renditions=(_hash("rendition"),),
            log=_id(11),
            log_next=8,
            log_acknowledged=7,
        ),
    ),
    "acknowledgement": (
        MessageType.ACKNOWLEDGEMENT,
        reports.Acknowledgement(
            terminal=TERMINAL, type=4, subject="c-30280", version=11, digest=_hash("envelope")
        ),
    ),
    "status, on air": (
        MessageType.STATUS,
        reports.Status(
            terminal=TERMINAL,
            at=NOW,
            clock=reports.ClockState.TRUSTED,
            clock_reason="",
            sounding=_id(2),
            layer=Layer.SCHEDULED,
            position=5_000,
            volume=80,
            stopped_until=None,
            rundown_version=11,
            renditions_held=1,
            renditions_wanted=2,
            problems=(),
        ),
    ),
    "status, in trouble": (
        MessageType.STATUS,
        reports.Status(
            terminal=TERMINAL,
            at=NOW,
            clock=reports.ClockState.UNTRUSTED,
            clock_reason="no answer yet",
            sounding=None,
            layer=None,
            position=0,
            volume=80,
            stopped_until=NOW + HOUR,
            rundown_version=0,
            renditions_held=0,
            renditions_wanted=0,
            problems=("no_rundown", "disk_full"),
        ),
    ),
    "telemetry": (
        MessageType.TELEMETRY,
        reports.Telemetry(
            terminal=TERMINAL,
            at=NOW,
            uptime=86_400_000,
            cpu_millidegrees=51_500,
            load_permille=120,
            memory_kib=41_984,
            disk_free_mib=12_000,
            bytes_in=2_700_000,
            bytes_out=40_000,
            reconnects=2,
            round_trip_us=84_000,
            refused=1,
        ),
    ),
    "telemetry, nothing known": (
        MessageType.TELEMETRY,
        reports.Telemetry(
            terminal=TERMINAL,
            at=NOW,
            uptime=None,
            cpu_millidegrees=None,
            load_permille=None,
            memory_kib=None,
            disk_free_mib=None,
            bytes_in=0,
            bytes_out=0,
            reconnects=0,
            round_trip_us=None,
            refused=0,
        ),
    ),
    "log batch": (
        MessageType.LOG_BATCH,
        reports.LogBatch(terminal=TERMINAL, log=_id(11), entries=(_ENTRY,)),
    ),
    "want": (
        MessageType.WANT,
        reports.Want(
            terminal=TERMINAL,
            rendition=_hash("rendition"),
            manifest=False,
            ranges=(reports.BlockRange(first=1, end=2), reports.BlockRange(first=5, end=9)),
            urgency=NOW + HOUR,
        ),
    ),
    "refused": (
        MessageType.REFUSED,
        reports.Refused(
            terminal=TERMINAL,
            at=NOW,
            reason="bad_signature",
            type=4,
            topic="g/c-30280/order",
            key_id=bytes(8),
            digest=_hash("envelope"),
            count=3,
        ),
    ),
    "time question": (
        MessageType.TIME_QUESTION,
        reports.TimeQuestion(terminal=TERMINAL, nonce=bytes(range(16))),
    ),
}

ALL: Final[dict[str, tuple[MessageType, Message | Report]]] = {**SIGNED, **REPORTS}


def envelope_of(name: str) -> bytes:
    """Return an example as it goes over the wire, signed by `KEY` (Ed25519 is deterministic)."""
    kind, message = ALL[name]
    return seal(kind, encode(message), PUBLIC, KEY.sign)


def stored() -> dict[str, bytes]:
    """Return the envelopes that `wire.json` holds."""
    content: dict[str, str] = json.loads(FILE.read_text(encoding="ascii"))
    return {name: bytes.fromhex(text) for name, text in content.items()}


if __name__ == "__main__":
    content = {name: envelope_of(name).hex() for name in ALL}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="ascii")
