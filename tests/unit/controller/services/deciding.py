"""What tests of approval look at and ask for."""

from datetime import timedelta

from controller.domain.announcement import (
    Announcement,
    ApprovalRecord,
)
from controller.domain.approval import SignedApproval
from controller.domain.occurrence import Occurrence
from controller.domain.signing import SignRundown
from controller.services.shown import Shown
from edge_agent.wire.policy import to_instant
from edge_agent.wire.state import RundownItem
from tests.fakes.commune import Town


def rendition_of(shown: Shown) -> str:
    assert shown.recording is not None
    assert shown.recording.sound is not None
    return shown.recording.sound.rendition


async def record_of(town: Town, announcement: Announcement) -> ApprovalRecord:
    assert announcement.approval is not None
    async with town.database.read() as tx:
        found = await tx.approvals.find(announcement.approval)
    assert found is not None
    return found


async def planned(town: Town, announcement: Announcement) -> tuple[Occurrence, ...]:
    async with town.database.read() as tx:
        return await tx.occurrences.of_announcement(announcement.id, town.clock.now())


async def sign_rundown(town: Town, airing: Occurrence, approval: ApprovalRecord) -> bytes:
    """Ask the signer for a rundown of one airing, as dispatch does."""
    item = RundownItem(
        occurrence=airing.id,
        announcement=airing.announcement,
        approval=approval.id,
        area=airing.area,
        message_class=airing.message_class,
        title=airing.title,
        rendition=bytes.fromhex(airing.rendition),
        start=to_instant(airing.start),
        duration=airing.duration_ms,
        latest_start=to_instant(airing.latest_start),
    )
    request = SignRundown(
        terminal=town.terminals["Loa đình làng"],
        valid_until=to_instant(town.clock.now() + timedelta(days=8)),
        items=(item,),
        approvals=(SignedApproval(body=approval.body, signature=approval.signature),),
        keep=(),
    )
    return (await town.signer.rundown(request)).envelope
