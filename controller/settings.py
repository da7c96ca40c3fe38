"""Settings of the controller, read once from the environment and, where given, a TOML file."""

import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

PREFIX: Final = "LOAXA_"
FILE: Final = "LOAXA_CONFIG"
_NAMES: Final = frozenset(
    {
        "bind",
        "port",
        "mqtt_port",
        "data",
        "admin_password",
        "database_url",
        "public_host",
        "signer_socket",
        "mosquitto_host",
        "mosquitto_port",
        "mosquitto_ca",
        "mosquitto_password",
    }
)
_SECRET: Final = frozenset({"admin_password", "database_url", "mosquitto_password"})
_HOST: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


class SettingsError(Exception):
    """A setting that cannot be used; the text is one line that names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the controller is told.

    bind, port: where browsers connect. mqtt_port: where terminals connect, on the same
    address. data: folder of everything that is kept. host: the name (or address) under which
    browsers and terminals reach us; needed on any address but loopback.
    signer_socket: of a signer that runs by itself; None: the controller starts its own.
    database_url: `postgresql://…`; None: SQLite in the data folder.
    mosquitto_host and the three beside it: a Mosquitto with deploy/mosquitto's configuration, the
    PEM file of its authority and our password there; None: the embedded broker.
    """

    data: Path
    bind: str = "127.0.0.1"
    port: int = 8080
    mqtt_port: int = 18883
    host: str | None = None
    admin_password: str | None = field(default=None, repr=False)
    database_url: str | None = field(default=None, repr=False)
    signer_socket: Path | None = None
    mosquitto_host: str | None = None
    mosquitto_port: int = 8883
    mosquitto_ca: Path | None = None
    mosquitto_password: str | None = field(default=None, repr=False)

    @property
    def on_loopback(self) -> bool:
        """True when nobody but this machine can connect; then plain HTTP is served."""
        return ipaddress.ip_address(self.bind).is_loopback

    @property
    def public_host(self) -> str:
        """The host that addresses of ours carry."""
        return self.host or self.bind

    @property
    def address(self) -> str:
        """Address of the start page."""
        scheme = "http" if self.on_loopback else "https"
        host = f"[{self.public_host}]" if ":" in self.public_host else self.public_host
        return f"{scheme}://{host}:{self.port}"

    @property
    def database(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{self.data / 'loaxa.sqlite'}"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; the environment goes before the file. Raises SettingsError."""
    given = _from_file(environment.get(FILE)) | _from_environment(environment)
    settings = Settings(
        data=_read(given, "data", _folder, Path("var")).resolve(),
        bind=_read(given, "bind", _address, "127.0.0.1"),
        port=_read(given, "port", _port, 8080),
        mqtt_port=_read(given, "mqtt_port", _port, 18883),
        host=_read(given, "public_host", _host, None),
        admin_password=_read(given, "admin_password", _password, None),
        database_url=_read(given, "database_url", _database, None),
        signer_socket=_read(given, "signer_socket", _folder, None),
        mosquitto_host=_read(given, "mosquitto_host", _host, None),
        mosquitto_port=_read(given, "mosquitto_port", _port, 8883),
        mosquitto_ca=_read(given, "mosquitto_ca", _folder, None),
        mosquitto_password=_read(given, "mosquitto_password", _password, None),
    )
    if settings.mosquitto_host and not (settings.mosquitto_ca and settings.mosquitto_password):
        raise SettingsError(
            f"{PREFIX}MOSQUITTO_CA and {PREFIX}MOSQUITTO_PASSWORD are needed"
            f" with {PREFIX}MOSQUITTO_HOST"
        )
    if not settings.on_loopback and settings.host is None:
        raise SettingsError(
            f"{PREFIX}PUBLIC_HOST is needed: the name or address under which"
            f" {settings.bind} is reached"
        )
    if settings.port == settings.mqtt_port:
        raise SettingsError(f"{PREFIX}PORT and {PREFIX}MQTT_PORT must differ")
    return settings


def _from_file(name: str | None) -> dict[str, Any]:
    if not name:
        return {}
    try:
        content = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{FILE}: {name!r}: {error.strerror}") from error
    except ValueError as error:
        raise SettingsError(f"{FILE}: {name!r}: {error}") from error
    unknown = sorted(content.keys() - _NAMES)
    if unknown:
        raise SettingsError(f"{FILE}: {name!r}: no such setting: {', '.join(unknown)}")
    return content


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found = {name: environment.get(PREFIX + name.upper(), "") for name in _NAMES}
    return {name: value for name, value in found.items() if value}


def _read(given: Mapping[str, Any], name: str, read: Callable[[Any], _T], otherwise: _T) -> _T:
    if name not in given:
        return otherwise
    try:
        return read(given[name])
    except ValueError as error:
        shown = "" if name in _SECRET else f" (given: {given[name]!r})"
        raise SettingsError(f"{PREFIX}{name.upper()}: {error}{shown}") from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("text is needed")
    return value


def _folder(value: object) -> Path:
    return Path(_text(value))


def _address(value: object) -> str:
    try:
        return str(ipaddress.ip_address(_text(value)))
    except ValueError:
        raise ValueError("an IP address is needed, for example 127.0.0.1 or 0.0.0.0") from None


def _port(value: object) -> int:
    text = str(value) if not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 65536:
        raise ValueError("a port number from 1 to 65535 is needed")
    return int(text)


def _host(value: object) -> str:
    text = _text(value)
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        if not _HOST.fullmatch(text):
            raise ValueError("a host name or an IP address is needed") from None
        return text.lower()


def _password(value: object) -> str:
    text = _text(value)
    if len(text) < 12:
        raise ValueError("12 characters or more are needed")
    return text


def _database(value: object) -> str:
    text = _text(value)
    if not text.startswith(("postgresql://", "sqlite:///")):
        raise ValueError("an address that begins with postgresql:// or sqlite:/// is needed")
    return text
