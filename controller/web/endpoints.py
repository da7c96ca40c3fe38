"""Every route of the REST API in one table: path, bodies, answer, and who may call it.

Handlers in `routes/` bind to these entries; the OpenAPI document, the generated client of
the screens and the tests from a foreign commune are all made from this table.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from controller.web.schemas import access, announcements, areas, recordings, terminals
from controller.web.schemas.base import Body, Id, View


class Door(Enum):
    """Who may come in at all; rights inside an area are the services' business."""

    PUBLIC = "public"
    SESSION = "session"
    """A signed-in person, by cookie; changes need the CSRF token."""
    ANY = "any"
    """A signed-in person or a program's bearer token."""


class Stream(Enum):
    """Bodies that are not JSON."""

    BYTES = "application/octet-stream"
    SOUND = "audio/ogg"
    WAVE = "audio/wav"
    CSV = "text/csv"
    EVENTS = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method on one path. `answer` None means 204 without a body."""

    name: str
    method: str
    path: str
    summary: str
    answer: Any = None
    body: Any = None
    query: type[Body] | None = None
    status: int = 200
    door: Door = Door.ANY

    @property
    def tag(self) -> str:
        """Noun that the route belongs to."""
        return self.path.removeprefix("/api/v1/").split("/")[0]


class PageQuery(Body, frozen=True, kw_only=True):
    """A page of a listing, below an area (default: the reader's own)."""

    area_id: Id | None = None
    cursor: str | None = None
    limit: int = 50


class AnnouncementQuery(PageQuery, frozen=True, kw_only=True):
    """A page of announcements in one state."""

    state: announcements.StateName | None = None


class TerminalQuery(PageQuery, frozen=True, kw_only=True):
    """A page of terminals of one health."""

    health: terminals.HealthName | None = None


class SpanQuery(PageQuery, frozen=True, kw_only=True):
    """A span of time, ISO 8601 instants; default: now until in 7 days."""

    since: str | None = None
    until: str | None = None


class AreaList(View, frozen=True, kw_only=True):
    """All areas the reader may see, parents before children."""

    items: list[areas.AreaView]


class AccountList(View, frozen=True, kw_only=True):
    """Accounts of an area and below."""

    items: list[access.AccountView]


class TokenList(View, frozen=True, kw_only=True):
    """The caller's own tokens."""

    items: list[access.TokenView]


class StopList(View, frozen=True, kw_only=True):
    """Stops that hold now."""

    items: list[announcements.StopView]


class EmergencyList(View, frozen=True, kw_only=True):
    """Released emergencies, newest first."""

    items: list[announcements.EmergencyView]


class EnrolmentList(View, frozen=True, kw_only=True):
    """One-time codes, newest first."""

    items: list[terminals.EnrolmentView]


class CaptureList(View, frozen=True, kw_only=True):
    """What a virtual terminal has sounded, newest first."""

    items: list[terminals.CaptureView]


class AuditPage(View, frozen=True, kw_only=True):
    """Audit entries, newest first."""

    items: list[access.AuditView]
    next: str | None


class RedeemBody(Body, frozen=True, kw_only=True):
    """What `loaxa-agent enrol` sends; see edge_agent.wire.enrolment.EnrolRequest."""

    token: str
    public_key: bytes
    proof: bytes
    hardware: str
    agent: str


class RedeemView(View, frozen=True, kw_only=True):
    """See edge_agent.wire.enrolment.EnrolAnswer."""

    terminal: str
    mqtt_host: str
    mqtt_port: int
    mqtt_tls: bool
    ca_pem: str
    mqtt_password: str
    trust: bytes
    assignment: bytes
    policies: list[bytes]


_V1: Final = "/api/v1"
_PUBLIC, _SESSION = Door.PUBLIC, Door.SESSION
_A, _N, _R, _S, _T = access, announcements, recordings, areas, terminals


def _of(  # noqa: PLR0913  the table below reads as one line per route
    name: str,
    method: str,
    path: str,
    summary: str,
    *,
    answer: object = None,
    body: object = None,
    query: type[Body] | None = None,
    status: int = 200,
    door: Door = Door.ANY,
) -> Endpoint:
    return Endpoint(name, method, _V1 + path, summary, answer, body, query, status, door)


ENDPOINTS: Final = (
    _of("system", "GET", "/system", "What anybody may know", answer=_A.SystemView, door=_PUBLIC),
    _of("setup", "POST", "/setup", "First-run set-up", body=_A.SetupBody, answer=_A.SessionView,
        status=201, door=_PUBLIC),
    _of("sign_in", "POST", "/session", "Sign in", body=_A.SignInBody, answer=_A.SessionView,
        status=201, door=_PUBLIC),
    _of("session", "GET", "/session", "Who is signed in", answer=_A.SessionView, door=_SESSION),
    _of("sign_out", "DELETE", "/session", "Sign out", status=204, door=_SESSION),
    _of("change_password", "POST", "/session/password", "Change one's password",
        body=_A.PasswordBody, status=204, door=_SESSION),
    _of("list_accounts", "GET", "/accounts", "Accounts", query=PageQuery, answer=AccountList),
    _of("create_account", "POST", "/accounts", "Create an account and its one-time link",
        body=_A.AccountBody, answer=_A.LinkView, status=201, door=_SESSION),
    _of("account", "GET", "/accounts/{account_id}", "One account", answer=_A.AccountView),
    _of("change_account", "PATCH", "/accounts/{account_id}", "Change an account",
        body=_A.AccountChange, answer=_A.AccountView, door=_SESSION),
    _of("account_link", "POST", "/accounts/{account_id}/link", "A new one-time link (reset)",
        answer=_A.LinkView, status=201, door=_SESSION),
    _of("disable_account", "POST", "/accounts/{account_id}/disable", "Disable an account",
        answer=_A.AccountView, door=_SESSION),
    _of("enable_account", "POST", "/accounts/{account_id}/enable", "Enable an account",
        answer=_A.AccountView, door=_SESSION),
    _of("sign_out_account", "POST", "/accounts/{account_id}/sign-out", "Sign out everywhere",
        status=204, door=_SESSION),
    _of("invitation", "GET", "/invitations/{token}", "Whose one-time link this is",
        answer=_A.InvitationView, door=_PUBLIC),
    _of("redeem_invitation", "POST", "/invitations/{token}", "Set the password and sign in",
        body=_A.InvitationBody, answer=_A.SessionView, status=201, door=_PUBLIC),
    _of("list_tokens", "GET", "/tokens", "One's tokens", answer=TokenList, door=_SESSION),
    _of("create_token", "POST", "/tokens", "Create a token for a program", body=_A.TokenBody,
        answer=_A.NewTokenView, status=201, door=_SESSION),
    _of("delete_token", "DELETE", "/tokens/{token_id}", "Revoke a token", status=204,
        door=_SESSION),
    _of("list_areas", "GET", "/areas", "The area tree", answer=AreaList),
    _of("create_area", "POST", "/areas", "Create an area", body=_S.AreaBody, answer=_S.AreaView,
        status=201, door=_SESSION),
    _of("area", "GET", "/areas/{area_id}", "One area", answer=_S.AreaView),
    _of("change_area", "PATCH", "/areas/{area_id}", "Rename an area", body=_S.AreaChange,
        answer=_S.AreaView, door=_SESSION),
    _of("policy", "GET", "/areas/{area_id}/policy", "Rules of an area", answer=_S.PolicyView),
    _of("set_policy", "PUT", "/areas/{area_id}/policy", "Set the rules of an area",
        body=_S.PolicyBody, answer=_S.PolicyView, door=_SESSION),
    _of("list_recordings", "GET", "/recordings", "Recordings", query=PageQuery,
        answer=_R.RecordingPage),
    _of("create_recording", "POST", "/recordings", "Announce an upload", body=_R.RecordingBody,
        answer=_R.RecordingView, status=201),
    _of("recording", "GET", "/recordings/{recording_id}", "One recording",
        answer=_R.RecordingView),
    _of("change_recording", "PATCH", "/recordings/{recording_id}", "Rename a recording",
        body=_R.RecordingChange, answer=_R.RecordingView),
    _of("delete_recording", "DELETE", "/recordings/{recording_id}",
        "Delete a recording that nothing uses, or give up an upload", status=204),
    _of("upload_piece", "PUT", "/recordings/{recording_id}/content",
        "Append the next piece (≤ 4 MiB) at ?offset=; 409 tells the offset to go on from",
        body=Stream.BYTES, query=_R.PieceQuery, answer=_R.RecordingView),
    _of("complete_recording", "POST", "/recordings/{recording_id}/complete",
        "All pieces are there: check and convert", answer=_R.RecordingView, status=202),
    _of("recording_sound", "GET", "/recordings/{recording_id}/sound", "Listen",
        answer=Stream.SOUND),
    _of("recording_heard", "POST", "/recordings/{recording_id}/heard",
        "Confirm that a doubtful recording was heard to its end", body=_R.HeardBody,
        answer=_R.RecordingView),
    _of("list_announcements", "GET", "/announcements", "Announcements", query=AnnouncementQuery,
        answer=_N.AnnouncementPage),
    _of("create_announcement", "POST", "/announcements", "Save a draft",
        body=_N.AnnouncementBody, answer=_N.AnnouncementView, status=201),
    _of("preview_announcement", "POST", "/announcements/preview",
        "Say what will happen, without saving", body=_N.PreviewBody, answer=_N.PreviewView),
    _of("announcement", "GET", "/announcements/{announcement_id}", "One announcement",
        answer=_N.AnnouncementView),
    _of("edit_announcement", "PUT", "/announcements/{announcement_id}",
        "Change it; voids an approval", body=_N.AnnouncementEdit, answer=_N.AnnouncementView),
    _of("delete_announcement", "DELETE", "/announcements/{announcement_id}",
        "Delete a draft that was never approved", status=204),
    _of("submit_announcement", "POST", "/announcements/{announcement_id}/submit",
        "Send for approval", body=_N.SubmitBody, answer=_N.AnnouncementView),
    _of("approve_announcement", "POST", "/announcements/{announcement_id}/approve", "Approve",
        body=_N.ApproveBody, answer=_N.AnnouncementView, door=_SESSION),
    _of("return_announcement", "POST", "/announcements/{announcement_id}/return",
        "Send back with a reason", body=_N.ReturnBody, answer=_N.AnnouncementView),
    _of("withdraw_announcement", "POST", "/announcements/{announcement_id}/withdraw",
        "Withdraw an approval", body=_N.WithdrawBody, answer=_N.AnnouncementView),
    _of("release_emergency", "POST", "/announcements/{announcement_id}/release",
        "Sound an approved emergency now", body=_N.ReleaseBody, answer=_N.EmergencyView,
        status=201, door=_SESSION),
    _of("list_emergencies", "GET", "/emergencies", "Released emergencies", answer=EmergencyList),
    _of("cancel_emergency", "POST", "/emergencies/{emergency_id}/cancel", "Cancel an emergency",
        answer=_N.EmergencyView, door=_SESSION),
    _of("list_occurrences", "GET", "/occurrences", "Dated airings", query=SpanQuery,
        answer=_N.OccurrencePage),
    _of("skip_occurrence", "POST", "/occurrences/{occurrence_id}/skip", "Leave one airing out",
        answer=_N.OccurrenceView),
    _of("list_stops", "GET", "/stops", "Stops that hold", answer=StopList),
    _of("stop", "POST", "/stops", "Stop all sound of an area or terminal", body=_N.StopBody,
        answer=_N.StopView, status=201),
    _of("lift_stop", "POST", "/stops/{stop_id}/lift", "Lift a stop", answer=_N.StopView),
    _of("list_terminals", "GET", "/terminals", "Terminals", query=TerminalQuery,
        answer=_T.TerminalPage),
    _of("terminal", "GET", "/terminals/{terminal_id}", "One terminal", answer=_T.TerminalView),
    _of("change_terminal", "PATCH", "/terminals/{terminal_id}", "Name, move, set the volume",
        body=_T.TerminalChange, answer=_T.TerminalView, door=_SESSION),
    _of("test_terminal", "POST", "/terminals/{terminal_id}/test", "Test a terminal",
        body=_T.TestBody, answer=_T.TestView, status=202),
    _of("retire_terminal", "POST", "/terminals/{terminal_id}/retire",
        "Take a terminal out of service for good", answer=_T.TerminalView, door=_SESSION),
    _of("list_captures", "GET", "/terminals/{terminal_id}/captures",
        "What a virtual terminal sounded", answer=CaptureList),
    _of("capture", "GET", "/terminals/{terminal_id}/captures/{name}",
        "Listen to a virtual terminal", answer=Stream.WAVE),
    _of("list_enrolments", "GET", "/enrolments", "One-time codes", query=PageQuery,
        answer=EnrolmentList),
    _of("create_enrolment", "POST", "/enrolments", "Make a one-time code",
        body=_T.EnrolmentBody, answer=_T.NewEnrolmentView, status=201, door=_SESSION),
    _of("delete_enrolment", "DELETE", "/enrolments/{enrolment_id}", "Void a one-time code",
        status=204, door=_SESSION),
    _of("redeem_enrolment", "POST", "/enrolments/redeem", "A terminal redeems its code",
        body=RedeemBody, answer=RedeemView, status=201, door=_PUBLIC),
    _of("diary", "GET", "/diary", "Asked and sounded, per airing and terminal",
        query=_T.DiaryQuery, answer=_T.DiaryPage),
    _of("diary_csv", "GET", "/diary.csv", "The diary as CSV (UTF-8 with BOM)",
        query=_T.DiaryQuery, answer=Stream.CSV),
    _of("overview", "GET", "/overview", "All communes at a glance", answer=_T.OverviewView),
    _of("audit", "GET", "/audit", "Who did what", query=PageQuery, answer=AuditPage),
    _of("events", "GET", "/events", "Live changes (server-sent events)", answer=Stream.EVENTS),
)  # fmt: skip

BY_NAME: Final = {endpoint.name: endpoint for endpoint in ENDPOINTS}
