"""Rules about the tests themselves."""

import ast
from pathlib import Path

from tests.architecture.tree import ROOT, named, short

TIERS = {
    "unit",
    "contract",
    "integration",
    "acceptance",
    "browser",
    "packaging",
    "architecture",
    "benchmarks",
    "fakes",
    "vectors",
}


def _undescribed(file: Path) -> list[str]:
    """Return the tests of a file whose docstring does not say in some words what is true."""
    return [
        f"{short(file)}:{node.name}"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and len((ast.get_docstring(node) or "").split()) < 4
    ]


def _test_files() -> list[Path]:
    return [file for file in named(".py") if file.is_relative_to(ROOT / "tests")]


def test_each_test_says_what_is_true() -> None:
    """Every test carries a docstring with a statement."""
    assert [name for file in _test_files() for name in _undescribed(file)] == []


def test_every_folder_is_a_package() -> None:
    """Each folder of tests has an __init__.py, or tests/unit/controller hides the program."""
    bare = {file.parent for file in _test_files() if not (file.parent / "__init__.py").exists()}
    assert bare == set()


def test_folders_are_the_tiers() -> None:
    """Tests lie in the folders that scripts/test runs, and nowhere else."""
    tops = {file.relative_to(ROOT / "tests").parts[0] for file in _test_files()}
    assert {top for top in tops if not top.endswith(".py")} <= TIERS
    assert {top for top in tops if top.startswith("test_")} == set()
