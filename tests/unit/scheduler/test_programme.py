"""What makes a programme, and what does not."""

from uuid import UUID

import pytest

from scheduler.errors import ErrorCode, ProgrammeError
from scheduler.programme import (
    MAX_DURATION_MS,
    MAX_ITEMS,
    ItemKind,
    Programme,
    ProgrammeItem,
    of_announcement,
)

HASH = "a" * 64
SPEECH = ProgrammeItem(ItemKind.ANNOUNCEMENT, HASH, 30_000, UUID(int=1))
CHIME = ProgrammeItem(ItemKind.CHIME, "b" * 64, 2_000)
CLOSING = ProgrammeItem(ItemKind.CLOSING, "c" * 64, 1_000)


def test_length_and_hashes_are_those_of_the_items() -> None:
    """A programme lasts as long as its items, and needs each of their recordings once."""
    programme = Programme((CHIME, SPEECH, SPEECH, CLOSING))
    assert programme.duration_ms == 63_000
    assert programme.renditions == {HASH, "b" * 64, "c" * 64}


def test_one_announcement_makes_a_programme() -> None:
    """The plain case is one announcement's rendition."""
    assert of_announcement(UUID(int=1), HASH, 30_000) == Programme((SPEECH,))


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ((), ErrorCode.PROGRAMME_EMPTY),
        ((CHIME, CLOSING), ErrorCode.PROGRAMME_EMPTY),
        ((SPEECH, CHIME), ErrorCode.PROGRAMME_ORDER),
        ((CHIME, CHIME, SPEECH), ErrorCode.PROGRAMME_ORDER),
        ((CLOSING, SPEECH), ErrorCode.PROGRAMME_ORDER),
        ((SPEECH,) * (MAX_ITEMS + 1), ErrorCode.PROGRAMME_TOO_LONG),
        (
            (ProgrammeItem(ItemKind.ANNOUNCEMENT, HASH, MAX_DURATION_MS, UUID(int=1)), SPEECH),
            ErrorCode.PROGRAMME_TOO_LONG,
        ),
    ],
)
def test_wrong_programmes_are_refused(items: tuple[ProgrammeItem, ...], code: ErrorCode) -> None:
    """Something is announced, chime first, closing last, no longer than a day."""
    with pytest.raises(ProgrammeError) as refused:
        Programme(items)
    assert refused.value.code is code


@pytest.mark.parametrize(
    ("kind", "rendition", "duration_ms", "announcement", "code"),
    [
        (ItemKind.CHIME, "A" * 64, 1, None, ErrorCode.RENDITION_HASH),
        (ItemKind.CHIME, "a" * 63, 1, None, ErrorCode.RENDITION_HASH),
        (ItemKind.CHIME, HASH + "\n", 1, None, ErrorCode.RENDITION_HASH),
        (ItemKind.CHIME, HASH, 0, None, ErrorCode.DURATION),
        (ItemKind.CHIME, HASH, -1, None, ErrorCode.DURATION),
        (ItemKind.CHIME, HASH, MAX_DURATION_MS + 1, None, ErrorCode.DURATION),
        (ItemKind.CHIME, HASH, 1, UUID(int=1), ErrorCode.PROGRAMME_ANNOUNCEMENT_ID),
        (ItemKind.ANNOUNCEMENT, HASH, 1, None, ErrorCode.PROGRAMME_ANNOUNCEMENT_ID),
    ],
)
def test_wrong_items_are_refused(
    kind: ItemKind, rendition: str, duration_ms: int, announcement: UUID | None, code: ErrorCode
) -> None:
    """An item is a SHA-256, a length that is one, and named exactly when it announces."""
    with pytest.raises(ProgrammeError) as refused:
        ProgrammeItem(kind, rendition, duration_ms, announcement)
    assert refused.value.code is code
