"""Configuration file of the embedded NATS server."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from controller.adapters.broker.nats_token import ACCOUNT

CONTROL_USER: Final = "control"

MAX_PAYLOAD_BYTES: Final = 300_000
"""Above the largest signed document (256 KB) and far above a block (64 KiB)."""

_MAX_PENDING_BYTES: Final = 4 * 1024 * 1024
"""What may wait for one slow reader before it is disconnected; it comes back with a hello."""

_WRITE_DEADLINE: Final = "10s"
"""A reader that takes nothing for so long is gone; frees what waits for it."""

_SIGN_IN_S: Final = 5
"""Room for TLS and our answer in a storm of returning terminals on two cores."""

_STORE_BYTES: Final = 64 * 1024 * 1024
"""MQTT sessions are kept in JetStream even when clean; nothing of ours is stored there."""

_LOG_BYTES: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class NatsConfig:
    """One run of the server.

    folder: for its files. bind, mqtt_port: where terminals connect. control_port: loopback port
    of the controller's own connection. identity: PEM file with key and certificate. issuer:
    public key trusted for sign-ins. control_password: made for this run.
    """

    folder: Path
    bind: str
    mqtt_port: int
    control_port: int
    identity: Path
    issuer: str
    control_password: str = field(repr=False)
    max_connections: int = 4_000

    def text(self) -> str:
        """The file's content; JSON is a subset of the server's format."""
        return json.dumps(self._content(), indent=1)

    def _content(self) -> dict[str, Any]:
        identity = str(self.identity)
        return {
            "server_name": "loaxa",
            "host": "127.0.0.1",
            "port": self.control_port,
            "mqtt": {
                "host": self.bind,
                "port": self.mqtt_port,
                "tls": {"cert_file": identity, "key_file": identity, "timeout": _SIGN_IN_S},
            },
            "jetstream": {
                "store_dir": str(self.folder / "store"),
                "max_memory_store": _STORE_BYTES,
                "max_file_store": _STORE_BYTES,
            },
            "accounts": {
                ACCOUNT: {"jetstream": "enabled"},
                "SYS": {"users": [{"user": CONTROL_USER, "password": self.control_password}]},
            },
            "system_account": "SYS",
            "authorization": {
                "timeout": _SIGN_IN_S,
                "auth_callout": {
                    "issuer": self.issuer,
                    "account": "SYS",
                    "auth_users": [CONTROL_USER],
                },
            },
            "max_connections": self.max_connections,
            "max_payload": MAX_PAYLOAD_BYTES,
            "max_pending": _MAX_PENDING_BYTES,
            "write_deadline": _WRITE_DEADLINE,
            "log_file": str(self.folder / "broker.log"),
            "logfile_size_limit": _LOG_BYTES,
            "logfile_max_num": 3,
            "pid_file": str(self.folder / "broker.pid"),
        }
