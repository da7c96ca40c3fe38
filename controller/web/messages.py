"""The sentence for each refusal, in Vietnamese and English: what happened and what to do.

The screens keep no sentences of their own for refusals; they show these. `{name}` places are
filled from the refusal's detail; brackets in which a value is missing are left out whole.
"""

import re
from collections.abc import Mapping
from typing import Final

from controller.web.call import Language
from controller.web.messages_airing import AIRING
from controller.web.messages_sound import SOUND

_PLACE: Final = re.compile(r"\{(\w+)\}")
_BRACKET: Final = re.compile(r" ?\([^()]*\)")

_UNKNOWN: Final = (
    "Có lỗi ngoài dự kiến ({code}). Không có gì được phát. Vui lòng thử lại.",
    "Something unforeseen went wrong ({code}). Nothing was put on air. Please try again.",
)

_PEOPLE: Final[dict[str, tuple[str, str]]] = {
    "sign_in_needed": ("Bạn cần đăng nhập lại để tiếp tục.", "Please sign in again to go on."),
    "session_needed": (
        "Việc này chỉ làm được khi đăng nhập bằng trình duyệt, không làm bằng mã truy cập.",
        "This needs a signed-in person; a program's token is not enough.",
    ),
    "csrf": (
        "Trang đã cũ. Hãy tải lại trang rồi làm lại.",
        "This page is out of date. Load it again and repeat.",
    ),
    "wrong_credentials": (
        "Tên đăng nhập hoặc mật khẩu không đúng.",
        "The user name or the password is not right.",
    ),
    "too_many_attempts": (
        "Nhập sai quá nhiều lần. Hãy thử lại sau {retry_after_s} giây.",
        "Too many wrong attempts. Try again in {retry_after_s} seconds.",
    ),
    "account_disabled": (
        "Tài khoản này đã bị khóa. Hãy hỏi người quản trị.",
        "This account is disabled. Ask your administrator.",
    ),
    "own_account": (
        "Bạn không thể tự khóa tài khoản của mình.",
        "You cannot disable your own account.",
    ),
    "last_administrator": (
        "Đây là người quản trị cuối cùng. Hãy thêm một người quản trị khác trước.",
        "This is the last administrator. Add another one first.",
    ),
    "username_taken": (
        "Tên đăng nhập này đã có người dùng. Hãy chọn tên khác.",
        "This user name is taken. Choose another one.",
    ),
    "password_too_short": (
        "Mật khẩu cần ít nhất 12 ký tự.",
        "A password needs at least 12 characters.",
    ),
    "password_too_common": (
        "Mật khẩu này quá dễ đoán. Hãy dùng một câu của riêng bạn.",
        "This password is too easy to guess. Use a sentence of your own.",
    ),
    "password_like_name": (
        "Mật khẩu không được giống tên của bạn.",
        "The password must not be like your name.",
    ),
    "link_used": (
        "Đường dẫn này đã được dùng. Hãy xin người quản trị đường dẫn mới.",
        "This link has been used. Ask your administrator for a new one.",
    ),
    "link_expired": (
        "Đường dẫn này đã hết hạn. Hãy xin người quản trị đường dẫn mới.",
        "This link has expired. Ask your administrator for a new one.",
    ),
    "already_set_up": ("Hệ thống đã được cài đặt.", "The system is set up already."),
    "setup_code_wrong": (
        "Mã cài đặt không đúng. Mã hiện ở nơi chạy chương trình trên máy chủ.",
        "The set-up code is not right. It is shown where the program was started.",
    ),
}

_PLACES: Final[dict[str, tuple[str, str]]] = {
    "area_exists": ("Địa bàn này đã có.", "This area exists already."),
    "area_level": (
        "Cấp này không đặt được ở đây. Tỉnh gồm các xã, xã gồm các thôn.",
        "This level has no place here. Provinces hold communes, communes hold hamlets.",
    ),
    "area_code": (
        "Mã địa bàn chỉ gồm chữ số, nhiều nhất 10 chữ số.",
        "An area's code has digits only, at most 10.",
    ),
    "area_ended": ("Địa bàn này không còn dùng.", "This area is no longer in use."),
    "timezone_unknown": ("Không có múi giờ này.", "There is no such time zone."),
    "policy_looser": (
        "Quy định của cấp dưới chỉ được chặt hơn quy định của cấp trên.",
        "The rules of an area may only be stricter than those above it.",
    ),
    "quiet_window": (
        "Khung giờ yên lặng không đúng. Giờ bắt đầu và kết thúc phải khác nhau.",
        "This span of quiet is not valid. Its start and end must differ.",
    ),
    "volume": ("Âm lượng phải từ 0 đến {most}.", "The volume must be from 0 to {most}."),
    "limit": ("Số này phải từ 1 đến {most}.", "This number must be from 1 to {most}."),
    "enrolment_unknown": (
        "Mã gắn loa không đúng. Hãy kiểm tra lại hoặc tạo mã mới.",
        "This code is not known. Check it, or make a new one.",
    ),
    "enrolment_used": (
        "Mã này đã được dùng. Mỗi mã chỉ gắn được một loa; hãy tạo mã mới.",
        "This code has been used. One code enrols one loudspeaker; make a new one.",
    ),
    "enrolment_expired": (
        "Mã này đã hết hạn. Hãy tạo mã mới.",
        "This code has expired. Make a new one.",
    ),
    "enrolment_proof": (
        "Loa không chứng minh được khóa của mình. Hãy chạy lại lệnh gắn loa.",
        "The terminal did not prove its key. Run the enrolment again.",
    ),
    "terminal_retired": (
        "Loa này đã tháo, không còn dùng.",
        "This loudspeaker is out of service for good.",
    ),
    "terminal_name_taken": (
        "Trong địa bàn này đã có loa tên như vậy. Hãy đặt tên khác.",
        "A loudspeaker of this area has that name. Choose another one.",
    ),
    "capture_missing": ("Không còn đoạn ghi này.", "This capture is no longer there."),
}

_SYSTEM: Final[dict[str, tuple[str, str]]] = {
    "internal": (
        "Hệ thống gặp lỗi (mã {incident}). Không có gì được phát. Vui lòng thử lại.",
        "The system failed (incident {incident}). Nothing was put on air. Please try again.",
    ),
    "not_found": (
        "Không tìm thấy mục này, hoặc bạn không có quyền xem.",
        "There is no such thing, or you may not see it.",
    ),
    "forbidden": (
        "Bạn không có quyền làm việc này. Hãy hỏi người quản trị.",
        "You may not do this. Ask your administrator.",
    ),
    "too_many_requests": (
        "Quá nhiều yêu cầu cùng lúc. Hãy thử lại sau ít phút.",
        "Too many requests at once. Try again in a moment.",
    ),
    "invalid_field": (
        "Một ô chưa điền đúng. Vui lòng kiểm tra lại.",
        "One field is not filled in correctly. Please check it.",
    ),
    "not_json": ("Dữ liệu gửi lên không đọc được.", "What was sent cannot be read."),
    "bad_request": ("Yêu cầu không đúng dạng.", "The request is malformed."),
    "method_not_allowed": (
        "Địa chỉ này không làm được việc đó.",
        "This address does not do that.",
    ),
    "too_large": ("Dữ liệu gửi lên quá lớn.", "What was sent is too large."),
    "unknown_host": (
        "Máy chủ không trả lời dưới tên này.",
        "The server does not answer to this name.",
    ),
    "changed_meanwhile": (
        "Mục này vừa được người khác sửa. Hãy tải lại rồi làm lại.",
        "Somebody has just changed this. Load it again and repeat.",
    ),
    "bad_cursor": (
        "Trang này không còn. Hãy xem lại từ đầu.",
        "This page is gone. Start again from the first.",
    ),
    "bad_hash": ("Mã kiểm tra không đúng dạng.", "This hash is malformed."),
    "text_empty": ("Hãy điền ô này.", "Please fill this in."),
    "text_too_long": (
        "Nội dung quá dài, nhiều nhất {most} ký tự.",
        "This text is too long, at most {most} characters.",
    ),
    "text_control_character": (
        "Nội dung có ký tự không hợp lệ.",
        "This text holds a character that is not allowed.",
    ),
    "document_stale": (
        "Đã có bản mới hơn. Hãy tải lại rồi làm lại.",
        "There is a newer version. Load it again and repeat.",
    ),
    "idempotency_reused": (
        "Yêu cầu này trùng mã với một yêu cầu khác.",
        "This Idempotency-Key was used for another request.",
    ),
    "idempotency_running": (
        "Yêu cầu này đang được thực hiện.",
        "This request is being carried out.",
    ),
    "signer_unavailable": (
        "Bộ phận ký chưa trả lời. Chưa có gì thay đổi; hãy thử lại sau ít phút.",
        "The signer does not answer. Nothing has changed; try again in a moment.",
    ),
    "signer_refused": (
        "Bộ phận ký từ chối ({reason}). Không có gì được phát. Hãy báo quản trị hệ thống.",
        "The signer refuses ({reason}). Nothing is put on air. Tell the administrator.",
    ),
    "database_busy": (
        "Hệ thống đang bận. Hãy thử lại sau ít giây.",
        "The system is busy. Try again in a few seconds.",
    ),
    "database_unreachable": (
        "Cơ sở dữ liệu không trả lời. Lịch đã gửi tới loa vẫn phát; hãy báo quản trị hệ thống.",
        "The database does not answer. What is at the loudspeakers sounds; tell the administrator.",
    ),
    "disk_full": (
        "Đĩa của máy chủ đã đầy. Chưa có gì được lưu; hãy báo quản trị hệ thống.",
        "The server's disk is full. Nothing was stored; tell the administrator.",
    ),
    "broker_unavailable": (
        "Chưa liên lạc được với các loa. Hãy thử lại sau ít phút.",
        "The loudspeakers cannot be reached now. Try again in a moment.",
    ),
}

MESSAGES: Final[dict[str, tuple[str, str]]] = _PEOPLE | _PLACES | _SYSTEM | AIRING | SOUND


def sentence(code: str, language: Language, detail: Mapping[str, object]) -> str:
    """Return the sentence of a code, its places filled in."""
    pair = MESSAGES.get(code, _UNKNOWN)
    text = pair[0] if language is Language.VIETNAMESE else pair[1]
    values = {"code": code, **detail}

    def known(bracket: re.Match[str]) -> str:
        places = _PLACE.findall(bracket[0])
        return bracket[0] if all(values.get(place) not in {None, ""} for place in places) else ""

    return _PLACE.sub(lambda place: str(values.get(place[1], "")), _BRACKET.sub(known, text))
