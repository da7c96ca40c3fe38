"""How long to wait before the next attempt."""

from collections.abc import Callable

from edge_agent.link.settings import BackoffSettings

Uniform = Callable[[float, float], float]
"""Draws a number between two others, as random.uniform does."""


class Backoff:
    """Full-jitter exponential back-off; see BackoffSettings for the constants."""

    def __init__(self, settings: BackoffSettings, uniform: Uniform) -> None:
        self._settings = settings
        self._uniform = uniform
        self._failures = 0

    def pause(self, *, held_s: float, refused: bool) -> float:
        """Seconds to wait after a connection that held `held_s` (0: it never stood)."""
        if held_s >= self._settings.stable_s:
            self._failures = 0
        # 2**32 times any base is past any cap; more would overflow a float one day.
        ceiling = self._settings.base_s * 2.0 ** min(self._failures, 32)
        if refused:
            ceiling = max(ceiling, self._settings.refused_s)
        self._failures += 1
        return self._uniform(0.0, min(ceiling, self._settings.cap_s))
