"""What is wrong with a terminal, in a sentence with what to do next.

The codes are the terminal's own (docs/protocol.md); `doubled` is ours.
"""

from typing import Final

from controller.web.call import Language

_PROBLEMS: Final[dict[str, tuple[str, str]]] = {
    "no_trust": (
        "Loa chưa nhận được khóa tin cậy. Hãy gắn lại loa bằng mã mới.",
        "It holds no trust file. Enrol it again with a new code.",
    ),
    "no_policy": (
        "Loa chưa nhận được quy định giờ phát nên chưa phát lịch thường. Hãy đợi vài phút.",
        "It holds no rules yet, so nothing scheduled sounds. Wait a few minutes.",
    ),
    "no_rundown": (
        "Loa chưa nhận được lịch phát. Hãy đợi vài phút; nếu còn lỗi, kiểm tra mạng của loa.",
        "It holds no schedule yet. Wait a few minutes, then check its network.",
    ),
    "rundown_ended": (
        "Lịch phát trong loa đã hết hạn vì mất mạng quá lâu. Hãy kiểm tra mạng của loa.",
        "The schedule it holds has ended: its network was away too long. Check its network.",
    ),
    "recording_missing": (
        "Loa chưa tải xong bản ghi sắp phát. Hãy kiểm tra mạng của loa.",
        "A recording that is needed soon is not there yet. Check its network.",
    ),
    "recording_damaged": (
        "Một bản ghi trong loa bị hỏng; loa sẽ tự tải lại.",
        "A stored recording is damaged; it is fetched again by itself.",
    ),
    "trust_expired": (
        "Khóa tin cậy đã hết hạn; loa chỉ còn phát tin khẩn cấp. Hãy báo quản trị hệ thống.",
        "Its trust file has ended; only emergencies sound. Tell the administrator.",
    ),
    "trust_ends_soon": (
        "Khóa tin cậy sắp hết hạn. Hãy báo quản trị hệ thống.",
        "Its trust file ends soon. Tell the administrator.",
    ),
    "amplifier_unavailable": (
        "Không bật được tăng âm. Hãy kiểm tra dây và nguồn của tăng âm.",
        "The amplifier cannot be switched on. Check its wiring and power.",
    ),
    "card_unavailable": (
        "Không mở được card âm thanh. Hãy kiểm tra card và dây nối.",
        "The sound card cannot be opened. Check the card and its cable.",
    ),
    "card_lost": (
        "Card âm thanh bị ngắt khi đang phát. Hãy kiểm tra card và dây nối.",
        "The sound card went away while it was playing. Check the card and its cable.",
    ),
    "decoder_unavailable": (
        "Thiếu bộ giải mã âm thanh. Hãy cài lại phần mềm của loa.",
        "The sound decoder is missing. Install the terminal's program again.",
    ),
    "play_out_failed": (
        "Loa gặp lỗi khi phát. Hãy khởi động lại loa; nếu còn lỗi, báo kỹ thuật.",
        "Playing failed. Restart the terminal; if it stays, tell the technician.",
    ),
    "ledger_not_writable": (
        "Thẻ nhớ không ghi được nên loa chỉ phát tin khẩn cấp. Hãy thay thẻ nhớ.",
        "Its card cannot be written, so only emergencies sound. Replace the card.",
    ),
    "log_not_writable": (
        "Thẻ nhớ không ghi được nhật ký phát thanh. Hãy thay thẻ nhớ.",
        "Its card cannot take the play log. Replace the card.",
    ),
    "documents_not_writable": (
        "Thẻ nhớ không ghi được lịch và lệnh mới. Hãy thay thẻ nhớ.",
        "Its card cannot store new schedules and orders. Replace the card.",
    ),
    "disk_full": (
        "Bộ nhớ của loa đã đầy, bản ghi mới không tải được. Hãy thay thẻ nhớ lớn hơn.",
        "Its storage is full; new recordings do not fit. Use a larger card.",
    ),
    "doubled": (
        "Hai máy cùng dùng danh tính của loa này. Hãy cho loa này nghỉ hẳn và gắn lại bằng mã mới.",
        "Two machines use its identity. Retire it and enrol the right one with a new code.",
    ),
}

_UNKNOWN: Final = (
    "Loa báo lỗi ({code}). Hãy báo kỹ thuật.",
    "The terminal reports a fault ({code}). Tell the technician.",
)


def problem_text(code: str, language: Language) -> str:
    """Return the sentence of a problem that a terminal reports."""
    pair = _PROBLEMS.get(code, _UNKNOWN)
    text = pair[0] if language is Language.VIETNAMESE else pair[1]
    return text.replace("{code}", code)


def known_problems() -> frozenset[str]:
    """Return every code that has a sentence."""
    return frozenset(_PROBLEMS)
