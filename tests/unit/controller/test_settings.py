"""Settings: each bad value gives one line that names it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.settings import Settings, SettingsError, read_settings

PUBLIC = {"LOAXA_BIND": "0.0.0.0", "LOAXA_PUBLIC_HOST": "loa.example.vn"}


def test_nothing_given_means_this_machine_only() -> None:
    """Loopback, plain HTTP, SQLite in the folder `var` where the program was started."""
    settings = read_settings({})
    assert settings == Settings(data=Path("var").resolve())
    assert settings.on_loopback
    assert settings.address == "http://127.0.0.1:8080"
    assert settings.mqtt_port == 18883
    assert settings.database == f"sqlite:///{Path('var').resolve()}/loaxa.sqlite"


def test_everything_may_be_given(tmp_path: Path) -> None:
    """By variables of the environment; an empty one counts as not given."""
    settings = read_settings(
        {
            **PUBLIC,
            "LOAXA_PORT": "443",
            "LOAXA_MQTT_PORT": "8883",
            "LOAXA_DATA": str(tmp_path),
            "LOAXA_ADMIN_PASSWORD": "bốn con trâu đi",
            "LOAXA_DATABASE_URL": "postgresql://loaxa:secret@db/loaxa",
            "LOAXA_SIGNER_SOCKET": "/run/loaxa/signer.sock",
            "LOAXA_CONFIG": "",
        }
    )
    assert settings.address == "https://loa.example.vn:443"
    assert settings.database == "postgresql://loaxa:secret@db/loaxa"
    assert settings.signer_socket == Path("/run/loaxa/signer.sock")
    assert "secret" not in repr(settings)
    assert "trâu" not in repr(settings)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    """A file for what stays, a variable for this once."""
    file = tmp_path / "loaxa.toml"
    file.write_text('port = 9000\nmqtt_port = 9001\nbind = "::1"\n')
    settings = read_settings({"LOAXA_CONFIG": str(file), "LOAXA_PORT": "9100"})
    assert (settings.port, settings.mqtt_port) == (9100, 9001)
    assert settings.address == "http://[::1]:9100"


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"LOAXA_PORT": "0"}, "LOAXA_PORT"),
        ({"LOAXA_PORT": "65536"}, "LOAXA_PORT"),
        ({"LOAXA_PORT": "8080 "}, "LOAXA_PORT"),
        ({"LOAXA_PORT": "٨٠٨٠"}, "LOAXA_PORT"),
        ({"LOAXA_PORT": "9" * 5000}, "LOAXA_PORT"),
        ({"LOAXA_MQTT_PORT": "-1"}, "LOAXA_MQTT_PORT"),
        ({"LOAXA_MQTT_PORT": "8080"}, "LOAXA_MQTT_PORT"),
        ({"LOAXA_BIND": "localhost"}, "LOAXA_BIND"),
        ({"LOAXA_BIND": "0.0.0.0"}, "LOAXA_PUBLIC_HOST"),
        ({**PUBLIC, "LOAXA_PUBLIC_HOST": "a b"}, "LOAXA_PUBLIC_HOST"),
        ({**PUBLIC, "LOAXA_PUBLIC_HOST": "-a"}, "LOAXA_PUBLIC_HOST"),
        ({**PUBLIC, "LOAXA_PUBLIC_HOST": "https://a"}, "LOAXA_PUBLIC_HOST"),
        ({"LOAXA_DATA": "a\nb"}, "LOAXA_DATA"),
        ({"LOAXA_ADMIN_PASSWORD": "hunter2"}, "LOAXA_ADMIN_PASSWORD"),
        ({"LOAXA_DATABASE_URL": "mysql://u:hunter2@h/d"}, "LOAXA_DATABASE_URL"),
        ({"LOAXA_CONFIG": "/no/such\n/file.toml"}, "LOAXA_CONFIG"),
        ({"LOAXA_CONFIG": "a\0b"}, "LOAXA_CONFIG"),
    ],
)
def test_a_bad_value_gives_one_line(environment: dict[str, str], name: str) -> None:
    """With the variable's name, and never a password."""
    with pytest.raises(SettingsError) as caught:
        read_settings(environment)
    text = str(caught.value)
    assert name in text
    assert "\n" not in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    "content",
    [b"port = ", b"porto = 1", b'port = "x"', b"port = true", b"data = 5", b"\xff", b"[port]\n"],
)
def test_a_bad_file_gives_one_line(tmp_path: Path, content: bytes) -> None:
    """Whatever is wrong with it: form, names, types, characters."""
    file = tmp_path / "loaxa.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read_settings({"LOAXA_CONFIG": str(file)})
    assert "LOAXA_" in str(caught.value)
    assert "\n" not in str(caught.value)


_names = st.sampled_from(
    ["BIND", "PORT", "MQTT_PORT", "PUBLIC_HOST", "DATA", "ADMIN_PASSWORD", "DATABASE_URL", "CONFIG"]
)


@given(st.dictionaries(_names, st.text(max_size=40)))
def test_any_environment_is_read_or_refused(given: dict[str, str]) -> None:
    """Never anything else than settings or one line."""
    environment = {f"LOAXA_{name}": value for name, value in given.items()}
    try:
        settings = read_settings(environment)
    except SettingsError as error:
        refused = str(error)
    else:
        refused = ""
        assert settings.address.startswith("http")
    assert "\n" not in refused
