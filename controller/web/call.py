"""One call of an endpoint: who calls, with what."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiohttp import web

from controller.domain.errors import ErrorCode, SignInNeeded
from controller.domain.roles import Actor
from controller.web.endpoints import Endpoint


class Language(StrEnum):
    """Languages of texts meant for people."""

    VIETNAMESE = "vi"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets: body and query are read and checked already."""

    request: web.Request
    endpoint: Endpoint
    caller: Actor | None
    body: Any
    query: Any
    language: Language

    @property
    def actor(self) -> Actor:
        """Who calls. Raises SignInNeeded on a public endpoint without a session."""
        if self.caller is None:
            raise SignInNeeded(ErrorCode.SIGN_IN_NEEDED)
        return self.caller

    def part(self, name: str) -> str:
        """Return a variable part of the path."""
        return self.request.match_info[name]


def language_of(request: web.Request) -> Language:
    """Return the language the caller reads best; Vietnamese unless English is preferred."""
    wanted = request.headers.get("Accept-Language", "")
    for entry in wanted.split(","):
        tag = entry.split(";")[0].strip().lower()
        if tag.startswith("vi"):
            return Language.VIETNAMESE
        if tag.startswith("en"):
            return Language.ENGLISH
    return Language.VIETNAMESE
