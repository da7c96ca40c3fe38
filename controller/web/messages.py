"""The sentence for each refusal, in Vietnamese and English: what happened and what to do.

The screens keep no sentences of their own for refusals; they show these. `{name}` places are
filled from the refusal's detail.
"""

from collections.abc import Mapping
from typing import Final

from controller.web.call import Language

_UNKNOWN: Final = (
    "Có lỗi ngoài dự kiến. Không có gì được phát. Vui lòng thử lại.",
    "Something unforeseen went wrong. Nothing was put on air. Please try again.",
)

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "internal": (
        "Hệ thống gặp lỗi (mã {incident}). Không có gì được phát. Vui lòng thử lại.",
        "The system failed (incident {incident}). Nothing was put on air. Please try again.",
    ),
    "not_found": (
        "Không tìm thấy mục này, hoặc bạn không có quyền xem.",
        "There is no such thing, or you may not see it.",
    ),
    "sign_in_needed": (
        "Bạn cần đăng nhập lại để tiếp tục.",
        "Please sign in again to go on.",
    ),
    "not_json": (
        "Dữ liệu gửi lên không đọc được.",
        "What was sent cannot be read.",
    ),
    "invalid_field": (
        "Một ô chưa điền đúng. Vui lòng kiểm tra lại.",
        "One field is not filled in correctly. Please check it.",
    ),
}


def sentence(code: str, language: Language, detail: Mapping[str, object]) -> str:
    """Return the sentence of a code, its places filled in."""
    pair = MESSAGES.get(code, _UNKNOWN)
    text = pair[0] if language is Language.VIETNAMESE else pair[1]
    for name, value in detail.items():
        text = text.replace("{" + name + "}", str(value))
    return text
