"""The terminal's own key: made here, never leaves the folder."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.adapters.disk.atomic import PRIVATE, write_file

_BYTES = 32


class KeyMissing(Exception):
    """There is no key, or it is damaged; the text says which."""


class KeyFile:
    """An Ed25519 key as 32 raw bytes, readable by its owner only."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw()

    @classmethod
    def load(cls, path: Path) -> "KeyFile":
        """Read the key. Raises KeyMissing."""
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise KeyMissing(f"no key at {path}") from error
        if len(raw) != _BYTES:
            raise KeyMissing(f"the key at {path} is damaged")
        if path.stat().st_mode & 0o077:
            path.chmod(PRIVATE)
        return cls(Ed25519PrivateKey.from_private_bytes(raw))

    @classmethod
    def load_or_make(cls, path: Path) -> "KeyFile":
        """Read the key, or make one that is durable when this returns. Raises OSError."""
        try:
            return cls.load(path)
        except KeyMissing:
            write_file(path, os.urandom(_BYTES))
            return cls.load(path)

    def sign(self, data: bytes) -> bytes:
        """Return the 64-byte signature of `data`."""
        return self._key.sign(data)
