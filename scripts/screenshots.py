"""Take pictures of every screen into .screenshots/, and docs/images/home.png.

Starts a demonstration of its own in a temporary folder and puts something on air in it, or uses
a running server: ``--url http://127.0.0.1:8080`` with the accounts in LOAXA_ACCOUNTS, written
``admin:password,operator:password,approver:password,monitor:password``.
"""

import argparse
import contextlib
import io
import itertools
import json
import math
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT: Final = Path(__file__).resolve().parent.parent
WIDTHS: Final = {1440: 900, 390: 844, 820: 1180}
"""Heights by width; the widest first, while something is on air."""
SCHEMES: Final = ("light", "dark")
LANGUAGES: Final = ("vi", "en")
_ACCOUNT: Final = re.compile(r"^ {4}(admin|operator|approver|monitor) +(\S+) ")
_START_S: Final = 120.0
_READY_MS: Final = 15_000
_READY: Final = """() => document.querySelector('h1, h2')
    && !document.querySelector('.mantine-Skeleton-root')"""
_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")

Accounts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen as one account sees it; `act` presses what must be pressed first."""

    name: str
    account: str | None
    path: str
    act: Callable[[Page], None] | None = None


def _first_terminal(page: Page) -> None:
    page.locator("a[href^='/loa/']:not([href='/loa/lap-moi'])").first.click()
    page.wait_for_url(re.compile(r"/loa/[0-9a-f-]{36}"))


def _first_announcement(page: Page) -> None:
    page.locator("main a[href^='/ban-tin/']").first.click()
    page.wait_for_url(re.compile(r"/ban-tin/[0-9a-f-]{36}"))


def _new_account(page: Page) -> None:
    page.locator("main button:has(svg.tabler-icon-plus)").first.click()
    page.get_by_role("dialog").wait_for()


SCREENS: Final = (
    Screen("sign-in", None, "/dang-nhap"),
    Screen("home", "operator", "/"),
    Screen("home-approver", "approver", "/"),
    Screen("home-monitor", "monitor", "/"),
    Screen("compose", "operator", "/soan"),
    Screen("announcements", "operator", "/ban-tin"),
    Screen("approvals", "approver", "/ban-tin"),
    Screen("announcement", "approver", "/ban-tin", _first_announcement),
    Screen("schedule", "operator", "/lich"),
    Screen("terminals", "operator", "/loa"),
    Screen("terminal", "admin", "/loa", _first_terminal),
    Screen("enrolment", "admin", "/loa/lap-moi"),
    Screen("diary", "operator", "/nhat-ky"),
    Screen("emergency", "approver", "/khan-cap"),
    Screen("overview", "monitor", "/toan-tinh"),
    Screen("wall", "monitor", "/toan-tinh/man-hinh-lon"),
    Screen("areas", "admin", "/quan-tri/dia-ban"),
    Screen("accounts", "admin", "/quan-tri/tai-khoan"),
    Screen("account-new", "admin", "/quan-tri/tai-khoan", _new_account),
    Screen("rules", "admin", "/quan-tri/quy-dinh"),
    Screen("tokens", "admin", "/quan-tri/ma-truy-cap"),
    Screen("audit", "admin", "/quan-tri/da-lam"),
    Screen("password", "operator", "/mat-khau"),
)


class ScreenshotError(Exception):
    """No pictures can be taken; the text is one line for the person who asked."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def demonstration() -> Iterator[tuple[str, Accounts]]:
    """Run a demonstration inside the block; yields its address and passwords."""
    with tempfile.TemporaryDirectory(prefix="loaxa-screenshots-") as folder:
        port = _free_port()
        settings = {
            "LOAXA_DATA": f"{folder}/data",
            "LOAXA_PORT": str(port),
            "LOAXA_MQTT_PORT": str(_free_port()),
        }
        said = Path(folder) / "said.txt"
        with said.open("wb") as output:
            program = subprocess.Popen(
                [sys.executable, "-m", "controller", "demo"],
                cwd=ROOT, env=os.environ | settings, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            yield f"http://127.0.0.1:{port}", _accounts(program, said)
        finally:
            program.terminate()
            program.wait(30)


def _accounts(program: "subprocess.Popen[bytes]", said: Path) -> Accounts:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and program.poll() is None:
        text = said.read_text(encoding="utf-8")
        if "Ctrl-C" in text:
            found = (_ACCOUNT.match(line) for line in text.splitlines())
            return {match[1]: match[2] for match in found if match}
        time.sleep(0.2)
    raise ScreenshotError(f"the demonstration did not start: {said.read_text(encoding='utf-8')}")


def speech(seconds: int = 90) -> bytes:
    """Return a WAV that is loud and quiet by turns, as speech is."""
    rate = 16_000
    samples = (
        int(9000 * math.sin(moment * 900) * max(0.0, math.sin(moment * 12)) * _phrase(moment))
        for moment in (index / rate for index in range(rate * seconds))
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def _phrase(moment: float) -> float:
    return 0.05 if moment % 3 > 2.4 else 0.6 + 0.4 * math.sin(moment * 2.1)


class Person:
    """A signed-in account, in a browser and through the API."""

    def __init__(self, context: BrowserContext, url: str, name: str, password: str) -> None:
        self._context = context
        self._url = url
        body = {"username": name, "password": password}
        self._csrf = ""
        session = self.send("POST", "/session", body)
        self._csrf = session["csrf_token"]
        self.area = session["account"]["area_id"]

    def send(self, method: str, path: str, body: object = None, data: bytes = b"") -> Any:  # noqa: ANN401
        """Call the API; returns what it answers."""
        headers = {"X-CSRF-Token": self._csrf}
        if method == "POST":
            headers["Idempotency-Key"] = os.urandom(16).hex()
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        answer = self._context.request.fetch(
            f"{self._url}/api/v1{path}", method=method, headers=headers, data=data or None
        )
        if not answer.ok:
            raise ScreenshotError(f"{method} {path}: {answer.status} {answer.text()}")
        return answer.json() if answer.body() else None


def put_on_air(operator: Person, approver: Person) -> None:
    """Fill the demonstration: one announcement sounds now and daily, one waits for approval."""
    recording = _upload(operator, "Lịch tiêm phòng cho trẻ em")
    now = datetime.now(_ZONE)
    soon = (now + timedelta(seconds=20)).strftime("%Y-%m-%dT%H:%M:%S")
    daily = {"kind": "daily", "times": ["07:30", "17:00"], "from_date": f"{now:%Y-%m-%d}"}
    evening = daily | {"times": ["18:30"]}
    once = {"kind": "once", "start": soon}
    titles = ("Lịch tiêm phòng cho trẻ em", "Vệ sinh đường làng cuối tuần")
    for title, schedules in zip(titles, ([once, daily], [evening]), strict=True):
        draft = operator.send(
            "POST",
            "/announcements",
            {
                "title": title,
                "area_id": operator.area,
                "recording_id": recording["id"],
                "targets": {"area_ids": [operator.area], "terminal_ids": []},
                "schedules": schedules,
            },
        )
        path = f"/announcements/{draft['id']}"
        sent = operator.send("POST", f"{path}/submit", {"revision": draft["revision"]})
        if title == titles[0]:
            body = {"revision": sent["revision"], "hash": sent["hash"]}
            approver.send("POST", f"{path}/approve", body)


def wait_for_sound(person: Person) -> None:
    """Return when a loudspeaker sounds."""
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        if person.send("GET", "/terminals?health=on_air")["items"]:
            return
        time.sleep(0.5)
    raise ScreenshotError("nothing came on air")


def _upload(person: Person, title: str) -> dict[str, Any]:
    sound = speech()
    body = {"title": title, "area_id": person.area, "size": len(sound)}
    path = f"/recordings/{person.send('POST', '/recordings', body)['id']}"
    person.send("PUT", f"{path}/content?offset=0", data=sound)
    person.send("POST", f"{path}/complete")
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        recording: dict[str, Any] = person.send("GET", path)
        if recording["state"] == "ready":
            if recording["doubtful"]:
                person.send("POST", f"{path}/heard", {"heard_to_end": True})
            return recording
        if recording["state"] == "refused":
            raise ScreenshotError(f"recording refused: {recording['problem_text']}")
        time.sleep(0.5)
    raise ScreenshotError("the recording was not ready in time")


def take(page: Page, url: str, screen: Screen, file: Path) -> None:
    """Take one picture; tells when a page is wider than the screen."""
    page.goto(url + screen.path)
    page.wait_for_function(_READY, timeout=_READY_MS)
    if screen.act is not None:
        screen.act(page)
        page.wait_for_function(_READY, timeout=_READY_MS)
    page.wait_for_timeout(300)
    page.screenshot(path=file, full_page=True, animations="disabled")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        print(f"loaxa: {file.name} scrolls sideways", file=sys.stderr)


def _contexts(
    browser: Browser, url: str, accounts: Accounts, *, quick: bool
) -> Iterator[tuple[str, dict[str | None, BrowserContext]]]:
    """Yield each look with a browser context per account."""
    widths = (1440, 390) if quick else tuple(WIDTHS)
    schemes, languages = (SCHEMES[:1], LANGUAGES[:1]) if quick else (SCHEMES, LANGUAGES)
    stored = {}
    for account, password in accounts.items():
        with contextlib.closing(browser.new_context()) as context:
            Person(context, url, account, password)
            stored[account] = context.storage_state()
    names: tuple[str | None, ...] = (None, *accounts)
    for width, scheme, language in itertools.product(widths, schemes, languages):
        contexts: dict[str | None, BrowserContext] = {}
        for name in names:
            context = browser.new_context(
                viewport={"width": width, "height": WIDTHS[width]},
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
                storage_state=stored[name] if name else None,
            )
            context.add_init_script(f"localStorage.setItem('loaxa.language', '{language}')")
            contexts[name] = context
        yield f"{width}-{scheme}-{language}", contexts
        for context in contexts.values():
            context.close()


def shoot(browser: Browser, url: str, accounts: Accounts, given: argparse.Namespace) -> int:
    """Take all pictures that were asked for; returns how many."""
    chosen = [one for one in SCREENS if not given.only or one.name in given.only]
    given.out.mkdir(parents=True, exist_ok=True)
    count = 0
    for look, contexts in _contexts(browser, url, accounts, quick=given.quick):
        for screen in chosen:
            page = contexts[screen.account].new_page()
            take(page, url, screen, given.out / f"{screen.name}-{look}.png")
            page.close()
            count += 1
    home = given.out / "home-1440-light-vi.png"
    if home.exists() and not given.url:
        shutil.copyfile(home, ROOT / "docs" / "images" / "home.png")
    return count


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/screenshots", description=__doc__)
    parser.add_argument("--url", help="a running server, instead of a demonstration of its own")
    parser.add_argument("--out", type=Path, default=ROOT / ".screenshots")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these screens")
    parser.add_argument("--quick", action="store_true", help="390 and 1440 px, light, Vietnamese")
    return parser.parse_args()


def main() -> int:
    """Take the pictures; 0 when all were taken."""
    given = _arguments()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise ScreenshotError("Chromium is needed. Debian: sudo apt install chromium")
    with contextlib.ExitStack() as stack:
        if given.url:
            pairs = os.environ.get("LOAXA_ACCOUNTS", "").split(",")
            url, accounts = given.url, dict(pair.split(":", 1) for pair in pairs if ":" in pair)
            if missing := {one.account for one in SCREENS if one.account} - set(accounts):
                raise ScreenshotError(f"LOAXA_ACCOUNTS lacks {', '.join(sorted(missing))}")
        else:
            url, accounts = stack.enter_context(demonstration())
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        if not given.url:
            operator, approver = (
                Person(browser.new_context(), url, name, accounts[name])
                for name in ("operator", "approver")
            )
            put_on_air(operator, approver)
            wait_for_sound(operator)
        count = shoot(browser, url, accounts, given)
    print(f"{count} pictures in {given.out}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ScreenshotError as error:
        sys.exit(f"loaxa: {error}")
