"""The real application in front of a town, and people who ask it."""

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import AppKey, Application, Request

from controller.services.diary import Diary
from controller.services.overview import Overview
from controller.web import keys
from controller.web.app import create_app
from controller.web.auth import CSRF_HEADER, csrf_token
from tests.fakes.commune import Town

API = "/api/v1"
Client = TestClient[Request, Application]


class WellProbe:
    """Everything works."""

    async def checks(self) -> Mapping[str, str]:
        return {}

    async def figures(self) -> Mapping[str, float]:
        return {}


@dataclass
class Answer:
    """What came back; `code` and `field` of a refusal."""

    response: ClientResponse
    raw: bytes
    body: Any

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])

    @property
    def field(self) -> str | None:
        field: str | None = self.body["error"]["field"]
        return field


@dataclass
class Person:
    """Somebody with a browser (or, with `bearer`, a program)."""

    client: Client
    headers: dict[str, str]

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and read all of the answer."""
        async with self.client.request(
            method,
            API + path,
            json=body,
            data=None if data is None else io.BytesIO(data),
            headers={**self.headers, **(headers or {})},
        ) as response:
            raw = await response.read()
            known = "json" in response.content_type and raw
            return Answer(response, raw, await response.json() if known else None)

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, body: object = None, **headers: str) -> Answer:
        return await self.ask("POST", path, body, headers=headers)


@dataclass
class Office:
    """The application of a town."""

    town: Town
    client: Client

    def person(self, name: str, language: str = "vi") -> Person:
        """Return somebody who is signed in."""
        signed_in = self.town.people[name]
        return Person(
            self.client,
            {
                "Cookie": f"loaxa={signed_in.secret}.{signed_in.ticket.token}",
                CSRF_HEADER: csrf_token(signed_in.secret),
                "Accept-Language": language,
            },
        )

    async def program(self, name: str) -> Person:
        """Return a program with a token of somebody."""
        _, secret = await self.town.access.create_token(self.town.actor(name), "Chương trình", 9)
        return Person(self.client, {"Authorization": f"Bearer {secret}"})

    def stranger(self) -> Person:
        """Return somebody who is not signed in."""
        return Person(self.client, {})


@asynccontextmanager
async def opened(
    town: Town, more: Mapping[AppKey[Any], object] | None = None
) -> AsyncIterator[Office]:
    """Serve the real application inside the block, with `more` of its services."""
    entry = keys.Entry(secure=False, version="1", demonstration=False, address="http://127.0.0.1")
    services: dict[Any, object] = {
        keys.ENTRY: entry,
        keys.CONTEXT: town.context,
        keys.ACCESS: town.access,
        keys.SETUP: town.setup,
        keys.AREAS: town.area_service,
        keys.PEOPLE: town.accounts,
        keys.RECORDINGS: town.recordings,
        keys.ANNOUNCEMENTS: town.announcements,
        keys.APPROVALS: town.approvals,
        keys.EMERGENCIES: town.emergencies,
        keys.OCCURRENCES: town.occurrences,
        keys.DIARY: Diary(town.context),
        keys.OVERVIEW: Overview(town.context, town.presence),
    }
    app = create_app(services | dict(more or {}), WellProbe(), assets={})
    async with TestClient(TestServer(app)) as client:
        yield Office(town, client)
