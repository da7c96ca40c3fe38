"""Composition root: the only place that joins ports to adapters."""

import asyncio
import errno
import logging
import shutil
import ssl
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from controller.adapters.broker import bound_child
from controller.adapters.broker.access import ServiceAccess
from controller.adapters.broker.choice import (
    Broker,
    Machine,
    Outside,
    OutsideBroker,
    Own,
    OwnBroker,
)
from controller.adapters.broker.ports import Rights
from controller.adapters.captures import CaptureFolders
from controller.adapters.children import Child, Program, last_line
from controller.adapters.clock import SystemClock, SystemIds
from controller.adapters.data_folder import FolderRefused, held
from controller.adapters.database import ScheduleStore, SqlDatabase, open_database
from controller.adapters.signer_client import SignerClient
from controller.adapters.tls import CertificateAuthority, ServerIdentity
from controller.domain.errors import DomainError
from controller.domain.pace import Pace
from controller.services.access import Access
from controller.services.airing import Airing
from controller.services.announce import Announcements
from controller.services.approvals import Approvals
from controller.services.areas import Areas
from controller.services.context import Context
from controller.services.demonstration import Demonstration
from controller.services.diary import Diary
from controller.services.emergencies import Emergencies
from controller.services.enrol import Enrolments, TerminalDoor
from controller.services.housekeeping import Housekeeping
from controller.services.ingest import Ingestion
from controller.services.occurrences import Occurrences
from controller.services.outbox import Outbox
from controller.services.outlook import Outlooks
from controller.services.overview import Overview
from controller.services.people import People
from controller.services.planning import Replanning
from controller.services.recordings import Recordings
from controller.services.setup import Setup
from controller.services.sound_tests import SoundTests
from controller.services.stops import Stops
from controller.services.terminal_side import TerminalSide
from controller.services.terminals import Terminals
from controller.settings import Settings
from controller.web import app as web_app
from controller.web import keys
from controller.web.feed import Feed
from media.av_probe import AvProbe
from media.confinement import detect_confinement
from media.errors import MediaError
from media.ffmpeg_program import find_ffmpeg
from media.ffmpeg_transcoder import FfmpegTranscoder
from media.file_store import FileStore
from media.library import Library
from media.pydub_editor import PydubEditor
from media.upload_store import UploadStore
from scheduler.apscheduler_alarm import ApschedulerAlarm

_log = logging.getLogger(__name__)

TERMINALS: Final = "terminals"
"""Folder of the virtual loudspeakers, each in a folder of its own."""

_SIGNER: Final = "controller.signer"
_SIGNER_S: Final = 20.0
"""Time for the signer to answer after its start; usually half a second."""
_DAY_S: Final = 86_400.0


class StartError(Exception):
    """The program cannot start; the text is one line for the person who started it."""


@dataclass(frozen=True, slots=True)
class System:
    """The running controller, as the command line sees it."""

    settings: Settings
    setup: Setup
    setup_code: str
    demonstration: Demonstration
    enrolments: Enrolments
    authority: CertificateAuthority


def child(program: Program) -> Child:
    """Return a program that runs beside the controller and never outlives it."""
    return Child(program, Path(bound_child.__file__), time.monotonic)


@asynccontextmanager
async def running(settings: Settings, *, demonstration: bool) -> AsyncIterator[System]:
    """Run the whole controller inside the block. Raises StartError and what adapters raise."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        try:
            stack.enter_context(held(settings.data))
        except FolderRefused as error:
            raise StartError(f"{error} (LOAXA_DATA)") from error
        authority = CertificateAuthority(settings.data / "tls", clock.now)
        identity = authority.server([settings.public_host])
        database = await open_database(settings.database)
        stack.push_async_callback(database.close)
        signer = await _signer(settings, stack)
        context = Context(database, signer, clock, SystemIds(), Feed(), Outbox())
        parts = _Parts(settings, context, database, await _sound(settings), authority, identity)
        await parts.uploads.open()
        await stack.enter_async_context(parts.broker.running())
        await stack.enter_async_context(_together(parts.loops()))
        stack.push_async_callback(parts.airing.stop)
        await parts.airing.start()
        await parts.side.rights.apply_all()
        await stack.enter_async_context(_screens(parts, demonstration=demonstration))
        yield parts.system()


class _Parts:
    """Every service, each made once. Nothing runs before `running` starts it."""

    def __init__(
        self,
        settings: Settings,
        context: Context,
        database: SqlDatabase,
        library: Library,
        authority: CertificateAuthority,
        identity: ServerIdentity,
    ) -> None:
        self.settings = settings
        self.context = context
        self.authority = authority
        self.identity = identity
        clock = SystemClock()
        self.broker = self._broker()
        self.link = self.broker.link
        access = ServiceAccess(self.broker.access)
        self.side = TerminalSide(context, self.link, access, library, Pace(), time.monotonic)
        schedules = ScheduleStore(database)
        self.airing = Airing(context, schedules, clock, ApschedulerAlarm())
        self.replanning = Replanning(self.airing)
        self.enrolments = Enrolments(context, self._door(), access, self.replanning, time.monotonic)
        captures = CaptureFolders(settings.data / TERMINALS)
        self.terminals = Terminals(context, self.side, self.replanning, captures)
        self.stops = Stops(context, self.side.dispatch)
        self.emergencies = Emergencies(context, self.side.dispatch, self.side.delivery.released)
        self.sound_tests = SoundTests(context, self.side.dispatch)
        self.uploads = UploadStore(settings.data / "sound" / "uploads")
        self.ingestion = Ingestion(context, self.uploads, library)
        self.recordings = Recordings(
            context, self.uploads, library, self.ingestion, self._free_bytes
        )
        outlooks = Outlooks(context, schedules)
        self.approvals = Approvals(context, outlooks, self.airing, self.emergencies)
        self.announcements = Announcements(context, outlooks, self.approvals, self.airing)
        self.access = Access(context)
        self.setup_code = context.ids.secret(6).hex()
        self.setup = Setup(context, self.access, self.setup_code)
        self.areas = Areas(context)
        self.people = People(context, self.access)

    def system(self) -> System:
        """What the command line needs."""
        return System(
            settings=self.settings,
            setup=self.setup,
            setup_code=self.setup_code,
            demonstration=Demonstration(self.context, self.setup, self.areas, self.people),
            enrolments=self.enrolments,
            authority=self.authority,
        )

    def by_key(self, *, demonstration: bool) -> dict[Any, object]:
        """What handlers of the API find."""
        settings = self.settings
        entry = keys.Entry(
            secure=not settings.on_loopback,
            version=version("loaxa"),
            demonstration=demonstration,
            address=settings.address,
        )
        return {
            keys.ENTRY: entry,
            keys.CONTEXT: self.context,
            keys.ACCESS: self.access,
            keys.SETUP: self.setup,
            keys.AREAS: self.areas,
            keys.PEOPLE: self.people,
            keys.RECORDINGS: self.recordings,
            keys.ANNOUNCEMENTS: self.announcements,
            keys.APPROVALS: self.approvals,
            keys.TERMINALS: self.terminals,
            keys.ENROLMENTS: self.enrolments,
            keys.STOPS: self.stops,
            keys.EMERGENCIES: self.emergencies,
            keys.SOUND_TESTS: self.sound_tests,
            keys.OCCURRENCES: Occurrences(self.context, self.airing),
            keys.DIARY: Diary(self.context),
            keys.OVERVIEW: Overview(self.context, self.side.presence),
        }

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What runs as long as the program does."""
        return {
            "link": self.link.run(),
            "terminals": self.side.run(),
            "ingestion": self.ingestion.run(),
            "replanning": self.replanning.run(),
            "housekeeping": Housekeeping(self.context, self.recordings).run(),
        }

    async def checks(self) -> Mapping[str, str]:
        """See controller.web.health.Probe."""
        return {
            "database": await _works(self._read_once()),
            "signer": await _works(self.context.signer.status()),
            "broker": "ok" if self.link.status.connected else "not_connected",
        }

    async def figures(self) -> Mapping[str, float]:
        """See controller.web.health.Probe."""
        return self.side.figures()

    async def _read_once(self) -> None:
        async with self.context.database.read() as tx:
            await tx.areas.top()

    async def _admit(self, name: str, password: str, _client_id: str) -> Rights | None:
        groups = await self.side.rights.groups_of(name, password)
        return None if groups is None else Rights(groups)

    def _broker(self) -> Broker:
        settings, machine = self.settings, Machine(self.context.clock.now, self.context.ids.secret)
        if settings.mosquitto_host and settings.mosquitto_ca and settings.mosquitto_password:
            try:
                ca_pem = settings.mosquitto_ca.read_text(encoding="ascii")
            except (OSError, UnicodeDecodeError) as error:
                raise StartError(f"LOAXA_MOSQUITTO_CA: {error}") from error
            outside = Outside(
                settings.mosquitto_host,
                settings.mosquitto_port,
                ca_pem,
                settings.mosquitto_password,
            )
            return OutsideBroker(outside, machine)
        own = Own(
            folder=settings.data / "broker",
            bind=settings.bind,
            port=settings.mqtt_port,
            host=settings.public_host,
            identity=self.identity.file,
            ca_pem=self.authority.pem,
        )
        return OwnBroker(own, self._admit, machine)

    def _door(self) -> TerminalDoor:
        settings = self.settings
        pin = None if settings.on_loopback else bytes.fromhex(self.authority.fingerprint)
        return TerminalDoor(
            url=settings.address,
            tls_pin=pin,
            mqtt_host=self.broker.host,
            mqtt_port=self.broker.port,
            mqtt_tls=True,
            ca_pem=self.broker.ca_pem,
        )

    def _free_bytes(self) -> int:
        return shutil.disk_usage(self.settings.data).free


@asynccontextmanager
async def _screens(parts: _Parts, *, demonstration: bool) -> AsyncIterator[None]:
    """Serve API and screens inside the block; over TLS everywhere but on loopback."""
    settings = parts.settings
    pem, tls = None, None
    if not settings.on_loopback:
        pem = parts.authority.pem
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_cert_chain(parts.identity.file)
    app = web_app.create_app(parts.by_key(demonstration=demonstration), parts, authority_pem=pem)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(
                web_app.listening(app, settings.bind, settings.port, tls)
            )
        except OSError as error:
            place = f"{settings.bind}:{settings.port}"
            if error.errno == errno.EADDRINUSE:
                raise StartError(
                    f"port {settings.port} is in use ({place}); choose another with LOAXA_PORT"
                ) from error
            raise StartError(f"{place} cannot be served: {error.strerror}") from error
        await stack.enter_async_context(_together({"renewal": _renew(parts, tls)}))
        yield


async def _renew(parts: _Parts, tls: ssl.SSLContext | None) -> None:
    """Keep the server's certificate valid for as long as the program runs."""
    while True:
        await asyncio.sleep(_DAY_S)
        identity = parts.authority.server([parts.settings.public_host])
        if tls is not None:
            tls.load_cert_chain(identity.file)
        parts.broker.reload_identity()


@asynccontextmanager
async def _together(loops: Mapping[str, Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run loops inside the block; one that ends on its own ends the program, loudly."""
    block = asyncio.current_task()
    ended: list[str] = []

    def note(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and block is not None:
            _log.critical(
                "%s ended", task.get_name(), exc_info=task.exception(), extra={"action": "loop_end"}
            )
            ended.append(task.get_name())
            block.cancel()

    tasks = [asyncio.create_task(loop, name=name) for name, loop in loops.items()]
    for task in tasks:
        task.add_done_callback(note)
    try:
        yield
    except asyncio.CancelledError:
        if ended:
            raise StartError(f"{', '.join(ended)} failed; the log says why") from None
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _sound(settings: Settings) -> Library:
    """The media library, its programs confined as this machine allows."""
    confinement = await asyncio.to_thread(detect_confinement)
    try:
        program = await asyncio.to_thread(find_ffmpeg)
        store = FileStore(settings.data / "sound")
        await store.open()
    except MediaError as error:
        raise StartError(f"recordings cannot be worked on: {error}") from error
    return Library(
        store,
        AvProbe(confinement),
        FfmpegTranscoder(program, confinement),
        PydubEditor(confinement),
    )


async def _works(question: Coroutine[Any, Any, object]) -> str:
    """Ask a part whether it works; `ok` or the code of its answer."""
    try:
        async with asyncio.timeout(5):
            await question
    except DomainError as error:
        return error.code
    except TimeoutError:
        return "timed_out"
    return "ok"


async def _signer(settings: Settings, stack: AsyncExitStack) -> SignerClient:
    """Start the signer, unless it runs by itself, and wait until it answers."""
    log = settings.data / "logs" / "signer.log"
    path = settings.signer_socket
    if path is None:
        path = settings.data / "signer" / "signer.sock"
        program = Program(
            name="signer", module=_SIGNER, arguments=("--data", str(settings.data)), log=log
        )
        await stack.enter_async_context(child(program).running())
    client = SignerClient(path)
    stack.push_async_callback(client.close)
    deadline = time.monotonic() + _SIGNER_S
    while (state := await _works(client.status())) != "ok":
        if time.monotonic() > deadline:
            why = last_line(log) if settings.signer_socket is None else str(path)
            raise StartError(f"the signer does not answer ({state}): {why}")
        await asyncio.sleep(0.05)
    return client
