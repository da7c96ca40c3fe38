"""Sentences about announcements and their airings: refusals, and reasons in the diary."""

from typing import Final

AIRING: Final[dict[str, tuple[str, str]]] = {
    "action_not_open": (
        "Bản tin không còn ở bước này. Hãy tải lại trang.",
        "The announcement is past this step. Load the page again.",
    ),
    "target_empty": (
        "Chưa chọn nơi phát. Hãy chọn ít nhất một thôn hoặc một loa.",
        "No place is chosen. Choose at least one hamlet or loudspeaker.",
    ),
    "target_foreign": (
        "Có nơi phát nằm ngoài địa bàn của bạn. Hãy bỏ chọn nơi đó.",
        "One place lies outside your area. Take it out.",
    ),
    "target_without_terminals": (
        "Những nơi đã chọn chưa có loa nào.",
        "There is no loudspeaker in the places chosen.",
    ),
    "schedule_missing": (
        "Chưa chọn giờ phát. Hãy chọn ngày và giờ.",
        "No time is chosen. Choose a day and a time.",
    ),
    "schedule_invalid": (
        "Lịch phát không đúng. Hãy kiểm tra ngày và giờ.",
        "This schedule is not valid. Check its days and times.",
    ),
    "schedule_too_many": (
        "Quá nhiều lịch trong một bản tin.",
        "There are too many schedules in one announcement.",
    ),
    "schedule_for_emergency": (
        "Bản tin khẩn cấp không đặt lịch; người duyệt phát ngay khi cần.",
        "An emergency has no schedule; it is released when it is needed.",
    ),
    "schedule_too_long": (
        "Một lần duyệt chỉ có hiệu lực tối đa một năm. Hãy chọn ngày kết thúc gần hơn.",
        "One approval covers at most a year. Choose an earlier end.",
    ),
    "time_past": (
        "Giờ phát đã qua. Hãy chọn giờ khác.",
        "This time has passed. Choose another one.",
    ),
    "time_too_far": (
        "Giờ phát quá xa. Hãy chọn ngày gần hơn.",
        "This time is too far ahead. Choose an earlier day.",
    ),
    "no_policy": (
        "{area} chưa có quy định giờ phát nên chưa phát được. Hãy báo người quản trị.",
        "{area} has no rules yet, so nothing can sound there. Tell the administrator.",
    ),
    "quiet_hours": (
        "Giờ này là giờ yên lặng ({time} {day}, {area}). Hãy chọn giờ khác.",
        "This is within quiet hours ({time} {day}, {area}). Choose another time.",
    ),
    "session_too_long": (
        "Bản tin dài hơn mức cho phép một lần phát ({minutes} phút, {area}). Hãy rút ngắn bản ghi.",
        "The recording is longer than one session may be ({minutes} min, {area}). Make it shorter.",
    ),
    "day_too_long": (
        "Ngày này vượt thời lượng cho phép ({day}, {minutes} phút, {area}). Hãy chọn ngày khác.",
        "This day would hold too much ({day}, {minutes} min, {area}). Choose another day.",
    ),
    "overlap": (
        "Giờ này đã có bản tin khác ({title}, {time} {day}). Hãy chọn giờ khác.",
        "Another announcement sounds at that time ({title}, {time} {day}). Choose another time.",
    ),
    "short_notice": (
        "Giờ phát rất gần: có thể {count} loa chưa tải kịp bản ghi.",
        "The time is very near: {count} loudspeakers may not have the recording yet.",
    ),
    "others_yield": (
        "Bản tin thường cùng giờ sẽ không phát ({title}, {time} {day}).",
        "An ordinary announcement of that time will not sound ({title}, {time} {day}).",
    ),
    "some_times_past": (
        "Có giờ phát đã qua; bản tin chỉ phát ở những giờ còn lại.",
        "Some times have passed; it will sound at the others only.",
    ),
    "hash_changed": (
        "Bản ghi đã thay đổi từ lúc bạn nghe. Hãy nghe lại rồi duyệt.",
        "The recording has changed since you heard it. Listen again, then approve.",
    ),
    "author_is_approver": (
        "Người soạn không tự duyệt bản tin của mình. Hãy nhờ người duyệt khác.",
        "Authors do not approve their own announcements. Ask another approver.",
    ),
    "not_emergency": (
        "Chỉ bản tin khẩn cấp đã duyệt mới phát ngay được.",
        "Only an approved emergency can be released.",
    ),
    "may_not_release": (
        "Bạn chưa được giao quyền phát khẩn cấp. Hãy hỏi người quản trị.",
        "You do not hold the right to release emergencies. Ask your administrator.",
    ),
    "occurrence_begun": (
        "Lần phát này đã bắt đầu hoặc đã xong. Muốn tắt tiếng, hãy bấm Dừng phát.",
        "This airing has begun or is over. To silence it, use Stop.",
    ),
    "hold_too_long": (
        "Chỉ giữ im lặng được nhiều nhất 24 giờ.",
        "Silence can be held for 24 hours at most.",
    ),
    "already_lifted": ("Lệnh dừng này đã được bỏ.", "This stop has been lifted already."),
    "already_cancelled": ("Lệnh này đã được hủy.", "This order has been cancelled already."),
    "expired": ("Lệnh này đã hết hạn.", "This order has expired."),
}

REASONS: Final[dict[str, tuple[str, str]]] = {
    "late": ("Loa không kịp phát trong giờ cho phép", "It could not begin in time"),
    "restarted": ("Loa khởi động lại giữa chừng", "The loudspeaker restarted in the middle"),
    "preempted": (
        "Nhường cho bản tin ưu tiên hơn",
        "An announcement of a higher class came first",
    ),
    "short": ("Bản ghi ngắn hơn dự kiến", "The recording was shorter than planned"),
    "clock_not_trusted": (
        "Đồng hồ của loa chưa đáng tin",
        "The loudspeaker's clock was not trusted",
    ),
    "no_policy": ("Loa chưa có quy định giờ phát", "The loudspeaker held no rules"),
    "trust_expired": ("Khóa tin cậy của loa đã hết hạn", "The loudspeaker's trust file had ended"),
    "rundown_ended": (
        "Loa mất mạng quá lâu, lịch trong loa đã hết hạn",
        "It was without a network for too long; its schedule had ended",
    ),
    "stopped": ("Đang có lệnh dừng phát", "A stop was in force"),
    "quiet_hours": ("Trong giờ yên lặng", "Within quiet hours"),
    "session_limit": ("Quá thời lượng một lần phát", "Beyond the minutes of one session"),
    "day_limit": ("Quá thời lượng trong ngày", "Beyond the minutes of one day"),
    "ledger_not_writable": ("Thẻ nhớ của loa không ghi được", "The loudspeaker's card is failing"),
    "recording_missing": (
        "Bản ghi chưa tới loa",
        "The recording had not reached the loudspeaker",
    ),
    "recording_damaged": ("Bản ghi trong loa bị hỏng", "The recording on it was damaged"),
    "card_unavailable": ("Không mở được card âm thanh", "The sound card could not be opened"),
    "card_lost": ("Card âm thanh bị ngắt giữa chừng", "The sound card went away"),
    "decoder_unavailable": ("Loa thiếu bộ giải mã", "The decoder was missing"),
    "withdrawn": ("Bản tin đã được rút", "The announcement was withdrawn"),
    "cancelled": ("Đã được hủy", "It was cancelled"),
    "changed": ("Bản tin đã được sửa", "The announcement was changed"),
    "skipped": ("Đã bỏ lần phát này", "This airing was left out"),
    "expired": ("Đã hết hạn", "It had expired"),
    "local_stop": ("Người ở chỗ loa đã tắt", "Somebody stopped it at the loudspeaker"),
    "busy": ("Loa đang bận phát", "The loudspeaker was busy"),
    "unheard": ("Loa chưa báo về", "No word from the loudspeaker"),
}


def reason_text(code: str | None, *, vietnamese: bool) -> str | None:
    """Return why less sounded than was asked; an unknown code (of a newer terminal) as it is."""
    if not code:
        return None
    pair = REASONS.get(code)
    if pair is None:
        return code
    return pair[0] if vietnamese else pair[1]
