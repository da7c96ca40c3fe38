"""Keys on disk: one file each, readable by the signer's user alone."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.signer.errors import CannotStart

_SECRET_BYTES: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class SigningKey:
    """An Ed25519 key. Its private half never leaves this object."""

    __slots__ = ("_private", "public")

    def __init__(self, seed: bytes) -> None:
        """`seed` is the 32-byte secret of RFC 8032."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: bytes = self._private.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """Return the 64-byte signature over `data`."""
        return self._private.sign(data)

    def __repr__(self) -> str:
        return f"SigningKey({self.public.hex()[:16]}…)"


class KeyFolder:
    """A folder of 32-byte secrets, mode 0700, files 0600. Refuses anything more open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_private(folder)
        self._keys: dict[str, SigningKey] = {}

    def signing_key(self, name: str, *, make: bool = False) -> SigningKey:
        """Return the key of that name; `make` creates it when there is none yet.

        Raises CannotStart when it is missing, damaged, or readable by others.
        """
        found = self._keys.get(name)
        if found is None:
            found = self._keys[name] = SigningKey(self.secret(name, make=make))
        return found

    def secret(self, name: str, *, make: bool = False) -> bytes:
        """Return the 32 secret bytes of that name, like `signing_key`."""
        path = self._folder / f"{name}.key"
        if make and not path.exists():
            _write_new(path, secrets.token_bytes(_SECRET_BYTES))
        data = _read_private(path)
        if len(data) != _SECRET_BYTES:
            raise CannotStart(f"{path} is damaged: {len(data)} bytes, not {_SECRET_BYTES}")
        return data


def make_private(folder: Path) -> None:
    """Make a folder for the signer alone, or refuse one that others can enter (CannotStart)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise CannotStart(f"{folder} is not a folder of this user")
    if found.st_mode & _OTHERS:
        raise CannotStart(f"{folder} is open to other users; chmod 700 it and check who was there")


def _read_private(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise CannotStart(f"{path} is not a file of this user")
        if found.st_mode & _OTHERS:
            raise CannotStart(f"{path} is readable by other users; replace the key")
        return file.read(_SECRET_BYTES + 1)


def _write_new(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, also over a power cut."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    draft.rename(path)
    with _opened(path.parent) as folder:
        os.fsync(folder)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
