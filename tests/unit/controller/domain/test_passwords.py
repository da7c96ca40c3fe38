"""Which passwords are good enough."""

import pytest

from controller.domain.errors import Invalid
from controller.domain.passwords import check_password

NAMES = ("nguyenvanan", "Nguyễn Văn An", "Xã Bình Minh")


@pytest.mark.parametrize(
    "password",
    [
        "bốn con trâu đi qua cầu",
        "correct horse battery",
        "Loa xã sáng thứ hai 5h30",
        "k3#Vp0!xQz9w",
    ],
)
def test_long_phrases_are_good(password: str) -> None:
    """In any script; a common word inside a longer phrase does no harm."""
    check_password(password, NAMES)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_too_short"),
        ("bốn con trâu"[:11], "password_too_short"),
        ("aaaaaaaaaaaaaaa", "password_too_common"),
        ("abababababab", "password_too_common"),
        ("123456789012", "password_too_common"),
        ("MậtKhẩu12345", "password_too_common"),
        ("Password2026!", "password_too_common"),
        ("qwertyuiopas", "password_too_common"),
        ("Nguyễn Văn An 1", "password_like_name"),
        ("nguyenvanan2026", "password_like_name"),
        ("xabinhminh123", "password_like_name"),
    ],
)
def test_weak_ones_say_why(password: str, code: str) -> None:
    """Without case and marks: variants of a word are the same word."""
    with pytest.raises(Invalid, match=code) as caught:
        check_password(password, NAMES)
    assert caught.value.field == "password"
    assert not password or password not in str(caught.value)
