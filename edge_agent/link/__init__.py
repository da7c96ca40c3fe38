"""The link to the broker, used by both programs; the one door to aiomqtt."""

from edge_agent.link.errors import LinkError, LinkProblem, LinkSettingsError
from edge_agent.link.link import Link
from edge_agent.link.messenger import Handler, LinkStatus, Listener, Message, Messenger
from edge_agent.link.settings import BackoffSettings, LinkSettings, LinkTls
from edge_agent.link.tls import judged_instant

__all__ = [
    "BackoffSettings",
    "Handler",
    "Link",
    "LinkError",
    "LinkProblem",
    "LinkSettings",
    "LinkSettingsError",
    "LinkStatus",
    "LinkTls",
    "Listener",
    "Message",
    "Messenger",
    "judged_instant",
]
