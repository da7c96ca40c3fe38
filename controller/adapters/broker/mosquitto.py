"""Terminal access on an external Mosquitto, through its dynamic security plug-in over MQTT.

One role per terminal holds its own two topics, one role per group holds the group's topics; a
terminal has both. deploy/mosquitto sets the broker up. Tried on 2.0.11: `deleteClient` and
`modifyClient` disconnect the client at once.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from controller.adapters.broker.errors import BrokerError, BrokerProblem
from edge_agent.link import LinkError, Message, Messenger
from edge_agent.wire import topics

_TOPIC: Final = "$CONTROL/dynamic-security/v1"
_ANSWERS: Final = f"{_TOPIC}/response"
_ANSWER_S: Final = 10.0
"""Mosquitto answers in milliseconds; in a storm of reconnects it may take seconds."""

_EXISTS: Final = "already exists"
_NOT_FOUND: Final = "not found"


class MosquittoAccess:
    """TerminalAccess over a Messenger that signs in with the right to control the broker.

    Create it before the messenger runs; it takes the answers' topic for itself.
    """

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger
        self._one_at_a_time = asyncio.Lock()
        self._awaited: tuple[str, asyncio.Future[list[dict[str, Any]]]] | None = None
        self._asked = 0
        self._known_groups: set[str] = set()
        messenger.subscribe(_ANSWERS, self._answered)

    async def grant(self, terminal_id: str, password: str | None, groups: frozenset[str]) -> None:
        """See TerminalAccess.grant."""
        async with self._one_at_a_time:
            present = await self._roles_of(terminal_id)
            roles = sorted([_own_role(terminal_id), *map(_group_role, groups)])
            if present == roles and password is None:
                return
            await self._make_roles(terminal_id, groups)
            change: dict[str, Any] = {
                "command": "createClient" if present is None else "modifyClient",
                "username": terminal_id,
                "roles": [{"rolename": role} for role in roles],
            }
            if password is not None:
                change["password"] = password
            elif present is None:
                raise BrokerError(BrokerProblem.REFUSED, f"{terminal_id} has no password yet")
            await self._ask([change])

    async def revoke(self, terminal_id: str) -> None:
        """See TerminalAccess.revoke."""
        async with self._one_at_a_time:
            await self._ask(
                [
                    {"command": "deleteClient", "username": terminal_id},
                    {"command": "deleteRole", "rolename": _own_role(terminal_id)},
                ],
                forgiven=_NOT_FOUND,
            )

    async def _roles_of(self, terminal_id: str) -> list[str] | None:
        """Names of the client's roles, sorted; None when there is no such client."""
        question = {"command": "getClient", "username": terminal_id}
        (answer,) = await self._ask([question], forgiven=_NOT_FOUND)
        if "error" in answer:
            return None
        roles = answer.get("data", {}).get("client", {}).get("roles", [])
        return sorted(str(role["rolename"]) for role in roles)

    async def _make_roles(self, terminal_id: str, groups: frozenset[str]) -> None:
        new = sorted(groups - self._known_groups)
        commands = [_create_role(_own_role(terminal_id), _own_rights(terminal_id))]
        commands += [_create_role(_group_role(group), _group_rights(group)) for group in new]
        await self._ask(commands, forgiven=_EXISTS)
        self._known_groups.update(new)

    async def _ask(
        self, commands: list[dict[str, Any]], forgiven: str | None = None
    ) -> list[dict[str, Any]]:
        """Send commands, return their answers in order; errors but the forgiven one raise."""
        self._asked += 1
        mark = str(self._asked)
        future: asyncio.Future[list[dict[str, Any]]] = asyncio.get_running_loop().create_future()
        self._awaited = (mark, future)
        marked = [{**command, "correlationData": mark} for command in commands]
        try:
            if not await self._messenger.granted(_ANSWERS, _ANSWER_S):
                raise BrokerError(
                    BrokerProblem.NOT_RUNNING, "no connection, or no right to control"
                )
            await self._messenger.publish(_TOPIC, json.dumps({"commands": marked}).encode())
            async with asyncio.timeout(_ANSWER_S):
                answers = await future
        except LinkError as error:
            raise BrokerError(BrokerProblem.NOT_RUNNING, str(error)) from error
        except TimeoutError as error:
            raise BrokerError(BrokerProblem.NO_ANSWER, "dynamic security is silent") from error
        finally:
            self._awaited = None
        for answer in answers:
            problem = str(answer.get("error", ""))
            if problem and not (forgiven and forgiven in problem.lower()):
                raise BrokerError(BrokerProblem.REFUSED, f"{answer.get('command')}: {problem}")
        return answers

    async def _answered(self, message: Message) -> None:
        awaited = self._awaited
        if awaited is None or message.retained:
            return
        mark, future = awaited
        try:
            answers = json.loads(message.payload)["responses"]
        except (ValueError, KeyError, TypeError):
            return  # not ours; the question runs into its time-out and says so
        ours = [answer for answer in answers if answer.get("correlationData") == mark]
        if ours and not future.done():
            future.set_result(ours)


def _own_role(terminal_id: str) -> str:
    return f"terminal-{terminal_id}"


def _group_role(group: str) -> str:
    return f"group-{group}"


def _create_role(name: str, rights: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {"command": "createRole", "rolename": name, "acls": rights}


def _own_rights(terminal_id: str) -> list[Mapping[str, Any]]:
    down = f"t/{terminal_id}/down"
    return [*_may_read(down), _right("publishClientSend", f"t/{terminal_id}/up/+")]


def _group_rights(group: str) -> list[Mapping[str, Any]]:
    return [right for lane in topics.Lane for right in _may_read(topics.group(group, lane))]


def _may_read(topic: str) -> list[Mapping[str, Any]]:
    # Literal: a pattern would also let wider filters in.
    return [_right("subscribeLiteral", topic), _right("publishClientReceive", topic)]


def _right(kind: str, topic: str) -> Mapping[str, Any]:
    return {"acltype": kind, "topic": topic, "priority": 0, "allow": True}
