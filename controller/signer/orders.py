"""Stops, emergencies, tests, and the answers that terminals wait for.

Making silent needs no ticket: whoever could ask for it could as well cut the link.
"""

from dataclasses import dataclass
from typing import Final

from controller.domain.signer_refusal import Reason
from controller.domain.signing import (
    MAX_HOLD_US,
    MAX_ORDER_US,
    CancelPlay,
    LiftStop,
    PlayNow,
    ReceiveLog,
    Right,
    SendTest,
    Signed,
    StopSound,
    TellTime,
)
from controller.signer.errors import Refused
from controller.signer.rules import check_target, effective_policy, find_rendition
from controller.signer.sign import (
    PROGRAM,
    Desk,
    bearer,
    believed_approval,
    payload_of,
    sealed,
)
from controller.signer.territory import require_zone
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.orders import Cancel, LogReceipt, Play, Test, TestKind, Time
from edge_agent.wire.policy import is_quiet
from edge_agent.wire.precedence import MessageClass
from edge_agent.wire.state import Stop

HOUR_US: Final = 3600 * 1_000_000
CHIME_US: Final = 10 * 1_000_000
"""No chime is longer; its whole length must be outside quiet hours."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in `span_us`."""

    count: int
    span_us: int


PLAY_RATE: Final = Rate(30, HOUR_US)
"""Emergency orders of one area: a flood of them is a fault or an attack."""
CHIME_RATE: Final = Rate(12, HOUR_US)
"""Audible tests of one terminal."""


def stop(desk: Desk, request: StopSound) -> Signed:
    """Sign a stop; the same once more is answered as before."""
    place = desk.place(request.area)
    if request.terminal is not None and not desk.home(request.terminal).within(place.id):
        raise Refused(Reason.TARGET_FOREIGN, f"{request.terminal} is not within {place.id}")
    known = desk.records.stop(request.id)
    if known is not None:
        same = (known.area, known.terminal) == (request.area, request.terminal)
        if not same or known.hold_until != request.hold_until:
            raise Refused(Reason.ID_USED, str(request.id))
        return _sealed_stop(desk, known)
    now = desk.clock()
    if request.hold_until > now + MAX_HOLD_US:
        raise Refused(Reason.HOLD_TOO_LONG)
    return _write_stop(
        desk,
        Stop(
            id=request.id,
            area=place.id,
            terminal=request.terminal,
            version=1,
            issued=now,
            hold_until=max(now, request.hold_until),
        ),
    )


def lift(desk: Desk, request: LiftStop) -> Signed:
    """Sign the end of a stop: the same stop, held until now. A second time: as before."""
    known, now = desk.records.stop(request.id), desk.clock()
    if known is None:
        raise Refused(Reason.STOP_UNKNOWN, str(request.id))
    if known.hold_until <= now:
        return _sealed_stop(desk, known)
    return _write_stop(
        desk,
        Stop(
            id=known.id,
            area=known.area,
            terminal=known.terminal,
            version=known.version,
            issued=known.issued,
            hold_until=max(known.issued, now),
        ),
    )


def _write_stop(desk: Desk, draft: Stop) -> Signed:
    """Give a stop its version, which rises over all stops of its area."""
    with desk.journal.writing():
        message = Stop(
            id=draft.id,
            area=draft.area,
            terminal=draft.terminal,
            version=desk.journal.next_version("stop", draft.area),
            issued=draft.issued,
            hold_until=draft.hold_until,
        )
        desk.enter("stop", PROGRAM, message.id, payload_of(MessageType.STOP, message))
        desk.records.put_stop(message)
    return _sealed_stop(desk, message)


def _sealed_stop(desk: Desk, message: Stop) -> Signed:
    signer = desk.keyed(desk.place(message.area))
    return sealed(desk, MessageType.STOP, message, signer.id, message.version)


def play(desk: Desk, request: PlayNow) -> Signed:
    """Release an approved emergency; the same id once more is answered as before."""
    body = believed_approval(desk, request.approval)
    owner, now = desk.place(body.area), desk.clock()
    by = bearer(desk, request.ticket, Right.RELEASE, owner)
    if body.message_class is not MessageClass.EMERGENCY:
        raise Refused(Reason.NOT_EMERGENCY)
    rendition = find_rendition(body, request.rendition)
    for area in request.targets:
        if not set(body.areas) & set(desk.place(area).chain):
            raise Refused(Reason.TARGET_FOREIGN, area)
    for terminal in request.terminals:
        check_target(body, terminal, desk.home(terminal))
    if not request.targets and not request.terminals:
        raise Refused(Reason.TARGET_EMPTY)
    known = desk.records.play(request.id)
    if known is not None:
        if (known.approval, known.rendition) != (body.id, request.rendition):
            raise Refused(Reason.ID_USED, str(request.id))
        return sealed(desk, MessageType.PLAY, known, desk.keyed(owner).id)
    if not body.not_before <= now < body.not_after:
        raise Refused(Reason.OUTSIDE_WINDOW)
    if not now < request.expires <= min(now + MAX_ORDER_US, body.not_after):
        raise Refused(Reason.EXPIRED)
    if desk.records.plays_since(owner.id, now - PLAY_RATE.span_us) >= PLAY_RATE.count:
        raise Refused(Reason.TOO_MANY_ORDERS, owner.id)
    message = Play(
        id=request.id,
        area=owner.id,
        targets=request.targets,
        terminals=request.terminals,
        message_class=MessageClass.EMERGENCY,
        approval=body.id,
        title=request.title,
        rendition=rendition.hash,
        duration=rendition.duration,
        issued=now,
        expires=request.expires,
        repeats=request.repeats,
        gap=request.gap,
    )
    with desk.journal.writing():
        desk.enter("play", by.account, message.id, payload_of(MessageType.PLAY, message))
        desk.records.add_play(message)
    return sealed(desk, MessageType.PLAY, message, desk.keyed(owner).id)


def cancel(desk: Desk, request: CancelPlay) -> Signed:
    """Sign the end of an emergency, for as long as the order itself could act."""
    order, now = desk.records.play(request.order), desk.clock()
    if order is None:
        raise Refused(Reason.ORDER_UNKNOWN, str(request.order))
    signer = desk.keyed(desk.place(order.area))
    known = desk.records.cancel(request.id)
    if known is not None:
        if known.order != request.order:
            raise Refused(Reason.ID_USED, str(request.id))
        return sealed(desk, MessageType.CANCEL, known, signer.id)
    message = Cancel(
        id=request.id,
        area=order.area,
        order=order.id,
        issued=now,
        expires=max(order.expires, now) + HOUR_US,
    )
    with desk.journal.writing():
        desk.enter("cancel", PROGRAM, message.id, payload_of(MessageType.CANCEL, message))
        desk.records.add_cancel(message)
    return sealed(desk, MessageType.CANCEL, message, signer.id)


def test(desk: Desk, request: SendTest) -> Signed:
    """Sign a test; a chime only outside quiet hours and no louder than the policy allows."""
    place, now = desk.home(request.terminal), desk.clock()
    signer = desk.keyed(place)
    if not now < request.expires <= now + HOUR_US:
        raise Refused(Reason.EXPIRED)
    audible = request.kind is TestKind.CHIME
    if audible:
        _require_chime(desk, request, now)
    message = Test(
        id=request.id,
        area=signer.id,
        terminal=request.terminal,
        kind=request.kind,
        volume=request.volume,
        issued=now,
        expires=request.expires,
    )
    with desk.journal.writing():
        desk.enter("test", PROGRAM, request.terminal, payload_of(MessageType.TEST, message))
        if audible:
            desk.records.add_test(request.terminal, now)
    return sealed(desk, MessageType.TEST, message, signer.id)


def _require_chime(desk: Desk, request: SendTest, now: int) -> None:
    place = desk.home(request.terminal)
    policy = effective_policy(place, desk.policies(place))
    zone = require_zone(place.timezone)
    if request.volume > policy.max_volume:
        raise Refused(Reason.VOLUME, f"at most {policy.max_volume}")
    if is_quiet(policy, MessageClass.ORDINARY, now, now + CHIME_US, zone):
        raise Refused(Reason.QUIET_HOURS)
    if desk.records.tests_since(request.terminal, now - CHIME_RATE.span_us) >= CHIME_RATE.count:
        raise Refused(Reason.TOO_MANY_ORDERS, str(request.terminal))


def time(desk: Desk, request: TellTime) -> Signed:
    """Sign the time, without a journal entry.

    It sounds nothing, and a storm of questions after a power cut must not wait for the disk.
    """
    signer = desk.keyed(desk.home(request.terminal))
    message = Time(terminal=request.terminal, nonce=request.nonce, now=desk.clock())
    return sealed(desk, MessageType.TIME, message, signer.id)


def receipt(desk: Desk, request: ReceiveLog) -> Signed:
    """Sign that log lines are safe; not in the journal, which holds what sounds or changes."""
    signer = desk.keyed(desk.home(request.terminal))
    message = LogReceipt(terminal=request.terminal, log=request.log, sequence=request.sequence)
    return sealed(desk, MessageType.LOG_RECEIPT, message, signer.id)
