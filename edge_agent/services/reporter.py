"""Reports leave the terminal signed with its own key."""

from uuid import UUID

from edge_agent.services.ports import Messenger, NotSent, Signer
from edge_agent.wire.codec import Report, encode
from edge_agent.wire.envelope import MessageType, seal
from edge_agent.wire.reports import Acknowledgement
from edge_agent.wire.topics import UpKind, up

_TYPES = {
    UpKind.HELLO: MessageType.HELLO,
    UpKind.ACK: MessageType.ACKNOWLEDGEMENT,
    UpKind.STATUS: MessageType.STATUS,
    UpKind.TELEMETRY: MessageType.TELEMETRY,
    UpKind.LOG: MessageType.LOG_BATCH,
    UpKind.WANT: MessageType.WANT,
    UpKind.REFUSED: MessageType.REFUSED,
    UpKind.TIME: MessageType.TIME_QUESTION,
}


class Reporter:
    """Signs and sends reports of one terminal."""

    def __init__(self, terminal: UUID, signer: Signer, messenger: Messenger) -> None:
        self.terminal = terminal
        self._signer = signer
        self._messenger = messenger

    async def send(self, kind: UpKind, report: Report) -> bool:
        """Send a report; False when it did not leave this machine."""
        envelope = seal(_TYPES[kind], encode(report), self._signer.public_key, self._signer.sign)
        try:
            await self._messenger.publish(up(self.terminal, kind), envelope)
        except NotSent:
            return False
        return True

    async def acknowledge(
        self, kind: MessageType, subject: str, version: int, digest: bytes
    ) -> bool:
        """Tell that a document was stored, an order taken, or a rendition completed."""
        return await self.send(
            UpKind.ACK,
            Acknowledgement(
                terminal=self.terminal,
                type=kind,
                subject=subject,
                version=version,
                digest=digest,
            ),
        )
