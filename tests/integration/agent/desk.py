"""A real terminal process in a folder of its own, and what it sounded."""

import asyncio
import json
import os
import signal
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import correlate

from edge_agent.wire.codec import from_json, to_json
from edge_agent.wire.enrolment import EnrolAnswer, EnrolRequest, enrolment_proof, write_code
from edge_agent.wire.envelope import signature_holds
from tests.contract.broker_rigs import until
from tests.fakes.authority import CHAIN, Authority
from tests.fakes.ogg_opus import RATE, recording

REPOSITORY = Path(__file__).parents[3]


def speechlike(seconds: float, seed: int = 1) -> NDArray[np.int16]:
    """Noise whose loudness wanders: it correlates with itself at one place only."""
    generator = np.random.default_rng(seed)
    count = int(seconds * RATE)
    noise = generator.standard_normal(count)
    smooth = np.convolve(noise, np.ones(96) / 96, "same")
    envelope = 0.4 + 0.6 * np.abs(np.sin(np.arange(count) / RATE * 7.3))
    return np.asarray(np.clip(smooth * envelope * 60_000, -30_000, 30_000), dtype=np.int16)


def opus_of(pcm: NDArray[np.int16]) -> bytes:
    return recording(pcm.tobytes(), bitrate=48_000)


@dataclass(frozen=True)
class Capture:
    """One WAV of the terminal: `began_us` is the wall instant of its first sample."""

    voice: str
    began_us: int
    pcm: NDArray[np.int16]

    @property
    def seconds(self) -> float:
        return len(self.pcm) / RATE

    def place_in(self, sound: NDArray[np.int16]) -> tuple[float, float]:
        """Where in `sound` this begins, in seconds, and how well it fits there (1 = exactly)."""
        piece = self.pcm[: 2 * RATE].astype(float)
        whole = sound.astype(float)
        if len(piece) > len(whole):
            piece = piece[: len(whole)]
        found = correlate(whole, piece, "valid", "fft")
        at = int(np.argmax(found))
        window = whole[at : at + len(piece)]
        fit = found[at] / np.sqrt((piece**2).sum() * (window**2).sum())
        return at / RATE, float(fit)


class Agent:
    """`loaxa-agent run` with WAV output."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.process: asyncio.subprocess.Process | None = None

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "edge_agent"]

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command of the program to its end."""
        process = await asyncio.create_subprocess_exec(
            *self.command,
            *arguments,
            "--data",
            str(self.data),
            cwd=REPOSITORY,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 30)
        return process.returncode or 0, out.decode(), err.decode()

    async def start(self, *arguments: str) -> None:
        with (self.folder / "agent.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                "run",
                "--data",
                str(self.data),
                "--sound",
                "wav",
                *arguments,
                cwd=REPOSITORY,
                env={**os.environ, "PYTHONWARNINGS": "error"},
                stderr=log,
                stdout=log,
            )

    async def kill(self) -> None:
        """Kill it as a power cut would."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()

    async def stop(self) -> int:
        """Ask it to end."""
        if self.process is None:
            return 0
        if self.process.returncode is None:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 10)

    @property
    def output(self) -> str:
        return (self.folder / "agent.log").read_text()

    def captures(self) -> list[Capture]:
        """What sounded, the oldest first."""
        found = []
        for path in sorted((self.data / "captures").glob("*.wav")):
            facts = json.loads(path.with_suffix(".json").read_text())
            data = np.frombuffer(path.read_bytes()[44:], dtype=np.int16)
            found.append(Capture(facts["voice"], facts["first_sample_wall_us"], data))
        return found

    def heard_seconds(self) -> float:
        return sum(capture.seconds for capture in self.captures())

    async def sounding(self, within: float = 20.0) -> None:
        """Wait until something is being captured."""
        before = len(self.captures())
        await until(
            lambda: any(capture.seconds > 0.2 for capture in self.captures()[max(0, before - 1) :]),
            within=within,
            what="sound",
        )


class Counter(BaseHTTPRequestHandler):
    """The controller's counter where codes are redeemed."""

    authority: Authority
    broker: tuple[int, str]
    token: str
    password: str
    redeemed: list[EnrolRequest]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = from_json(EnrolRequest, body)
        proof = enrolment_proof(bytes.fromhex(request.token), request.public_key)
        good = (
            self.path == "/api/v1/enrolments/redeem"
            and request.token == self.token
            and signature_holds(request.public_key, request.proof, proof)
            and not self.redeemed
        )
        if not good:
            error = {"error": {"code": "code_used", "message": "Mã đã được dùng."}}
            self._answer(409, json.dumps(error).encode())
            return
        self.redeemed.append(request)
        port, ca_pem = self.broker
        answer = EnrolAnswer(
            terminal=self.authority.terminal,
            mqtt_host="localhost",
            mqtt_port=port,
            mqtt_tls=True,
            ca_pem=ca_pem,
            mqtt_password=self.password,
            trust=self.authority.trust(),
            assignment=self.authority.assignment(),
            policies=tuple(self.authority.policy(area) for area in CHAIN[:2]),
        )
        self._answer(201, to_json(answer))

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/ca.crt" else 404, self.broker[1].encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server
        """Say nothing."""


@contextmanager
def counter(
    authority: Authority, broker: tuple[int, str], password: str, identity: Path, spki: str
) -> Iterator[tuple[str, type[Counter]]]:
    """An HTTPS counter; gives the enrolment code and the counter's notes."""

    class Open(Counter):
        redeemed: list[EnrolRequest] = []  # noqa: RUF012 - one counter, one list

    Open.authority, Open.broker, Open.password = authority, broker, password
    server = ThreadingHTTPServer(("127.0.0.1", 0), Open)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a victim hangs up
    code = authority.code(f"https://localhost:{server.server_port}", bytes.fromhex(spki))
    Open.token = code.token.hex()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield write_code(code), Open
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
