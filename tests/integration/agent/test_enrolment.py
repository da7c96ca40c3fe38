"""A code becomes a place in the system, once; everything else gets one plain line."""

import json
from pathlib import Path

from controller.adapters.tls import CertificateAuthority
from edge_agent.wire.enrolment import write_code
from tests.contract.broker_rigs import _MqttRig, free_port, now
from tests.fakes.authority import Authority
from tests.integration.agent.conftest import Site
from tests.integration.agent.desk import Agent, counter


async def test_a_code_is_used_once(site: Site) -> None:
    """An enrolled folder refuses another code; a used code gets the controller's own sentence."""
    status, out, err = await site.agent.run("enrol", "LX1.whatever")
    assert (status, out) == (1, "")
    assert "belongs to a terminal already" in err
    other = Agent(site.agent.folder / "other")
    other.folder.mkdir()
    status, _, err = await other.run("enrol", site.code)
    assert status == 1
    assert err == "loaxa-agent: the controller refused the code: Mã đã được dùng.\n"


async def test_what_enrolment_leaves_is_private(site: Site) -> None:
    """Key and password are readable by their owner only, and the documents are in place."""
    for name in ("key", "identity"):
        assert (site.agent.data / name).stat().st_mode & 0o077 == 0
    assert site.agent.data.stat().st_mode & 0o077 == 0
    identity = json.loads((site.agent.data / "identity").read_text())
    assert identity["terminal"] == str(site.authority.terminal)
    names = {path.name for path in (site.agent.data / "state").iterdir()}
    assert names == {"trust", "assignment", "policy-p-89", "policy-c-30280"}


async def test_a_server_that_the_code_does_not_name_gets_no_token(
    site: Site, tmp_path: Path
) -> None:
    """Another authority at the address, or one that shows ours as its own: nothing is sent."""
    assert isinstance(site.rig, _MqttRig)
    authority = Authority(now=site.authority.now)
    ours = site.rig.authority
    rogue = CertificateAuthority(tmp_path / "rogue", now)
    identity = rogue.server(["localhost"]).file
    cases = {
        "is not the server that the code names": (rogue.pem, ours.fingerprint),
        "shows a certificate that is not for it": (ours.pem, ours.fingerprint),
    }
    for number, (words, (pem, pin)) in enumerate(cases.items()):
        with counter(authority, (1, pem), "password", identity, pin) as (code, desk):
            agent = Agent(tmp_path / f"victim-{number}")
            agent.folder.mkdir()
            status, _, err = await agent.run("enrol", code)
            assert status == 1
            assert words in err
            assert err.count("\n") == 1
            assert desk.redeemed == []


async def test_bad_codes_and_addresses_get_one_line(tmp_path: Path) -> None:
    """Nonsense, plain HTTP to elsewhere, and nobody at the address: a sentence and exit code 1."""
    authority = Authority(now=1)
    agent = Agent(tmp_path)
    port = free_port()
    for code, words in {
        "hello": "not an enrolment code",
        "LX1.%%%": "not an enrolment code",
        write_code(authority.code("http://example.net", None)): "only on this machine",
        write_code(authority.code("ftp://localhost", None)): "not an address",
        write_code(authority.code("https://localhost", None)): "disagree about TLS",
        write_code(authority.code(f"http://127.0.0.1:{port}", None)): "refused",
    }.items():
        status, out, err = await agent.run("enrol", code)
        assert (status, out) == (1, "")
        assert err.count("\n") == 1
        assert words in err, err


async def test_running_without_a_place_or_twice_is_told_plainly(site: Site) -> None:
    """Not enrolled is exit code 3; a second program in the same folder is refused."""
    empty = Agent(site.agent.folder / "empty")
    empty.folder.mkdir()
    status, _, err = await empty.run("run", "--sound", "null")
    assert status == 3
    assert "loaxa-agent enrol CODE" in err
    await site.agent.start()
    await site.controller.ready(renditions=0)
    status, _, err = await site.agent.run("run", "--sound", "null")
    assert status == 1
    assert "another loaxa-agent works in" in err
    status, out, _ = await site.agent.run("doctor", "--sound", "wav")
    assert status == 0, out
    assert "can be reached" in out
