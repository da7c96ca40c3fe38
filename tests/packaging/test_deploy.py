"""deploy/: units, scripts, images and settings, judged as far as that goes without running them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.architecture.tree import ROOT, short, tracked

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
# As `systemd-analyze security` counts: 0 is walled in, 10 is bare.
EXPOSURE = {"loaxa-agent": 2.0, "loaxa-signer": 1.0, "loaxa-controller": 3.5}


def _shell_scripts() -> list[Path]:
    return [
        file
        for file in tracked()
        if re.match(rb"#!/bin/(ba)?sh\n", file.read_bytes()[:16]) and "ui" not in file.parts
    ]


@pytest.mark.needs("shellcheck")
def test_shell_scripts_are_sound() -> None:
    """Every shell script passes shellcheck without a remark."""
    scripts = _shell_scripts()
    assert len(scripts) >= 8
    result = subprocess.run(
        ["shellcheck", *scripts], capture_output=True, text=True, check=False, timeout=50
    )
    assert result.stdout == ""


def _placed(folder: Path) -> list[Path]:
    """Return copies of the units whose programs exist on this machine."""
    copies = []
    for unit in UNITS:
        text = re.sub(r"/opt/loaxa/\w+/bin/[\w-]+", sys.executable, unit.read_text("utf-8"))
        copies.append(folder / unit.name)
        copies[-1].write_text(text, encoding="utf-8")
    return copies


@pytest.mark.needs("systemd-analyze")
def test_units_are_sound(tmp_path: Path) -> None:
    """Systemd understands every line of our units."""
    result = subprocess.run(
        ["systemd-analyze", "verify", *_placed(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in result.stderr.splitlines() if "loaxa" in line]
    assert (result.returncode, ours) == (0, [])


@pytest.mark.needs("systemd-analyze", "mosquitto")
def test_mosquitto_drop_in_is_sound(tmp_path: Path) -> None:
    """Systemd understands what we add to Debian's unit of Mosquitto."""
    unit = Path("/lib/systemd/system/mosquitto.service")
    shutil.copy(unit, tmp_path / unit.name)
    shutil.copytree(DEPLOY / "systemd" / "mosquitto.service.d", tmp_path / "mosquitto.service.d")
    result = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / unit.name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, [x for x in result.stderr.splitlines() if "loaxa" in x]) == (0, [])


@pytest.mark.needs("systemd-analyze")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_are_walled_in(unit: Path) -> None:
    """Each of our services can do little beside its work, as systemd counts."""
    result = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    level = re.search(r"Overall exposure level.*: ([\d.]+)", result.stdout)
    assert level is not None, result.stderr
    assert float(level[1]) <= EXPOSURE[unit.stem]


def _settings(unit: str) -> dict[str, str]:
    lines = (DEPLOY / "systemd" / f"{unit}.service").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]\w+=", line))


def test_the_terminal_is_watched() -> None:
    """The agent is restarted when it hangs or ends, is held in memory, and listens nowhere."""
    settings = _settings("loaxa-agent")
    assert settings["Type"] == "notify"
    assert int(settings["WatchdogSec"]) <= 60
    assert settings["Restart"] == "always"
    assert settings["MemoryMax"] == "128M"
    assert settings["SocketBindDeny"] == "any"
    assert settings["DevicePolicy"] == "closed"


def test_the_signer_is_apart() -> None:
    """The signer has a user of its own, no network and no core dumps."""
    signer, controller = _settings("loaxa-signer"), _settings("loaxa-controller")
    assert signer["User"] not in {controller["User"], "root"}
    assert signer["PrivateNetwork"] == "yes"
    assert signer["RestrictAddressFamilies"] == "AF_UNIX"
    assert signer["LimitCORE"] == "0"
    assert signer["StateDirectoryMode"] == "0700"


def test_no_secret_is_delivered() -> None:
    """No file of deploy/ sets a password, a token or a key."""
    secret = re.compile(r"(?i)^\s*[\w-]*(password|secret|token|private_key)[\w-]*\s*[=:]\s*\S+")
    found = [
        f"{short(file)}: {line}"
        for file in tracked()
        if file.is_relative_to(DEPLOY) and file.suffix in {".env", ".yaml", ".conf", ".service"}
        for line in file.read_text(encoding="utf-8").splitlines()
        if secret.match(line) and "_FILE" not in line and "/run/secrets/" not in line
    ]
    assert found == []


def _install(tools: Path, **answers: str) -> subprocess.CompletedProcess[str]:
    """Run the installer on a machine whose programs answer as told."""
    tools.mkdir()
    for name, answer in answers.items():
        (tools / name).write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    for name in ("dirname", "bash"):
        (tools / name).symlink_to(str(shutil.which(name)))
    return subprocess.run(
        ["bash", DEPLOY / "pi" / "install.sh"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


GOOD = {"id": "echo 0", "uname": "echo aarch64", "getconf": "echo 64"}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"id": "echo 1000"}, "run it as root"),
        ({"uname": "echo armv7l"}, "install the 64-bit Raspberry Pi OS"),
        ({"getconf": "echo 32"}, "the system is 32-bit"),
        ({}, "no apt-get here"),
        ({"apt-get": ":"}, "no systemctl here"),
        (
            {"apt-get": "exit 1", "systemctl": ":", "dpkg-query": "echo"},
            "is the network up",
        ),
        (
            {
                "apt-get": ":",
                "systemctl": ":",
                "dpkg-query": "printf installed",
                "python3": 'case "$1" in -V) echo Python 3.9.2;; esac; exit 1',
            },
            "Python 3.11 or newer is needed, this is Python 3.9.2",
        ),
    ],
)
def test_the_installer_refuses_clearly(tmp_path: Path, answers: dict[str, str], said: str) -> None:
    """A machine that does not serve gets one line that says why, and nothing is changed."""
    result = _install(tmp_path / "bin", **(GOOD | answers))
    assert result.returncode == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def _compose() -> dict[str, dict[str, dict[str, object]]]:
    loaded = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_containers_are_walled_in() -> None:
    """Each container is read-only, without capabilities, and none is privileged."""
    for name, service in _compose()["services"].items():
        assert service.get("read_only") is True, name
        assert service.get("cap_drop") == ["ALL"], name
        assert service.get("security_opt") == ["no-new-privileges:true"], name
        assert "privileged" not in service, name


def test_the_signers_container_has_no_network() -> None:
    """The signer's container reaches nothing but its socket."""
    assert _compose()["services"]["signer"]["network_mode"] == "none"


def test_only_tls_leaves_the_machine() -> None:
    """Ports are published on loopback, or are those of TLS."""
    for name, service in _compose()["services"].items():
        ports = service.get("ports", [])
        assert isinstance(ports, list)
        for port in ports:
            assert str(port).startswith("127.0.0.1:") or "8883" in port or "8443" in port, name


def test_the_image_is_built_from_locks() -> None:
    """The image installs hashed locks, names its bases exactly, and does not run as root."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(bases) >= 3
    assert [base for base in bases if not re.search(r":[\w.]*\d", base)] == []
    assert "--require-hashes" in text
    assert "npm ci" in text
    users = re.findall(r"^USER (\S+)", text, re.MULTILINE)
    assert users
    assert users[-1] not in {"root", "0"}
