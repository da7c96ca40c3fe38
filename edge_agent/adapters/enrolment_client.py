"""Redeeming an enrolment code over HTTPS, with no authority believed but the one in the code.

The code names the authority's key by its SHA-256. The server's word for its authority is taken
over a connection that believes nothing; if it has this key it is the only one believed from then
on, and only to its server is the token sent.
"""

import hashlib
import http.client
import ssl
from collections.abc import Callable
from typing import Final
from urllib.parse import SplitResult, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from edge_agent.services.enrol import EnrolFailed, EnrolProblem

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_TIMEOUT_S: Final = 20.0
_MOST_BYTES: Final = 1_000_000
AUTHORITY: Final = "/ca.crt"
"""Where a controller offers its authority's certificate, to browsers as well."""

PinnedContext = Callable[[str, str], ssl.SSLContext]
"""Makes a TLS context that believes one authority (PEM), for one server name."""


class EnrolmentClient:
    """Posts to the controller. Blocks; for a thread."""

    def __init__(self, pinned_context: PinnedContext) -> None:
        self._pinned_context = pinned_context

    def redeem(self, url: str, path: str, tls: bytes | None, body: bytes) -> tuple[int, bytes]:
        """Post JSON; returns status and body. Raises EnrolFailed."""
        address = _address(url, secure=tls is not None)
        prefix = address.path.rstrip("/")
        try:
            connection = self._connection(address, prefix, tls)
            try:
                headers = {"Content-Type": "application/json", "Accept": "application/json"}
                connection.request("POST", prefix + path, body, headers)
                answer = connection.getresponse()
                return answer.status, answer.read(_MOST_BYTES)
            finally:
                connection.close()
        except EnrolFailed:
            raise
        except ssl.SSLCertVerificationError as error:
            detail = f"{url} shows a certificate that is not for it: {error.verify_message}"
            raise EnrolFailed(EnrolProblem.CERTIFICATE_REFUSED, detail) from error
        except (OSError, http.client.HTTPException) as error:
            raise EnrolFailed(EnrolProblem.UNREACHABLE, f"{url}: {error}") from error

    def _connection(
        self, address: SplitResult, prefix: str, tls: bytes | None
    ) -> http.client.HTTPConnection:
        host = address.hostname or ""
        if tls is None:
            return http.client.HTTPConnection(host, address.port or 80, timeout=_TIMEOUT_S)
        port = address.port or 443
        context = self._pinned_context(_authority(host, port, prefix, tls), host)
        return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=context)


def _address(url: str, *, secure: bool) -> SplitResult:
    address = urlsplit(url)
    try:
        usable = bool(address.hostname) and (address.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or address.scheme not in ("http", "https"):
        raise EnrolFailed(EnrolProblem.BAD_ADDRESS, f"not an address of a controller: {url!r}")
    if (address.scheme == "https") != secure:
        raise EnrolFailed(EnrolProblem.BAD_ADDRESS, "the code and its address disagree about TLS")
    if not secure and address.hostname not in _LOOPBACK:
        raise EnrolFailed(EnrolProblem.BAD_ADDRESS, "without TLS only on this machine itself")
    return address


def _authority(host: str, port: int, prefix: str, spki_sha256: bytes) -> str:
    """The certificate of the named authority, as PEM, by the server's own word."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # what comes is judged by its hash, and nothing is told
    connection = http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=context)
    try:
        connection.request("GET", prefix + AUTHORITY)
        text = connection.getresponse().read(_MOST_BYTES).decode(errors="replace")
    finally:
        connection.close()
    if _spki_sha256(text) != spki_sha256:
        raise EnrolFailed(
            EnrolProblem.CERTIFICATE_REFUSED, f"{host} is not the server that the code names"
        )
    return text


def _spki_sha256(certificate_pem: str) -> bytes:
    try:
        key = x509.load_pem_x509_certificate(certificate_pem.encode()).public_key()
    except ValueError:
        return b""
    return hashlib.sha256(
        key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    ).digest()
