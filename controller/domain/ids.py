"""Identities: what they look like and how text from outside becomes one.

Areas have a readable id that is also their group on the broker; all else has a UUID.
"""

import re
from typing import Final, TypeAlias
from uuid import UUID

from controller.domain.errors import ErrorCode, Invalid, NotFound

AreaId: TypeAlias = str
"""`[a-z0-9][a-z0-9-]{0,39}`, for example `p-89`, `c-30280`, `h-3fa9c1d2`."""

HashText: TypeAlias = str
"""SHA-256 as 64 lower-case hexadecimal digits."""

_AREA: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def read_area_id(text: str) -> AreaId:
    """Return an area id as given. Raises NotFound: nothing has an id of another form."""
    if not _AREA.fullmatch(text):
        raise NotFound(ErrorCode.NOT_FOUND, field="area_id")
    return text


def read_id(text: str, field: str = "id") -> UUID:
    """Return the UUID that `text` spells. Raises NotFound: nothing has another id."""
    try:
        found = UUID(text)
    except ValueError:
        raise NotFound(ErrorCode.NOT_FOUND, field=field) from None
    if str(found) != text.lower():
        raise NotFound(ErrorCode.NOT_FOUND, field=field)
    return found


def read_hash(text: str, field: str = "hash") -> HashText:
    """Return a SHA-256 as given. Raises Invalid `bad_hash`."""
    if not _HASH.fullmatch(text):
        raise Invalid(ErrorCode.BAD_HASH, field=field)
    return text
