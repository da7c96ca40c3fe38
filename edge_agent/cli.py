"""Program `loaxa-agent`: enrol a terminal, run it, or say what is wrong with it.

Exit codes: 0 well; 1 it failed, one line on standard error says why; 2 the command line or a
setting cannot be used; 3 this folder belongs to no terminal yet.
"""

import argparse
import asyncio
import ctypes
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from edge_agent.adapters.disk import FolderBusy, KeyMissing
from edge_agent.bootstrap.identity import NotEnrolled, opened
from edge_agent.link import LinkSettingsError
from edge_agent.services.sound_ports import SoundError
from edge_agent.settings import LogLevel, Settings, SettingsError, SoundOutput, load

OK: Final = 0
FAILED: Final = 1
UNUSABLE: Final = 2
NOT_ENROLLED: Final = 3

_PR_SET_PDEATHSIG: Final = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = _settings(chosen)
        _log_to_stderr(settings)
        if chosen.parent is not None:
            _die_with(chosen.parent)
        return int(chosen.act(settings, chosen))
    except (SettingsError, LinkSettingsError) as error:
        return _say(error, UNUSABLE)
    except NotEnrolled as error:
        return _say(f"{error}; run: loaxa-agent enrol CODE", NOT_ENROLLED)
    except FolderBusy as error:
        return _say(f"another loaxa-agent works in {error}", FAILED)
    except (KeyMissing, SoundError, OSError) as error:
        return _say(error, FAILED)
    except KeyboardInterrupt:
        return _say("interrupted", FAILED)


def _run(settings: Settings, _chosen: argparse.Namespace) -> int:
    from edge_agent.bootstrap.program import Program, spare_memory

    spare_memory()
    watchdog = os.environ.get("WATCHDOG_USEC", "")
    program = Program(
        settings,
        os.environ.get("NOTIFY_SOCKET"),
        int(watchdog) if watchdog.isdigit() else None,
    )
    with opened(settings) as folder:
        asyncio.run(program.run(folder))
    return OK


def _enrol(settings: Settings, chosen: argparse.Namespace) -> int:
    from edge_agent.bootstrap.enrolment import enrol_into

    code = chosen.code
    if code is None:
        print("Enrolment code: ", end="", file=sys.stderr, flush=True)
        code = sys.stdin.readline()
    with opened(settings) as folder:
        name = asyncio.run(enrol_into(folder, code, chosen.server, again=chosen.again))
    print(f"This is now the terminal {name}.")
    return OK


def _doctor(settings: Settings, _chosen: argparse.Namespace) -> int:
    from edge_agent.bootstrap.doctor import examine

    findings = list(examine(settings))
    for finding in findings:
        print(finding)
    return OK if all(finding.good for finding in findings) else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="loaxa-agent", description="The terminal of Loa Xã.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    enrol = commands.add_parser("enrol", help="give this terminal its place, by a one-time code")
    enrol.add_argument("code", nargs="?", help="LX1.…; asked for when it is left out")
    enrol.add_argument("--server", help="address of the controller in place of the code's")
    enrol.add_argument("--again", action="store_true", help="forget an earlier enrolment first")
    enrol.set_defaults(act=_enrol)
    run = commands.add_parser("run", help="be a terminal until SIGTERM")
    run.set_defaults(act=_run)
    doctor = commands.add_parser("doctor", help="say what is well and what is not")
    doctor.set_defaults(act=_doctor)
    for command in (enrol, run, doctor):
        _add_common(command)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.add_argument("--data", help="folder of this terminal")
    parser.add_argument("--sound", choices=[output.value for output in SoundOutput])
    parser.add_argument("--device", help="ALSA device or PulseAudio sink")
    parser.add_argument("--captures", help="folder of the WAV output")
    parser.add_argument("--broker", metavar="HOST:PORT", help="dialled in place of the enrolled")
    parser.add_argument("--log", choices=[level.value for level in LogLevel])
    parser.add_argument(
        "--parent", type=int, metavar="PID", help="end when this process, our parent, ends"
    )


def _settings(chosen: argparse.Namespace) -> Settings:
    names = ("data", "sound", "device", "captures", "broker", "log")
    return load(os.environ, {name: getattr(chosen, name) for name in names}, chosen.config)


def _log_to_stderr(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log.upper(),
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


def _die_with(parent: int) -> None:
    """Ask the kernel for SIGTERM when the parent ends (prctl(2)); it may have ended already."""
    libc = ctypes.CDLL(None, use_errno=True)
    ours = os.getppid() == parent
    if ours and libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if not ours or os.getppid() != parent:
        raise SettingsError(f"process {parent} is not the parent (any more)")


def _say(problem: object, code: int) -> int:
    text = str(problem) or type(problem).__name__
    print(f"loaxa-agent: {' '.join(text.split())}", file=sys.stderr)
    return code
