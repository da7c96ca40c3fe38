"""Message classes and the layers in which they sound: written once, used on both sides.

Source: TT 39/2020 names the three classes; docs/protocol.md prints the table below.
"""

from enum import IntEnum, StrEnum


class MessageClass(StrEnum):
    """Class of an announcement; emergency alone may be heard in quiet hours."""

    ORDINARY = "ordinary"
    PRIORITY = "priority"
    EMERGENCY = "emergency"


class Layer(IntEnum):
    """Layers of sound; only the highest one that has something to say is heard."""

    SCHEDULED = 1
    LIVE = 2
    EMERGENCY_STORED = 3
    EMERGENCY_LIVE = 4


def layer_of(message_class: MessageClass, *, live: bool) -> Layer:
    """Return the layer in which an announcement of this class sounds."""
    if message_class is MessageClass.EMERGENCY:
        return Layer.EMERGENCY_LIVE if live else Layer.EMERGENCY_STORED
    return Layer.LIVE if live else Layer.SCHEDULED


def heard_first(layer: Layer, level: int, issued: int) -> tuple[int, int, int]:
    """Sort key: the greatest key is heard.

    `level` is the place of the ordering area in the terminal's chain, 0 = province.
    Inside an emergency layer the higher level goes first, then what was issued earlier.
    """
    return (layer, -level, -issued)
