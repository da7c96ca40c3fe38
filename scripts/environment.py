"""Make the project's environments: the virtual environment, and the built front end.

Called by ``scripts/setup`` with a profile. Everything here uses only the standard library,
because it runs before anything is installed. A step whose inputs have not changed since it
last succeeded is skipped without touching the network; the proof is a stamp that is written
last, so that whatever an interrupted run left behind is never trusted.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "controller": ("build.txt", "controller.txt"),
    "dev": ("build.txt", "dev.txt"),
    "node": ("node.txt",),
}
# Nothing is run to build a package but what build.txt pins by hash; only nkeys has no wheel.
FETCH = (
    "--require-hashes",
    "--no-deps",
    "--only-binary=:all:",
    "--no-binary=nkeys",
    "--no-build-isolation",
    "--use-pep517",
)
CREATE = ("-m", "venv", "--clear")
STAMP = "loaxa-setup.json"
# Where a person's pip settings say *how* to fetch they hold; where they say *into which
# folder* to install they would miss the environment.
PIP_PLACES = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV")
FRONT_END = ROOT / "controller" / "ui"
STATIC = ROOT / "controller" / "web" / "static"
FRONT_END_STAMP = ROOT / "build" / "front-end.json"
NOT_SOURCE = {"node_modules", "dist", "coverage", ".vite"}


class SetupError(Exception):
    """The environment cannot be made; the text is one line for the person who asked."""


def say(text: str) -> None:
    """Tell the person what is being done, at once even when output is a file."""
    print(f"loaxa: {text}", flush=True)


def digest(files: Iterable[Path]) -> str:
    """Return one SHA-256 over the names and contents of the files."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def read_stamp(file: Path) -> dict[str, str]:
    """Return what the stamp says, or nothing when it is missing or damaged."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_stamp(file: Path, stamp: dict[str, str]) -> None:
    """Write the stamp whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    draft.replace(file)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep two set-ups of one checkout apart; the second waits for the first."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is at work here, waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


# --- Python -----------------------------------------------------------------------------


def wanted(profile: str, place: Path) -> dict[str, str]:
    """Return the stamp that an up-to-date environment of this profile carries."""
    return {
        "profile": profile,
        "inputs": digest(ROOT / "requirements" / lock for lock in LOCKS[profile]),
        "project": "" if profile == "node" else project_facts(),
        "python": f"{Path(sys.executable).resolve()} {sys.version.split()[0]}",
        "place": str(place),
    }


def project_facts() -> str:
    """Return a hash of what an installation takes from pyproject.toml: not the tools' settings."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        content = tomllib.load(file)
    facts = [content["build-system"], content["project"], content["tool"]["hatch"]]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def pip(place: Path, arguments: list[str]) -> None:
    """Run the environment's pip, showing which package is at hand.

    Raises SetupError with pip's own last word when it fails.
    """
    environment = {k: v for k, v in os.environ.items() if k not in PIP_PLACES}
    command = [str(place / "bin" / "python"), "-m", "pip", "install", "--no-input", *arguments]
    command += ["--disable-pip-version-check", "--progress-bar", "off"]
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            lines.append(line.rstrip())
            name = re.match(r"Collecting ([\w.-]+)", line)
            if name and sys.stdout.isatty():
                print(f"\r\033[K  {name[1]}", end="", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    if process.returncode:
        print("\n".join(lines[-15:]), file=sys.stderr)
        reason = next((x for x in reversed(lines) if x.startswith("ERROR")), "pip failed")
        message = f"packages could not be installed: {reason.removeprefix('ERROR: ')}"
        raise SetupError(message)


def make_venv(profile: str, place: Path) -> None:
    """Make or mend a virtual environment so that it holds exactly what the locks ask for."""
    stamp = place / STAMP
    found = read_stamp(stamp)
    if profile == "controller" and found.get("profile") == "dev":
        profile = "dev"  # it holds the server too; do not shrink a developer's environment
    goal = wanted(profile, place)
    interpreter = place / "bin" / "python"
    if found == goal and interpreter.exists():
        return
    first = profile not in {found.get("profile"), "node"}
    say(f"preparing {place.name}" + (" (the first time takes a minute or two)" if first else ""))
    kept = bool(found) and all(found.get(k) == goal[k] for k in ("python", "place"))
    if not (kept and interpreter.exists()):
        result = subprocess.run(
            [sys.executable, *CREATE, str(place)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if result.returncode:
            print(result.stdout + result.stderr, file=sys.stderr)
            message = (
                f"{place.name} could not be created (is the disk full, or python3-venv missing?)"
            )
            raise SetupError(message)
    stamp.unlink(missing_ok=True)
    for lock in LOCKS[profile]:
        pip(place, [*FETCH, f"--requirement={ROOT / 'requirements' / lock}"])
    if profile != "node":
        pip(place, ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    write_stamp(stamp, goal)


# --- Front end --------------------------------------------------------------------------


def node_serves(version: str) -> bool:
    """Tell whether this Node.js can run the build (Vite asks for 20.19, 22.12 or newer)."""
    numbers = re.match(r"v(\d+)\.(\d+)", version)
    if not numbers:
        return False
    major, minor = int(numbers[1]), int(numbers[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major >= 23


def node_folder() -> Path:
    """Return the folder that holds ``node`` and ``npm``, fetching them from PyPI if need be."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        if node_serves(asked.stdout):
            return Path(node).parent
    place = ROOT / ".venv-node"
    make_venv("node", place)
    return place / "bin"


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in the front-end folder; raises SetupError when it fails."""
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    result = subprocess.run(
        ["npm", *arguments], cwd=FRONT_END, env=environment, text=True,
        capture_output=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if result.returncode:
        print((result.stdout + result.stderr)[-4000:], file=sys.stderr)
        message = f"the screens could not be built: npm {arguments[0]} failed"
        raise SetupError(message)


def install_front_end() -> Path:
    """Install the front end's packages if their lock changed; return the folder of node."""
    folder = node_folder()
    stamp = FRONT_END / "node_modules" / STAMP
    goal = {"inputs": digest([FRONT_END / "package.json", FRONT_END / "package-lock.json"])}
    if read_stamp(stamp) != goal:
        say("fetching what the screens are built with")
        npm(folder, "ci", "--no-audit", "--no-fund", "--loglevel=error")
        write_stamp(stamp, goal)
    return folder


def build_front_end() -> None:
    """Build the screens into ``controller/web/static`` unless nothing changed."""
    if not (FRONT_END / "package-lock.json").exists():
        return  # an installed copy brings its screens built
    goal = {"inputs": digest(front_end_sources())}
    if read_stamp(FRONT_END_STAMP) == goal and (STATIC / "index.html").exists():
        return
    folder = install_front_end()
    say("building the screens")
    FRONT_END_STAMP.unlink(missing_ok=True)
    npm(folder, "run", "build")
    write_stamp(FRONT_END_STAMP, goal)


def front_end_sources() -> Iterator[Path]:
    """Yield every file that the built screens are made from."""
    for folder, below, files in os.walk(FRONT_END):
        below[:] = [name for name in below if name not in NOT_SOURCE]
        yield from (Path(folder) / file for file in files)


def main(arguments: list[str]) -> int:
    """Bring the environment of the named profile up to date."""
    profile = arguments[0] if arguments else "controller"
    if profile not in {"controller", "dev"}:
        print(f"loaxa: unknown profile {profile!r}: controller or dev", file=sys.stderr)
        return 2
    if not os.access(ROOT, os.W_OK):
        print(f"loaxa: no right to write in {ROOT}", file=sys.stderr)
        return 1
    try:
        with one_at_a_time():
            make_venv(profile, ROOT / ".venv")
            build_front_end()
            if profile == "dev" and (FRONT_END / "package-lock.json").exists():
                install_front_end()
    except SetupError as problem:
        print(f"loaxa: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"loaxa: {problem.strerror}: {problem.filename}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nloaxa: stopped; the next run starts the unfinished step anew", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
