"""The program `loaxa`: the central controller."""

import argparse
import asyncio
import logging
import logging.handlers
import signal
import sys
from collections.abc import Coroutine, Sequence
from importlib.metadata import version
from typing import Any, Final

from controller import demo
from controller.adapters.broker.errors import BrokerError, BrokerProblem
from controller.adapters.tls import TlsError
from controller.bootstrap import StartError, System, running
from controller.domain.errors import DomainError
from controller.settings import Settings, SettingsError, read_settings
from scheduler.schedule import DEFAULT_ZONE

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
_LOG_BYTES: Final = 20_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 after a clean end, 1 when it cannot start, 2 for a wrong call."""
    given = _parser().parse_args(arguments)
    try:
        settings = read_settings()
        # Each wake of the alarm clock is no news.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        if given.command == "demo":
            return asyncio.run(_until_told(_demo(settings, given.timezone)))
        logging.basicConfig(level=logging.INFO, format=_FORMAT, stream=sys.stderr)
        return asyncio.run(_until_told(_serve(settings)))
    except (StartError, SettingsError, demo.DemoError) as error:
        return _fail(str(error))
    except BrokerError as error:
        return _fail(_about_broker(error))
    except TlsError as error:
        return _fail(f"TLS: {error.detail}")
    except ExceptionGroup as group:
        return _fail("; ".join(str(error) for error in group.exceptions))
    except DomainError as error:
        return _fail(f"{error.code}: {error.detail.get('reason', error)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="loaxa", description="Village loudspeakers on any telecom network: the controller."
    )
    parser.add_argument("--version", action="version", version=version("loaxa"))
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the controller; settings are LOAXA_… variables")
    trial = commands.add_parser("demo", help="run it with a province to try everything in")
    trial.add_argument(
        "--timezone", default=DEFAULT_ZONE, help="of the province, at its first start"
    )
    return parser


async def _until_told(work: Coroutine[Any, Any, None]) -> int:
    """Run until SIGINT or SIGTERM, which end everything in order; 0 then."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()

    def end() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: None)  # once is enough; twice would cut it off
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    await asyncio.wait([task])
    if task.cancelled():
        return 0
    task.result()
    return 0


async def _serve(settings: Settings) -> None:
    async with running(settings, demonstration=False) as system:
        await _greet(system)
        await asyncio.Event().wait()


async def _greet(system: System) -> None:
    """Say where the start page is, and at the first start what the set-up asks for."""
    _say(f"Loa Xã {version('loaxa')}: {system.settings.address}")
    if not await system.setup.is_done():
        _say(f"Mã cài đặt lần đầu / set-up code: {system.setup_code}")
    if not system.settings.on_loopback:
        _say("Chứng chỉ / certificate of this installation, to install on phones and computers:")
        _say(f"  {system.settings.address}/ca.crt")
        _say(f"  SHA-256 {system.authority.fingerprint}")
        _say(demo.qr(f"{system.settings.address}/ca.crt"))


async def _demo(settings: Settings, timezone: str) -> None:
    if not settings.on_loopback:
        raise StartError("the demonstration binds to this machine only: leave LOAXA_BIND out")
    folder = settings.data / "logs"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = logging.handlers.RotatingFileHandler(
            folder / "controller.log", maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8"
        )
    except OSError as error:
        raise StartError(f"no right to write in {folder}: {error.strerror}") from error
    logging.basicConfig(level=logging.INFO, format=_FORMAT, handlers=[log])
    async with (
        running(settings, demonstration=True) as system,
        demo.running(system, timezone, _say),
    ):
        await asyncio.Event().wait()


def _about_broker(error: BrokerError) -> str:
    if error.problem is BrokerProblem.PORT_IN_USE:
        return f"the broker's port is in use ({error.detail}); choose one with LOAXA_MQTT_PORT"
    return f"broker: {error.detail}"


def _say(text: str) -> None:
    print(text, flush=True)


def _fail(text: str) -> int:
    print(f"loaxa: {text}", file=sys.stderr)
    return 1
