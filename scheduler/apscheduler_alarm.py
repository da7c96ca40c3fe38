"""The alarm clock: APScheduler, kept in step with the wall clock.

APScheduler computes how long to sleep from the wall clock and then sleeps by the monotonic
one, so a step of the wall clock makes it late. A heartbeat each second makes it look again.
Nothing is stored: keys live in memory and the engine sets them anew from the database.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    EVENT_SCHEDULER_SHUTDOWN,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

_log = logging.getLogger(__name__)

HEARTBEAT_S = 1.0
"""How late a step of the wall clock can make an alarm."""

_RETRY = timedelta(seconds=1)


class ApschedulerAlarm:
    """The port ``Alarm`` by APScheduler. It runs on the event loop that starts it."""

    def __init__(self, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._heartbeat_s = heartbeat_s
        self._on_alarm: Callable[[str], Awaitable[None]] | None = None
        self._on_tick: Callable[[], Awaitable[None]] | None = None
        self._heart: asyncio.Task[None] | None = None
        self._scheduler = AsyncIOScheduler(
            jobstores={"default": MemoryJobStore()},
            # Late is for the engine to judge: the default grace of 1 s drops what is late.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone=UTC,
        )
        self._scheduler.add_listener(self._on_busy, EVENT_JOB_MAX_INSTANCES)
        self._scheduler.add_listener(self._on_trouble, EVENT_JOB_ERROR | EVENT_JOB_MISSED)

    async def start(
        self, on_alarm: Callable[[str], Awaitable[None]], on_tick: Callable[[], Awaitable[None]]
    ) -> None:
        """Begin to call; see the port."""
        self._on_alarm, self._on_tick = on_alarm, on_tick
        self._scheduler.start()
        self._heart = asyncio.create_task(self._beat(), name="scheduler-heartbeat")

    async def stop(self) -> None:
        """Forget all keys and call no more; see the port."""
        heart, self._heart = self._heart, None
        if heart is None:
            return
        heart.cancel()
        await asyncio.gather(heart, return_exceptions=True)
        self._scheduler.remove_all_jobs()
        # APScheduler shuts down in a later callback of the loop, and then says so.
        ended = asyncio.Event()
        self._scheduler.add_listener(lambda _: ended.set(), EVENT_SCHEDULER_SHUTDOWN)
        self._scheduler.shutdown(wait=False)
        await ended.wait()

    async def set(self, at: datetime, key: str) -> None:
        """Call once at ``at`` for ``key``; see the port."""
        self._set(at, key)

    async def cancel(self, key: str) -> None:
        """Forget ``key``; see the port."""
        try:
            self._scheduler.remove_job(key)
        except JobLookupError:
            _log.debug("no such alarm", extra={"action": "alarm_cancel", "key": key})

    def _set(self, at: datetime, key: str) -> None:
        self._scheduler.add_job(
            self._ring,
            DateTrigger(at.astimezone(UTC), timezone=UTC),
            args=(key,),
            id=key,
            replace_existing=True,
        )

    async def _ring(self, key: str) -> None:
        try:
            if self._on_alarm is not None:
                await self._on_alarm(key)
        except asyncio.CancelledError:
            # APScheduler cancels its calls when it shuts down, and would log this as a fault.
            if self._heart is not None:
                raise

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            self._scheduler.wakeup()
            try:
                if self._on_tick is not None:
                    await self._on_tick()
            except Exception:  # noqa: BLE001 — a boundary: the clock must go on ticking
                _log.exception("tick failed", extra={"action": "alarm_tick"})

    def _on_busy(self, event: JobSubmissionEvent) -> None:
        """Ring a second later instead of never: the key's last call was still running."""
        if self._heart is not None and self._scheduler.get_job(event.job_id) is None:
            self._set(datetime.now(UTC) + _RETRY, event.job_id)

    def _on_trouble(self, event: JobExecutionEvent) -> None:
        """Log what APScheduler only tells its listeners."""
        _log.error(
            "alarm failed or missed",
            extra={"action": "alarm_trouble", "key": event.job_id, "error": repr(event.exception)},
        )
