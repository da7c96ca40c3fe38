"""The sentence that says what will happen."""

from datetime import date, datetime, time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.domain.announcement import Content
from controller.web.call import Language
from controller.web.schedules import _read_rule, schedule_bodies
from controller.web.sentences import announcement_sentence
from edge_agent.wire.precedence import MessageClass
from scheduler.schedule import Daily, Once, Rule, Schedule, Weekday, Weekly

MORNING = Once(datetime(2026, 11, 23, 5, 30))  # noqa: DTZ001 - local time, without a zone
DAILY = Daily((time(5, 30), time(17)), date(2026, 11, 24), date(2026, 12, 24))


def said(
    *rules: Rule,
    places: tuple[str, ...] = ("thôn Đông", "thôn Đoài"),
    duration_ms: int | None = 720_000,
    language: Language = Language.VIETNAMESE,
    message_class: MessageClass = MessageClass.ORDINARY,
) -> str:
    schedules = tuple(Schedule(UUID(int=n), rule) for n, rule in enumerate(rules, 1))
    content = Content("Tin", message_class, schedules=schedules)
    return announcement_sentence(language, content, places, 24, duration_ms)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            said(MORNING),
            ("Sẽ phát lúc 05:30 thứ Hai 23/11/2026, trên 24 loa ở thôn Đông và thôn Đoài, "
            "đến hết 05:42."),
        ),
        (
            said(MORNING, language=Language.ENGLISH),
            ("Will sound at 05:30 on Monday 23/11/2026, on 24 loudspeakers in thôn Đông and "
            "thôn Đoài, until 05:42."),
        ),
        (
            said(DAILY, places=("xã Bình Minh",), duration_ms=75_000),
            ("Sẽ phát mỗi ngày lúc 05:30 và 17:00 từ 24/11/2026 đến hết 24/12/2026, "
            "trên 24 loa ở xã Bình Minh, mỗi lần 1 phút 15 giây."),
        ),
        (
            said(Weekly(frozenset({Weekday.MONDAY, Weekday.SUNDAY}), (time(6),),
                        date(2026, 11, 23), date(2027, 1, 1), 2), places=("a",)),
            ("Sẽ phát thứ Hai và Chủ nhật, cứ 2 tuần một lần, lúc 06:00 từ 23/11/2026 đến hết "
            "01/01/2027, trên 24 loa ở a, mỗi lần 12 phút."),
        ),
        (
            said(places=(), duration_ms=None),
            "Chưa chọn giờ phát, chưa chọn nơi phát.",
        ),
        (
            said(message_class=MessageClass.EMERGENCY, places=("a",), duration_ms=30_000),
            "Chỉ phát khi có người bấm phát khẩn cấp, trên 24 loa ở a, mỗi lần 30 giây.",
        ),
        (
            said(MORNING, places=("a", "b", "c", "d", "e", "f"), duration_ms=None),
            "Sẽ phát lúc 05:30 thứ Hai 23/11/2026, trên 24 loa ở a, b, c, d và 2 nơi khác.",
        ),
    ],
)  # fmt: skip
def test_sentences_read_as_a_person_would_say_them(sentence: str, expected: str) -> None:
    """When, on how many, where, until when; what is missing is said to be missing."""
    assert sentence == expected


def test_an_end_is_never_shown_too_early() -> None:
    """A second begun counts, as on the terminal's own clock; midnight is 00:00."""
    late = Once(datetime(2026, 11, 23, 23, 59))  # noqa: DTZ001 - local time, without a zone
    assert said(late, duration_ms=60_000).endswith("đến hết 00:00.")
    assert said(MORNING, duration_ms=59_001).endswith("đến hết 05:31.")


TIMES = st.sets(st.builds(time, st.integers(0, 23), st.integers(0, 59)), min_size=1, max_size=24)
FIRST = st.dates(date(2026, 1, 1), date(2030, 1, 1))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    first, times = draw(FIRST), tuple(sorted(draw(TIMES)))
    last = draw(st.none() | st.just(date(2031, 1, 1)))
    kind = draw(st.sampled_from(["once", "daily", "weekly"]))
    if kind == "once":
        at = draw(st.times()).replace(microsecond=0, fold=0)
        return Once(datetime.combine(first, at))
    if kind == "daily":
        return Daily(times, first, last, draw(st.integers(1, 366)))
    days = frozenset(draw(st.sets(st.sampled_from(list(Weekday)), min_size=1)))
    return Weekly(days, times, first, last, draw(st.integers(1, 52)))


@given(rules())
def test_schedules_come_back_as_they_were_sent(rule: Rule) -> None:
    """What the API shows of a schedule is read again as the same schedule."""
    (body,) = schedule_bodies([Schedule(UUID(int=1), rule)])
    assert _read_rule(body, 0) == rule


@given(rules(), st.sampled_from(Language), st.integers(1, 7_200_000))
def test_every_rule_has_a_whole_sentence(rule: Rule, language: Language, duration: int) -> None:
    """No place is left open and the sentence ends, whatever the rule."""
    sentence = said(rule, language=language, duration_ms=duration)
    assert "{" not in sentence
    assert sentence.endswith(".")
    assert "  " not in sentence
