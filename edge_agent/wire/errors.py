"""Why a message is refused: one stable code for log, report and screen."""

from enum import StrEnum


class Refusal(StrEnum):
    """Reason why a terminal (or the controller) does not act on a message."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_TYPE = "unknown_type"
    NOT_CANONICAL = "not_canonical"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    KEY_NOT_VALID_NOW = "key_not_valid_now"
    TRUST_EXPIRED = "trust_expired"
    WRONG_ROLE = "wrong_role"
    WRONG_AREA = "wrong_area"
    WRONG_CLASS = "wrong_class"
    NOT_FOR_THIS_TERMINAL = "not_for_this_terminal"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    STALE_VERSION = "stale_version"
    REPLAYED = "replayed"
    RETAINED = "retained"
    WRONG_TOPIC = "wrong_topic"
    INCONSISTENT = "inconsistent"
    NO_TRUST = "no_trust"
    NO_POLICY = "no_policy"
    QUIET_HOURS = "quiet_hours"
    CLOCK_NOT_TRUSTED = "clock_not_trusted"
    STOPPED = "stopped"


class WireError(Exception):
    """A message that does not count; `reason` is the stable code, `detail` plain English."""

    def __init__(self, reason: Refusal, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
