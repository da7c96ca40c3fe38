"""The installation's own certificate authority, and the certificate its servers show.

Terminals pin the authority's public key at enrolment, browsers install its certificate. Each
identity is one file (private key, then certificate), replaced in one step, so that a power cut
never leaves a key with another key's certificate.
"""

import hashlib
import ipaddress
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Now = Callable[[], datetime]

_AUTHORITY_LIFE: Final = timedelta(days=20 * 365)
"""Longer than a terminal hangs on its pole: replacing the authority means enrolling anew."""

_SERVER_LIFE: Final = timedelta(days=397)
"""The longest that browsers accept (CA/Browser Forum, before the shorter steps of public CAs)."""

_RENEW_BEFORE: Final = timedelta(days=60)
_BACKDATED: Final = timedelta(days=1)
"""Clocks of browsers and terminals may lag behind ours."""

_ALWAYS: Final = ("localhost", "127.0.0.1", "::1")


class TlsError(Exception):
    """The authority cannot be used; `code` is stable, the text says which file and why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """What a TLS server needs.

    file: PEM with private key and certificate, readable by the owner only.
    authority_pem: certificate of the authority, to hand out.
    expires: end of the server certificate's validity, aware.
    """

    file: Path
    authority_pem: str
    expires: datetime


class CertificateAuthority:
    """An EC P-256 authority in a folder of its own, made on first use.

    folder: created with mode 0700. now: present time, aware.
    """

    def __init__(self, folder: Path, now: Now) -> None:
        self._now = now
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._key, self._certificate = self._load_or_make()

    @property
    def pem(self) -> str:
        """Certificate of the authority, for browsers and terminals."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the authority's SubjectPublicKeyInfo, 64 hex digits; goes into the QR."""
        return spki_sha256(self.pem)

    def server(self, names: Iterable[str]) -> ServerIdentity:
        """The server's identity for these host names and addresses, and for loopback.

        Kept while it covers the names and has 60 days left, else made anew; call it at each
        start and once a day.
        """
        wanted = frozenset(names) | frozenset(_ALWAYS)
        file = self._folder / "server.pem"
        certificate = _read_pair(file)[1] if file.exists() else None
        if certificate is None or not self._serves(certificate, wanted):
            key = ec.generate_private_key(ec.SECP256R1())
            certificate = self._sign_server(key, sorted(wanted))
            _write_pair(file, key, certificate)
        return ServerIdentity(file, self.pem, certificate.not_valid_after_utc)

    def _load_or_make(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        file = self._folder / "authority.pem"
        if file.exists():
            key, certificate = _read_pair(file)
            if certificate is None or key is None:
                # Never replaced in silence: every terminal pins this key.
                raise TlsError("authority_unreadable", f"{file} holds no key with its certificate")
            return key, certificate
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign_authority(key)
        _write_pair(file, key, certificate)
        return key, certificate

    def _serves(self, certificate: x509.Certificate, wanted: frozenset[str]) -> bool:
        try:
            certificate.verify_directly_issued_by(self._certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return (
            wanted <= _names_of(certificate)
            and certificate.not_valid_before_utc <= self._now()
            and self._now() + _RENEW_BEFORE < certificate.not_valid_after_utc
        )

    def _sign_authority(self, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        serial = x509.random_serial_number()
        # The number tells two installations apart in a browser's list.
        name = _name(f"Loa Xa authority {serial % 0xFFFF:04x}")
        return (
            self._builder(name, name, key.public_key(), _AUTHORITY_LIFE)
            .serial_number(serial)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )

    def _sign_server(self, key: ec.EllipticCurvePrivateKey, names: list[str]) -> x509.Certificate:
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            self._builder(
                _name("Loa Xa server"), self._certificate.subject, key.public_key(), _SERVER_LIFE
            )
            .serial_number(x509.random_serial_number())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(authority_key, critical=False)
            .add_extension(
                x509.SubjectAlternativeName([_general_name(name) for name in names]),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )

    def _builder(
        self,
        subject: x509.Name,
        issuer: x509.Name,
        public_key: ec.EllipticCurvePublicKey,
        life: timedelta,
    ) -> x509.CertificateBuilder:
        now = self._now().astimezone(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public_key)
            .not_valid_before(now - _BACKDATED)
            .not_valid_after(now + life)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        )


def spki_sha256(certificate_pem: str) -> str:
    """SHA-256 of the SubjectPublicKeyInfo of the first certificate in PEM text, in hex.

    Raises TlsError (`not_a_certificate`).
    """
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    except ValueError as error:
        raise TlsError("not_a_certificate", "no certificate in PEM form") from error
    spki = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(spki).hexdigest()


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name.encode("idna").decode())
    except UnicodeError as error:
        raise TlsError("bad_host_name", f"not a host name: {name!r}") from error


def _names_of(certificate: x509.Certificate) -> frozenset[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    addresses = {str(address) for address in found.get_values_for_type(x509.IPAddress)}
    return frozenset(found.get_values_for_type(x509.DNSName)) | addresses


def _read_pair(
    file: Path,
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | tuple[None, None]:
    """Key and certificate of one file, when they are readable and belong together."""
    try:
        data = file.read_bytes()
        key = serialization.load_pem_private_key(data, password=None)
        certificate = x509.load_pem_x509_certificate(data)
    except ValueError:
        return None, None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return None, None
    return (key, certificate) if certificate.public_key() == key.public_key() else (None, None)


def _write_pair(file: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(secret + certificate.public_bytes(serialization.Encoding.PEM))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
