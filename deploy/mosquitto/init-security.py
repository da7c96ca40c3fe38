#!/usr/bin/env python3
"""Write Mosquitto's first dynamic-security file, with a random password for each controller.

Usage: init-security.py FILE SECRETS [CONTROLLERS]

FILE         dynamic-security.json to create; never overwritten
SECRETS      folder for the passwords, one file controller-<n>.password each, mode 0600
CONTROLLERS  how many controllers sign in, 1 unless given

Needs Python 3 and nothing else, so that it runs on the broker's machine.
"""

import base64
import hashlib
import json
import os
import secrets
import sys
from pathlib import Path

# As Mosquitto's own `mosquitto_ctrl dynsec init`: PBKDF2 with SHA-512, 12 bytes of salt. Few
# rounds suffice because the passwords are random, not chosen by people.
ROUNDS = 101


def main() -> int:
    """Create the files; refuse to touch existing ones."""
    if len(sys.argv) not in (3, 4) or (len(sys.argv) == 4 and not sys.argv[3].isdigit()):
        sys.stderr.write(__doc__ or "")
        return 2
    target, folder = Path(sys.argv[1]), Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) == 4 else 1
    if target.exists():
        sys.stderr.write(f"{target} exists; it holds the rights of all terminals. Nothing done.\n")
        return 1
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = [f"controller-{number}" for number in range(1, count + 1)]
    passwords = {name: secrets.token_hex(32) for name in names}
    for name, password in passwords.items():
        write_private(folder / f"{name}.password", password + "\n")
    write_private(target, json.dumps(document(passwords), indent=1))
    sys.stdout.write(f"{target} written. Give each controller its file from {folder}.\n")
    return 0


def document(passwords: dict[str, str]) -> dict[str, object]:
    """Rights at the start: controllers may do everything of ours, everybody else nothing."""
    return {
        "defaultACLAccess": {
            "publishClientSend": False,
            "publishClientReceive": False,
            "subscribe": False,
            "unsubscribe": True,
        },
        "clients": [client(name, password) for name, password in passwords.items()],
        "groups": [],
        "roles": [
            {"rolename": "controller", "acls": rights("t/#") + rights("g/#")},
            {"rolename": "access-control", "acls": rights("$CONTROL/dynamic-security/#")},
        ],
    }


def client(name: str, password: str) -> dict[str, object]:
    """A controller's account."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS)
    return {
        "username": name,
        "roles": [{"rolename": "controller"}, {"rolename": "access-control"}],
        "password": base64.b64encode(digest).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": ROUNDS,
    }


def rights(topic_filter: str) -> list[dict[str, object]]:
    """Read and write everything below one filter."""
    kinds = ("publishClientSend", "publishClientReceive", "subscribePattern")
    return [
        {"acltype": kind, "topic": topic_filter, "priority": 0, "allow": True} for kind in kinds
    ]


def write_private(file: Path, text: str) -> None:
    """Create a file that only its owner reads."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


if __name__ == "__main__":
    sys.exit(main())
