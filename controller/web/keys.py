"""What handlers find in the application, by type."""

from dataclasses import dataclass

from aiohttp import web

from controller.services.access import Access
from controller.services.announce import Announcements
from controller.services.approvals import Approvals
from controller.services.areas import Areas
from controller.services.context import Context
from controller.services.diary import Diary
from controller.services.emergencies import Emergencies
from controller.services.enrol import Enrolments
from controller.services.occurrences import Occurrences
from controller.services.overview import Overview
from controller.services.people import People
from controller.services.recordings import Recordings
from controller.services.setup import Setup
from controller.services.sound_tests import SoundTests
from controller.services.stops import Stops
from controller.services.terminals import Terminals


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
RECORDINGS = web.AppKey("recordings", Recordings)
ANNOUNCEMENTS = web.AppKey("announcements", Announcements)
APPROVALS = web.AppKey("approvals", Approvals)
TERMINALS = web.AppKey("terminals", Terminals)
ENROLMENTS = web.AppKey("enrolments", Enrolments)
STOPS = web.AppKey("stops", Stops)
EMERGENCIES = web.AppKey("emergencies", Emergencies)
SOUND_TESTS = web.AppKey("sound_tests", SoundTests)
OCCURRENCES = web.AppKey("occurrences", Occurrences)
DIARY = web.AppKey("diary", Diary)
OVERVIEW = web.AppKey("overview", Overview)
