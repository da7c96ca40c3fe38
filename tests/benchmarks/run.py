"""Run the measuring modules of this folder and write ``bench-results.json``.

A measuring module defines ``run() -> dict[str, float | str]``: its keys, each a median or a ratio
to a peer in the same run. Each runs in a process group of its own, one after the other, so that
none measures another. A module that fails or takes too long is named on stderr and its keys are
left out; a key is never guessed.

    python -m tests.benchmarks.run [NAME...]          all, or the named modules
    python -m tests.benchmarks.run --soak [NAME...]   the long runs in tests/benchmarks/soak
"""

import argparse
import importlib
import json
import os
import pkgutil
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH_BUDGET_S = 40 * 60.0
SOAK_BUDGET_S = 12 * 3600.0
GRACE_S = 10.0

Keys = Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, for how long in all, and where the numbers go."""

    package: str
    budget_s: float
    results: Path


BENCH = Plan("tests.benchmarks", BENCH_BUDGET_S, ROOT / "bench-results.json")
SOAK = Plan("tests.benchmarks.soak", SOAK_BUDGET_S, ROOT / "build" / "soak-results.json")


class BenchmarkFailed(Exception):
    """A module gave no numbers; the text says why."""


def modules(package: str) -> list[str]:
    """Return the names of the measuring modules of a package, those that define ``run``."""
    try:
        folder = importlib.import_module(package)
    except ModuleNotFoundError:
        return []
    found = []
    for entry in pkgutil.iter_modules(folder.__path__):
        source = Path(folder.__path__[0]) / f"{entry.name}.py"
        if not entry.ispkg and "\ndef run(" in source.read_text(encoding="utf-8"):
            found.append(entry.name)
    return sorted(found)


def machine() -> str:
    """Return in one line what was measured on."""
    model = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        names = [x for x in cpus.read_text(encoding="utf-8").splitlines() if "model name" in x]
        model = names[0].partition(":")[2].strip() if names else model
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"{model}, {os.cpu_count()} cores, {pages / 2**30:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def measure(command: Sequence[str], answer: Path, limit_s: float) -> Keys:
    """Run one module in a process group of its own and return its keys.

    Raises BenchmarkFailed when it ends badly, writes no numbers or runs longer than limit_s.
    """
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        code = process.wait(timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise BenchmarkFailed(f"no result within {limit_s:.0f} s") from None
    finally:
        _end(process)
    if code:
        raise BenchmarkFailed(f"ended with code {code}")
    keys = json.loads(answer.read_text(encoding="utf-8"))
    if not all(isinstance(value, int | float | str) for value in keys.values()):
        raise BenchmarkFailed("gave something that is neither a number nor a text")
    return dict(keys)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End whatever the module left running, first with a word, then without."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def run_all(plan: Plan, names: Sequence[str], clock: Callable[[], float]) -> dict[str, float | str]:
    """Run the modules one after the other within the plan's budget and merge their keys."""
    started = clock()
    merged: dict[str, float | str] = {}
    with tempfile.TemporaryDirectory(prefix="loaxa-bench-") as folder:
        for name in names:
            left = plan.budget_s - (clock() - started)
            answer = Path(folder) / f"{name}.json"
            command = [sys.executable, "-m", "tests.benchmarks.run", "--one"]
            command += [f"{plan.package}.{name}", str(answer)]
            print(f"== {name}", flush=True)
            try:
                if left <= 0:
                    raise BenchmarkFailed("no time left")
                keys = measure(command, answer, left)
                if doubled := merged.keys() & keys.keys():
                    raise BenchmarkFailed(f"keys measured before: {', '.join(sorted(doubled))}")
            except BenchmarkFailed as problem:
                print(f"loaxa: {name} is left out: {problem}", file=sys.stderr, flush=True)
                continue
            merged.update(keys)
            print("".join(f"   {key} = {value}\n" for key, value in keys.items()), end="")
    return merged


def one(module: str, answer: Path) -> None:
    """Run one module here and write its keys as JSON."""
    keys = importlib.import_module(module).run()
    answer.write_text(json.dumps(keys), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Measure and write the results; 1 when nothing could be measured."""
    parser = argparse.ArgumentParser(prog="bench", description="measure, and write the results")
    parser.add_argument("--soak", action="store_true", help="the long runs")
    parser.add_argument("--one", nargs=2, metavar=("MODULE", "FILE"), help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", help="modules to run; all when none is named")
    chosen = parser.parse_args(arguments)
    if chosen.one:
        one(chosen.one[0], Path(chosen.one[1]))
        return 0
    plan = SOAK if chosen.soak else BENCH
    known = modules(plan.package)
    if unknown := set(chosen.names) - set(known):
        print(f"loaxa: unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
        return 2
    keys = run_all(plan, chosen.names or known, time.monotonic)
    if not keys:
        print("loaxa: nothing was measured", file=sys.stderr)
        return 1
    name = "make soak" if chosen.soak else "make bench"
    keys["command"] = f'{name} ARGS="{" ".join(chosen.names)}"' if chosen.names else name
    keys["machine"] = machine()
    plan.results.parent.mkdir(exist_ok=True)
    plan.results.write_text(json.dumps(keys, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"loaxa: {len(keys) - 2} numbers in {plan.results.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
