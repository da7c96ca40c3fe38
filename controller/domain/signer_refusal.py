"""Why the signer refuses, and which of the controller's refusals each reason becomes."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from controller.domain.errors import (
    Conflict,
    DomainError,
    ErrorCode,
    Forbidden,
    Invalid,
    NotFound,
    SignInNeeded,
    TooMany,
    Unavailable,
)


class Reason(StrEnum):
    """Stable code of a refusal by the signer; the journal and the log carry it."""

    MALFORMED = "malformed"
    UNKNOWN_OPERATION = "unknown_operation"
    INTERNAL = "internal"
    DISK = "disk"

    NOT_SET_UP = "not_set_up"
    ALREADY_SET_UP = "already_set_up"
    AREA_UNKNOWN = "area_unknown"
    AREA_EXISTS = "area_exists"
    AREA_CHAIN = "area_chain"
    AREA_WITHOUT_KEY = "area_without_key"
    TIMEZONE_UNKNOWN = "timezone_unknown"

    WRONG_CREDENTIALS = "wrong_credentials"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    PASSWORD_TOO_SHORT = "password_too_short"  # noqa: S105  a code, not a password
    ACCOUNT_UNKNOWN = "account_unknown"
    ACCOUNT_DISABLED = "account_disabled"
    LINK_USED = "link_used"
    LINK_EXPIRED = "link_expired"
    TICKET_FORGED = "ticket_forged"
    TICKET_EXPIRED = "ticket_expired"
    TICKET_FOREIGN = "ticket_foreign"
    RIGHT_MISSING = "right_missing"
    AREA_FOREIGN = "area_foreign"

    APPROVAL_MALFORMED = "approval_malformed"
    APPROVAL_FORGED = "approval_forged"
    APPROVAL_UNKNOWN = "approval_unknown"
    APPROVAL_WITHDRAWN = "approval_withdrawn"
    APPROVAL_EXISTS = "approval_exists"
    AUTHOR_IS_APPROVER = "author_is_approver"
    MAY_NOT_RELEASE = "may_not_release"
    DECIDED_AT = "decided_at"
    WINDOW = "window"
    RENDITION_MISSING = "rendition_missing"
    TARGET_EMPTY = "target_empty"
    TARGET_FOREIGN = "target_foreign"
    SCHEDULE_MISSING = "schedule_missing"
    SCHEDULE_INVALID = "schedule_invalid"
    SCHEDULE_TOO_MANY = "schedule_too_many"
    SCHEDULE_FOR_EMERGENCY = "schedule_for_emergency"

    TERMINAL_UNKNOWN = "terminal_unknown"
    VALIDITY = "validity"
    WRONG_ANNOUNCEMENT = "wrong_announcement"
    WRONG_AREA = "wrong_area"
    WRONG_CLASS = "wrong_class"
    WRONG_RENDITION = "wrong_rendition"
    WRONG_DURATION = "wrong_duration"
    WRONG_TIME = "wrong_time"
    OUTSIDE_WINDOW = "outside_window"
    ITEM_TWICE = "item_twice"
    OVERLAP = "overlap"
    NO_POLICY = "no_policy"
    QUIET_HOURS = "quiet_hours"
    SESSION_TOO_LONG = "session_too_long"
    DAY_TOO_LONG = "day_too_long"
    VOLUME = "volume"

    RENDITION_NOT_APPROVED = "rendition_not_approved"
    MANIFEST_INCONSISTENT = "manifest_inconsistent"
    ID_USED = "id_used"
    HOLD_TOO_LONG = "hold_too_long"
    STOP_UNKNOWN = "stop_unknown"
    ORDER_UNKNOWN = "order_unknown"
    NOT_EMERGENCY = "not_emergency"
    EXPIRED = "expired"
    TOO_MANY_ORDERS = "too_many_orders"


_E, _R = ErrorCode, Reason

_ANSWERS: Final[dict[Reason, tuple[type[DomainError], ErrorCode]]] = {
    _R.INTERNAL: (Unavailable, _E.SIGNER_UNAVAILABLE),
    _R.DISK: (Unavailable, _E.DISK_FULL),
    _R.ALREADY_SET_UP: (Conflict, _E.ALREADY_SET_UP),
    _R.AREA_EXISTS: (Conflict, _E.AREA_EXISTS),
    _R.TIMEZONE_UNKNOWN: (Invalid, _E.TIMEZONE_UNKNOWN),
    _R.WRONG_CREDENTIALS: (SignInNeeded, _E.WRONG_CREDENTIALS),
    _R.TOO_MANY_ATTEMPTS: (TooMany, _E.TOO_MANY_ATTEMPTS),
    _R.PASSWORD_TOO_SHORT: (Invalid, _E.PASSWORD_TOO_SHORT),
    _R.ACCOUNT_UNKNOWN: (NotFound, _E.NOT_FOUND),
    _R.ACCOUNT_DISABLED: (Forbidden, _E.ACCOUNT_DISABLED),
    _R.LINK_USED: (Conflict, _E.LINK_USED),
    _R.LINK_EXPIRED: (Conflict, _E.LINK_EXPIRED),
    _R.TICKET_FORGED: (SignInNeeded, _E.SIGN_IN_NEEDED),
    _R.TICKET_EXPIRED: (SignInNeeded, _E.SIGN_IN_NEEDED),
    _R.TICKET_FOREIGN: (SignInNeeded, _E.SIGN_IN_NEEDED),
    _R.RIGHT_MISSING: (Forbidden, _E.FORBIDDEN),
    _R.AREA_FOREIGN: (Forbidden, _E.FORBIDDEN),
    _R.AUTHOR_IS_APPROVER: (Forbidden, _E.AUTHOR_IS_APPROVER),
    _R.MAY_NOT_RELEASE: (Forbidden, _E.MAY_NOT_RELEASE),
    _R.WINDOW: (Invalid, _E.TIME_PAST),
    _R.TARGET_EMPTY: (Invalid, _E.TARGET_EMPTY),
    _R.TARGET_FOREIGN: (Forbidden, _E.TARGET_FOREIGN),
    _R.SCHEDULE_MISSING: (Invalid, _E.SCHEDULE_MISSING),
    _R.SCHEDULE_INVALID: (Invalid, _E.SCHEDULE_INVALID),
    _R.SCHEDULE_TOO_MANY: (Invalid, _E.SCHEDULE_TOO_MANY),
    _R.SCHEDULE_FOR_EMERGENCY: (Invalid, _E.SCHEDULE_FOR_EMERGENCY),
    _R.OVERLAP: (Conflict, _E.OVERLAP),
    _R.QUIET_HOURS: (Invalid, _E.QUIET_HOURS),
    _R.SESSION_TOO_LONG: (Invalid, _E.SESSION_TOO_LONG),
    _R.DAY_TOO_LONG: (Invalid, _E.DAY_TOO_LONG),
    _R.VOLUME: (Invalid, _E.VOLUME),
    _R.HOLD_TOO_LONG: (Invalid, _E.HOLD_TOO_LONG),
    _R.NOT_EMERGENCY: (Invalid, _E.NOT_EMERGENCY),
    _R.EXPIRED: (Conflict, _E.EXPIRED),
    _R.TOO_MANY_ORDERS: (TooMany, _E.TOO_MANY_REQUESTS),
}


def refusal_of(
    reason: str, detail: str, *, item: UUID | None = None, retry_after_s: int | None = None
) -> DomainError:
    """Return the error that a refusal by the signer becomes for services and web.

    `error.detail["reason"]` is the signer's own code, `["text"]` says more, in English, for
    the log; `["item"]` is the occurrence for which a rundown is refused, where it is one.
    What no person at a screen can cause is Forbidden `signer_refused`.
    """
    values: dict[str, object] = {"reason": reason, "text": detail}
    if item is not None:
        values["item"] = item
    if retry_after_s is not None:
        values["retry_after_s"] = retry_after_s
    try:
        kind, code = _ANSWERS.get(Reason(reason), (Forbidden, _E.SIGNER_REFUSED))
    except ValueError:
        kind, code = Forbidden, _E.SIGNER_REFUSED
    return kind(code, detail=values)
