"""A private PulseAudio with one stereo null sink and two mono sinks on its halves.

What plays into `left` and `right` meets in one recording with one clock, so how far two players are
apart is exact to the sample, whatever the machine does.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

RATE = 48_000
SINKS = ("left", "right")


class PulseServer:
    """Runs while the `with` block does; `address` is what clients connect to."""

    def __init__(self, folder: Path) -> None:
        """Keeps socket, log and ALSA configuration in `folder` (short path, it is a socket's)."""
        self.folder = folder
        self.address = f"unix:{folder}/pulse.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Environment in which every Pulse client finds this server."""
        return {
            **os.environ,
            "PULSE_SERVER": self.address,
            "PULSE_RUNTIME_PATH": str(self.folder),
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder),
            "ALSA_CONFIG_PATH": str(self.folder / "asound.conf"),
        }

    def __enter__(self) -> Self:
        program = shutil.which("pulseaudio")
        if program is None:
            raise RuntimeError("pulseaudio is not installed")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write_alsa_configuration()
        with (self.folder / "pulseaudio.log").open("wb") as log:
            self._process = subprocess.Popen(
                [program, *self._arguments()], env=self.environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 10
        while subprocess.run(
            ["pactl", "info"], env=self.environment, capture_output=True, check=False
        ).returncode:
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.stop()
                raise RuntimeError((self.folder / "pulseaudio.log").read_text())
            time.sleep(0.05)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server; clients see it go."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _arguments(self) -> list[str]:
        modules = [
            f"module-native-protocol-unix socket={self.folder}/pulse.sock auth-anonymous=1",
            f"module-null-sink sink_name=rig rate={RATE} channels=2 norewinds=1",
        ]
        modules += [
            f"module-remap-sink sink_name={name} master=rig channels=1 channel_map=mono "
            f"master_channel_map=front-{name} remix=no"
            for name in SINKS
        ]
        loads = [part for module in modules for part in ("-L", module)]
        plain = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        return [*plain, "--disable-shm=no", "--realtime=no", "--high-priority=no", *loads]

    def _write_alsa_configuration(self) -> None:
        devices = "".join(
            f'pcm.{name} {{ type pulse server "{self.address}" device "{name}" }}\n'
            for name in SINKS
        )
        (self.folder / "asound.conf").write_text(f"</usr/share/alsa/alsa.conf>\n{devices}")
