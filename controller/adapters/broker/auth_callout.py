"""Decides each sign-in at the embedded broker, and ends sessions (NATS auth callout)."""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import nats
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from controller.adapters.broker.errors import BrokerError, BrokerProblem
from controller.adapters.broker.nats_token import Issuer, read_request
from controller.adapters.broker.ports import Authenticate, Rights

_log = logging.getLogger(__name__)

_SUBJECT: Final = "$SYS.REQ.USER.AUTH"
_AT_ONCE: Final = 64
"""Sign-ins decided at the same time; a storm of returning terminals waits in the queue."""

_ASK_S: Final = 2.0
"""Time for our own child process to answer a question."""

_NAME: Final = re.compile(r"[a-z0-9-]{1,64}")


@dataclass(slots=True)
class _Session:
    """The newest sign-in under one name. connection: the server's number for it."""

    connection: int
    rights: Rights | None = None


class AuthCallout:
    """Answers the server's questions over the loopback connection of its system account.

    issuer: the key whose claims the server trusts. now: present time, aware.
    """

    def __init__(
        self, issuer: Issuer, authenticate: Authenticate, now: Callable[[], datetime]
    ) -> None:
        self._issuer = issuer
        self._authenticate = authenticate
        self._now = now
        self._client: Client | None = None
        self._server_id = ""
        self._sessions: dict[str, _Session] = {}
        self._deciding: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def open(self, url: str, user: str, password: str) -> None:
        """Connect to the server that has just started. Raises OSError or nats.errors.Error."""
        client = await nats.connect(
            url,
            user=user,
            password=password,
            name="loaxa sign-in",
            allow_reconnect=False,
            connect_timeout=2,
            error_cb=_report,
        )
        await client.subscribe(_SUBJECT, cb=self._asked)
        identity = await client.request("$SYS.REQ.SERVER.PING.IDZ", timeout=_ASK_S)
        self._server_id = str(json.loads(identity.data)["id"])
        self._client = client
        await self._hang_up_on_waiting()

    async def _hang_up_on_waiting(self) -> None:
        """End connections that asked before anybody answered.

        The server would let them wait for its whole time-out; so they try again at once.
        """
        for entry in await self._connections({"limit": 4_096}):
            if entry.get("type") == "mqtt":
                await self._ask("KICK", {"cid": entry["cid"]})

    async def close(self) -> None:
        """Stop answering; forget all sessions, which end with the server."""
        client, self._client = self._client, None
        for task in list(self._deciding):
            task.cancel()
        await asyncio.gather(*self._deciding, return_exceptions=True)
        self._sessions.clear()
        if client is not None:
            await client.close()

    def rights_of(self, name: str) -> Rights | None:
        """Rights given at the newest sign-in of this name, if it has signed in."""
        session = self._sessions.get(name)
        return session.rights if session else None

    async def disconnect(self, name: str) -> None:
        """End every session of this name at once. Raises BrokerError when the broker is down."""
        session = self._sessions.pop(name, None)
        numbers = {session.connection} if session else set()
        found = await self._connections({"mqtt_client": name})
        numbers.update(int(entry["cid"]) for entry in found)
        for number in numbers:
            await self._ask("KICK", {"cid": number})

    async def _connections(self, which: dict[str, Any]) -> list[dict[str, Any]]:
        listing = await self._ask("CONNZ", which)
        return listing.get("data", {}).get("connections") or []

    async def _ask(self, what: str, question: dict[str, Any]) -> dict[str, Any]:
        if self._client is None or not self._server_id:
            raise BrokerError(BrokerProblem.NOT_RUNNING, "the embedded broker is not running")
        subject = f"$SYS.REQ.SERVER.{self._server_id}.{what}"
        try:
            answer = await self._client.request(
                subject, json.dumps(question).encode(), timeout=_ASK_S
            )
        except (nats.errors.Error, TimeoutError) as error:
            raise BrokerError(BrokerProblem.NO_ANSWER, f"{what}: {error!r}") from error
        content = json.loads(answer.data)
        return content if isinstance(content, dict) else {}

    async def _asked(self, message: Msg) -> None:
        task = asyncio.create_task(self._decide(message))
        self._deciding.add(task)
        task.add_done_callback(self._deciding.discard)

    async def _decide(self, message: Msg) -> None:
        try:
            request = read_request(message.data.decode())
            user_key = str(request["user_nkey"])
            server_id = str(request["server_id"]["id"])
        except (ValueError, KeyError, TypeError) as error:
            _log.error("unreadable sign-in request: %s", error, extra={"action": "sign_in"})
            return
        async with self._free:
            name, rights, why = await self._judge(request)
        now = int(self._now().timestamp())
        if rights is None:
            _log.warning("sign-in of %.64r refused: %s", name, why, extra={"action": "sign_in"})
            answer = self._issuer.refuse(user_key=user_key, server_id=server_id, why=why, now=now)
        else:
            answer = self._issuer.allow(
                user_key=user_key, server_id=server_id, name=name, rights=rights, now=now
            )
        try:
            await message.respond(answer.encode())
        except nats.errors.Error as error:
            _log.warning("sign-in answer not sent: %r", error, extra={"action": "sign_in"})

    async def _judge(self, request: Mapping[str, Any]) -> tuple[str, Rights | None, str]:
        given, client = request.get("connect_opts", {}), request.get("client_info", {})
        name, password = str(given.get("user", "")), str(given.get("pass", ""))
        client_id = str(client.get("mqtt_id", ""))
        if client.get("type") != "mqtt" or not _NAME.fullmatch(name):
            return name, None, "not an MQTT client of ours"
        if client_id != name:
            # Another valid client could otherwise throw a terminal off by taking its id.
            return name, None, f"client id {client_id[:64]!r} is not the user name"
        # Before the decision: a revocation that overtakes it must find the connection.
        session = self._sessions[name] = _Session(int(client.get("id", 0)))
        try:
            session.rights = await self._authenticate(name, password, client_id)
        except Exception:  # noqa: BLE001 - boundary to whatever judges
            # The database's fault; the terminal tries again, and the others must be answered.
            _log.exception("sign-in could not be judged", extra={"action": "sign_in"})
            return name, None, "sign-in could not be judged"
        return name, session.rights, "unknown name or wrong password"


async def _report(error: Exception) -> None:
    _log.warning("connection to the broker: %r", error, extra={"action": "broker"})
