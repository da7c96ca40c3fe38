"""Enrolment of this folder: the code redeemed, what came with it stored, the identity last."""

import ssl
from functools import partial

from edge_agent.adapters.clock import MachineClock
from edge_agent.adapters.disk import DataFolder, DocumentFolder, KeyFile
from edge_agent.adapters.disk.atomic import remove_file, write_file
from edge_agent.adapters.enrolment_client import EnrolmentClient
from edge_agent.bootstrap.identity import agent_name, hardware, in_thread
from edge_agent.core.clock_trust import RELEASED
from edge_agent.link import LinkTls, judged_instant
from edge_agent.link.tls import client_context
from edge_agent.services.enrol import Machine, enrol
from edge_agent.services.holdings import Holdings
from edge_agent.wire.codec import to_json
from edge_agent.wire.policy import to_datetime


class EnrolledAlready(OSError):
    """This folder belongs to a terminal; the text says to which."""


async def enrol_into(folder: DataFolder, code: str, server: str | None, *, again: bool) -> str:
    """Redeem a code and make this folder that terminal's; returns its name.

    `again`: forget an earlier enrolment, once the new one has come. Raises EnrolledAlready,
    EnrolFailed, OSError.
    """
    if folder.identity.exists() and not again:
        raise EnrolledAlready(f"{folder.root} belongs to a terminal already; --again replaces it")
    key = KeyFile.load_or_make(folder.key)
    fresh = DocumentFolder(folder.root / "enrolling")
    (folder.root / "enrolling").mkdir(mode=0o700, exist_ok=True)
    client = EnrolmentClient(partial(_pinned_context, MachineClock()))
    machine = Machine(hardware(), agent_name())
    enrolled = await enrol(code, server, machine, key, client, fresh, in_thread)
    held = fresh.read_all()
    folder.identity.unlink(missing_ok=True)
    for place in (folder.log, *folder.state.iterdir()):
        remove_file(place)
    kept = DocumentFolder(folder.state)
    for name, raw in held.items():
        kept.write(name, raw)
        fresh.remove(name)
    write_file(folder.identity, to_json(enrolled))
    holdings = Holdings(kept, in_thread, enrolled.terminal, enrolled.root)
    await holdings.load()
    return holdings.assignment.name


def _pinned_context(clock: MachineClock, ca_pem: str, server_name: str) -> ssl.SSLContext:
    floor = to_datetime(RELEASED)
    return client_context(LinkTls(ca_pem, server_name), lambda: judged_instant(clock.wall(), floor))
