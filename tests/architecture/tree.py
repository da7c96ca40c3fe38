"""The files that rules are checked on: what git tracks or would track."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("controller", "edge_agent", "media", "scheduler")
_BINARY = {".png", ".ico", ".woff2", ".opus", ".ogg", ".mp3", ".wav", ".bin", ".webp", ".jpg"}


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file of the project, without what is built or ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(file for file in files if file.is_file())


def named(*suffixes: str) -> list[Path]:
    """Return the files with one of the endings."""
    return [file for file in tracked() if file.suffix in suffixes]


def texts() -> list[Path]:
    """Return the files that a person can read."""
    return [file for file in tracked() if file.suffix not in _BINARY]


def short(file: Path) -> str:
    """Return the file's name as it is said in the project."""
    return file.relative_to(ROOT).as_posix()
