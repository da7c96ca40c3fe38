"""Why the link is down or an operation on it failed: one stable code for log, report and screen."""

from enum import StrEnum


class LinkProblem(StrEnum):
    """What keeps the link from working, or ended it."""

    NOT_CONNECTED = "not_connected"
    STOPPED = "stopped"
    NAME_NOT_FOUND = "name_not_found"
    UNREACHABLE = "unreachable"
    CERTIFICATE_REFUSED = "certificate_refused"
    CERTIFICATE_DATE = "certificate_date"
    TLS_FAILED = "tls_failed"
    SIGN_IN_REFUSED = "sign_in_refused"
    BROKER_UNAVAILABLE = "broker_unavailable"
    TIMED_OUT = "timed_out"
    CONNECTION_LOST = "connection_lost"
    PACKET_TOO_LARGE = "packet_too_large"
    INBOX_FULL = "inbox_full"
    SUBSCRIPTION_REFUSED = "subscription_refused"


class LinkError(Exception):
    """An operation on the link failed; `problem` is the stable code, `detail` plain English."""

    def __init__(self, problem: LinkProblem, detail: str = "") -> None:
        super().__init__(f"{problem.value}: {detail}" if detail else problem.value)
        self.problem = problem
        self.detail = detail


class LinkSettingsError(ValueError):
    """Settings, a topic or a filter that can never work; the text says which and why."""
