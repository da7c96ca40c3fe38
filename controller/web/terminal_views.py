"""Terminals, codes, stops, emergencies and tests as the API shows them."""

from datetime import timedelta

from controller.domain.enrolment import Enrolment
from controller.domain.terminal import Health
from controller.services.emergencies import EmergencyFacts
from controller.services.sound_tests import TestFacts
from controller.services.stops import StopFacts
from controller.services.terminals import CaptureFacts, TerminalFacts
from controller.web.call import Language
from controller.web.problems import problem_text
from controller.web.schemas.announcements import EmergencyView, StopView
from controller.web.schemas.terminals import (
    CaptureView,
    EnrolmentView,
    NowSounding,
    TerminalView,
    TestView,
)

DOUBLED = "doubled"


def terminal_view(facts: TerminalFacts, language: Language) -> TerminalView:
    """Return a terminal; what it reported stays visible with its age, whatever its health."""
    terminal, status = facts.state.terminal, facts.state.status
    hello, telemetry = facts.state.hello, facts.state.telemetry
    problems = list(status.problems) if status else []
    if terminal.quarantined_at is not None:
        problems.append(DOUBLED)
    heat = telemetry.cpu_millidegrees if telemetry else None
    return TerminalView(
        id=str(terminal.id),
        name=terminal.name,
        area_id=terminal.area,
        area_name=facts.area.name,
        health=facts.health.value,
        reported_at=status.received_at if status else None,
        sounding=_sounding(facts),
        volume=terminal.volume,
        clock=status.clock.value if status else None,
        clock_reason=status.clock_reason if status else None,
        stopped_until=status.stopped_until if status else None,
        problems=problems,
        problem_texts=[problem_text(code, language) for code in problems],
        renditions_held=status.renditions_held if status else 0,
        renditions_wanted=status.renditions_wanted if status else 0,
        agent=hello.agent if hello else None,
        enrolled_at=terminal.enrolled_at,
        retired_at=terminal.retired_at,
        captures=terminal.virtual,
        temperature_c=None if heat is None else heat / 1000,
        bytes_month=telemetry.bytes_month if telemetry else 0,
        next_start=facts.coming.start if facts.coming else None,
        next_title=facts.coming.title if facts.coming else None,
    )


def _sounding(facts: TerminalFacts) -> NowSounding | None:
    status = facts.state.status
    if status is None or status.sounding is None or facts.health is not Health.ON_AIR:
        return None
    item = facts.sounding
    return NowSounding(
        id=str(status.sounding),
        title=item.title if item else "",
        message_class=item.message_class.value if item else "ordinary",
        since=status.received_at - timedelta(milliseconds=status.position_ms),
    )


def enrolment_view(enrolment: Enrolment) -> EnrolmentView:
    """Return a one-time code, without the code itself."""
    return EnrolmentView(
        id=str(enrolment.id),
        area_id=enrolment.area,
        name=enrolment.name,
        created_at=enrolment.created_at,
        expires_at=enrolment.expires_at,
        used_at=enrolment.used_at,
        terminal_id=str(enrolment.terminal) if enrolment.terminal else None,
    )


def stop_view(facts: StopFacts) -> StopView:
    """Return a stop."""
    stop = facts.stop
    return StopView(
        id=str(stop.id),
        area_id=stop.area,
        terminal_id=str(stop.terminal) if stop.terminal else None,
        issued_at=stop.issued_at,
        hold_until=stop.lifted_at or stop.hold_until,
        issued_by=stop.issued_by_name,
        terminals=facts.delivery.terminals,
        acknowledged=facts.delivery.acknowledged,
    )


def emergency_view(facts: EmergencyFacts) -> EmergencyView:
    """Return a released emergency."""
    order = facts.order
    return EmergencyView(
        id=str(order.id),
        announcement_id=str(order.announcement),
        title=order.title,
        area_id=order.area,
        issued_at=order.issued_at,
        expires_at=order.expires_at,
        cancelled_at=order.cancelled_at,
        terminals=facts.delivery.terminals,
        acknowledged=facts.delivery.acknowledged,
        sounded=facts.tally.started + facts.tally.sounded,
    )


def test_view(facts: TestFacts) -> TestView:
    """Return a test."""
    return TestView(
        id=str(facts.order.id),
        terminal_id=str(facts.terminal),
        acknowledged=facts.acknowledged,
        outcome=facts.outcome.value if facts.outcome else None,
    )


def capture_view(facts: CaptureFacts) -> CaptureView:
    """Return what a virtual terminal has sounded."""
    capture = facts.capture
    return CaptureView(
        name=capture.name,
        began_at=capture.began_at,
        duration_ms=capture.duration_ms,
        title=facts.title,
    )
