"""Which passwords are good enough, checked without a network (OWASP ASVS 5, V6.2)."""

import unicodedata
from collections.abc import Iterable
from typing import Final

from controller.domain.errors import ErrorCode, Invalid

SHORTEST: Final = 12

_COMMON_PARTS: Final = (
    "password", "passw0rd", "matkhau", "qwerty", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "1q2w3e4r5t6y", "1qaz2wsx3edc", "iloveyou", "letmein", "welcome", "admin", "administrator",
    "anhyeuem", "emyeuanh", "vietnam", "loaxa", "loaphuong", "123456789012", "abcdefghijkl",
    "abc123", "monkey", "dragon", "football", "baseball", "superman", "sunshine", "princess",
    "khongbiet", "xinchao", "hanoi", "saigon", "hochiminh",
)  # fmt: skip
_ROWS: Final = (
    "01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
)  # fmt: skip
_LEAST_DIFFERENT: Final = 5


def check_password(password: str, names: Iterable[str]) -> None:
    """Refuse a password that is short, one of the common ones, or made of the person's names.

    A common word inside a longer phrase is fine when enough is left beside it.
    Raises Invalid `password_too_short`, `password_too_common`, `password_like_name`.
    """
    if len(password) < SHORTEST:
        raise Invalid(ErrorCode.PASSWORD_TOO_SHORT, field="password", detail={"shortest": SHORTEST})
    folded = _fold(password)
    if len(set(folded)) < _LEAST_DIFFERENT or any(folded in row for row in _ROWS):
        raise Invalid(ErrorCode.PASSWORD_TOO_COMMON, field="password")
    for word in _COMMON_PARTS:
        if word in folded and len(folded.replace(word, "").strip("0123456789!@#$.-_ ")) < 4:
            raise Invalid(ErrorCode.PASSWORD_TOO_COMMON, field="password")
    for name in names:
        plain = _fold(name).replace(" ", "")
        if len(plain) >= 3 and len(folded.replace(" ", "").replace(plain, "")) < 8:
            raise Invalid(ErrorCode.PASSWORD_LIKE_NAME, field="password")


def _fold(text: str) -> str:
    """Return text without case and Vietnamese marks, so that variants count as the same."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(character for character in plain if not unicodedata.combining(character))
