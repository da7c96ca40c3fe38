"""Topics and filters of MQTT 3.1.1, section 4.7, as far as the product uses them."""

from edge_agent.link.errors import LinkSettingsError

MAX_TOPIC_BYTES = 200
"""Our topics are below 80 bytes; brokers accept at least this many."""


def check_topic(topic: str) -> None:
    """Refuse what cannot be published to: wildcards, empty or overlong names.

    Raises LinkSettingsError.
    """
    _check_text(topic)
    if "+" in topic or "#" in topic:
        raise LinkSettingsError(f"a topic has no wildcards: {topic!r}")


def check_filter(topic_filter: str) -> None:
    """Refuse a filter that no broker accepts. Raises LinkSettingsError."""
    _check_text(topic_filter)
    levels = topic_filter.split("/")
    for position, level in enumerate(levels):
        if "#" in level and (level != "#" or position != len(levels) - 1):
            raise LinkSettingsError(f"'#' stands alone and last: {topic_filter!r}")
        if "+" in level and level != "+":
            raise LinkSettingsError(f"'+' stands alone in its level: {topic_filter!r}")


def matches(topic_filter: str, topic: str) -> bool:
    """True when a message on `topic` is for a subscriber of `topic_filter`."""
    if topic[:1] == "$" and topic_filter[:1] in ("+", "#"):
        return False
    wanted = topic_filter.split("/")
    given = topic.split("/")
    for position, level in enumerate(wanted):
        if level == "#":
            return True
        if position >= len(given) or level not in ("+", given[position]):
            return False
    return len(wanted) == len(given)


def overlap(one: str, other: str) -> bool:
    """True when some topic matches both filters, so that brokers may deliver it twice."""
    ours, theirs = one.split("/"), other.split("/")
    for position in range(max(len(ours), len(theirs))):
        mine = ours[position] if position < len(ours) else None
        yours = theirs[position] if position < len(theirs) else None
        if "#" in (mine, yours):
            return True
        if mine is None or yours is None:
            # `a/#` also matches its parent `a`.
            return False
        if mine != yours and "+" not in (mine, yours):
            return False
    return True


def _check_text(text: str) -> None:
    size = len(text.encode())
    if not 0 < size <= MAX_TOPIC_BYTES:
        raise LinkSettingsError(f"a topic has 1 to {MAX_TOPIC_BYTES} bytes, not {size}")
    if any(ord(letter) < 0x20 or letter == "\x7f" for letter in text):
        raise LinkSettingsError("a topic has no control characters")
