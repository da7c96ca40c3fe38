"""Reading and writing of API bodies, and the field types they share."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

import msgspec

_B = TypeVar("_B")


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client sends; a field that we do not know is refused, not ignored."""


class View(msgspec.Struct, frozen=True):
    """What the controller answers."""


Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Username = Annotated[
    str, msgspec.Meta(min_length=3, max_length=40, pattern=r"^[a-z0-9][a-z0-9._-]*$")
]
Password = Annotated[str, msgspec.Meta(min_length=12, max_length=200)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
ClockTime = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""Local time of day, for example 05:30."""
EndTime = Annotated[str, msgspec.Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
LocalDate = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
LocalDateTime = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$")]
"""Local date and time in the area's zone, for example 2026-11-25T05:30."""
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]
"""ISO 8601: Monday is 1, Sunday 7."""
Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal."""


class BodyError(Exception):
    """A body that does not fit; `field` is a dotted path, empty for the whole body."""

    def __init__(self, code: str, field: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.field = field
        self.detail = detail


def read_json(kind: type[_B], data: bytes) -> _B:
    """Read a JSON body. Raises BodyError: not_json, invalid_field."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        text = str(error)
        raise BodyError("invalid_field", _field_of(text), text) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BodyError("not_json", "", str(error)) from error


def read_query(kind: type[_B], values: dict[str, str]) -> _B:
    """Read query parameters: numbers and truth values are written as text there."""
    try:
        return msgspec.convert(values, type=kind, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        raise BodyError("invalid_field", _field_of(text), text) from error


def write_json(value: object) -> bytes:
    """Return a value as JSON."""
    return msgspec.json.encode(value)


def schemas_of(kinds: Iterable[Any], template: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return JSON Schemas of several types and the components they refer to."""
    schemas, components = msgspec.json.schema_components(tuple(kinds), ref_template=template)
    return list(schemas), components


def _field_of(text: str) -> str:
    match = re.search(r"at `(?:key in )?\$\.?([^`]*)`", text)
    if match and match[1]:
        return match[1]
    match = re.search(r"field `([^`]*)`", text)
    return match[1] if match else ""
