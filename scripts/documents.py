"""Write the documents that are made from the code, or with --check say which are out of date.

``controller/ui/openapi.json`` is wholly made from the table of endpoints; the screens' API client
is generated from it. In ``docs/*.md`` only what stands between ``<!-- made: NAME -->`` and
``<!-- end -->`` is made here, from the part of PARTS with that name.
"""

import ast
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
API_VERSION = "1"
OPENAPI = ROOT / "controller" / "ui" / "openapi.json"
_RULE = ("---",) * 9  # under the head of a table
_MADE = re.compile(r"(<!-- made: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    cells = ([cell.replace("|", r"\|") for cell in line] for line in (head, _RULE, *rows))
    return "".join(f"| {' | '.join(line[: len(head)])} |\n" for line in cells)


def _source(thing: type | ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(thing))


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")


def _fields(kind: type) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and meaning of each field, in the order in which it is written."""
    (body,) = (node for node in _source(kind).body if isinstance(node, ast.ClassDef))
    for node, after in zip(body.body, [*body.body[1:], None], strict=True):
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        meaning = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            meaning = " ".join(str(after.value.value).split())
        yield f"`{node.target.id}`", f"`{ast.unparse(node.annotation)}`", meaning


def message_types() -> str:
    """Return the table of type bytes: number, message, who signs it, what it is."""
    from edge_agent.wire.catalogue import REPORTS, SIGNED

    def rows() -> Iterator[tuple[str, ...]]:
        for number, signed in sorted(SIGNED.items()):
            signer = f"role `{signed.role}`" if signed.role else "root keys"
            yield str(number.value), f"`{signed.kind.__name__}`", signer, _first_line(signed.kind)
        for number, kind in sorted(REPORTS.items()):
            yield str(number.value), f"`{kind.__name__}`", "terminal's key", _first_line(kind)

    return table(("type", "message", "signed by", "meaning"), rows())


def messages() -> str:
    """Return the fields of every message and of every part that messages are made of."""
    from edge_agent.wire import enrolment, orders, reports, state
    from edge_agent.wire.codec import Message, Report

    parts = []
    for module in (state, orders, reports, enrolment):
        for kind in vars(module).values():
            own = inspect.isclass(kind) and kind.__module__ == module.__name__
            if own and issubclass(kind, Message | Report):
                text = table(("field", "type", "meaning"), iter(_fields(kind)))
                parts.append(f"### {kind.__name__}\n\n{inspect.getdoc(kind)}\n\n{text}")
    return "\n".join(parts)


def topics() -> str:
    """Return the table of topics."""
    from edge_agent.wire.topics import Lane, UpKind

    def rows() -> Iterator[tuple[str, ...]]:
        yield "`t/<terminal>/down`", "controller → terminal"
        for kind in UpKind:
            yield f"`t/<terminal>/up/{kind.value}`", "terminal → controller"
        for lane in Lane:
            yield f"`g/<area or zone>/{lane.value}`", "controller → all terminals of the group"

    return table(("topic", "direction"), rows())


def on_air() -> str:
    """Return the table of the on-air state machine."""
    from edge_agent.core.on_air_table import table_rows

    return table(("shape", "state", "signal", "next state", "acts"), iter(table_rows()))


def _codes(kind: type[Enum]) -> str:
    return ", ".join(f"`{member.value}`" for member in kind) + ".\n"


def refusals() -> str:
    """Return the codes with which a message is refused."""
    from edge_agent.wire.errors import Refusal

    return _codes(Refusal)


def outcomes() -> str:
    """Return the codes with which a play log entry ends."""
    from edge_agent.wire.reports import Outcome

    return _codes(Outcome)


PARTS: Mapping[str, Callable[[], str]] = {
    "message-types": message_types,
    "messages": messages,
    "topics": topics,
    "on-air": on_air,
    "refusals": refusals,
    "outcomes": outcomes,
}


def filled(text: str) -> str:
    """Return the document with its made parts made anew; KeyError for an unknown part."""
    return _MADE.sub(lambda found: found[1] + "\n" + PARTS[found[2]]() + "\n" + found[3], text)


def openapi() -> str:
    """Return the OpenAPI document as it is committed."""
    from controller.web.openapi import document

    made = document(API_VERSION)
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def wanted() -> Iterator[tuple[Path, str]]:
    """Yield each document with the text that it should have."""
    yield OPENAPI, openapi()
    for file in sorted((ROOT / "docs").rglob("*.md")):
        text = file.read_text(encoding="utf-8")
        if _MADE.search(text):
            yield file, filled(text)


def main(arguments: list[str]) -> int:
    """Write what changed, or report it."""
    check = arguments == ["--check"]
    stale = 0
    for file, text in wanted():
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        name = file.relative_to(ROOT)
        if check:
            print(f"loaxa: {name} does not match the code: make documents", file=sys.stderr)
        else:
            file.write_text(text, encoding="utf-8")
            print(f"loaxa: {name} written")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
