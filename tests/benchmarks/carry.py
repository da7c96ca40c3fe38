"""Time and bytes to bring one recording of 2.7 MB to 100 terminals of a commune.

The real controller side (signer, database, dispatch, carousel), the embedded broker over TLS and
100 terminals that speak the real protocol, all on this machine and its cores.
"""

import asyncio
import random
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from controller.adapters.broker.access import ServiceAccess
from controller.adapters.broker.embedded import EmbeddedBroker, EmbeddedSettings
from controller.adapters.broker.ports import Rights
from controller.adapters.tls import CertificateAuthority
from controller.domain.pace import Pace
from controller.services.enrol import Enrolments, TerminalDoor
from controller.services.planning import Replanning
from controller.services.terminal_side import TerminalSide
from edge_agent.link import Link, LinkSettings, LinkTls
from edge_agent.wire.enrolment import read_code
from tests.fakes.commune import Town, once
from tests.fakes.terminal import LightTerminal, enrol_request, new_key

TERMINALS = 100
SIZE = 2_700_000
LIMIT_S = 300.0


def run() -> dict[str, float | str]:
    """Measure once."""
    folder = Path(tempfile.mkdtemp())
    try:
        return asyncio.run(_measure(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(folder: Path) -> dict[str, float | str]:
    town = await Town.found(folder)
    await town.settle()
    town.sounds.copies = SIZE // 32
    async with AsyncExitStack() as stack:
        stack.push_async_callback(town.close)
        broker, side, terminals = await _field(town, folder, stack)
        await _until(lambda: len(side.presence.present()) == TERMINALS)
        published = side.delivery.published_bytes
        shown = await town.approved(once(23, 17))
        sound = shown.recording.sound if shown.recording else None
        if sound is None or broker.pid is None:
            raise RuntimeError("nothing to carry")
        name = bytes.fromhex(sound.rendition)
        started = time.perf_counter()
        await _until(lambda: all(name in one.held for one in terminals))
        took = time.perf_counter() - started
        size = len(terminals[0].held[name])
        arrived = sum(one.bytes_received for one in terminals)
        return {
            "carry_terminals": float(TERMINALS),
            "carry_recording_bytes": float(size),
            "carry_seconds": round(took, 2),
            "carry_published_ratio": round((side.delivery.published_bytes - published) / size, 3),
            "carry_received_ratio": round(arrived / TERMINALS / size, 4),
        }


async def _field(
    town: Town, folder: Path, stack: AsyncExitStack
) -> tuple[EmbeddedBroker, TerminalSide, list[LightTerminal]]:
    """Start broker, controller side and terminals, all connected."""
    authority = CertificateAuthority(folder / "tls", _now)
    port = _free_port()

    async def admit(name: str, password: str, _client: str) -> Rights | None:
        groups = await side.rights.groups_of(name, password)
        return None if groups is None else Rights(groups)

    settings = EmbeddedSettings(folder / "broker", "127.0.0.1", port, authority.server([]).file)
    broker = EmbeddedBroker(
        settings, admit, now=_now, secret=secrets.token_bytes, monotonic=time.monotonic
    )

    def link(name: str, password: str) -> Link:
        tls = LinkTls(authority.pem, "localhost")
        return Link(
            LinkSettings(
                "127.0.0.1", port, name, password, tls,
                outbox_bytes=32_000_000, inbox_messages=8192, inbox_bytes=32_000_000,
            ),
            judged=_now, monotonic=time.monotonic, uniform=random.uniform,
        )  # fmt: skip

    own = link("controller-1", broker.controller_password())
    access = ServiceAccess(broker)
    side = TerminalSide(town.context, own, access, town.sounds, Pace(), time.monotonic)
    replanning = Replanning(town.airing)
    door = TerminalDoor(
        "http://127.0.0.1:8080", None, "127.0.0.1", port, mqtt_tls=True, ca_pem=authority.pem
    )
    enrolments = Enrolments(town.context, door, access, replanning, time.monotonic)
    await stack.enter_async_context(broker.running())
    loops = [own.run(), side.run(), replanning.run()]
    terminals = []
    for number in range(TERMINALS):
        key = new_key()
        code = await enrolments.create(
            town.actor("admin"), town.areas["Thôn Đông"].id, f"Loa {number}"
        )
        answer = await enrolments.redeem(
            enrol_request(read_code(code.text), key), f"203.0.113.{number}"
        )
        messenger = link(str(answer.terminal), answer.mqtt_password)
        terminals.append(LightTerminal(answer, key, messenger, read_code(code.text).root))
        stack.push_async_callback(terminals[-1].close)
        loops.append(messenger.run())
    tasks = [asyncio.create_task(loop) for loop in loops]

    async def end() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    stack.push_async_callback(end)
    return broker, side, terminals


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110  many terminals, each with its own state
            await asyncio.sleep(0.02)


def _now() -> datetime:
    return datetime.now(UTC)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
