"""Words that have no place in the project, in text, in names and in commits."""

import re

import pytest

from tests.architecture.tree import ROOT, named, short, texts

# Written in pieces, so that this file does not hold what it looks for.
MACHINE = [
    "/wo" + "rk/",
    "/opt/" + "pypi",
    "shared/" + "design",
    "shared/" + "rig",
    "/root/" + ".pyenv",
]
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted",
    "npm" + "js.org",
    "npm" + "js.com",
    "npm" + "mirror",
    "deb.debian" + ".org",
    "proxy.golang" + ".org",
]
DRAWERS = {"utils", "util", "common", "helpers", "helper", "manager", "misc"}


@pytest.mark.parametrize("word", MACHINE + REGISTRIES)
def test_no_address_of_a_machine_or_registry(word: str) -> None:
    """No file names a path of one machine or the address of a package registry."""
    found = [short(file) for file in texts() if word in file.read_text(encoding="utf-8")]
    assert found == []


def test_nothing_is_called_a_drawer() -> None:
    """No file or folder has a name that says nothing about what is in it."""
    found = [
        short(file)
        for file in texts()
        if DRAWERS & {re.sub(r"\..*", "", part) for part in file.relative_to(ROOT).parts}
    ]
    assert found == []


def test_nobody_claims_conformity() -> None:
    """The circular on loudspeakers is what we design towards; no text claims more."""
    claim = re.compile(
        r"compl(iant|ies|y|iance)\b.{0,40}\b39/2020|39/2020.{0,40}compl", re.IGNORECASE
    )
    own = short(ROOT / "tests/architecture/test_words.py")
    found = [
        short(file)
        for file in texts()
        if short(file) != own and claim.search(file.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_tests_use_fakes_not_mocks() -> None:
    """Stand-ins are working fakes of ports; unittest's mocks are not used."""
    mock = re.compile(
        r"^\s*(from unittest import .*mock|(from|import) unittest\.mock)", re.MULTILINE
    )
    found = [short(file) for file in named(".py") if mock.search(file.read_text(encoding="utf-8"))]
    assert found == []
