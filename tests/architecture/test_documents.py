"""Documents say what is true of the tree."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from scripts import documents
from tests.architecture.tree import ROOT, named, short

GLOSSARY = ROOT / "docs" / "GLOSSARY.md"
WORDS = {
    "area",
    "terminal",
    "zone",
    "announcement",
    "programme",
    "schedule",
    "occurrence",
    "rendition",
    "rundown",
    "relay",
    "amplifier switch",
    "play log",
    "ordinary",
    "priority",
    "emergency",
}
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _rows() -> list[list[str]]:
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in x.strip("|").split("|")] for x in lines if x.startswith("|")]
    return [row for row in rows if not set(row[0]) <= {"-"}]


def test_glossary_has_the_words_of_the_field() -> None:
    """The words that code, API and documents share are explained, each with its Vietnamese."""
    rows = _rows()
    assert {row[0] for row in rows} >= WORDS
    assert [row[0] for row in rows if not row[1] or not row[2]] == []


def test_glossary_points_into_the_code() -> None:
    """Each module that the glossary names for a word exists."""
    named_files = re.findall(r"`([a-z_/]+\.py)`", GLOSSARY.read_text(encoding="utf-8"))
    assert len(named_files) > 15
    assert [name for name in named_files if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("file", named(".md"), ids=short)
def test_links_lead_somewhere(file: Path) -> None:
    """Each link from one document to another file of the project finds it."""
    links = _LINK.findall(file.read_text(encoding="utf-8"))
    inside = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in inside if not (file.parent / unquote(link)).exists()] == []


def test_documents_from_code_are_fresh() -> None:
    """What is made from the code was made from this code."""
    stale = [short(file) for file, text in documents.wanted() if file.read_text("utf-8") != text]
    assert stale == []


def test_every_made_part_is_printed() -> None:
    """Each table that can be made from the code stands in a document."""
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "docs").rglob("*.md"))
    assert [name for name in documents.PARTS if f"<!-- made: {name} -->" not in text] == []


def test_an_outdated_part_is_noticed() -> None:
    """A made part that was edited by hand, or left behind by the code, comes out different."""
    old = "before\n<!-- made: topics -->\nnothing\n<!-- end -->\nafter\n"
    new = documents.filled(old)
    assert new.startswith("before\n")
    assert new.endswith("after\n")
    assert "`t/<terminal>/down`" in new
    assert documents.filled(new) == new
