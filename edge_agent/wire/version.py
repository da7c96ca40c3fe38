"""Versions of the wire protocol that this release speaks."""

from typing import Final

WIRE_VERSION: Final = 1
"""The version written into every envelope of this release."""

SPOKEN_VERSIONS: Final = (1,)
"""Versions a peer may use towards us; two releases are spoken once there are two."""
