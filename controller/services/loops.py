"""What keeps a background loop going whatever one round of it meets."""

import logging
from collections.abc import Awaitable, Callable
from typing import ParamSpec

from controller.domain.errors import DomainError
from edge_agent.link import LinkError

_P = ParamSpec("_P")
_log = logging.getLogger(__name__)

Monotonic = Callable[[], float]
"""Seconds of a clock that never steps."""


async def attempt(
    action: str, work: Callable[_P, Awaitable[object]], /, *args: _P.args, **kwargs: _P.kwargs
) -> bool:
    """Do `work` and tell whether it went well; what went wrong is in the log."""
    try:
        await work(*args, **kwargs)
    except (DomainError, LinkError) as error:
        _log.warning("%s: %s", action, error, extra={"action": action})
        return False
    except Exception:  # noqa: BLE001 - boundary of a loop that must outlive any one fault
        _log.exception("%s failed", action, extra={"action": action})
        return False
    return True
