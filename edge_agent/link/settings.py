"""Settings of one connection to the broker."""

from dataclasses import dataclass, field

from edge_agent.link.errors import LinkSettingsError

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class LinkTls:
    """How the broker proves itself.

    ca_pem: the only certificate authorities believed, as PEM text.
    server_name: host name or IP address that the broker's certificate must carry; may
        differ from the address dialled.
    """

    ca_pem: str
    server_name: str


@dataclass(frozen=True, slots=True)
class BackoffSettings:
    """Pauses between attempts, in seconds.

    Each is drawn between 0 and a ceiling that doubles with each failure ("full jitter"), so
    that thousands of terminals do not return in step.

    base_s: ceiling after the first failure. 2 s spreads 5,000 terminals over what a broker
        on one core can greet by TLS.
    cap_s: highest ceiling. Half of the 120 s within which all must be back.
    refused_s: lowest ceiling after a refused sign-in. A refusal is never final (the answerer
        may be down), but it does not get better by hurrying.
    stable_s: a connection that held this long counts as a success and resets the ceiling.
    """

    base_s: float = 2.0
    cap_s: float = 60.0
    refused_s: float = 10.0
    stable_s: float = 30.0


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """What a link needs to connect.

    host, port: address dialled. tls: None only on loopback.
    client_id: also the user name. password: the broker's secret for this client.
    keepalive_s: seconds of silence after which the peer is asked whether it lives; it is
        given up after as many again.
    connect_s: seconds allowed for TCP, for TLS and for sign-in, each.
    max_packet_bytes: largest MQTT packet accepted or sent.
    inbox_messages, inbox_bytes: what may wait for one handler.
    outbox_bytes: what may wait for the network; more is refused as `timed_out`.
    """

    host: str
    port: int
    client_id: str
    password: str = field(repr=False)
    tls: LinkTls | None
    keepalive_s: int = 20
    connect_s: float = 15.0
    max_packet_bytes: int = 300_000
    inbox_messages: int = 512
    inbox_bytes: int = 2_000_000
    outbox_bytes: int = 2_000_000
    backoff: BackoffSettings = BackoffSettings()

    def __post_init__(self) -> None:
        if self.tls is None and self.host not in _LOOPBACK:
            raise LinkSettingsError("the broker is reached without TLS on loopback only")
        if not 0 < self.port < 65536:
            raise LinkSettingsError(f"not a port: {self.port}")
        if not self.host or not self.client_id.isprintable() or " " in self.client_id:
            raise LinkSettingsError("host and client id are needed, without spaces")
