"""The controller's refusals: one tree, each with a code that never changes meaning.

The class says what kind of answer it is (web maps it to a status); the code reaches API,
screens (which hold the sentence for it) and log. Codes are added, never renamed or reused.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar


class ErrorCode(StrEnum):
    """Every reason the controller gives. Anything that needs a new reason adds it here."""

    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    SIGN_IN_NEEDED = "sign_in_needed"
    SESSION_NEEDED = "session_needed"
    CSRF = "csrf"
    WRONG_CREDENTIALS = "wrong_credentials"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    TOO_MANY_REQUESTS = "too_many_requests"
    INVALID_FIELD = "invalid_field"
    CHANGED_MEANWHILE = "changed_meanwhile"
    BAD_CURSOR = "bad_cursor"
    BAD_HASH = "bad_hash"

    TEXT_EMPTY = "text_empty"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_CONTROL_CHARACTER = "text_control_character"

    ALREADY_SET_UP = "already_set_up"
    SETUP_CODE_WRONG = "setup_code_wrong"
    AREA_EXISTS = "area_exists"
    AREA_LEVEL = "area_level"
    AREA_CODE = "area_code"
    AREA_ENDED = "area_ended"
    TIMEZONE_UNKNOWN = "timezone_unknown"
    USERNAME_TAKEN = "username_taken"
    PASSWORD_TOO_SHORT = "password_too_short"  # noqa: S105 - a code, not a password
    PASSWORD_TOO_COMMON = "password_too_common"  # noqa: S105 - same
    PASSWORD_LIKE_NAME = "password_like_name"  # noqa: S105 - same
    ACCOUNT_DISABLED = "account_disabled"
    OWN_ACCOUNT = "own_account"
    LAST_ADMINISTRATOR = "last_administrator"
    LINK_USED = "link_used"
    LINK_EXPIRED = "link_expired"

    RECORDING_TOO_LARGE = "recording_too_large"
    RECORDING_WRONG_STATE = "recording_wrong_state"
    RECORDING_WRONG_OFFSET = "recording_wrong_offset"
    RECORDING_INCOMPLETE = "recording_incomplete"
    RECORDING_IN_USE = "recording_in_use"
    RECORDING_NOT_READY = "recording_not_ready"
    RECORDING_NOT_HEARD = "recording_not_heard"
    RECORDING_MISSING = "recording_missing"
    TOO_MANY_UPLOADS = "too_many_uploads"
    STORAGE_FAILED = "storage_failed"

    ACTION_NOT_OPEN = "action_not_open"
    TARGET_EMPTY = "target_empty"
    TARGET_FOREIGN = "target_foreign"
    TARGET_WITHOUT_TERMINALS = "target_without_terminals"
    SCHEDULE_MISSING = "schedule_missing"
    SCHEDULE_INVALID = "schedule_invalid"
    SCHEDULE_TOO_MANY = "schedule_too_many"
    SCHEDULE_FOR_EMERGENCY = "schedule_for_emergency"
    SCHEDULE_TOO_LONG = "schedule_too_long"
    TIME_PAST = "time_past"
    TIME_TOO_FAR = "time_too_far"
    NO_POLICY = "no_policy"
    QUIET_HOURS = "quiet_hours"
    SESSION_TOO_LONG = "session_too_long"
    DAY_TOO_LONG = "day_too_long"
    OVERLAP = "overlap"
    HASH_CHANGED = "hash_changed"
    AUTHOR_IS_APPROVER = "author_is_approver"
    NOT_EMERGENCY = "not_emergency"
    MAY_NOT_RELEASE = "may_not_release"
    OCCURRENCE_BEGUN = "occurrence_begun"
    HOLD_TOO_LONG = "hold_too_long"
    ALREADY_LIFTED = "already_lifted"
    ALREADY_CANCELLED = "already_cancelled"
    EXPIRED = "expired"

    POLICY_LOOSER = "policy_looser"
    QUIET_WINDOW = "quiet_window"
    VOLUME = "volume"
    LIMIT = "limit"

    ENROLMENT_UNKNOWN = "enrolment_unknown"
    ENROLMENT_USED = "enrolment_used"
    ENROLMENT_EXPIRED = "enrolment_expired"
    ENROLMENT_PROOF = "enrolment_proof"
    TERMINAL_RETIRED = "terminal_retired"
    TERMINAL_NAME_TAKEN = "terminal_name_taken"
    CAPTURE_MISSING = "capture_missing"

    DOCUMENT_STALE = "document_stale"
    IDEMPOTENCY_REUSED = "idempotency_reused"
    IDEMPOTENCY_RUNNING = "idempotency_running"
    SIGNER_UNAVAILABLE = "signer_unavailable"
    SIGNER_REFUSED = "signer_refused"
    DATABASE_BUSY = "database_busy"
    DATABASE_UNREACHABLE = "database_unreachable"
    DISK_FULL = "disk_full"
    BROKER_UNAVAILABLE = "broker_unavailable"


class DomainError(Exception):
    """Root of the tree.

    `field` is the dotted path of the input it is about, None for the whole; `detail` holds
    values for the sentence on the screen (names, numbers), never secrets.
    """

    kind: ClassVar[str] = "error"

    def __init__(
        self,
        code: ErrorCode | str,
        *,
        field: str | None = None,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        text = f"{code}" + (f" (at {field})" if field else "")
        super().__init__(text + (f" {dict(detail)}" if detail else ""))
        self.code = str(code)
        self.field = field
        self.detail: Mapping[str, object] = dict(detail or {})


class Invalid(DomainError):
    """What was sent cannot be kept (422)."""

    kind = "invalid"


class SignInNeeded(DomainError):
    """Nobody is signed in, or not with these credentials (401)."""

    kind = "sign_in_needed"


class NotFound(DomainError):
    """There is no such thing, or it belongs to an area the actor does not see (404)."""

    kind = "not_found"


class Forbidden(DomainError):
    """The actor sees it but may not do that (403)."""

    kind = "forbidden"


class Conflict(DomainError):
    """It does not fit what is there now (409)."""

    kind = "conflict"


class Unavailable(DomainError):
    """A part that is needed does not answer; trying again later helps (503)."""

    kind = "unavailable"


class TooMany(DomainError):
    """Too often or too much at a time (429). `detail["retry_after_s"]` where known."""

    kind = "too_many"
