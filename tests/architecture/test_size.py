"""Files and functions stay small enough to be read at one sitting."""

import ast
from collections.abc import Iterator

from tests.architecture.tree import named, short

FILE_LIMIT = 400
TEST_FILE_LIMIT = 550
"""A contract is read example by example; cutting it in two helps nobody to find one."""
FUNCTION_LIMIT = 60


def test_files_are_short() -> None:
    """No source file is longer than 400 lines, no file of tests longer than 550."""
    long = {
        short(file): count
        for file in named(".py", ".ts", ".tsx")
        if not file.name.endswith((".gen.ts", ".d.ts"))
        and (count := len(file.read_text(encoding="utf-8").splitlines()))
        > (TEST_FILE_LIMIT if short(file).startswith("tests/") else FILE_LIMIT)
    }
    assert long == {}


def _long_functions(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LIMIT:
                yield node.name, length


def test_functions_are_short() -> None:
    """No function is longer than 60 lines."""
    long = {
        f"{short(file)}:{name}": length
        for file in named(".py")
        for name, length in _long_functions(file.read_text(encoding="utf-8"))
    }
    assert long == {}


def test_a_long_function_would_be_found() -> None:
    """The measure counts a function of 61 lines as too long, and one of 60 as not."""
    body = "    x = 1\n"
    assert list(_long_functions("def f() -> None:\n" + body * 60)) == [("f", 61)]
    assert list(_long_functions("async def f() -> None:\n" + body * 59)) == []
