"""What handlers find in the application, by type."""

from dataclasses import dataclass

from aiohttp import web

from controller.services.access import Access
from controller.services.areas import Areas
from controller.services.context import Context
from controller.services.people import People
from controller.services.setup import Setup


@dataclass(frozen=True, slots=True)
class Entry:
    """How browsers reach us. `secure`: over TLS, as everywhere but on loopback."""

    secure: bool
    version: str
    demonstration: bool
    address: str
    """Address of the start page, for one-time links: scheme, host and port."""

    @property
    def cookie_name(self) -> str:
        """`__Host-` needs TLS; on loopback without it the plain name is used."""
        return "__Host-loaxa" if self.secure else "loaxa"


ENTRY = web.AppKey("entry", Entry)
CONTEXT = web.AppKey("context", Context)
ACCESS = web.AppKey("access", Access)
SETUP = web.AppKey("setup", Setup)
AREAS = web.AppKey("areas", Areas)
PEOPLE = web.AppKey("people", People)
