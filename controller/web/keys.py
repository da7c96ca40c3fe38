"""What handlers find in the application, by type."""

from dataclasses import dataclass

from aiohttp import web

from controller.services.access import Access
from controller.services.ports import Clock, Database, EventFeed, Ids


@dataclass(frozen=True, slots=True)
class Entry:
    """How browsers reach us. `secure`: over TLS, as everywhere but on loopback."""

    secure: bool
    version: str
    demonstration: bool

    @property
    def cookie_name(self) -> str:
        """`__Host-` needs TLS; on loopback without it the plain name is used."""
        return "__Host-loaxa" if self.secure else "loaxa"


ENTRY = web.AppKey("entry", Entry)
CLOCK: web.AppKey[Clock] = web.AppKey("clock", Clock)
IDS: web.AppKey[Ids] = web.AppKey("ids", Ids)
DATABASE: web.AppKey[Database] = web.AppKey("database", Database)
FEED: web.AppKey[EventFeed] = web.AppKey("feed", EventFeed)
ACCESS = web.AppKey("access", Access)
