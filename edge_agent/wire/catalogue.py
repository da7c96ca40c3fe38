"""Which message each type byte carries and who may sign it; docs/protocol.md prints this."""

from dataclasses import dataclass
from typing import Final

from edge_agent.wire import orders, reports, state
from edge_agent.wire.codec import Message, Report
from edge_agent.wire.envelope import MessageType
from edge_agent.wire.state import Role


@dataclass(frozen=True, slots=True)
class Signed:
    """A message of the controller's side; `role` None means the root keys."""

    kind: type[Message]
    role: Role | None


SIGNED: Final[dict[MessageType, Signed]] = {
    MessageType.TRUST: Signed(state.TrustFile, None),
    MessageType.ASSIGNMENT: Signed(state.Assignment, Role.FLEET),
    MessageType.POLICY: Signed(state.Policy, Role.POLICY),
    MessageType.RUNDOWN: Signed(state.Rundown, Role.SCHEDULE),
    MessageType.STOP: Signed(state.Stop, Role.COMMAND),
    MessageType.MANIFEST: Signed(state.Manifest, Role.SCHEDULE),
    MessageType.PLAY: Signed(orders.Play, Role.EMERGENCY),
    MessageType.CANCEL: Signed(orders.Cancel, Role.EMERGENCY),
    MessageType.TEST: Signed(orders.Test, Role.COMMAND),
    MessageType.TIME: Signed(orders.Time, Role.SERVICE),
    MessageType.LOG_RECEIPT: Signed(orders.LogReceipt, Role.SERVICE),
}
"""Types that reach a terminal."""

REPORTS: Final[dict[MessageType, type[Report]]] = {
    MessageType.HELLO: reports.Hello,
    MessageType.ACKNOWLEDGEMENT: reports.Acknowledgement,
    MessageType.STATUS: reports.Status,
    MessageType.TELEMETRY: reports.Telemetry,
    MessageType.LOG_BATCH: reports.LogBatch,
    MessageType.WANT: reports.Want,
    MessageType.REFUSED: reports.Refused,
    MessageType.TIME_QUESTION: reports.TimeQuestion,
}
"""Types that a terminal sends, signed with its own key."""
