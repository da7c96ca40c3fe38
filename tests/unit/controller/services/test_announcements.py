"""Drafts, sending, editing and deleting of announcements; what a foreign commune gets."""

import asyncio
from dataclasses import replace
from datetime import time
from uuid import UUID

import pytest

from controller.domain.announcement import Action, AnnouncementState, Targets
from controller.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from controller.domain.occurrence import OccurrenceState
from controller.domain.paging import PageRequest
from controller.services.shown import Shown
from edge_agent.wire.precedence import MessageClass
from scheduler.schedule import Daily
from tests.fakes.commune import Town, local, once


async def drafted(town: Town, *, who: str = "operator") -> Shown:
    draft = town.draft(await town.recording(), once(23, 17))
    return await town.announcements.create(town.actor(who), draft)


async def test_a_draft_may_be_incomplete(town: Town) -> None:
    """A title is enough to save; what is missing is asked for when it is sent."""
    draft = town.draft(None, targets=())
    saved = await town.announcements.create(town.actor("operator"), draft)
    one = saved.announcement
    assert (one.state, one.revision) == (AnnouncementState.DRAFT, 1)
    assert saved.may == (Action.EDIT, Action.SUBMIT, Action.DELETE)
    with pytest.raises(Invalid) as refused:
        await town.announcements.submit(town.actor("operator"), one.id, 1)
    codes = [problem["code"] for problem in refused.value.detail["problems"]]  # type: ignore[attr-defined]
    assert codes == ["recording_missing", "target_empty", "schedule_missing"]
    assert (refused.value.code, refused.value.field) == ("recording_missing", "recording_id")


@pytest.mark.parametrize(
    ("targets", "field"),
    [
        (Targets(areas=("c-90002",)), "targets.area_ids.0"),
        (Targets(areas=("p-99",)), "targets.area_ids.0"),
        (Targets(areas=("h-nowhere",)), "targets.area_ids.0"),
        (Targets(terminals=(UUID(int=1),)), "targets.terminal_ids.0"),
    ],
)
async def test_targets_outside_the_area_are_refused(
    town: Town, targets: Targets, field: str
) -> None:
    """The neighbour's, the province's and no area at all get the same answer."""
    draft = replace(town.draft(None), targets=targets)
    with pytest.raises(Invalid) as refused:
        await town.announcements.create(town.actor("operator"), draft)
    assert (refused.value.code, refused.value.field) == ("target_foreign", field)


async def test_a_foreign_loudspeaker_is_no_target(town: Town) -> None:
    """The neighbour's loudspeaker cannot be aimed at by its id."""
    with pytest.raises(Invalid, match="target_foreign"):
        await town.announcements.create(
            town.actor("operator"), town.draft(None, terminals=("Loa bến đò",))
        )


async def test_a_retired_loudspeaker_is_no_target(town: Town) -> None:
    """Who aims at a loudspeaker that is out of service is told so."""
    which = town.terminals["Loa đình làng"]
    async with town.database.begin() as tx:
        terminal = await tx.terminals.find(which)
        assert terminal is not None
        await tx.terminals.save(replace(terminal, retired_at=town.clock.now()))
    with pytest.raises(Invalid, match="terminal_retired"):
        await town.announcements.create(
            town.actor("operator"), town.draft(None, terminals=("Loa đình làng",))
        )


async def test_a_foreign_recording_cannot_be_used(town: Town) -> None:
    """The neighbour's recording is as unknown as one that never was."""
    foreign = await town.recording("neighbour", area="Xã An Hòa")
    for recording in (foreign, UUID(int=5)):
        with pytest.raises(Invalid) as refused:
            await town.announcements.create(town.actor("operator"), town.draft(recording))
        assert (refused.value.code, refused.value.field) == ("recording_missing", "recording_id")


async def test_too_many_schedules_are_refused(town: Town) -> None:
    """One announcement holds at most twenty schedules."""
    rules = [once(24, 6, minute) for minute in range(21)]
    with pytest.raises(Invalid, match="schedule_too_many"):
        await town.announcements.create(town.actor("operator"), town.draft(None, *rules))


async def test_a_series_without_end_gets_one(town: Town) -> None:
    """No approval lasts for ever: a series ends a year after its first day, for all to see."""
    rule = Daily((time(17),), local(24, 0).date())
    saved = await town.announcements.create(town.actor("operator"), town.draft(None, rule))
    (schedule,) = saved.announcement.content.schedules
    assert isinstance(schedule.rule, Daily)
    assert str(schedule.rule.until_date) == "2027-11-24"


async def test_the_revision_that_was_read_is_sent(town: Town) -> None:
    """Somebody edited meanwhile: the older reader is refused and told the present revision."""
    saved = (await drafted(town)).announcement
    me = town.actor("operator")
    newer = town.draft(saved.content.recording, once(23, 18))
    await town.announcements.edit(town.actor("approver"), saved.id, 1, newer)
    with pytest.raises(Conflict) as refused:
        await town.announcements.submit(me, saved.id, 1)
    assert (refused.value.code, refused.value.detail["revision"]) == ("changed_meanwhile", 2)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        await town.announcements.edit(me, saved.id, 1, newer)


async def test_a_double_click_sends_once(town: Town) -> None:
    """The second click is answered with what the first one did."""
    saved = (await drafted(town)).announcement
    me = town.actor("operator")
    first = await town.announcements.submit(me, saved.id, 1)
    again = await town.announcements.submit(me, saved.id, 1)
    assert first.announcement == again.announcement
    assert again.announcement.state is AnnouncementState.SUBMITTED


async def test_clicks_at_the_same_time_send_once(town: Town) -> None:
    """Of two requests at once one sends, and the other is refused or sees it sent."""
    saved = (await drafted(town)).announcement
    me = town.actor("operator")
    answers = await asyncio.gather(
        *(town.announcements.submit(me, saved.id, 1) for _ in range(3)), return_exceptions=True
    )
    for answer in answers:
        if isinstance(answer, BaseException):
            assert isinstance(answer, Conflict)
    async with town.database.read() as tx:
        entries = await tx.audit.read(0, 1000)
    sent = [one for one in entries if one.draft.action == "announcement.submitted"]
    assert len(sent) == 1


async def test_editing_what_was_sent_makes_a_draft_of_it(town: Town) -> None:
    """A sent announcement that is edited has to be sent again; the editor is its author."""
    sent = (await town.submitted(once(23, 17))).announcement
    draft = town.draft(sent.content.recording, once(23, 18))
    edited = await town.announcements.edit(town.actor("approver"), sent.id, 1, draft)
    one = edited.announcement
    assert (one.state, one.revision) == (AnnouncementState.DRAFT, 2)
    assert one.author == town.actor("approver").account
    assert one.submitted_by is None


async def test_editing_what_is_approved_silences_it(town: Town) -> None:
    """The signer refuses the old approval, its airings are cancelled, loudspeakers are told."""
    before = (await town.approved(once(23, 17))).announcement
    async with town.database.read() as tx:
        versions = {one: await tx.rundowns.find(one) for one in town.terminals.values()}
    draft = town.draft(before.content.recording, once(23, 17), title="Khác")
    edited = await town.announcements.edit(town.actor("operator"), before.id, 1, draft)
    assert edited.announcement.state is AnnouncementState.DRAFT
    assert edited.announcement.approval is None
    async with town.database.read() as tx:
        assert before.approval is not None
        void = await tx.approvals.find(before.approval)
        assert void is not None
        assert void.withdrawn_at == town.clock.now()
        (airing,) = await tx.occurrences.of_announcement(before.id, town.clock.now())
        assert (airing.state, airing.reason) == (OccurrenceState.CANCELLED, "changed")
        for name in ("Loa nhà văn hóa", "Loa đình làng"):
            now = await tx.rundowns.find(town.terminals[name])
            then = versions[town.terminals[name]]
            assert now is not None
            assert then is not None
            assert now.changes > then.changes


async def test_what_was_approved_gets_new_schedules(town: Town) -> None:
    """No airing planned under a void approval can be taken for one of the next approval."""
    before = (await town.approved(once(23, 17))).announcement
    draft = town.draft(before.content.recording, once(23, 17))
    edited = await town.announcements.edit(town.actor("operator"), before.id, 1, draft)
    old = {one.id for one in before.content.schedules}
    assert old.isdisjoint(one.id for one in edited.announcement.content.schedules)


async def test_a_draft_keeps_its_schedules(town: Town) -> None:
    """Saving a draft again changes nothing about schedules that were left as they are."""
    saved = (await drafted(town)).announcement
    draft = town.draft(saved.content.recording, once(23, 17), once(23, 18))
    edited = await town.announcements.edit(town.actor("operator"), saved.id, 1, draft)
    assert edited.announcement.content.schedules[0] == saved.content.schedules[0]


async def test_nothing_is_edited_while_the_signer_is_away(town: Town) -> None:
    """An approval that cannot be voided stays; the editor is told to try again."""
    before = (await town.approved(once(23, 17))).announcement
    town.signer.away = True
    draft = town.draft(before.content.recording, once(23, 18))
    with pytest.raises(Unavailable, match="signer_unavailable"):
        await town.announcements.edit(town.actor("operator"), before.id, 1, draft)
    town.signer.away = False
    kept = await town.announcements.get(town.actor("operator"), before.id)
    assert kept.announcement == before


async def test_another_area_is_no_edit(town: Town) -> None:
    """An announcement stays with the area that owns it."""
    saved = (await drafted(town)).announcement
    draft = replace(town.draft(None), area_id=town.areas["Thôn Đông"].id)
    with pytest.raises(Invalid) as refused:
        await town.announcements.edit(town.actor("operator"), saved.id, 1, draft)
    assert refused.value.field == "area_id"


async def test_only_what_never_was_approved_is_deleted(town: Town) -> None:
    """A draft goes; what was approved once stays for the inspector, though it is edited."""
    me = town.actor("operator")
    saved = (await drafted(town)).announcement
    await town.announcements.delete(me, saved.id)
    with pytest.raises(NotFound):
        await town.announcements.get(me, saved.id)
    before = (await town.approved(once(23, 17))).announcement
    draft = town.draft(before.content.recording, once(23, 18))
    edited = await town.announcements.edit(me, before.id, 1, draft)
    assert Action.DELETE not in edited.may
    with pytest.raises(Conflict, match="action_not_open"):
        await town.announcements.delete(me, before.id)


async def test_a_foreign_commune_gets_nothing(town: Town) -> None:
    """Every use case answers the neighbour as if there were no such announcement."""
    sent = (await town.submitted(once(23, 17))).announcement
    them = town.actor("stranger")
    draft = town.draft(None)
    ours = town.areas["Xã Bình Minh"].id
    for work in (
        town.announcements.get(them, sent.id),
        town.announcements.list(them, ours, PageRequest(), None),
        town.announcements.preview(them, draft),
        town.announcements.create(them, draft),
        town.announcements.edit(them, sent.id, 1, draft),
        town.announcements.submit(them, sent.id, 1),
        town.announcements.delete(them, sent.id),
        town.approvals.approve(them, sent.id, 1, "0" * 64, town.ticket("stranger")),
        town.approvals.send_back(them, sent.id, 1, "x"),
        town.approvals.withdraw(them, sent.id, "x"),
    ):
        with pytest.raises(NotFound):
            await work
    theirs = town.areas["Xã An Hòa"].id
    page = await town.announcements.list(them, theirs, PageRequest(), None)
    assert page.items == ()


async def test_a_monitor_reads_and_writes_nothing(town: Town) -> None:
    """The province's monitor sees the commune's announcements and may do nothing to them."""
    sent = await town.submitted(once(23, 17))
    monitor = town.actor("monitor")
    page = await town.announcements.list(monitor, monitor.area, PageRequest(), None)
    assert [one.announcement.id for one in page.items] == [sent.announcement.id]
    assert page.items[0].may == ()
    draft = town.draft(None)
    saved = await town.announcements.create(town.actor("operator"), draft)
    for work in (
        town.announcements.create(monitor, draft),
        town.announcements.preview(monitor, draft),
        town.announcements.edit(monitor, sent.announcement.id, 1, draft),
        town.announcements.submit(monitor, saved.announcement.id, 1),
        town.announcements.delete(monitor, saved.announcement.id),
    ):
        with pytest.raises(Forbidden):
            await work


async def test_a_listing_is_by_state_and_page(town: Town) -> None:
    """The approver lists what waits for a decision; pages follow each other."""
    for hour in (15, 16, 17):
        await town.submitted(once(23, hour))
        town.clock.run(town.alarm.tick_every)
    await drafted(town)
    me = town.actor("approver")
    waiting = AnnouncementState.SUBMITTED
    first = await town.announcements.list(me, me.area, PageRequest(limit=2), waiting)
    rest = await town.announcements.list(me, me.area, PageRequest(first.next, 2), waiting)
    starts = [one.announcement.content.schedules[0].rule for one in (*first.items, *rest.items)]
    assert starts == [once(23, 17), once(23, 16), once(23, 15)]
    assert rest.next is None


async def test_delivery_counts_who_holds_the_sound(town: Town) -> None:
    """That it is stored on 1 of 2 is what loudspeakers said, not what was sent to them."""
    shown = await town.approved(once(23, 17))
    assert shown.recording is not None
    assert shown.recording.sound is not None
    assert (shown.stored, shown.terminals) == (0, 2)
    async with town.database.begin() as tx:
        await tx.renditions.add_held(
            town.terminals["Loa đình làng"], shown.recording.sound.rendition, town.clock.now()
        )
        await tx.renditions.add_held(
            town.terminals["Loa cổng chợ"], shown.recording.sound.rendition, town.clock.now()
        )
    again = await town.announcements.get(town.actor("operator"), shown.announcement.id)
    assert (again.stored, again.terminals) == (1, 2)
    assert again.places == ("Thôn Đông",)
    assert (again.author, again.decided_by) == ("Operator", "Approver")


async def test_an_emergency_is_drafted_without_times(town: Town) -> None:
    """A siren has no schedule: one that is given stands in the way."""
    recording = await town.recording()
    with_time = town.draft(recording, once(23, 17), message_class=MessageClass.EMERGENCY)
    outlook = await town.announcements.preview(town.actor("operator"), with_time)
    assert [one.code for one in outlook.problems] == ["schedule_for_emergency"]
    bare = town.draft(recording, message_class=MessageClass.EMERGENCY)
    assert (await town.announcements.preview(town.actor("operator"), bare)).problems == ()
