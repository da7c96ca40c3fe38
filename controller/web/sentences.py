"""One sentence that says what an announcement will do: when, where, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from controller.domain.announcement import Content
from controller.web.call import Language
from edge_agent.wire.precedence import MessageClass
from scheduler.schedule import Daily, Once, Rule, Weekday, Weekly

_NAMED_PLACES: Final = 4
_SHOWN_TIMES: Final = 3
_WEEK: Final = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class _Words:
    """What one language says."""

    weekdays: tuple[str, ...]
    both: str
    once: str
    daily: str
    every_days: str
    weekly: str
    every_weeks: str
    between: str
    more_times: str
    no_time: str
    emergency: str
    will_sound: str
    on: str
    nowhere: str
    more_places: str
    until: str
    each_time: str
    hours: str
    minutes: str
    seconds: str


_VI: Final = _Words(
    weekdays=("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    both="{0} và {1}",
    once="lúc {time} {weekday} {date}",
    daily="mỗi ngày lúc {times}",
    every_days="cứ {n} ngày một lần lúc {times}",
    weekly="{weekdays} hằng tuần lúc {times}",
    every_weeks="{weekdays}, cứ {n} tuần một lần, lúc {times}",
    between=" từ {first} đến hết {last}",
    more_times="{n} lịch khác",
    no_time="Chưa chọn giờ phát",
    emergency="Chỉ phát khi có người bấm phát khẩn cấp",
    will_sound="Sẽ phát {when}",
    on=", trên {n} loa ở {places}",
    nowhere=", chưa chọn nơi phát",
    more_places="{n} nơi khác",
    until=", đến hết {time}",
    each_time=", mỗi lần {duration}",
    hours="{n} giờ",
    minutes="{n} phút",
    seconds="{n} giây",
)

_EN: Final = _Words(
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    both="{0} and {1}",
    once="at {time} on {weekday} {date}",
    daily="every day at {times}",
    every_days="every {n} days at {times}",
    weekly="every {weekdays} at {times}",
    every_weeks="on {weekdays} of every {n} weeks at {times}",
    between=" from {first} to {last}",
    more_times="{n} more schedules",
    no_time="No time is chosen yet",
    emergency="Sounds only when somebody releases it as an emergency",
    will_sound="Will sound {when}",
    on=", on {n} loudspeakers in {places}",
    nowhere=", no place is chosen yet",
    more_places="{n} more places",
    until=", until {time}",
    each_time=", {duration} each time",
    hours="{n} h",
    minutes="{n} min",
    seconds="{n} s",
)


def announcement_sentence(
    language: Language,
    content: Content,
    places: Sequence[str],
    terminals: int,
    duration_ms: int | None,
) -> str:
    """Return the sentence; what is still missing is said to be missing."""
    words = _VI if language is Language.VIETNAMESE else _EN
    if content.message_class is MessageClass.EMERGENCY:
        head = words.emergency
    elif content.schedules:
        rules = [one.rule for one in content.schedules]
        shown = [_when(words, rule) for rule in rules[:_SHOWN_TIMES]]
        if len(rules) > _SHOWN_TIMES:
            shown.append(words.more_times.format(n=len(rules) - _SHOWN_TIMES))
        head = words.will_sound.format(when=_joined(words, shown))
    else:
        head = words.no_time
    where = words.on.format(n=terminals, places=_places(words, places)) if places else words.nowhere
    return head + where + _how_long(words, content, duration_ms) + "."


def _when(words: _Words, rule: Rule) -> str:
    if isinstance(rule, Once):
        day = rule.at.date()
        return words.once.format(
            time=_clock(rule.at.time()), weekday=words.weekdays[day.weekday()], date=_date(day)
        )
    times = _joined(words, [_clock(at) for at in rule.times])
    if isinstance(rule, Daily):
        pattern = words.daily if rule.interval == 1 else words.every_days
        said = pattern.format(n=rule.interval, times=times)
    else:
        said = _weekly(words, rule, times)
    if rule.until_date is not None:
        said += words.between.format(first=_date(rule.from_date), last=_date(rule.until_date))
    return said


def _weekly(words: _Words, rule: Weekly, times: str) -> str:
    days = [words.weekdays[_WEEK.index(day)] for day in sorted(rule.weekdays, key=_WEEK.index)]
    pattern = words.weekly if rule.interval == 1 else words.every_weeks
    return pattern.format(n=rule.interval, times=times, weekdays=_joined(words, days))


def _places(words: _Words, places: Sequence[str]) -> str:
    shown = list(places[:_NAMED_PLACES])
    if len(places) > _NAMED_PLACES:
        shown.append(words.more_places.format(n=len(places) - _NAMED_PLACES))
    return _joined(words, shown)


def _how_long(words: _Words, content: Content, duration_ms: int | None) -> str:
    if duration_ms is None:
        return ""
    rules = [one.rule for one in content.schedules]
    if len(rules) == 1 and isinstance(rules[0], Once):
        # The end as a clock shows it: a second begun counts.
        end = rules[0].at + timedelta(seconds=-(-duration_ms // 1000))
        return words.until.format(time=_clock(end.time()))
    return words.each_time.format(duration=_duration(words, duration_ms))


def _duration(words: _Words, duration_ms: int) -> str:
    minutes, seconds = divmod(-(-duration_ms // 1000), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, words.hours), (minutes, words.minutes), (seconds, words.seconds))
    return " ".join(pattern.format(n=n) for n, pattern in parts if n)


def _joined(words: _Words, parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return words.both.format(", ".join(parts[:-1]), parts[-1])


def _clock(at: time) -> str:
    return at.strftime("%H:%M:%S" if at.second else "%H:%M")


def _date(day: date) -> str:
    return day.strftime("%d/%m/%Y")
