"""The whole product, started as its users start it, and people who use its API."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import aiohttp

READY_S = 90.0
Json = Any


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body of one answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The stable code of a refusal."""
        return str(self.json["error"]["code"])


class Person:
    """Somebody with a browser, seen from the API: cookie, token against forgery."""

    def __init__(self, base: str, session: aiohttp.ClientSession, csrf: str) -> None:
        self.base = base
        self.session = session
        self.csrf = csrf

    async def ask(
        self, method: str, path: str, body: Json = None, *, data: bytes | None = None
    ) -> Answer:
        """Send one request and return whatever comes."""
        headers = {"X-CSRF-Token": self.csrf, "Origin": self.base, "Accept-Language": "vi"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        content = {"data": data} if data is not None else {"json": body}
        async with self.session.request(
            method, f"{self.base}/api/v1{path}", headers=headers, **content
        ) as response:
            return Answer(response.status, dict(response.headers), await response.read())

    async def get(self, path: str) -> Json:
        answer = await self.ask("GET", path)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.json

    async def do(self, method: str, path: str, body: Json = None) -> Json:
        """Send a change that must succeed; returns its answer."""
        answer = await self.ask(method, path, body)
        assert answer.status < 300, (path, answer.status, answer.body.decode())
        return answer.json if answer.body else None

    async def upload(self, file: Path, area: str, title: str) -> Json:
        """Upload a recording in pieces and wait until it is checked; returns its view."""
        content = file.read_bytes()
        made = await self.do(
            "POST",
            "/recordings",
            {"title": title, "area_id": area, "size": len(content)},
        )
        place = f"/recordings/{made['id']}"
        for offset in range(0, len(content), 1 << 20):
            piece = content[offset : offset + (1 << 20)]
            answer = await self.ask("PUT", f"{place}/content?offset={offset}", data=piece)
            assert answer.status == 200, answer.body
        await self.do("POST", f"{place}/complete")
        return await until(lambda: self._checked(place), 60)

    async def _checked(self, place: str) -> Json:
        view = await self.get(place)
        return view if view["state"] in {"ready", "refused"} else None


@dataclass(slots=True)
class Town:
    """A running demonstration."""

    base: str
    mqtt_port: int
    data: Path
    process: asyncio.subprocess.Process
    zone: ZoneInfo
    passwords: dict[str, str] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)

    @property
    def ports(self) -> tuple[int, int]:
        """Where browsers and terminals connect."""
        return int(self.base.rpartition(":")[2]), self.mqtt_port

    @asynccontextmanager
    async def person(self, username: str, password: str | None = None) -> AsyncIterator[Person]:
        """Sign somebody in."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            async with session.post(
                f"{self.base}/api/v1/session",
                json={"username": username, "password": password or self.passwords[username]},
            ) as response:
                view = await response.json()
                assert response.status == 201, view
            yield Person(self.base, session, view["csrf_token"])

    def local(self, ahead: timedelta) -> str:
        """Return the local date and time that far ahead, as the API wants it."""
        at = datetime.now(UTC) + ahead
        return at.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M:%S")

    def captures(self, terminal: str) -> list[Path]:
        """Return what a virtual terminal has sounded so far, oldest first."""
        homes = (self.data / "terminals").iterdir()
        mine = [home for home in homes if _belongs(home, terminal)]
        return sorted(file for home in mine for file in (home / "captures").glob("*.wav"))


def _belongs(home: Path, terminal: str) -> bool:
    identity = home / "identity"
    return identity.exists() and terminal in identity.read_text(encoding="utf-8", errors="replace")


async def until(condition: Any, within: float, every: float = 0.2) -> Any:
    """Return the first true answer of an asynchronous question."""
    async with asyncio.timeout(within):
        while True:
            found = await condition()
            if found:
                return found
            await asyncio.sleep(every)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def midday_zone() -> str:
    """Return a zone in which it is about noon, so that no test meets quiet hours or midnight."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@asynccontextmanager
async def running(
    data: Path,
    *,
    command: str = "demo",
    zone: str | None = None,
    ports: tuple[int, int] | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Town]:
    """Start `loaxa demo` (or `serve`) and end it; yields once it says that it is ready."""
    port, mqtt_port = ports or (free_port(), free_port())
    zone = zone or midday_zone()
    environment = os.environ | {
        "LOAXA_PORT": str(port),
        "LOAXA_MQTT_PORT": str(mqtt_port),
        "LOAXA_DATA": str(data),
        "PYTHONUNBUFFERED": "1",
        **(settings or {}),
    }
    arguments = ["--timezone", zone] if command == "demo" else []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "controller", command, *arguments,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    town = Town(f"http://127.0.0.1:{port}", mqtt_port, data, process, ZoneInfo(zone))
    reading = asyncio.create_task(_read(process, town))
    try:
        await until(lambda: _ready(town, command), READY_S)
        yield town
    finally:
        await ended(process)
        await asyncio.gather(reading, return_exceptions=True)


async def ended(process: asyncio.subprocess.Process) -> None:
    """End a program as Ctrl-C does, or at last by force."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), 20)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _ready(town: Town, command: str) -> bool:
    if town.process.returncode is not None:
        raise AssertionError("\n".join(["the controller ended:", *town.printed]))
    word = "Ctrl-C" if command == "demo" else town.base
    return any(word in line for line in town.printed)


async def _read(process: asyncio.subprocess.Process, town: Town) -> None:
    """Collect what is printed, and the passwords from it as a person would."""
    assert process.stdout is not None
    async for raw in process.stdout:
        line = raw.decode(errors="replace").rstrip()
        town.printed.append(line)
        found = re.match(r"\s+(admin|operator|approver|monitor)\s+(\S+)", line)
        if found:
            town.passwords[found[1]] = found[2]
