"""Where settings come from, which source wins, and what is refused."""

from pathlib import Path

import pytest

from edge_agent import __version__
from edge_agent.settings import LogLevel, Settings, SettingsError, SoundOutput, load
from tests.architecture.tree import ROOT


def test_each_later_source_wins(tmp_path: Path) -> None:
    """File, then environment, then command line; what nobody sets has its default."""
    file = tmp_path / "agent.toml"
    file.write_text('sound = "null"\ndevice = "from file"\nrecordings_mib = 100\n')
    environment = {"LOAXA_AGENT_DEVICE": "from environment", "LOAXA_AGENT_SOUND": "pulse"}
    settings = load(environment, {"sound": "wav", "device": None}, file)
    assert settings.sound is SoundOutput.WAV
    assert settings.device == "from environment"
    assert settings.recordings_mib == 100
    assert settings.log is LogLevel.INFO
    assert settings.captures_folder == settings.data / "captures"


def test_the_file_may_be_named_in_the_environment(tmp_path: Path) -> None:
    """LOAXA_AGENT_CONFIG names it; other variables of the program's prefix are no settings."""
    file = tmp_path / "agent.toml"
    file.write_text('data = "/srv/terminal"\n')
    assert load({"LOAXA_AGENT_CONFIG": str(file)}, {}).data == Path("/srv/terminal")
    assert load({"LOAXA_AGENT_NOTHING": "1"}, {}) == Settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("volume = 3", "no setting 'volume'"),
        ('sound = "gramophone"', "sound: not usable"),
        ("recordings_mib = -1", "recordings_mib"),
        ("amplifier_active_high = 7", "amplifier_active_high"),
        ('data = ""', "data"),
        ('broker = "somewhere"', "broker is not host:port"),
        ('broker = "somewhere:70000"', "broker is not host:port"),
        ("this is not TOML", "cannot be read"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """An unknown name or an impossible value is told with its name."""
    file = tmp_path / "agent.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=words):
        load({}, {}, file)


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    """The default file may be missing, one that somebody names may not."""
    with pytest.raises(SettingsError, match="cannot be read"):
        load({}, {}, tmp_path / "missing.toml")


def test_addresses_of_brokers() -> None:
    """Host and port, also of IPv6."""
    assert Settings(broker="10.0.0.1:8883").broker_address() == ("10.0.0.1", 8883)
    assert Settings(broker="[::1]:1883").broker_address() == ("::1", 1883)
    assert Settings().broker_address() is None


def test_the_program_knows_its_version() -> None:
    """What it calls itself is the version of the distribution."""
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
