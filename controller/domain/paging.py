"""Pages of listings."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from controller.domain.errors import ErrorCode, Invalid

MAX_PAGE: Final = 500

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: at most `limit` items (1..500) after `cursor` (None: from the start)."""

    cursor: str | None = None
    limit: int = 50

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_PAGE:
            raise Invalid(ErrorCode.LIMIT, field="limit", detail={"most": MAX_PAGE})


@dataclass(frozen=True, slots=True)
class Page(Generic[_T]):
    """One page; `next` is the cursor of the page after it, None at the end."""

    items: tuple[_T, ...]
    next: str | None = None
