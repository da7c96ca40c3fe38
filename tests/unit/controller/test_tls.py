"""The installation's own certificate authority."""

import ssl
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from controller.adapters.tls import CertificateAuthority, TlsError, spki_sha256

START = datetime(2027, 1, 1, tzinfo=UTC)


def at(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


def certificate_of(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_first_use_makes_an_authority_that_stays(tmp_path: Path) -> None:
    """The second start finds the same key; terminals that pinned it stay enrolled."""
    first = CertificateAuthority(tmp_path / "tls", at(START))
    second = CertificateAuthority(tmp_path / "tls", at(START + timedelta(days=3_000)))
    assert first.pem == second.pem
    assert first.fingerprint == second.fingerprint == spki_sha256(first.pem)
    assert len(first.fingerprint) == 64


def test_two_installations_differ(tmp_path: Path) -> None:
    """No key comes from the program itself."""
    one = CertificateAuthority(tmp_path / "one", at(START))
    other = CertificateAuthority(tmp_path / "other", at(START))
    assert one.fingerprint != other.fingerprint


def test_keys_are_readable_by_the_owner_only(tmp_path: Path) -> None:
    """Folder 0700, files 0600."""
    authority = CertificateAuthority(tmp_path / "tls", at(START))
    identity = authority.server([])
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    for file in (identity.file, tmp_path / "tls" / "authority.pem"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "PRIVATE" not in authority.pem
    assert sorted(file.name for file in (tmp_path / "tls").iterdir()) == [
        "authority.pem",
        "server.pem",
    ]


def test_the_server_certificate_is_what_tls_needs(tmp_path: Path) -> None:
    """P-256, signed by the authority, for the names asked and loopback; no authority itself."""
    authority = CertificateAuthority(tmp_path, at(START))
    identity = authority.server(["loa.example.vn", "192.0.2.7", "xã.example"])
    certificate = certificate_of(identity.file)
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.pem.encode()))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    dns = names.get_values_for_type(x509.DNSName)
    addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    assert {"loa.example.vn", "xn--x-yfa.example", "localhost"} == set(dns)
    assert {"192.0.2.7", "127.0.0.1", "::1"} == addresses
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not basic.ca
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert identity.expires - START == timedelta(days=397)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(identity.file)


@pytest.mark.parametrize(
    ("names", "later", "renewed"),
    [
        (["a.example"], timedelta(days=1), False),
        ([], timedelta(days=1), False),
        (["b.example"], timedelta(days=1), True),
        (["a.example"], timedelta(days=336), False),
        (["a.example"], timedelta(days=338), True),
        (["a.example"], timedelta(days=4_000), True),
        (["a.example"], timedelta(days=-30), True),
    ],
)
def test_the_certificate_is_renewed_when_needed(
    tmp_path: Path, names: list[str], later: timedelta, *, renewed: bool
) -> None:
    """New names, 60 days before the end, or a clock that was ahead make a new certificate."""
    before = CertificateAuthority(tmp_path, at(START)).server(["a.example"]).file.read_bytes()
    after = CertificateAuthority(tmp_path, at(START + later)).server(names).file.read_bytes()
    assert (before != after) is renewed


@pytest.mark.parametrize("damage", [b"", b"rubbish", "half"])
def test_a_damaged_server_file_is_replaced(tmp_path: Path, damage: bytes | str) -> None:
    """The server's certificate costs nothing to make anew."""
    authority = CertificateAuthority(tmp_path, at(START))
    file = authority.server([]).file
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2] if isinstance(damage, str) else damage)
    assert certificate_of(authority.server([]).file).not_valid_after_utc > START


@pytest.mark.parametrize("damage", [b"", b"rubbish"])
def test_a_damaged_authority_is_never_replaced_in_silence(tmp_path: Path, damage: bytes) -> None:
    """A new authority would lock out every terminal: a person has to restore the backup."""
    CertificateAuthority(tmp_path, at(START))
    (tmp_path / "authority.pem").write_bytes(damage)
    with pytest.raises(TlsError) as caught:
        CertificateAuthority(tmp_path, at(START))
    assert caught.value.code == "authority_unreadable"
    assert (tmp_path / "authority.pem").read_bytes() == damage


def test_the_certificate_of_another_authority_is_replaced(tmp_path: Path) -> None:
    """A server file copied from another installation is not shown to terminals."""
    theirs = CertificateAuthority(tmp_path / "theirs", at(START)).server([])
    ours = CertificateAuthority(tmp_path / "ours", at(START))
    (tmp_path / "ours" / "server.pem").write_bytes(theirs.file.read_bytes())
    authority = x509.load_pem_x509_certificate(ours.pem.encode())
    certificate_of(ours.server([]).file).verify_directly_issued_by(authority)


def test_rubbish_has_no_fingerprint() -> None:
    """Text that is no certificate is refused with a code."""
    with pytest.raises(TlsError) as caught:
        spki_sha256("hello")
    assert caught.value.code == "not_a_certificate"


def test_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    """An impossible host name gets a clear answer."""
    with pytest.raises(TlsError) as caught:
        CertificateAuthority(tmp_path, at(START)).server(["a" * 70 + ".example"])
    assert caught.value.code == "bad_host_name"
