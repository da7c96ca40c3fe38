"""Settings of the terminal's program, read once: defaults, a TOML file, environment, command line.

Each later source wins. An unknown name in the file, or a value that makes no sense, is an error.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

PREFIX: Final = "LOAXA_AGENT_"
DEFAULT_FILE: Final = Path("/etc/loaxa/agent.toml")
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off", ""})


class SettingsError(ValueError):
    """A setting that cannot be used; the text names it and says why."""


class SoundOutput(StrEnum):
    """Where the sound goes."""

    ALSA = "alsa"
    PULSE = "pulse"
    WAV = "wav"
    NULL = "null"


class LogLevel(StrEnum):
    """How much is written to standard error."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be set.

    data: folder of this terminal. sound: output; device: ALSA device or PulseAudio sink, empty =
    the system's choice. captures: folder of WAV output, None = `captures` in the data folder;
    captures_mib: what they may take. amplifier_pin: as gpiozero names it, empty = always on.
    recordings_mib: what recordings may take on the disk. broker: `host:port` dialled in place of
    the enrolled one (its certificate must still carry the enrolled name), empty = as enrolled.
    """

    data: Path = Path("/var/lib/loaxa-agent")
    sound: SoundOutput = SoundOutput.ALSA
    device: str = ""
    captures: Path | None = None
    captures_mib: int = 200
    amplifier_pin: str = ""
    amplifier_active_high: bool = True
    recordings_mib: int = 4096
    broker: str = ""
    log: LogLevel = LogLevel.INFO

    @property
    def captures_folder(self) -> Path:
        """Where WAV output goes."""
        return self.captures or self.data / "captures"

    def broker_address(self) -> tuple[str, int] | None:
        """Host and port to dial in place of the enrolled ones. Raises SettingsError."""
        if not self.broker:
            return None
        host, _, port = self.broker.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise SettingsError(f"broker is not host:port: {self.broker!r}")
        return host.strip("[]"), int(port)


def load(
    environment: Mapping[str, str], given: Mapping[str, object], file: Path | None = None
) -> Settings:
    """Read all sources. `given`: from the command line, None = not given. Raises SettingsError."""
    changes: dict[str, Any] = {}
    for source, values in (
        ("file", _read_file(environment, file)),
        ("environment", _from_environment(environment)),
        ("command line", {name: value for name, value in given.items() if value is not None}),
    ):
        for name, value in values.items():
            reader = _READERS.get(name)
            if reader is None:
                raise SettingsError(f"there is no setting {name!r} ({source})")
            try:
                changes[name] = reader(value)
            except (ValueError, TypeError) as error:
                raise SettingsError(f"{name}: not usable: {value!r} ({source})") from error
    settings = replace(Settings(), **changes)
    settings.broker_address()
    return settings


def _read_file(environment: Mapping[str, str], file: Path | None) -> Mapping[str, object]:
    named = file or (Path(name) if (name := environment.get(PREFIX + "CONFIG")) else None)
    path = named or DEFAULT_FILE
    if named is None and not path.exists():
        return {}
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, object]:
    return {
        name: environment[PREFIX + name.upper()]
        for name in (field.name for field in fields(Settings))
        if PREFIX + name.upper() in environment
    }


def _path(value: object) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise TypeError
    return Path(os.path.abspath(Path(value).expanduser()))  # noqa: PTH100 - keeps symbolic links


def _text(value: object) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError
    return str(value)


def _flag(value: object) -> bool:
    word = str(value).lower()
    if word not in _TRUE | _FALSE:
        raise ValueError
    return word in _TRUE


def _mebibytes(value: object) -> int:
    number = int(str(value))
    if not 0 < number < 2**24:
        raise ValueError
    return number


_READERS: Final[dict[str, Callable[[object], object]]] = {
    "data": _path,
    "sound": lambda value: SoundOutput(str(value)),
    "device": _text,
    "captures": _path,
    "captures_mib": _mebibytes,
    "amplifier_pin": _text,
    "amplifier_active_high": _flag,
    "recordings_mib": _mebibytes,
    "broker": _text,
    "log": lambda value: LogLevel(str(value).lower()),
}
