"""Signed claims that answer NATS's auth callout (NATS JWT version 2); rights as NATS subjects.

MQTT topic `a/b` is NATS subject `a.b`; `+` is `*`; `a/#` stands for `a.>` and `a` itself.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

import nkeys

from controller.adapters.broker.ports import Rights
from edge_agent.wire.topics import Lane

ACCOUNT: Final = "LOAXA"
"""NATS account in which all MQTT clients live."""

_CONTROLLER_SUBJECTS: Final = ("t", "t.>", "g", "g.>")


class Issuer:
    """An account key made for this run; the server trusts claims signed by it."""

    def __init__(self, seed: bytes) -> None:
        self._pair = nkeys.from_seed(nkeys.encode_seed(seed, nkeys.PREFIX_BYTE_ACCOUNT))
        self.public_key: str = self._pair.public_key.decode()

    def allow(self, *, user_key: str, server_id: str, name: str, rights: Rights, now: int) -> str:
        """Answer that signs `name` in with these rights. now: seconds since 1970."""
        permissions = (
            controller_permissions()
            if rights.is_controller
            else terminal_permissions(name, rights.groups)
        )
        user = {
            **permissions,
            "subs": -1,
            "data": -1,
            "payload": -1,
            "allowed_connection_types": ["MQTT"],
            "type": "user",
            "version": 2,
        }
        claims = {"sub": user_key, "aud": ACCOUNT, "name": name, "nats": user}
        return self._answer(user_key, server_id, {"jwt": self._signed(claims, now)}, now)

    def refuse(self, *, user_key: str, server_id: str, why: str, now: int) -> str:
        """Answer that refuses the sign-in; `why` goes to the server's log only."""
        return self._answer(user_key, server_id, {"error": why}, now)

    def _answer(self, user_key: str, server_id: str, content: Mapping[str, str], now: int) -> str:
        body = {**content, "type": "authorization_response", "version": 2}
        return self._signed({"sub": user_key, "aud": server_id, "nats": body}, now)

    def _signed(self, claims: Mapping[str, Any], now: int) -> str:
        full = {**claims, "iss": self.public_key, "iat": now}
        digest = hashlib.sha512(json.dumps(full).encode()).digest()[:32]
        full["jti"] = base64.b32encode(digest).decode().rstrip("=")
        head = _part({"typ": "JWT", "alg": "ed25519-nkey"})
        text = f"{head}.{_part(full)}"
        return f"{text}.{_base64url(self._pair.sign(text.encode()))}"


def terminal_permissions(terminal_id: str, groups: frozenset[str]) -> dict[str, Any]:
    """A terminal reads its own `down` and its groups' topics and writes below its own `up`."""
    reads = [f"t.{terminal_id}.down"]
    reads += [f"g.{group}.{lane.value}" for group in sorted(groups) for lane in Lane]
    return {"pub": {"allow": [f"t.{terminal_id}.up.*"]}, "sub": {"allow": reads}}


def controller_permissions() -> dict[str, Any]:
    """A controller reads and writes everything below `t/` and `g/`."""
    subjects = list(_CONTROLLER_SUBJECTS)
    return {"pub": {"allow": subjects}, "sub": {"allow": subjects}}


def read_request(token: str) -> Mapping[str, Any]:
    """Claims of an authorisation request.

    The signature is not checked: the request comes over the connection on which we signed in
    to our own child process. Raises ValueError when it is no such request.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("not a signed token")
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    request = claims.get("nats") if isinstance(claims, dict) else None
    if not isinstance(request, dict):
        raise ValueError("not an authorisation request")  # noqa: TRY004 - bad data, not a bad call
    return request


def _part(content: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(content, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
