"""Recordings, announcements and airings as the API shows them."""

from collections.abc import Sequence

from controller.domain.recording import Recording
from controller.services.objections import Problem
from controller.services.outlook import Outlook
from controller.services.recordings import Shown as ShownRecording
from controller.services.shown import Shown as ShownAnnouncement
from controller.web.call import Language
from controller.web.messages import sentence
from controller.web.schedules import schedule_bodies, targets_body
from controller.web.schemas.announcements import (
    AnnouncementView,
    DeliveryView,
    OccurrenceTime,
    PreviewView,
    ProblemView,
)
from controller.web.schemas.recordings import RecordingView
from controller.web.sentences import announcement_sentence


def recording_view(shown: ShownRecording, language: Language) -> RecordingView:
    """Return a recording as the API shows it."""
    recording: Recording = shown.recording
    sound = recording.sound
    problem = recording.problem
    return RecordingView(
        id=str(recording.id),
        title=recording.title,
        area_id=recording.area,
        state=recording.state.value,
        progress=recording.progress,
        size=recording.size,
        received=recording.received,
        problem=problem,
        problem_text=sentence(problem, language, {}) if problem else None,
        doubtful=recording.doubtful,
        heard=recording.heard_at is not None,
        duration_ms=sound.duration_ms if sound else None,
        loudness_lufs=round(sound.loudness_lufs, 1) if sound else None,
        hash=sound.rendition if sound else None,
        waveform=list(sound.waveform) if sound else [],
        created_at=recording.created_at,
        created_by=shown.created_by,
    )


def announcement_view(shown: ShownAnnouncement, language: Language) -> AnnouncementView:
    """Return an announcement as the API shows it."""
    one = shown.announcement
    content = one.content
    sound = shown.recording.sound if shown.recording else None
    duration_ms = sound.duration_ms if sound else None
    return AnnouncementView(
        id=str(one.id),
        revision=one.revision,
        state=one.state.value,
        title=content.title,
        area_id=one.area,
        area_name=shown.area.name,
        message_class=content.message_class.value,
        recording_id=str(content.recording) if content.recording else None,
        duration_ms=duration_ms,
        hash=sound.rendition if sound else None,
        targets=targets_body(content.targets),
        schedules=schedule_bodies(content.schedules),
        sentence=announcement_sentence(
            language, content, shown.places, shown.terminals, duration_ms
        ),
        author=shown.author,
        author_id=str(one.author),
        submitted_at=one.submitted_at,
        decided_at=one.decided_at,
        decided_by=shown.decided_by,
        reason=one.reason,
        delivery=DeliveryView(terminals=shown.terminals, stored=shown.stored),
        next_start=shown.next_start,
        may=[action.value for action in shown.may],
    )


def preview_view(outlook: Outlook, language: Language) -> PreviewView:
    """Return an outlook as the API shows it."""
    return PreviewView(
        sentence=announcement_sentence(
            language, outlook.content, outlook.places, outlook.terminals, outlook.duration_ms
        ),
        terminals=outlook.terminals,
        next=[OccurrenceTime(start=one.start, end=one.end) for one in outlook.next],
        problems=_problem_views(outlook.problems, language),
        warnings=_problem_views(outlook.warnings, language),
    )


def _problem_views(problems: Sequence[Problem], language: Language) -> list[ProblemView]:
    return [
        ProblemView(
            code=str(one.code), field=one.field, text=sentence(one.code, language, one.detail)
        )
        for one in problems
    ]
