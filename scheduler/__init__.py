"""What should sound when: programmes, schedules, dated occurrences, rundown horizons.

Everything here is pure arithmetic on values, but for two files: :mod:`scheduler.engine`
(the service that keeps the horizon filled) and :mod:`scheduler.apscheduler_alarm` (the
alarm clock that wakes it).
"""
