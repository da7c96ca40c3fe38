"""TLS towards the broker: one pinned authority, and dates judged by a clock that may be wrong.

A terminal has no clock battery and may believe it is 1970, when every certificate is "not yet
valid". So OpenSSL checks everything but the dates, and the dates are checked here against an
instant that the caller supplies: the later of the clock and the floor (the newest instant
known to have passed).
"""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from edge_agent.link.settings import LinkTls

Instant = Callable[[], datetime]
"""Gives the instant against which certificates are judged; aware."""

# X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h; Python's ssl has no name for it.
_NO_CHECK_TIME = 0x200000


class CertificateDateError(ssl.SSLCertVerificationError):
    """A certificate is not valid at the instant judged."""


def judged_instant(clock: datetime, floor: datetime) -> datetime:
    """The instant to judge certificates by: time before the floor is never believed."""
    return max(clock, floor)


def client_context(tls: LinkTls, judged: Instant) -> ssl.SSLContext:
    """A context that believes `tls.ca_pem` alone, for `tls.server_name`, dated by `judged`.

    Raises ssl.SSLError when the PEM text holds no certificate.
    """
    context = _PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata=tls.ca_pem)
    context.verify_flags |= _NO_CHECK_TIME
    context.server_name = tls.server_name
    context.judged = judged
    context.sslsocket_class = _DatedSocket
    return context


class _PinnedContext(ssl.SSLContext):
    """Asks for the pinned server name whatever address was dialled."""

    server_name: str
    judged: Instant

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:  # noqa: ANN401 - as in ssl
        kwargs["server_hostname"] = self.server_name
        return super().wrap_socket(*args, **kwargs)


class _DatedSocket(ssl.SSLSocket):
    """Checks dates right after the handshake, before a byte of ours is sent."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - as in ssl
        try:
            super().do_handshake(block)
            self._check_dates()
        except BaseException:
            # The caller drops a socket whose handshake failed, and would leave it open.
            self.close()
            raise

    def _check_dates(self) -> None:
        context = self.context
        certificate = self.getpeercert()
        if not isinstance(context, _PinnedContext) or not certificate:
            raise CertificateDateError("the broker showed no certificate")
        instant = context.judged().astimezone(UTC).timestamp()
        for checked in (certificate, *context.get_ca_certs()):
            _check_dates(checked, instant)


def _check_dates(certificate: dict[str, Any], instant: float) -> None:
    if instant < ssl.cert_time_to_seconds(certificate["notBefore"]):
        raise CertificateDateError(f"certificate not valid before {certificate['notBefore']}")
    if instant > ssl.cert_time_to_seconds(certificate["notAfter"]):
        raise CertificateDateError(f"certificate expired on {certificate['notAfter']}")
