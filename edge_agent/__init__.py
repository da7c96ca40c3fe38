"""The terminal's program: verify, store, decide, play."""

__version__ = "0.1.0"
"""Version of this program; a test holds it against the distribution's."""
