"""Why the signer does not do what it was asked, and why it does not start."""

from uuid import UUID

from controller.domain.signer_refusal import Reason


class Refused(Exception):
    """A request that is not done; `detail` is plain English for the log.

    `item` is the occurrence in a rundown that it is about.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        item: UUID | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
        self.item = item
        self.retry_after_s = retry_after_s


class CannotStart(Exception):
    """The signer refuses to run like this; the text is one line for the person who started it."""


class JournalLost(Exception):
    """The disk did not take what was written: whether it holds is unknown, so nothing goes on."""
