"""Rules for text that people write: titles, names, reasons."""

import unicodedata
from typing import Final

from controller.domain.errors import ErrorCode, Invalid

MAX_TITLE: Final = 120
MAX_REASON: Final = 500

_JOINER: Final = "\u200d"
"""Zero width joiner: holds emoji of several parts together, so it is let through."""
_VARIATION: Final = "\ufe0f"


def read_title(text: str, field: str = "title") -> str:
    """Return a title or name as kept: NFC, trimmed, runs of white space made one blank.

    Raises Invalid: text_empty, text_too_long (> 120 characters), text_control_character.
    """
    return _read(text, field, MAX_TITLE)


def read_reason(text: str, field: str = "reason") -> str:
    """Return a reason as kept, as `read_title` but up to 500 characters."""
    return _read(text, field, MAX_REASON)


def _read(text: str, field: str, longest: int) -> str:
    kept = unicodedata.normalize("NFC", text[: longest * 8]).strip()
    for character in kept:
        if _is_control(character):
            detail = {"character": f"U+{ord(character):04X}"}
            raise Invalid(ErrorCode.TEXT_CONTROL_CHARACTER, field=field, detail=detail)
    kept = " ".join(kept.split())
    if not kept.strip(_JOINER + _VARIATION):
        raise Invalid(ErrorCode.TEXT_EMPTY, field=field)
    if len(kept) > longest:
        raise Invalid(ErrorCode.TEXT_TOO_LONG, field=field, detail={"longest": longest})
    return kept


def _is_control(character: str) -> bool:
    # Cc: control, Cf: invisible format (direction overrides), Cs: half a surrogate pair,
    # Zl, Zp: line and paragraph separator.
    category = unicodedata.category(character)
    return category in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character != _JOINER
